"""Every landmark learns the data it is natural for, clearly better than a linear classifier."""

import math

import pytest
from rich.console import Console

from search.evaluation import evaluate
from spaces import LANDMARKS, landmark
from spaces.landmarks import IMAGE, SEQUENCE, VECTOR, described
from workers.datasets import load_dataset

NATURAL = {IMAGE: ("shifted_digits",), SEQUENCE: ("waveforms", "recall"), VECTOR: ("teacher",)}
"""Rank -> sets of data of that rank; digits as they come are all but linearly separable."""

CASES = [(name, data) for name in LANDMARKS for rank in described(name).natural for data in NATURAL[rank]]


@pytest.mark.parametrize(("name", "data"), CASES)
def test_a_landmark_beats_a_linear_classifier(name: str, data: str):
    """By five standard deviations of the difference of two shares of the rows scored, after 600 steps."""
    dataset = load_dataset(data)
    evaluation = evaluate(landmark(name, dataset.task), dataset, seeds=1, steps=600, progress=Console(quiet=True))
    assert not evaluation.failures
    scored = 0.15 * len(dataset.y)
    assert evaluation.mean - evaluation.baseline_mean > 5 * math.sqrt(2 * 0.25 / scored)
