"""Waveforms: sine, square, sawtooth, triangle or chirp, at random phase, frequency and height, in noise. Generated.

The random phase makes every class's mean the same, so a linear classifier finds next to nothing.
"""

from __future__ import annotations

import numpy as np

from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.registry import DATASETS

ROWS, STEPS = 4_000, 48
SHAPES = ("sine", "square", "sawtooth", "triangle", "chirp")
NOISE = 0.1


@DATASETS.register("waveforms")
def waveforms() -> Dataset:
    """Series of one channel, equally many of each shape, a fifth of them sealed."""
    rng = np.random.default_rng(0)
    label = np.arange(ROWS) % len(SHAPES)
    time = np.linspace(0, 1, STEPS, endpoint=False)
    frequency, phase, height = (rng.uniform(low, high, (ROWS, 1)) for low, high in ((2, 4), (0, 1), (0.8, 1.2)))
    turn = (frequency * time + phase) % 1  # where in its period each step is, from 0 to 1
    sweep = frequency * time * (0.5 + time) + phase  # the frequency climbs from half to two and a half times its value
    waves = np.stack(
        [
            np.sin(2 * np.pi * turn),
            np.where(turn < 0.5, 1.0, -1.0),
            2 * turn - 1,
            4 * np.abs(turn - 0.5) - 1,
            np.sin(2 * np.pi * sweep),
        ]
    )
    x = height * waves[label, np.arange(ROWS)] + NOISE * rng.standard_normal((ROWS, STEPS))
    # rounded, since the last digits of a sine differ between machines and would make another data set
    return from_arrays("waveforms", x.round(4)[..., None], [SHAPES[index] for index in label])
