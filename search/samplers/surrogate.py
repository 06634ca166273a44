"""Surrogate: predicts how good a sketch is from those that were tried, by a Gaussian process on their choices."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dtrtrs  # what cholesky and solve_triangular call, at a fifth of the time
from scipy.spatial.distance import squareform
from threadpoolctl import ThreadpoolController

from spaces.choices import Categorical, Choice, Integer, Real, Value

Array = NDArray[np.float64]
Rows = NDArray[np.float32]
"""Codes of answers and how they differ: megabytes, and whole numbers or shares of a range; half of them is enough."""
NOISES = (0.01, 0.05, 0.2, 0.6)
"""Variances of a score around what its choices explain, where the latter's is 1."""
SHARPNESSES = (0.5, 1.0, 2.0)
"""How fast the likeness of two sketches falls with the relevance of the choices in which they differ."""
ADDITIVE_SHARES = (0.2, 0.6)
"""How much of the variance is a sum over single choices; the rest is their interplay."""
NOWHERE = -10.0
"""Code of a choice that is not in use: as far from every answer as two answers can be."""
PRIOR_PAIRS = 3.0
"""Weight, in pairs of sketches, of the belief that all choices matter alike."""
LEAST_SCALE = 1e-12
"""Variance of utilities that are all alike."""
LEAST_RELEVANCE = 0.03
"""Of a choice, where the mean is 1."""
ROWS_AT_ONCE = 16
"""Rows that are compared with all others at once: what they differ in then stays in the processor's cache."""


def encoded(choices: Mapping[str, Choice], sketches: Sequence[Mapping[str, Value]]) -> Rows:
    """Sketches as rows of numbers, such that two answers differ by min(1, |difference|).

    Args:
        choices: every choice that is the domain's to decide, by name.
        sketches: that will be compared.

    Returns:
        One row a sketch; one column a choice whose answers are not the same in all of them, by name.
    """
    columns = {name: (column, _coded(choices[name])) for column, name in enumerate(sorted(choices))}
    rows = np.full((len(sketches), max(1, len(columns))), NOWHERE, dtype=np.float32)
    for row, sketch in zip(rows, sketches, strict=True):
        for name, value in sketch.items():
            if name in columns:
                column, code = columns[name]
                row[column] = code(value)
    differs = (rows != rows[0]).any(axis=0)
    return rows[:, differs] if differs.any() else rows[:, :1]


def _coded(choice: Choice) -> Callable[[Value], float]:
    if isinstance(choice, Categorical):
        codes = {option: float(number) for number, option in enumerate(choice.options)}
        return lambda value: codes.get(value, NOWHERE)
    return partial(_share, choice)


def _share(choice: Integer | Real, value: Value) -> float:
    if isinstance(choice, Integer):
        return (float(value) - choice.low) / max(1, choice.high - choice.low)
    return choice.share(float(value))


def differences(first: Rows, second: Rows) -> Rows:
    """How far answers to the same questions differ, from 0 to 1; the last axis is the choices."""
    apart = first - second  # one array of megabytes takes half the time of three
    return np.minimum(np.abs(apart, out=apart), np.float32(1), out=apart)


