"""Images drawn for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def noise(height: int, width: int, mode: str = "RGB", seed: int = 0) -> Image.Image:
    """An image of random pixels."""
    rng = np.random.default_rng(seed)
    if mode == "I;16":
        return Image.fromarray(rng.integers(0, 2**16, (height, width), dtype=np.uint16))
    return Image.fromarray(rng.integers(0, 256, (height, width, 4), dtype=np.uint8), "RGBA").convert(mode)


def draw_folder(folder: Path, classes: dict[str, int], height: int = 4, width: int = 6, mode: str = "RGB") -> Path:
    """A folder of so many PNG images a class."""
    for place, (name, count) in enumerate(classes.items()):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            noise(height, width, mode, seed=1000 * place + number).save(folder / name / f"{number:03}.png")
    return folder
