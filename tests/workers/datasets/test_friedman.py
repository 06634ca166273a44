"""The registered table of which half the columns tell a number."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LinearRegression

from spaces.shapes import Grid, Kind, Task
from workers.datasets import load_dataset


def test_the_number_is_friedmans_function_in_noise() -> None:
    """What is left beside the formula of the paper is noise of deviation 1, in both parts."""
    dataset = load_dataset("friedman")

    assert (dataset.modality, dataset.task) == ("tabular", Task(Grid((), 10), 1, None, Kind.REGRESSION))
    for x, y, rows in ((dataset.x, dataset.y, 1600), (dataset.x_test, dataset.y_test, 400)):
        assert len(x) == rows
        truth = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
        assert abs((y - truth).mean()) < 0.15
        assert abs((y - truth).std() - 1) < 0.1


def test_lines_are_not_enough() -> None:
    """A linear regression explains less than four fifths; the formula would explain .96."""
    dataset = load_dataset("friedman")

    assert LinearRegression().fit(dataset.x, dataset.y).score(dataset.x_test, dataset.y_test) < 0.8


def test_the_table_is_the_same_each_time() -> None:
    """The fingerprint is the one written here."""
    assert load_dataset("friedman").fingerprint == "9d6ad9eb6353efeb"
