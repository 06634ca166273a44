"""Images: pictures of any size and mode become the rows of one data set."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import PIL
from numpy.typing import NDArray

from spaces.errors import InvalidInput
from spaces.shapes import Grid
from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.mapped_images import MappedImages, open_images, write_images
from workers.datasets.numbering import numbered, row_numbers
from workers.datasets.picture import Header, Picture
from workers.home import home

LARGEST_SIDE = 64
"""Pixels that a side has at most: larger images cost more than a search on CPUs can pay."""

LIMIT_BYTES = 256 * 2**20
"""Size as float32 up to which images are held in memory; beyond it their pixels stay in a file."""

_CHUNK_ROWS = 1024


@dataclass(frozen=True)
class PictureSource:
    """Pictures from somewhere.

    Attributes:
        name: of the data set.
        where: what messages call the source.
        train: pictures to develop on, and for the sealed test where there is no `test`.
        test: pictures of the sealed test.
        identity: text that changes when the pictures do; decoded pixels are found again by it.
        notes: what was done so far.
    """

    name: str
    where: str
    train: Sequence[Picture]
    test: Sequence[Picture] | None
    identity: str
    notes: tuple[str, ...] = ()

    def dataset(self, modality: str | None = None, **options: Any) -> Dataset:
        """The data set of these pictures, all of one size and number of channels; its notes say what was done to them.

        Images that take more than `LIMIT_BYTES` are decoded once, into files under `PENCHANT_HOME/cache/images`; `x`
        and `x_test` are then maps of these, uint8 `(n, height, width, channels)`.

        Args:
            modality: what the user takes the rows for.
            options: further ones of `from_arrays`.

        Raises:
            InvalidInput: a picture or the labels are not usable, or the modality is no `"image"`.
        """
        if modality not in (None, "image"):
            raise InvalidInput(f"{self.where}: found modality {modality!r}: expected 'image', as these rows are")
        headers = [picture.header() for picture in chain(self.train, self.test or ())]
        frame = Frame.of(headers)
        is_large = 4 * len(headers) * frame.size > LIMIT_BYTES
        dataset = (self._mapped if is_large else self._in_memory)(frame, {"where": self.where, **options})
        return replace(dataset, notes=(*self.notes, *frame.notes(headers), *dataset.notes))

    def _in_memory(self, frame: Frame, options: dict[str, Any]) -> Dataset:
        x, y = frame.channel_first(self.train), _labels(self.train)
        if self.test is None:
            return from_arrays(self.name, x, y, modality="image", **options)
        tests = frame.channel_first(self.test), _labels(self.test)
        return from_arrays(self.name, x, y, *tests, modality="image", **options)

    def _mapped(self, frame: Frame, options: dict[str, Any]) -> Dataset:
        tests = None if self.test is None else _labels(self.test)
        rows = numbered(self.name, _labels(self.train), tests, **options)
        sealed = self.train if self.test is None else self.test
        x = self._map(frame, f"train {rows.fingerprint}", [self.train[row] for row in row_numbers(rows.x)])
        x_test = self._map(frame, f"test {rows.fingerprint}", [sealed[row] for row in row_numbers(rows.x_test)])
        return replace(
            rows,
            modality="image",
            task=replace(rows.task, grid=Grid((frame.height, frame.width), frame.channels)),
            x=x,
            x_test=x_test,
            fingerprint=_fingerprint(rows.fingerprint, x, x_test),
        )

    def _map(self, frame: Frame, part: str, pictures: Sequence[Picture]) -> MappedImages:
        """The decoded pixels of these pictures, from the file where they are or will be."""
        shape = (len(pictures), frame.height, frame.width, frame.channels)
        key = hashlib.sha256(f"{self.identity}\0{part} {shape} {PIL.__version__}".encode(errors="surrogatepass"))
        path = home() / "cache" / "images" / f"{key.hexdigest()[:32]}.npy"
        if not _holds(path, shape):
            write_images(path, shape, map(frame.pixels, pictures))
        return open_images(path)


@dataclass(frozen=True)
class Frame:
    """The size and channels that all images of a data set are given.

    Attributes:
        height: in pixels.
        width: in pixels.
        channels: 1 where all are grey, or else 3.
    """

    height: int
    width: int
    channels: int

    @classmethod
    def of(cls, headers: Sequence[Header]) -> Frame:
        """The median height and width, scaled down until no side is longer than `LARGEST_SIDE`."""
        height, width = (int(np.median(sides)) for sides in zip(*((h.height, h.width) for h in headers), strict=True))
        scale = min(1.0, LARGEST_SIDE / max(height, width))
        channels = 3 if any(header.has_colour for header in headers) else 1
        return cls(max(1, round(height * scale)), max(1, round(width * scale)), channels)

    @property
    def size(self) -> int:
        """Numbers an image has."""
        return self.height * self.width * self.channels

    def pixels(self, picture: Picture) -> NDArray[np.uint8]:
        """The picture's pixels, `(height, width, channels)`."""
        return picture.pixels(self.height, self.width, self.channels)

    def channel_first(self, pictures: Sequence[Picture]) -> NDArray[np.uint8]:
        """The pixels of all of them, `(n, channels, height, width)`."""
        x = np.empty((len(pictures), self.height, self.width, self.channels), np.uint8)
        for row, picture in enumerate(pictures):
            x[row] = self.pixels(picture)
        return np.moveaxis(x, -1, 1)

    def notes(self, headers: Sequence[Header]) -> tuple[str, ...]:
        """A line for each thing that is done to images with these headers; sizes are height × width."""
        sizes = sorted(
            {(header.height, header.width) for header in headers}, key=lambda size: (size[0] * size[1], size)
        )
        found = " … ".join(f"{height} × {width}" for height, width in dict.fromkeys((sizes[0], sizes[-1])))
        counts: dict[Callable[[Header], bool], str] = {
            lambda header: header.has_transparency: "with transparency were laid on white",
            lambda header: header.is_deep: "with 16 bits a pixel were cut to 8",
            lambda header: not header.has_colour and self.channels == 3: "in grey were given 3 channels, as the others",
        }
        lines = [f"resized from {found} to {self.height} × {self.width}, cropped to the centre"]
        if sizes == [(self.height, self.width)]:
            lines.clear()
        for applies, done in counts.items():
            count = sum(map(applies, headers))
            lines += [f"{count:,} of {len(headers):,} images {done}"] if count else []
        return tuple(lines)


def _labels(pictures: Sequence[Picture]) -> NDArray[np.generic]:
    return np.asarray([picture.label for picture in pictures])


def _holds(path: Path, shape: tuple[int, ...]) -> bool:
    """Whether a file holds as many pixels as it should; one that is damaged is written anew."""
    try:
        return open_images(path).shape == shape
    except InvalidInput:
        return False


def _fingerprint(labels: str, *parts: MappedImages) -> str:
    digest = hashlib.sha256(labels.encode())
    for x in parts:
        digest.update(f"{x.shape} ".encode())
        for start in range(0, len(x), _CHUNK_ROWS):
            digest.update(x[start : start + _CHUNK_ROWS].tobytes())
    return digest.hexdigest()[:16]
