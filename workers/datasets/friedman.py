"""Friedman: a table of which half the columns tell a number, in noise. Friedman 1991, the first function. Generated."""

from __future__ import annotations

from sklearn.datasets import make_friedman1

from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.registry import DATASETS

ROWS, NOISE = 2_000, 1.0


@DATASETS.register("friedman")
def friedman() -> Dataset:
    """Ten features from 0 to 1; the number is a sine, a square and two lines of five of them, a fifth sealed."""
    x, y = make_friedman1(ROWS, noise=NOISE, random_state=0)
    # rounded, since the last digits of a sine differ between machines and would make another data set
    return from_arrays("friedman", x.round(4), y.round(4))
