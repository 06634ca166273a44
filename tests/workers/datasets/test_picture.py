"""Pictures: size, channels and orientation of every kind of image, and the line for what is none."""

from __future__ import annotations

import struct
import zlib
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from spaces.errors import InvalidInput
from tests.workers.datasets.drawn import noise
from workers.datasets.picture import FORMATS, Picture


def picture(path: Path) -> Picture:
    return Picture(str(path), partial(Image.open, path, formats=FORMATS), "cat")


def saved(path: Path, image: Image.Image, **options: object) -> Picture:
    image.save(path, **options)
    return picture(path)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.gif", "a.webp"])
def test_grey_pixels_are_read_as_they_were_written(tmp_path: Path, name: str) -> None:
    """Every format that loses nothing gives the same values in one channel."""
    image = noise(5, 7, "L")
    found = saved(tmp_path / name, image, **({"lossless": True} if name.endswith("webp") else {}))

    assert (found.header().height, found.header().width) == (5, 7)
    assert found.header().has_colour is name.endswith("webp")  # which knows colour alone
    np.testing.assert_array_equal(found.pixels(5, 7, 1)[..., 0], np.asarray(image))


@pytest.mark.parametrize("mode", ["RGB", "P", "CMYK"])
def test_colour_has_three_channels(tmp_path: Path, mode: str) -> None:
    """Palettes and inks become red, green and blue."""
    image = noise(4, 4, "RGB").quantize(8) if mode == "P" else noise(4, 4, mode)
    found = saved(tmp_path / ("a.jpg" if mode == "CMYK" else "a.png"), image)

    assert found.header().has_colour
    with Image.open(found.where) as opened:
        np.testing.assert_array_equal(found.pixels(4, 4, 3), np.asarray(opened.convert("RGB")))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_pixels_lie_on_white(tmp_path: Path, mode: str) -> None:
    """What is wholly transparent is white, what is not at all keeps its value, half is between."""
    image = Image.new(mode, (3, 1))
    for column, alpha in enumerate((0, 255, 51)):
        image.putpixel((column, 0), (*(100,) * (len(mode) - 1), alpha))
    found = saved(tmp_path / "a.png", image)

    assert found.header().has_transparency
    assert found.header().has_colour is (mode == "RGBA")
    assert found.pixels(1, 3, 1)[0, :, 0].tolist() == [255, 100, 224]  # 20 + 204, since 51 is a fifth of 255


def test_sixteen_bits_are_cut_to_eight(tmp_path: Path) -> None:
    """The upper byte is kept, not clipped at 255."""
    image = noise(3, 3, "I;16")
    found = saved(tmp_path / "a.png", image)

    assert found.header().is_deep
    assert not found.header().has_colour
    np.testing.assert_array_equal(found.pixels(3, 3, 1)[..., 0], np.asarray(image) // 256)


def test_an_image_is_turned_as_exif_says(tmp_path: Path) -> None:
    """Orientation 6 stores the image a quarter turn to the left."""
    image, exif = noise(4, 8, "L"), Image.Exif()
    exif[0x0112] = 6
    found = saved(tmp_path / "a.png", image, exif=exif)

    assert (found.header().height, found.header().width) == (8, 4)
    np.testing.assert_array_equal(found.pixels(8, 4, 1)[..., 0], np.rot90(np.asarray(image), -1))


def test_another_size_is_resized_and_cropped_to_the_centre(tmp_path: Path) -> None:
    """Stripes at both ends of a wide image are cut away; what remains is averaged in squares of two."""
    x = np.zeros((4, 8), np.uint8)
    x[:, 2:6] = np.kron([[10, 50], [90, 130]], np.ones((2, 2)))
    x[:, [0, 1, 6, 7]] = 255
    found = saved(tmp_path / "a.png", Image.fromarray(x)).pixels(2, 2, 1)[..., 0].astype(int)

    assert found.max() < 140  # nothing of the ends
    assert (np.diff(found, axis=0) > 40).all()
    assert (np.diff(found, axis=1) > 20).all()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "found no image: expected an image (PNG, JPEG, BMP, GIF, WEBP)"),
        (b"label,file\n", "found no image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", "found no image"),
        (png(10_000, 10_000), "declares more than 89,478,485 pixels: expected an image"),
        (png(100_000, 100_000), "declares more than 89,478,485 pixels: expected an image"),
        (png(10, 10), "cannot be decoded ("),
    ],
)
def test_what_is_no_image_is_refused(tmp_path: Path, content: bytes, line: str) -> None:
    """Other files, such as would run programs, bombs and damaged ones give a line with the path."""
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        (picture(path).header(), picture(path).pixels(10, 10, 1))
    assert str(caught.value).startswith(f"{path}: {line}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.webp", "a.bmp"])
def test_a_damaged_image_never_crashes(tmp_path: Path, name: str) -> None:
    """Wherever a file broke off it is read or refused in one line; most are refused."""
    path, refusals = tmp_path / name, []
    noise(8, 8).save(path)
    content = path.read_bytes()
    for size in range(0, len(content), max(1, len(content) // 40)):
        path.write_bytes(content[:size])
        try:
            (picture(path).header(), picture(path).pixels(8, 8, 3))
        except InvalidInput as error:
            refusals.append(str(error))
    assert len(refusals) > 20
    assert not any("\n" in line for line in refusals)
