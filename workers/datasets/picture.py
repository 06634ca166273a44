"""Picture: one image as it was found, and its pixels in the size and channels that a data set gives all of them.

The bytes are a stranger's: whatever Pillow raises on them is the file's fault.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from spaces.errors import InvalidInput

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
"""What is decoded; Pillow knows others that run programs or are rarely safe."""

_GREY = ("1", "L", "LA", "La", "I")
_TURNED = (5, 6, 7, 8)  # EXIF orientations that exchange height and width


@dataclass(frozen=True)
class Header:
    """What is known of a picture before it is decoded.

    Attributes:
        height: in pixels, as it is to be seen: turned as EXIF says.
        width: in pixels.
        has_colour: whether its mode or palette has more than shades of grey.
        has_transparency: whether pixels may be transparent.
        is_deep: whether a grey pixel has more than 8 bits.
    """

    height: int
    width: int
    has_colour: bool
    has_transparency: bool
    is_deep: bool


@dataclass(frozen=True)
class Picture:
    """One labelled image of a source.

    Attributes:
        where: what messages call it, e.g. its path.
        open: opens the image; called once for the header and once for the pixels.
        label: of its class.
    """

    where: str
    open: Callable[[], Image.Image]
    label: object

    def header(self) -> Header:
        """Size and mode.

        Raises:
            InvalidInput: it cannot be opened, is no image, or declares too many pixels.
        """
        with self._opened() as image:
            turned = image.getexif().get(ExifTags.Base.Orientation) in _TURNED
            width, height = reversed(image.size) if turned else image.size
            is_grey = _is_grey(image)
            is_deep = is_grey and image.mode.startswith("I")
            return Header(height, width, not is_grey, image.has_transparency_data, is_deep)

    def pixels(self, height: int, width: int, channels: int) -> NDArray[np.uint8]:
        """Its pixels, `(height, width, channels)`, 1 channel of grey or 3 of red, green and blue.

        Turned as EXIF says, laid on white where transparent, 16 bits cut to 8; then resized (bilinear) until it covers
        the size wanted, and cropped to its centre. Of an animation it is the first frame.

        Raises:
            InvalidInput: it cannot be decoded.
        """
        with self._opened() as image:
            shown = _on_white(_eight_bits(ImageOps.exif_transpose(image)))
            shown = shown.convert("L" if channels == 1 else "RGB")
            if shown.size != (width, height):
                shown = ImageOps.fit(shown, (width, height), Image.Resampling.BILINEAR)
            return np.asarray(shown, dtype=np.uint8).reshape(height, width, channels)

    @contextmanager
    def _opened(self) -> Iterator[Image.Image]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            try:
                with self.open() as image:
                    yield image
            except Exception as error:
                raise InvalidInput(
                    f"{self.where}: {_found(error)}: expected an image ({', '.join(FORMATS)})"
                ) from error


def _found(error: Exception) -> str:
    if isinstance(error, Image.DecompressionBombWarning | Image.DecompressionBombError):
        return f"declares more than {Image.MAX_IMAGE_PIXELS:,} pixels"
    if isinstance(error, UnidentifiedImageError):
        return "found no image"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be opened ({error.strerror})"
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return f"cannot be decoded ({reason})"


def _is_grey(image: Image.Image) -> bool:
    if image.mode == "P":
        palette = np.reshape(image.getpalette() or [], (-1, 3))
        return bool((palette == palette[:, :1]).all())
    return image.mode in _GREY or image.mode.startswith("I;16")


def _eight_bits(image: Image.Image) -> Image.Image:
    """The image with its grey values of 16 bits, which Pillow would clip rather than scale, cut to the upper 8."""
    if not image.mode.startswith("I"):
        return image
    return Image.fromarray((np.clip(np.asarray(image), 0, 65_535) >> 8).astype(np.uint8))


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    shown = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
