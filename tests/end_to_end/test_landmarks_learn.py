"""Every landmark learns the data it is natural for, clearly better than a linear classifier."""

import math
from functools import cache

import pytest

from search.evaluation.baseline import baseline_score
from spaces import LANDMARKS, landmark
from spaces.landmarks import IMAGE, SEQUENCE, VECTOR, described
from workers.checkpoint import Checkpoints
from workers.datasets import Dataset, load_dataset
from workers.outcome import Status
from workers.recipe import Recipe
from workers.rows import Rows
from workers.work_unit import WorkUnit
from workers.worker import Worker

pytestmark = pytest.mark.xdist_group("landmarks")  # one process, so that each linear classifier is trained once

NATURAL = {IMAGE: ("shifted_digits",), SEQUENCE: ("waveforms", "recall"), VECTOR: ("teacher",)}
"""Rank -> sets of data of that rank; digits as they come are all but linearly separable."""

CASES = [(name, data) for name in LANDMARKS for rank in described(name).natural for data in NATURAL[rank]]


STEPS = (200, 600)
"""A training that has learnt by the first need not be made so long as the second."""


@cache
def natural(data: str) -> tuple[Dataset, float]:
    """The rows, and what a linear classifier scores on them, which takes longer to train than most landmarks."""
    dataset = load_dataset(data)
    return dataset, baseline_score(Rows.of(dataset, 0))


@pytest.mark.parametrize(("name", "data"), CASES)
def test_a_landmark_beats_a_linear_classifier(name: str, data: str, tmp_path):
    """By five standard deviations of the difference of two shares of the rows scored, after 600 steps or fewer."""
    dataset, linear = natural(data)
    worker = Worker(dataset, Checkpoints(tmp_path), "here")

    def gain(steps: int) -> float:
        outcome = worker.run(WorkUnit(0, landmark(name, dataset.task), Recipe(), 0, 0, 0, steps, steps))
        assert outcome.status is Status.TRAINED, outcome.reason
        return outcome.confirm_score - linear

    scored = 0.15 * len(dataset.y)
    assert any(gain(steps) > 5 * math.sqrt(2 * 0.25 / scored) for steps in STEPS)
