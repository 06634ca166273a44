"""Operation files: a user's own Python files that register operations, here and in every worker."""

from __future__ import annotations

import hashlib
import sys
import traceback
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from spaces.errors import InvalidInput
from spaces.operations.operation import OPERATIONS


@dataclass(frozen=True)
class OperationFile:
    """A Python file that registers operations.

    Attributes:
        path: where it was read.
        source: what stands in it; this travels to the workers, which need not have the file.
    """

    path: str
    source: str

    @classmethod
    def read(cls, path: str | Path) -> OperationFile:
        """Reads a file without running it.

        Raises:
            InvalidInput: it cannot be read or is no Python file.
        """
        path = Path(path)
        if path.suffix != ".py":
            raise InvalidInput(f"operations: found {str(path)!r}, expected a Python file such as my_operation.py")
        try:
            return cls(str(path.absolute()), path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise InvalidInput(f"operations: {path}: no such file, expected a Python file") from error
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"operations: {path}: cannot be read ({error}), expected a Python file") from error

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that tell this source from any other."""
        return hashlib.sha256(self.source.encode()).hexdigest()[:16]

    @property
    def module(self) -> str:
        """Name of the module that it becomes: the same in every process, another one for every path."""
        return f"operations_in_{Path(self.path).stem}_{zlib.crc32(self.path.encode()):08x}"

    def register(self) -> None:
        """Runs the file, so that its operations are registered; once a process, and again when it was changed.

        Raises:
            InvalidInput: it fails, takes the name of another's operation, or registers none.
        """
        if self._is_registered() and getattr(sys.modules.get(self.module), "__source__", None) == self.source:
            return
        module = ModuleType(self.module)
        module.__file__ = self.path
        sys.modules[self.module] = module  # before it runs: dataclasses look their module up
        try:
            exec(compile(self.source, self.path, "exec"), module.__dict__)
        except Exception as error:
            del sys.modules[self.module]
            raise InvalidInput(f"operations: {_place(error, self.path)}{type(error).__name__}: {error}") from error
        if not self._is_registered():
            raise InvalidInput(f"operations: {self.path}: registers none, expected a class under @OPERATIONS.register")
        module.__source__ = self.source  # type: ignore[attr-defined]

    def _is_registered(self) -> bool:
        return any(OPERATIONS[name].__module__ == self.module for name in OPERATIONS)


def register_operations(paths: Sequence[str | Path]) -> tuple[OperationFile, ...]:
    """Reads files and registers their operations.

    Raises:
        InvalidInput: one cannot be read, fails or registers none.
    """
    files = tuple(OperationFile.read(path) for path in paths)
    for file in files:
        file.register()
    return files


def _place(error: Exception, path: str) -> str:
    """Path and line in the user's file at which an error arose."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    line = error.lineno if isinstance(error, SyntaxError) else next(reversed(lines), None)
    return f"{path}: " if line is None else f"{path}:{line}: "
