"""Operation files: a user's own Python files that register operations, here and in every worker."""

from __future__ import annotations

import hashlib
import inspect
import os
import sys
import traceback
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from spaces.errors import InvalidInput
from spaces.operations.operation import OPERATIONS, Operation


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
            return cls(os.path.abspath(path), path.read_text(encoding="utf-8-sig"))
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

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the operations that it registered in this process; empty before."""
        return getattr(sys.modules.get(self.module), "__operations__", ())

    def register(self) -> None:
        """Runs the file, so that its operations are registered; once a process, and again when it was changed.

        Raises:
            InvalidInput: it fails, takes the name of another's operation, or registers something else or nothing.
        """
        known = sys.modules.get(self.module)
        if getattr(known, "__source__", None) == self.source and all(name in OPERATIONS for name in self.names):
            return
        with OPERATIONS.registering(forgotten=self.names) as names:
            module = self._run()
            if not names:
                raise InvalidInput(
                    f"operations: {self.path}: registers none, expected a class under @OPERATIONS.register"
                )
            for name in names:
                _check_operation(name, f"operations: {self.path}")
        vars(module).update(__source__=self.source, __operations__=tuple(names))

    def _run(self) -> ModuleType:
        module = ModuleType(self.module)
        module.__file__ = self.path
        sys.modules[self.module] = module  # before it runs: dataclasses look their module up
        try:
            exec(compile(self.source, self.path, "exec"), module.__dict__)
        except (Exception, SystemExit) as error:
            del sys.modules[self.module]
            raise InvalidInput(f"operations: {_place(error, self.path)}{type(error).__name__}: {error}") from error
        return module


def register_operations(paths: Sequence[str | Path]) -> tuple[OperationFile, ...]:
    """Reads files and registers their operations.

    Raises:
        InvalidInput: one cannot be read, fails or registers none.
    """
    files = tuple(OperationFile.read(path) for path in paths)
    for file in files:
        file.register()
    return files


def _place(error: BaseException, path: str) -> str:
    """Path and line in the user's file at which an error arose."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    line = error.lineno if isinstance(error, SyntaxError) else next(reversed(lines), None)
    return f"{path}: " if line is None else f"{path}:{line}: "


def _check_operation(name: str, where: str) -> None:
    """Refuses what the builder could not even ask for its family; the rest is the contract's to find."""
    kind: object = OPERATIONS[name]
    if not (isinstance(kind, type) and issubclass(kind, Operation)) or inspect.isabstract(kind):
        raise InvalidInput(f"{where}: {name!r} is {kind!r}, expected a subclass of Operation with a method build")
    if not isinstance(getattr(kind, "family", None), str) or not kind.family.isidentifier():
        raise InvalidInput(f"{where}: {name!r} has no family, expected a word such as family = 'convolution'")
    ranks = getattr(kind, "ranks", None)
    if not isinstance(ranks, tuple) or not ranks or not set(ranks) <= {0, 1, 2}:
        raise InvalidInput(f"{where}: {name!r} has ranks {ranks!r}, expected some of 0, 1, 2, such as ranks = (1,)")
    if not name.isidentifier():
        raise InvalidInput(f"{where}: {name!r} is no name, expected letters, digits and underscores")
