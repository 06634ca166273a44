"""Mapped images: pixels that stay in their file, whoever they are sent to."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from spaces.errors import InvalidInput
from workers.datasets.mapped_images import MappedImages, open_images, write_images

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 2, 3, 1), dtype=np.uint8)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "cache" / "a.npy"
    write_images(path, PIXELS.shape, iter(PIXELS))
    return path


def test_pixels_are_read_as_they_were_written(path: Path) -> None:
    """The file is NumPy's own format, and no other is left beside it."""
    np.testing.assert_array_equal(np.load(path), PIXELS)
    np.testing.assert_array_equal(open_images(path), PIXELS)
    assert open_images(path).dtype == np.uint8
    assert list(path.parent.iterdir()) == [path]


def test_images_are_pickled_as_their_path(tmp_path: Path) -> None:
    """A gigabyte that takes no room on disk is a few hundred bytes to send."""
    path = tmp_path / "a.npy"
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": "|u1", "fortran_order": False, "shape": (2**20, 32, 32, 1)}
        )
        file.truncate(file.tell() + 2**30)
    message = pickle.dumps(open_images(path))
    received = pickle.loads(message)

    assert len(message) < 1000
    assert isinstance(received, MappedImages)
    assert received.shape == (2**20, 32, 32, 1)
    assert pickle.dumps(received) == message


@pytest.mark.parametrize("part", [lambda x: x[1:3], lambda x: x[[4, 0]], lambda x: x + 1, lambda x: x.reshape(10, 3)])
def test_what_comes_of_images_is_pickled_as_itself(path: Path, part: object) -> None:
    """A part or a result must not come back as the whole file."""
    expected = part(PIXELS)

    np.testing.assert_array_equal(pickle.loads(pickle.dumps(part(open_images(path)))), expected)


def test_a_process_that_does_not_reach_the_file_says_so(path: Path) -> None:
    """One line names the path and what is expected of the cluster."""
    message = pickle.dumps(open_images(path))
    path.unlink()
    with pytest.raises(InvalidInput, match=r"a\.npy: cannot be opened \(No such file.*PENCHANT_HOME that every node"):
        pickle.loads(message)


def test_a_file_that_broke_off_is_refused(path: Path) -> None:
    """Half of the pixels are not taken for all of them."""
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InvalidInput, match=r"a\.npy: cannot be opened"):
        open_images(path)


def test_writing_that_fails_leaves_nothing(path: Path) -> None:
    """An image that cannot be decoded, midway, neither harms the file that is there nor leaves half of one."""
    before = path.read_bytes()

    def broken():
        yield PIXELS[0]
        raise InvalidInput("b.png: found no image")

    with pytest.raises(InvalidInput, match=r"b\.png"):
        write_images(path, PIXELS.shape, broken())
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_told(path: Path) -> None:
    """The line says how much room is needed."""
    with pytest.raises(InvalidInput, match=r"a\.npy: cannot be written \(.*\): expected room for 30 bytes"):
        write_images(path / "b.npy", PIXELS.shape, iter(PIXELS))
