"""Appearing: a file or folder is there when it is whole, and not before, whatever happens on the way."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from spaces import InvalidInput

MARK, FRONT_MARK = "preprocessing.json", "front.json"
"""One of them lies in every folder that an export wrote; none without is ever replaced."""


class NotWritten(Exception):
    """There was no room or no permission to write; nothing was left behind."""


@contextmanager
def appearing(target: Path, *, is_folder: bool, force: bool) -> Iterator[Path]:
    """A place beside the target where it is made; it takes the target's name when the block ends well.

    A process that is killed leaves the place behind, under a name with a dot; the next one removes it.

    Args:
        target: file or folder; the folders above it are created.
        is_folder: which of the two.
        force: whether it may replace what an earlier export wrote, or any file.

    Raises:
        InvalidInput: something else stands there, or something and `force` is not given.
        NotWritten: the block or the renaming met an error of the file system.
    """
    target = target.absolute()
    check_free(target, is_folder=is_folder, force=force)
    place = target.parent / f".{target.name}.{os.getpid()}.partial"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(target)
        yield place
        _put(place, target)
    except OSError as error:
        raise NotWritten(f"{target}: cannot be written ({error.strerror or error}); nothing was left there") from error
    finally:
        _remove(place)


def check_free(target: Path, *, is_folder: bool, force: bool) -> None:
    """Refuses a target that must not be replaced; see `appearing`."""
    if target.is_dir() and not is_folder:
        raise InvalidInput(f"--output {target}: found a folder, expected the name of a file to write")
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not force:
        raise InvalidInput(f"--output {target}: is there already, expected a new name, or --force to replace it")
    if is_folder and not any((target / mark).is_file() for mark in (MARK, FRONT_MARK)):
        raise InvalidInput(
            f"--output {target}: holds no earlier export, so --force does not replace it; expected a new name"
        )


def _put(place: Path, target: Path) -> None:
    """Renames; a folder in the way is moved aside first, since a rename replaces none that holds something."""
    if not target.is_dir():
        os.replace(place, target)
        return
    aside = place.with_suffix(".replaced")
    os.rename(target, aside)
    try:
        os.rename(place, target)
    except OSError:
        os.rename(aside, target)
        raise
    _remove(aside)


def _remove_abandoned(target: Path) -> None:
    """Removes what processes left behind that were killed while they wrote this target."""
    for place in target.parent.glob(f".{target.name}.*.partial"):
        process = place.name.split(".")[-2]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            _remove(place)


def _remove(place: Path) -> None:
    with contextlib.suppress(OSError):
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