def distances(first: Rows, second: Rows, relevances: Array) -> Array:
    """How far sketches lie apart: the sum of their differences, each by its relevance; (first, second)."""
    found, relevance = np.empty((len(first), len(second))), relevances.astype(np.float32)
    for start in range(0, len(first), ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        found[some] = differences(first[some, None], second) @ relevance
    return found


@dataclass(frozen=True)
class Kernel:
    """Likeness of two sketches: a part that is a sum over choices and one that is a product.

    A sum over choices tells soon what each of them is worth, a product what they do together; additive kernels,
    Duvenaud et al. 2011.

    Attributes:
        relevances: of each choice, with the mean 1.
        sharpness: of the product.
        additive: share of the sum.
    """

    relevances: Array
    sharpness: float
    additive: float

    def __call__(self, distance: Array) -> Array:
        """Likenesses for `distances(...)`, 1 where nothing differs."""
        width = self.sharpness / np.sqrt(len(self.relevances))
        return self.additive * (1 - distance / self.relevances.sum()) + (1 - self.additive) * np.exp(-width * distance)


class Surrogate:
    """A Gaussian process fitted to utilities.

    Its few parameters are those of a grid that make the utilities most likely; relevances follow from how much more
    two sketches' utilities differ where a choice differs (a variogram, by ridge regression towards equal relevances).

    Args:
        rows: `encoded(...)`, (n, choices).
        utilities: about standard normal, (n,).
        noise: by how much each utility's noise exceeds that of a full training, (n,).
    """

    def __init__(self, rows: Rows, utilities: Array, noise: Array) -> None:
        self._rows, self._noise = rows, noise
        self._mean = float(utilities.mean())
        y = utilities - self._mean
        first, second = np.triu_indices(len(y), 1)
        pairs = differences(rows[first], rows[second])
        relevances = _relevances(pairs, (y[first] - y[second]) ** 2 / 2)
        distance = squareform(pairs @ relevances.astype(np.float32), checks=False).astype(np.float64)
        best = -np.inf
        for sharpness, additive in itertools.product(SHARPNESSES, ADDITIVE_SHARES):
            kernel = Kernel(relevances, sharpness, additive)
            likeness = kernel(distance)
            for variance in NOISES:
                root = _root(likeness, variance * (1 + noise))
                half, _ = dtrtrs(root, y, lower=1)
                scale = max(float(half @ half) / len(y), LEAST_SCALE)
                likelihood = -0.5 * len(y) * np.log(scale) - float(np.log(np.diag(root)).sum())
                if likelihood > best:
                    best, self._kernel, self._likeness, self._variance = likelihood, kernel, likeness, variance
                    self._root, self._scale = root, scale
                    self._weights, _ = dtrtrs(root, half, lower=1, trans=1)

    @property
    def fitted(self) -> Array:
        """Mean of the utility, without noise, of each row that it was fitted to."""
        return self._mean + self._likeness @ self._weights

    def likeness(self, rows: Rows) -> Array:
        """How alike other rows are to those that it was fitted to, (rows, n)."""
        return self._kernel(distances(rows, self._rows, self._kernel.relevances))

    def expected(self, values: Array, likeness: Array) -> Array:
        """Mean of something else that follows from the same choices, of each of other rows.

        Args:
            values: of each row that it was fitted to, (n,).
            likeness: of the others, see `likeness`.
        """
        mean = float(values.mean())
        half, _ = dtrtrs(self._root, values - mean, lower=1)
        weights, _ = dtrtrs(self._root, half, lower=1, trans=1)
        return mean + likeness @ weights

    def believing(self, running: Rows) -> Surrogate:
        """The same, had those in training scored what is expected of them, so that it looks elsewhere.

        The kriging believer, Ginsbourger et al. 2010. What is believed teaches nothing: kernel, noise and means stay
        those of what is known, and the variance alone falls.
        """
        near, within = self.likeness(running), self._kernel(distances(running, running, self._kernel.relevances))
        model = copy(self)
        model._rows = np.concatenate([self._rows, running])
        model._noise = np.concatenate([self._noise, np.zeros(len(running))])
        model._likeness = np.block([[self._likeness, near.T], [near, within]])
        model._weights = np.concatenate([self._weights, np.zeros(len(running))])  # of what is as expected
        model._root = _root(model._likeness, self._variance * (1 + model._noise))
        return model

    def predict(self, likeness: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the utility, without noise, of each of other rows; see `likeness`."""
        half, _ = dtrtrs(self._root, likeness.T, lower=1)
        variance = np.maximum(1 - (half**2).sum(0), 1e-9) * self._scale
        return self._mean + likeness @ self._weights, np.sqrt(variance)


def one_thread() -> AbstractContextManager[object]:
    """Linear algebra in the calling thread alone: on a busy machine threads for matrices so small cost, not save."""
    limited: AbstractContextManager[object] = _algebra().limit(limits=1, user_api="blas")
    return limited


@cache
def _algebra() -> ThreadpoolController:
    """The libraries of linear algebra that this process has loaded."""
    return ThreadpoolController()


def _root(likeness: Array, noise: Array) -> Array:
    """The lower Cholesky factor of likenesses with noise on their diagonal; what lies above it is anything."""
    noisy = likeness.copy()
    noisy[np.diag_indices(len(noise))] += noise
    root: Array
    root, _ = dpotrf(noisy.T, lower=1, clean=0, overwrite_a=1)  # transposed as LAPACK wants it, without a copy
    return root


def _relevances(pairs: Rows, squares: Array) -> Array:
    """Relevance of each choice, with the mean 1; all alike as long as little is known.

    Args:
        pairs: what two sketches differ in, (pairs, choices).
        squares: half the square of what their utilities differ by, (pairs,).
    """
    columns = pairs.shape[1]
    usual = squares.mean() / max(pairs.sum(1).mean(), 1e-9)
    if not usual:
        return np.ones(columns)
    shared, explained = pairs.T @ pairs, pairs.T @ squares.astype(np.float32)
    solved = np.linalg.solve(shared + PRIOR_PAIRS * np.eye(columns), explained + PRIOR_PAIRS * usual * np.ones(columns))
    relevances = np.maximum(solved, LEAST_RELEVANCE * usual)
    return np.asarray(relevances / relevances.mean())
