"""Checkpoints: where a candidate's training goes on from, and where the champion's weights stay."""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
import zlib
from pathlib import Path
from typing import Any

import torch
from pyarrow import fs

from spaces.errors import InvalidInput, Unavailable

SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


class Checkpoints:
    """Training states, one file a trial and step, where every worker can reach them.

    A state appears whole or not at all, also where a worker dies while it writes: a local file is renamed into place,
    an object store shows an object once it is complete.

    Args:
        location: a folder, local or mounted, or the URI of one: `file:///folder`, `s3://bucket/folder`,
            `gs://bucket/folder`, with options such as `?region=` and credentials as pyarrow reads them.
        name: of the part of it that is ours; all of it by default.

    Raises:
        InvalidInput: the location is nothing of the kind.
    """

    def __init__(self, location: str | Path, name: str = "") -> None:
        is_uri = isinstance(location, str) and SCHEME.match(location)
        self.location = str(location) if is_uri else str(Path(location).absolute())
        self.name = name
        self._open()

    def _open(self) -> None:
        """A file system holds connections, so it is opened anew in every process."""
        try:
            self._files, root = fs.FileSystem.from_uri(self.location)
        except (OSError, ValueError, ImportError) as error:
            raise InvalidInput(self._refused(error)) from error
        self._root = f"{root.rstrip('/')}/{self.name}".rstrip("/")

    def _refused(self, error: Exception) -> str:
        shown = re.sub(r"(//[^:/@]*):[^/]*@", r"\1:***@", self.location)
        reason = str(error).replace(self.location, shown)
        return f"checkpoints: {shown} cannot be used ({reason}), expected a folder or a URI such as s3://bucket/folder"

    def __getstate__(self) -> dict[str, Any]:
        return {"location": self.location, "name": self.name}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()

    def check(self) -> None:
        """Makes sure that states can be written and removed.

        Raises:
            Unavailable: they cannot.
        """
        probe = f"{self._root}/probe-{os.getpid()}"
        try:
            self._write(probe, b"")
            self._files.delete_file(probe)
        except (OSError, ValueError) as error:
            raise Unavailable(self._refused(error)) from error

    def save(self, trial: int, step: int, state: dict[str, Any]) -> None:
        """Keeps the state that a trial reached at a step."""
        content = io.BytesIO()
        torch.save(state, content)
        self._write(self._file(trial, step), content.getbuffer())

    def load(self, trial: int, step: int) -> dict[str, Any]:
        """The state that was kept, on the CPU; arrays and numbers alone are read, never code.

        Raises:
            FileNotFoundError: there is none.
        """
        with self._files.open_input_file(self._file(trial, step)) as file:
            return torch.load(io.BytesIO(file.read()), map_location="cpu", weights_only=True)

    def steps(self, trial: int) -> list[int]:
        """Steps of which a state of the trial is kept, ascending."""
        return sorted(step for known, step, _ in self._kept() if known == trial)

    def remove(self, trial: int, step: int) -> None:
        """Removes one state, if it is there."""
        self._delete(self._file(trial, step))

    def keep_only(self, trials: set[int]) -> None:
        """Removes the states of all other trials, and what was left half-written; for when nothing trains any more."""
        for trial, _, file in self._kept(also_partial=True):
            if trial not in trials:
                self._delete(file)

    @property
    def notes(self) -> Path:
        """A folder for what a dying process can still write: here, or of this machine where here is no file system."""
        if self._is_local:
            return Path(self._root)
        return Path(tempfile.gettempdir()) / f"penchant-notes-{zlib.crc32(self._root.encode()):08x}"

    @property
    def _is_local(self) -> bool:
        return isinstance(self._files, fs.LocalFileSystem)

    def _file(self, trial: int, step: int) -> str:
        return f"{self._root}/{trial}-{step}.pt"

    def _kept(self, also_partial: bool = False) -> list[tuple[int, int, str]]:
        """Trial, step and file of every state."""
        pattern = r"(\d+)-(\d+)\.pt" + (r"(?:\.\d+\.partial)?" if also_partial else "")
        found = self._files.get_file_info(fs.FileSelector(self._root, allow_not_found=True))
        named = [(re.fullmatch(pattern, info.base_name), info.path) for info in found]
        return [(int(match[1]), int(match[2]), path) for match, path in named if match]

    def _write(self, path: str, content: bytes | memoryview) -> None:
        """Puts a whole file in place; the temporary name of a local one is told apart by process."""
        target = f"{path}.{os.getpid()}.partial" if self._is_local else path
        if self._is_local:
            self._files.create_dir(self._root, recursive=True)
        with self._files.open_output_stream(target) as file:
            file.write(content)
        if target != path:
            self._files.move(target, path)

    def _delete(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._files.delete_file(path)
