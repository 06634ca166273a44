"""Planted tasks: made-up data of which it is known which family wins, or that none does; a new draw for each seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray]
ROWS = 4_000


@dataclass(frozen=True)
class Task:
    """A task whose winner is known.

    Attributes:
        arrays: its data as a file of arrays holds them.
        expected: the family that wins; None where none is to be claimed.
        budget: of one study on two cores.
    """

    arrays: Callable[[np.random.Generator], Arrays]
    expected: str | None
    budget: str = "4m"


def motifs(rng: np.random.Generator) -> Arrays:
    """The class is which of four short motifs stands somewhere in the noise."""
    steps, length = 64, 9
    shapes = rng.standard_normal((4, length))
    y = rng.integers(4, size=ROWS)
    place = rng.integers(steps - length + 1, size=(ROWS, 1)) + np.arange(length)
    x = 0.7 * rng.standard_normal((ROWS, steps))
    np.put_along_axis(x, place, np.take_along_axis(x, place, axis=1) + shapes[y], axis=1)
    return {"x_train": x[..., None].astype(np.float32), "y_train": y}


def recall(rng: np.random.Generator) -> Arrays:
    """Five keys, each with a value behind it, then one of the keys; the class is its value."""
    pairs, keys = 5, 10
    key = rng.permuted(np.tile(np.arange(keys), (ROWS, 1)), axis=1)[:, :pairs]
    value = rng.permuted(np.tile(np.arange(pairs), (ROWS, 1)), axis=1)  # all of them, so that counting tells nothing
    asked = rng.integers(pairs, size=(ROWS, 1))
    question, answer = (np.take_along_axis(tokens, asked, axis=1) for tokens in (key, value))
    return {"x_train": np.concatenate([keys + keys * value + key, question], axis=1), "y_train": answer[:, 0]}


def state_tracking(rng: np.random.Generator) -> Arrays:
    """Permutations of three things in turn; the class is what they come to. Sealed rows are twice as long."""
    group = np.array([[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
    number = {tuple(permutation): each for each, permutation in enumerate(group.tolist())}
    after = np.array(
        [[number[tuple(group[first][group[second]].tolist())] for second in range(6)] for first in range(6)]
    )
    shorter, longer, sealed = 10, 20, ROWS // 4
    x, x_test = rng.integers(6, size=(ROWS, longer)), rng.integers(6, size=(sealed, longer))
    return {
        "x_train": np.where(np.arange(longer) < shorter, x, 0),
        "y_train": _reached(after, x[:, :shorter]),
        "length_train": np.full(ROWS, shorter),
        "x_test": x_test,
        "y_test": _reached(after, x_test),
        "length_test": np.full(sealed, longer),
    }


def teacher(rng: np.random.Generator) -> Arrays:
    """A table labelled by a random network of one hidden layer."""
    hidden, scores = rng.standard_normal((12, 24)), rng.standard_normal((24, 3))
    x = rng.standard_normal((ROWS, 12))
    opinion = np.abs(x @ hidden) @ scores
    return {"x_train": x.astype(np.float32), "y_train": (opinion - opinion.mean(axis=0)).argmax(axis=1)}


def bursts(rng: np.random.Generator) -> Arrays:
    """The class is how long a burst is: up in its first half and down in the other, or the other way round."""
    steps = 128
    y = rng.integers(4, size=ROWS)
    length = 2 ** (y + 2)
    start = length * rng.integers(steps // length)
    place = (np.arange(steps) - start[:, None]) / length[:, None]  # 0 where the burst begins, 1 where it ends
    wave = np.where((place >= 0) & (place < 1), np.sign(0.5 - place), 0.0)
    height = 6 * rng.choice([-1.0, 1.0], ROWS) / np.sqrt(length)  # all have the same energy
    x = height[:, None] * wave + rng.standard_normal((ROWS, steps))
    return {"x_train": x[..., None].astype(np.float32), "y_train": y}


def random_labels(rng: np.random.Generator) -> Arrays:
    """Noise, and classes that have nothing to do with it."""
    return {"x_train": rng.standard_normal((ROWS, 32, 1)).astype(np.float32), "y_train": rng.integers(2, size=ROWS)}


def separable(rng: np.random.Generator) -> Arrays:
    """Two classes far apart, which everybody tells."""
    y = rng.integers(2, size=ROWS)
    x = rng.standard_normal((ROWS, 32, 1)) + 2 * (2 * y - 1)[:, None, None]
    return {"x_train": x.astype(np.float32), "y_train": y}


def _reached(after: NDArray[np.int64], words: NDArray[np.int64]) -> NDArray[np.int64]:
    state = words[:, 0]
    for step in range(1, words.shape[1]):
        state = after[state, words[:, step]]
    return state


TASKS: dict[str, Task] = {
    "motifs": Task(motifs, "convolution"),
    "recall": Task(recall, "attention"),
    "state_tracking": Task(state_tracking, "recurrence", budget="10m"),
    "teacher": Task(teacher, "feedforward"),
    "bursts": Task(bursts, "wavelet"),
    "random_labels": Task(random_labels, None),
    "separable": Task(separable, None),
}
