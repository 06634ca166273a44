"""Image folders: `folder/CLASS/*.png`, or `folder/train/CLASS/*.png` and `folder/test/CLASS/*.png`, the sealed test."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from spaces.errors import InvalidInput
from workers.datasets.dataset import Dataset
from workers.datasets.images import PictureSource
from workers.datasets.picture import FORMATS, Picture

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
VALIDATION = ("val", "valid", "validation")
"""Folders beside train and test whose images are joined to the train images: rows to validate on are drawn from all."""

_LAYOUT = f"FOLDER/CLASS/IMAGE or FOLDER/train/CLASS/IMAGE, of {', '.join(ENDINGS)}"


def load_image_folder(path: str | Path, modality: str | None = None, **options: Any) -> Dataset:
    """The images in a folder, whose classes are the names of its folders; named after the folder.

    Classes and files are sorted by name. What is neither, and hidden files, are left out with a note. A symbolic link
    may not lead out of the folder.

    Args:
        path: of the folder.
        modality: what the user takes the rows for.
        options: further ones of `from_arrays`.

    Raises:
        InvalidInput: the folder or an image in it is not usable.
    """
    root = Path(path).absolute()
    ignored: list[Path] = []
    train, tests = _parts(root, ignored)
    files = [file for part in train for file in _files(part, root, ignored)]
    test_files = [file for part in tests for file in _files(part, root, ignored)]
    return PictureSource(
        root.resolve().name or "images",
        _shown(root),
        [_picture(file) for file in files],
        [_picture(file) for file in test_files] if tests else None,
        _identity(files + test_files),
        (*_joined(train[1:]), *_left_out(ignored, root)),
    ).dataset(modality, **options)


def _parts(root: Path, ignored: list[Path]) -> tuple[list[Path], list[Path]]:
    """The folders with folders of classes in them: of train and validation images, and of test images."""
    if not _has_folders(root / "train"):  # a class may be called train
        return [root], []
    entries = _entries(root, ignored)
    train = [root / "train", *(entry for entry in entries if entry.name in VALIDATION and entry.is_dir())]
    tests = [entry for entry in entries if entry.name == "test" and entry.is_dir()]
    ignored += [entry for entry in entries if entry not in (*train, *tests)]
    return train, tests


def _files(part: Path, root: Path, ignored: list[Path]) -> list[Path]:
    """The image files of all classes, in the order of their paths; what is none is added to `ignored`."""
    _check_inside(part, root)
    entries = _entries(part, ignored)
    classes = [entry for entry in entries if entry.is_dir()]
    if not classes:
        raise InvalidInput(f"{_shown(part)}: found no folders of classes: expected {_LAYOUT}")
    ignored += [entry for entry in entries if not entry.is_dir()]
    return [file for folder in classes for file in _class_files(folder, root, ignored)]


def _class_files(folder: Path, root: Path, ignored: list[Path]) -> list[Path]:
    if not folder.name.isprintable():
        raise InvalidInput(f"{_shown(folder)}: found a class whose name cannot be shown: expected printable characters")
    _check_inside(folder, root)
    files = []
    for entry in _entries(folder, ignored):
        if entry.suffix.lower() not in ENDINGS or entry.is_dir():
            ignored.append(entry)
            continue
        _check_inside(entry, root)
        if not entry.is_file():
            raise InvalidInput(f"{_shown(entry)}: found no regular file: expected an image")
        files.append(entry)
    if not files:
        raise InvalidInput(f"{_shown(folder)}: found no images: expected at least one of this class ({_LAYOUT})")
    return files


def _picture(file: Path) -> Picture:
    return Picture(_shown(file), partial(Image.open, file, formats=FORMATS), file.parent.name)


def _entries(folder: Path, hidden: list[Path]) -> list[Path]:
    """What lies in a folder, by name; what is hidden is added to `hidden`."""
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        raise InvalidInput(f"{_shown(folder)}: cannot be read ({error.strerror}): expected a folder") from error
    hidden += [entry for entry in entries if entry.name.startswith(".")]
    return [entry for entry in entries if not entry.name.startswith(".")]


def _has_folders(folder: Path) -> bool:
    """Whether this is a part with classes in it, rather than a class that is called as parts are."""
    return folder.is_dir() and any(entry.is_dir() for entry in _entries(folder, []))


def _check_inside(entry: Path, root: Path) -> None:
    if entry.is_symlink() and not entry.resolve().is_relative_to(root.resolve()):
        raise InvalidInput(f"{_shown(entry)}: found a symbolic link that leads out of {_shown(root)}: expected a file")


def _identity(files: Sequence[Path]) -> str:
    """Path, size and time of change of each file."""
    stats = [(file, file.stat()) for file in files]
    return "\n".join(f"{file} {stat.st_size} {stat.st_mtime_ns}" for file, stat in stats)


def _joined(parts: Sequence[Path]) -> list[str]:
    return [f"the images of {part.name} were joined to those of train" for part in parts]


def _left_out(ignored: Sequence[Path], root: Path) -> list[str]:
    if not ignored:
        return []
    names = ", ".join(repr(str(path.relative_to(root))) for path in ignored[:3]) + (", …" if len(ignored) > 3 else "")
    what = "1 file or folder" if len(ignored) == 1 else f"{len(ignored):,} files or folders"
    return [f"left out, since no images of a class: {what} ({names})"]


def _shown(path: Path) -> str:
    return str(path) if str(path).isprintable() else repr(str(path))  # a message is one line
