"""Mapped images: decoded pixels in a file of their own, read from there row by row and never held as a whole."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spaces.errors import InvalidInput


class MappedImages(np.memmap):
    """uint8 pixels `(n, height, width, channels)` in an .npy file.

    It is pickled as its path, so that no worker is sent the pixels; what is computed or cut from it is pickled as any
    array.

    Attributes:
        path: of the file; `None` in an array that is a part or a result of one opened.
    """

    path: Path | None = None

    def __reduce_ex__(self, protocol: Any) -> Any:
        return super().__reduce_ex__(protocol) if self.path is None else (open_images, (self.path,))


def open_images(path: Path) -> MappedImages:
    """The pixels in a file that `write_images` wrote, read-only.

    Raises:
        InvalidInput: the file is not there or not whole.
    """
    try:
        images = np.load(path, mmap_mode="r").view(MappedImages)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInput(
            f"{path}: cannot be opened ({reason}): expected decoded images, in a PENCHANT_HOME that every node reaches"
        ) from error
    images.path = path
    return images


def write_images(path: Path, shape: tuple[int, ...], rows: Iterable[NDArray[np.uint8]]) -> None:
    """Writes pixels one row at a time; the file appears under its name when it is whole.

    Args:
        path: of the file.
        shape: `(n, height, width, channels)`.
        rows: `n` arrays `(height, width, channels)`.

    Raises:
        InvalidInput: there is no room, or no right to write.
    """
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:  # not through a map, where a full disk ends the process
            np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
            for row in rows:
                file.write(row.tobytes())
        os.replace(part, path)
    except OSError as error:
        expected = f"expected room for {np.prod(shape, dtype=np.int64):,} bytes of decoded images"
        raise InvalidInput(f"{path.parent}: cannot be written ({error.strerror}): {expected}") from error
    finally:
        with suppress(OSError):
            part.unlink()
