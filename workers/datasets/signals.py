"""Signals: ten short curves, each moved, stretched, sheared and blurred by noise. After MNIST-1D. Generated.

Greydanus and Kobak 2024, "Scaling down deep learning with MNIST-1D"; the curves are our own. What tells a class may
stand anywhere, so a linear classifier finds little of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.registry import DATASETS

ROWS, STEPS, CLASSES = 4_000, 40, 10
KNOTS, CURVE = 6, 14
"""A curve is a line through so many random heights; it covers so many steps before it is stretched."""

NOISE, SMOOTHED_NOISE, SHEAR = 0.05, 0.25, 0.5


@DATASETS.register("signals")
def signals() -> Dataset:
    """Series of one channel, equally many of each class, a fifth of them sealed."""
    rng = np.random.default_rng(0)
    heights = rng.normal(size=(CLASSES, KNOTS))
    heights -= heights.mean(axis=1, keepdims=True)  # or else the mean of a row would tell much
    label = np.arange(ROWS) % CLASSES
    width, height = rng.uniform(0.75, 1.25, ROWS) * CURVE, rng.uniform(0.75, 1.25, ROWS)
    start = rng.uniform(0, STEPS - width)
    place = (np.arange(STEPS) - start[:, None]) / width[:, None]  # 0 where the curve begins, 1 where it ends
    x = np.stack([_curve(heights[each], places) for each, places in zip(label, place, strict=True)])
    x = height[:, None] * x + SHEAR * rng.normal(size=(ROWS, 1)) * np.linspace(-1, 1, STEPS)
    x += NOISE * rng.normal(size=x.shape) + SMOOTHED_NOISE * _smoothed(rng.normal(size=x.shape))
    # rounded, since the last digits differ between machines and would make another data set
    return from_arrays("signals", x.round(4)[..., None], label)


def _curve(heights: NDArray[np.float64], place: NDArray[np.float64]) -> NDArray[np.float64]:
    """The line through these heights at places from 0 to 1, and 0 outside."""
    return np.interp(place, np.linspace(0, 1, len(heights)), heights, left=0, right=0)


def _smoothed(noise: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means over five neighbouring steps, round the ends."""
    return np.mean([np.roll(noise, shift, axis=1) for shift in range(-2, 3)], axis=0)
