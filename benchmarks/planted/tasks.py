"""Planted tasks: made-up data of which it is known which family wins, or that none does; a new draw for each seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray]
ROWS = 4_000


@dataclass(frozen=True)
class Task:
    """A task whose winner is known.

    Attributes:
        arrays: its data as a file of arrays holds them.
        expected: the family that wins, or a contrast; None where nothing is to be claimed.
        decision: what the verdict says of the contrast if it sees the truth.
        space: what is searched. Where a family's operation is what the truth is about, it alone sees other positions:
            stems that read neighbours, or CBAM's gate, would lend to every family what is the convolution's own.
        asked: what else is asked of a study on two cores.
    """

    arrays: Callable[[np.random.Generator], Arrays]
    expected: str | None
    space: str | Mapping[str, Any] = "everything"
    asked: Mapping[str, Any] = field(default_factory=lambda: {"budget": "4m"})
    decision: str = "helps"


def motifs(rng: np.random.Generator) -> Arrays:
    """The class is which of six motifs stands somewhere in a noisy picture, six of its deviations strong.

    All are the same 25 values in another order: no value by itself tells one from another. There are few rows: of many,
    recurrence and attention learn to do what a filter does in the end.
    """
    rows, side, extent, strength = 1_200, 8, 5, 6.0
    values = rng.standard_normal(extent**2)
    values -= values.mean()
    shapes = rng.permuted(np.tile(values * strength / np.linalg.norm(values), (6, 1)), axis=1)
    y = rng.integers(6, size=rows)
    corner = rng.integers(side - extent + 1, size=(rows, 2)) @ [side, 1]
    place = corner[:, None] + (side * np.arange(extent)[:, None] + np.arange(extent)).ravel()
    x = rng.standard_normal((rows, side**2))
    np.put_along_axis(x, place, np.take_along_axis(x, place, axis=1) + shapes[y], axis=1)
    return {"x_train": x.reshape(rows, 1, side, side).astype(np.float32), "y_train": y}


def recall(rng: np.random.Generator) -> Arrays:
    """Eight keys, each with a value beside it, then one of the keys; the class is its value.

    Of fewer, a recurrence that happens to be a good one learns to hold all in a thousand steps.
    """
    pairs, keys, values = 8, 10, 8
    key = rng.permuted(np.tile(np.arange(keys), (ROWS, 1)), axis=1)[:, :pairs]
    value = rng.integers(values, size=(ROWS, pairs))
    asked = rng.integers(pairs, size=(ROWS, 1))
    question, answer = (np.take_along_axis(numbers, asked, axis=1) for numbers in (key, value))
    told = np.concatenate([np.eye(keys)[key], np.eye(values)[value]], axis=2)
    last = np.concatenate([np.eye(keys)[question], np.zeros((ROWS, 1, values))], axis=2)
    return {"x_train": np.concatenate([told, last], axis=1).astype(np.float32), "y_train": answer[:, 0]}


def state_tracking(rng: np.random.Generator) -> Arrays:
    """One to twelve permutations of three things in turn; the class is what they come to. Sealed rows have 24.

    Each leaves all as they are, swaps two or rotates the three: with all six to learn, a recurrence seldom does so in
    2,000 steps. Short words are what it learns a step from; most are too long to be learned by heart.
    """
    given = np.array([0, 1, 3])
    group = np.array([[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
    number = {tuple(permutation): each for each, permutation in enumerate(group.tolist())}
    after = np.array(
        [[number[tuple(group[first][group[second]].tolist())] for second in range(6)] for first in range(6)]
    )
    longest, sealed = 12, ROWS // 4
    length, length_test = rng.integers(1, longest + 1, size=ROWS), np.full(sealed, 2 * longest)
    x, x_test = rng.choice(given, (ROWS, longest)), rng.choice(given, (sealed, 2 * longest))
    padded = np.where(np.arange(2 * longest) < length[:, None], np.pad(x, ((0, 0), (0, longest))), 0)
    return {
        "x_train": padded,
        "y_train": _reached(after, padded, length),
        "length_train": length,
        "x_test": x_test,
        "y_test": _reached(after, x_test, length_test),
        "length_test": length_test,
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


def deep_teacher(rng: np.random.Generator) -> Arrays:
    """A table labelled by a smooth random network, for networks of 48 layers to learn."""
    x = rng.standard_normal((ROWS, 16))
    opinion = np.tanh(x @ (0.6 * rng.standard_normal((16, 24)))) @ rng.standard_normal((24, 4))
    return {"x_train": x.astype(np.float32), "y_train": (opinion - opinion.mean(axis=0)).argmax(axis=1)}


def random_labels(rng: np.random.Generator) -> Arrays:
    """Noise, and classes that have nothing to do with it."""
    return {"x_train": rng.standard_normal((ROWS, 32, 1)).astype(np.float32), "y_train": rng.integers(2, size=ROWS)}


def separable(rng: np.random.Generator) -> Arrays:
    """Two classes far apart, which everybody tells."""
    y = rng.integers(2, size=ROWS)
    x = rng.standard_normal((ROWS, 32, 1)) + 2 * (2 * y - 1)[:, None, None]
    return {"x_train": x.astype(np.float32), "y_train": y}


def inner_product(rng: np.random.Generator) -> Arrays:
    """The class is the sign of the inner product of what a row's two ends are, in noise.

    No window of a few steps holds both, and no sum over windows is their product.
    """
    steps, end = 16, 4
    ends = rng.standard_normal((ROWS, 2, 2))
    x = 0.5 * rng.standard_normal((ROWS, steps, 2))
    x[:, :end] += ends[:, :1]
    x[:, -end:] += ends[:, 1:]
    y = np.einsum("ij,ij->i", ends[:, 0], ends[:, 1]) > 0
    return {"x_train": x.astype(np.float32), "y_train": y.astype(np.int64)}


def _reached(after: NDArray[np.int64], words: NDArray[np.int64], length: NDArray[np.int64]) -> NDArray[np.int64]:
    state = words[:, 0]
    for step in range(1, words.shape[1]):
        state = np.where(step < length, after[state, words[:, step]], state)
    return state


LOCAL = {
    "extends": "tiny",
    "stems": ["linear"],
    "heads": ["max"],
    "gates": ["none", "squeeze_excitation", "context_gate"],
    "options": {"convolution.kernel_size": [5]},
}
MATCHING = {"extends": "tiny", "stems": ["linear"], "heads": ["last"]}
ONE_QUESTION = {
    "extends": "tiny",
    "connections": ["residual"],
    "normalizations": ["none"],
    "initializations": ["glorot"],
    "positions": ["none"],
    "expansions": [0],
    "widths": [16, 20, 24, 28, 32],
}
"""Nothing has two options that a contrast could be about but what is asked; widths and dropout tell hosts apart."""
GATED = {
    **ONE_QUESTION,
    "operations": ["convolution"],
    "options": {"convolution.kernel_size": [3, 5]},
    "stems": ["linear"],
    "heads": ["mean"],
    "gates": ["none", "context_gate"],
    "activations": ["relu"],
    "blocks": [1, 1],
    "dropouts": [0.0, 0.1],
}
DEEP = {
    **ONE_QUESTION,
    "families": ["feedforward"],
    "connections": ["plain", "residual"],
    "gates": ["none"],
    "activations": ["relu"],  # half of the signal's power a layer: nothing comes through; tanh's does at small rates
    "blocks": [48, 48],
    "widths": [24, 26, 28, 30, 32],
    "dropouts": [0.0, 0.05, 0.1],
}
TRACKING = {
    **ONE_QUESTION,
    "operations": ["convolution", "dense", "gru", "identity", "lstm", "multi_head_attention", "wavelet_network"],
    "initializations": ["orthogonal"],
    "gates": ["none"],
    "stems": ["embedding"],
    "heads": ["last"],
    "dropouts": [0.0, 0.1],
}
LINEAR = {**TRACKING, "operations": ["linear_recurrence", "lstm"]}

TASKS: dict[str, Task] = {
    "motifs": Task(motifs, "convolution", LOCAL),
    "recall": Task(recall, "attention", MATCHING),
    "state_tracking": Task(state_tracking, "recurrence", TRACKING, {"budget": "10m"}),
    "teacher": Task(teacher, "feedforward"),
    "bursts": Task(bursts, "wavelet"),
    "inner_product": Task(inner_product, "context_gate vs none", GATED),
    "depth_48": Task(deep_teacher, "residual vs plain", DEEP),
    "linear_recurrence": Task(state_tracking, "linear_recurrence vs lstm", LINEAR, decision="hurts"),
    "random_labels": Task(random_labels, None),
    "separable": Task(separable, None),
}
