"""Torchvision's sets: `torchvision:NAME[:ROOT]`, a class of torchvision.datasets with a train and a test part."""

from __future__ import annotations

import contextlib
import difflib
import inspect
import sys
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from spaces.errors import InvalidInput
from workers.datasets.dataset import Dataset
from workers.datasets.images import PictureSource
from workers.datasets.optional_library import optional_library
from workers.datasets.picture import Picture
from workers.home import home

PREFIX = "torchvision:"


def load_torchvision(source: str, modality: str | None = None, **options: Any) -> Dataset:
    """The images of a set that torchvision knows; its test part is the sealed test.

    Args:
        source: `torchvision:NAME`, or `torchvision:NAME:ROOT` with the folder that holds or will hold its files,
            `PENCHANT_HOME/data` by default. What is not there is downloaded.
        modality: what the user takes the rows for.
        options: further ones of `from_arrays`.

    Raises:
        InvalidInput: torchvision is missing, knows no such set, or cannot read it; or the images are not usable.
    """
    name, _, given = source.removeprefix(PREFIX).partition(":")
    library = optional_library("torchvision.datasets", "torchvision", "torchvision", source)
    kind = _kind(library, name, source)
    root = str((Path(given) if given else home() / "data").absolute())
    try:
        with contextlib.redirect_stdout(sys.stderr):  # it says there what it downloads
            train, test = (kind(root, train=is_train, download=True) for is_train in (True, False))
        pictures, tests = _pictures(train, f"{source}, train row"), _pictures(test, f"{source}, test row")
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        expected = "expected its files there, or a connection to download them"
        raise InvalidInput(f"{source}: cannot be loaded from {root} ({reason}): {expected}") from error
    identity = f"{PREFIX}{name} {root}"  # published sets do not change
    return PictureSource(name, source, pictures, tests, identity).dataset(modality, **options)


def _kind(library: Any, name: str, source: str) -> Any:
    kind = getattr(library, name, None) if name in library.__all__ else None
    if kind is None:
        near = difflib.get_close_matches(name, library.__all__, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise InvalidInput(f"{source}: unknown set {name!r}: expected a class of torchvision.datasets{hint}")
    if not {"root", "train", "download"} <= set(inspect.signature(kind).parameters):
        raise InvalidInput(f"{source}: found a set without train and test part: expected one such as 'MNIST'")
    return kind


def _pictures(part: Any, where: str) -> list[Picture]:
    names = getattr(part, "classes", None)
    labels = [part[row][1] for row in range(len(part))]
    return [
        Picture(f"{where} {row}", partial(_image, part, row), names[label] if names else label)
        for row, label in enumerate(labels)
    ]


def _image(part: Any, row: int) -> Image.Image:
    return part[row][0]
