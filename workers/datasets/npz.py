"""NumPy archives: `file.npz` with x_train, y_train and, optionally, x_test, y_test, length_train, length_test.

Without y_train and y_test the tokens in x_train are themselves predicted.

Nothing is unpickled. The bytes are a stranger's: zipfile, zlib and NumPy's header parser raise a dozen kinds of
exception on damaged ones, so whatever they raise here is the file's fault.
"""

from __future__ import annotations

import difflib
import reprlib
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from spaces.errors import InvalidInput
from workers.datasets.dataset import Dataset, from_arrays

LIMIT_BYTES = 4 * 2**30
"""Uncompressed size that an archive may declare; a small file may declare any size."""

_NEAR = 0.8
"""How alike, up to 1, a name must be to another to be taken for it mistyped; length_val is .67 like length_test."""

_KEYS = ("x_train", "y_train", "x_test", "y_test", "length_train", "length_test")


def load_npz(path: str | Path, modality: str | None = None, task: str | None = None) -> Dataset:
    """The data set in an .npz file, named after the file's stem; its notes name the arrays that were left alone.

    Args:
        path: a file written by `numpy.savez` or `numpy.savez_compressed`.
        modality: what the rows are; inferred where it is not given.
        task: what is predicted; inferred where it is not given.

    Raises:
        InvalidInput: the file cannot be read, or its arrays are not usable.
    """
    path = Path(path)
    where = str(path) if str(path).isprintable() else repr(str(path))  # a message is one line
    with _opened(path, where) as file:
        _check_size(file, where)
        try:
            archive = np.load(file, allow_pickle=False)
        except Exception as error:
            raise InvalidInput(f"{where}: the zip archive is damaged: expected an .npz file") from error
        with archive:
            left_alone = [key for key in archive.files if key not in _KEYS]
            _check_near(left_alone, archive.files, where)
            _check_keys(archive.files, task, where)
            x, y, x_test, y_test, lengths, lengths_test = (
                _read(archive, key, where) if key in archive.files else None for key in _KEYS
            )
    assert x is not None, "_check_keys makes sure"
    dataset = from_arrays(
        path.stem,
        x,
        y,
        x_test,
        y_test,
        lengths=lengths,
        lengths_test=lengths_test,
        modality=modality,
        task=task,
        where=where,
    )
    notes = (f"arrays left alone: {_listed(left_alone)}",) if left_alone else ()
    return replace(dataset, notes=(*notes, *dataset.notes))


def _opened(path: Path, where: str) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise InvalidInput(f"{where}: no such file: expected an .npz file") from error
    except IsADirectoryError as error:
        raise InvalidInput(f"{where}: found a folder: expected an .npz file") from error
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        reason = getattr(error, "strerror", None) or error
        raise InvalidInput(f"{where}: cannot be opened ({reason}): expected an .npz file") from error


def _check_size(file: BinaryIO, where: str) -> None:
    """Refuses whatever is not a zip archive of a sane size, before anything is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            declared = sum(member.file_size for member in archive.infolist())
    except Exception as error:
        raise InvalidInput(f"{where}: {_kind(file)}: expected an .npz file, which is a zip archive") from error
    if declared > LIMIT_BYTES:
        raise InvalidInput(f"{where}: declares {declared:,} bytes uncompressed: expected at most {LIMIT_BYTES:,}")
    file.seek(0)


def _kind(file: BinaryIO) -> str:
    file.seek(0)
    start = file.read(6)
    if start[:4] == b"PK\x03\x04":
        return "the zip archive is truncated or damaged"
    if start == b"\x93NUMPY":
        return "found a single array (.npy)"
    return "not a zip archive" if start else "the file is empty"


def _check_near(others: Sequence[str], keys: Sequence[str], where: str) -> None:
    """Refuses an array whose name is nearly that of one which is not there: a test would be left out unnoticed."""
    for key in others:
        near = difflib.get_close_matches(key.lower(), _KEYS, n=1, cutoff=_NEAR)
        if near and near[0] not in keys:
            raise InvalidInput(f"{where}: found an array {reprlib.repr(key)}: expected {near[0]!r}, or another name")


def _check_keys(keys: Sequence[str], task: str | None, where: str) -> None:
    """Wants x_train and y_train, or else x_train and nothing that might be a y_train of another name."""
    is_alone = task is not None or all(key in _KEYS for key in keys)
    wanted = ("x_train",) if "x_train" in keys and is_alone else ("x_train", "y_train")
    missing = " and ".join(key for key in wanted if key not in keys)
    if missing:
        raise InvalidInput(
            f"{where}: {missing} missing, found {_listed(keys) or 'no arrays'}: expected x_train and y_train, "
            "or x_train alone where task 'next_token' is to predict its tokens"
        )


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(reprlib.repr(key) for key in keys[:8]) + (", …" if len(keys) > 8 else "")


def _read(archive: np.lib.npyio.NpzFile, key: str, where: str) -> NDArray[np.generic]:
    try:
        array = archive[key]
    except Exception as error:
        if "allow_pickle" in str(error):
            raise InvalidInput(
                f"{where}: {key} is an object array, which is never unpickled: expected numbers (x) or labels (y)"
            ) from error
        raise InvalidInput(f"{where}: {key} is damaged ({type(error).__name__}): expected a readable array") from error
    if not isinstance(array, np.ndarray):
        raise InvalidInput(f"{where}: {key} is not an array: expected a file written by numpy.savez")
    return array
