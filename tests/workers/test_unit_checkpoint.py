"""What a unit leaves behind, and that it is the same unit wherever its worker was lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from spaces import Architecture, landmark
from workers.checkpoint import Checkpoints
from workers.datasets import Dataset, from_arrays
from workers.outcome import Outcome, Status
from workers.recipe import Recipe
from workers.unit_checkpoint import NotKept
from workers.work_unit import WorkUnit
from workers.worker import Worker

START, STOP, HORIZON = 3, 11, 14
RNG = np.random.default_rng(0)
Y = np.arange(60) % 2
LENGTHS = RNG.integers(2, 8, 60)
SERIES = RNG.normal(size=(60, 7, 2)).astype(np.float32)


def images() -> Dataset:
    return from_arrays("images", RNG.normal(size=(60, 1, 5, 5)).astype(np.float32), Y)


def series() -> Dataset:
    return from_arrays("series", SERIES, Y, lengths=LENGTHS)


def numbers() -> Dataset:
    return from_arrays("numbers", SERIES, RNG.normal(30, 9, 60), lengths=LENGTHS)


def text() -> Dataset:
    return from_arrays("text", RNG.integers(0, 6, (60, 8)), None, lengths=LENGTHS)


def table() -> Dataset:
    return from_arrays("table", RNG.normal(size=(60, 5)).astype(np.float32), RNG.normal(30, 9, 60), metric="rmse")


CASES: list[tuple[Callable[[], Dataset], str, Recipe]] = [
    (images, "resnet", Recipe(batch_size=8, augmentation="shift_flip", label_smoothing=0.1)),
    (images, "vit", Recipe(batch_size=16)),
    (series, "lstm", Recipe(batch_size=8, augmentation="jitter")),
    (series, "tcn", Recipe(batch_size=16, augmentation="scale")),
    (numbers, "transformer", Recipe(batch_size=16, augmentation="jitter")),
    (text, "transformer", Recipe(batch_size=16)),
    (text, "tcn", Recipe(batch_size=32)),
    (table, "deep_fnn", Recipe(batch_size=8)),
]


class Lost(BaseException):
    """The worker's process has ended; nothing in it gets a chance to tidy up."""


class Fatal(Checkpoints):
    """Keeps so many states and then ends the process, in place of a kill -9."""

    left: int

    def save(self, trial: int, step: int, state: dict[str, Any]) -> None:
        super().save(trial, step, state)
        self.left -= 1
        if not self.left:
            raise Lost


def unit(dataset: Dataset, name: str, recipe: Recipe) -> WorkUnit:
    known = landmark(name, dataset.task)
    with_dropout = Architecture.from_json({**known.choices, "dropout": 0.2})
    return WorkUnit(0, with_dropout, recipe, 0, 5, START, STOP, HORIZON, keeps_checkpoint=True)


def ran(dataset: Dataset, folder: Path, order: WorkUnit, lost_after: int | None = None) -> Outcome:
    """The unit's outcome where the unit before it has run, the worker being lost once on request."""
    checkpoints = Checkpoints(folder)
    first = Worker(dataset, checkpoints, "one").run(replace(order, start=0, stop=START))
    assert first.status is Status.TRAINED, first.reason
    if lost_after is not None:
        fatal = Fatal(folder)
        fatal.left = lost_after
        with pytest.raises(Lost):
            Worker(dataset, fatal, "one", checkpoint_seconds=0).run(order)
        torch.manual_seed(999)  # another process has another generator state
    outcome = Worker(dataset, checkpoints, "another").run(order)
    assert outcome.status is Status.TRAINED, outcome.reason
    return replace(outcome, seconds=0.0, step_seconds=0.0)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return Checkpoints(folder).load(0, STOP)["network"]


@pytest.mark.parametrize(("dataset", "name", "recipe"), CASES, ids=[f"{case[0].__name__}-{case[1]}" for case in CASES])
def test_a_unit_is_the_same_wherever_its_worker_was_lost(dataset, name: str, recipe: Recipe, tmp_path: Path):
    """Curve, scores and weights are those of a unit that nothing interrupted, with dropout and whatever else is random.

    The worker is lost after its first step, in the middle, and when all is done but told.
    """
    rows = dataset()
    order = unit(rows, name, recipe)
    undisturbed = ran(rows, tmp_path / "undisturbed", order)
    assert ran(rows, tmp_path / "again", order) == undisturbed
    assert [point.step for point in undisturbed.curve][-1] == STOP
    for lost_after in (1, 5, STOP - START):
        folder = tmp_path / str(lost_after)
        assert ran(rows, folder, order, lost_after) == undisturbed
        for weight, expected in zip(weights(folder).values(), weights(tmp_path / "undisturbed").values(), strict=True):
            assert torch.equal(weight, expected)


class Noting(Checkpoints):
    """Notes from where a state was loaded, and how far it was."""

    loaded: int = -1

    def load(self, trial: int, step: int) -> dict[str, Any]:
        state = super().load(trial, step)
        self.loaded = state["step"]
        return state


def test_a_unit_goes_on_where_its_worker_was_lost(blobs, tmp_path: Path):
    """The steps up to the last state are not trained again."""
    order = unit(blobs, "deep_fnn", Recipe())
    fatal, noting = Fatal(tmp_path), Noting(tmp_path)
    fatal.left = 5
    with pytest.raises(Lost):
        Worker(blobs, fatal, "one", checkpoint_seconds=0).run(replace(order, start=0))
    Worker(blobs, noting, "another").run(replace(order, start=0))
    assert noting.loaded == 5


@pytest.mark.parametrize("learning_rate", [1e-3, 1e30])
def test_nothing_is_left_of_a_unit_that_keeps_nothing(blobs, tmp_path: Path, learning_rate: float):
    """The states on the way are removed when it ends, well or badly; the one that it started from stays."""
    order = replace(unit(blobs, "deep_fnn", Recipe(learning_rate=learning_rate)), horizon=100)
    checkpoints = Checkpoints(tmp_path)
    checkpoint_steps: list[list[int]] = []

    class Watched(Checkpoints):
        def save(self, trial: int, step: int, state: dict[str, Any]) -> None:
            super().save(trial, step, state)
            checkpoint_steps.append(self.steps(trial))

    Worker(blobs, checkpoints, "one").run(replace(order, recipe=Recipe(), start=0, stop=START))
    outcome = Worker(blobs, Watched(tmp_path), "one", checkpoint_seconds=0).run(
        replace(order, stop=60, keeps_checkpoint=False)
    )
    assert outcome.failed == (learning_rate > 1)
    assert checkpoint_steps[-1] == [START, 60]
    assert checkpoints.steps(0) == [START]


def test_short_units_write_nothing_on_the_way(blobs, tmp_path: Path):
    """Only every few minutes a state is kept, beside the one reached where that is wanted."""
    counted = Fatal(tmp_path)
    counted.left = 0  # never becomes zero again
    order = replace(unit(blobs, "deep_fnn", Recipe()), start=0)
    for keeps, saves in ((True, 1), (False, 1)):
        Worker(blobs, counted, "one").run(replace(order, trial=int(keeps), keeps_checkpoint=keeps))
        assert counted.left == -saves


class Broken(Checkpoints):
    """A store that takes nothing, as one whose disk is full."""

    def save(self, trial: int, step: int, state: dict[str, Any]) -> None:
        raise OSError(28, "No space left on device")


def test_a_full_store_costs_safety_and_no_candidate(blobs, tmp_path: Path):
    """States on the way may fail to be kept; one that the study needs stops it, since no candidate is at fault."""
    order = replace(unit(blobs, "deep_fnn", Recipe()), start=0, keeps_checkpoint=False)
    worker = Worker(blobs, Broken(tmp_path), "one", checkpoint_seconds=0)
    assert worker.run(order).status is Status.TRAINED
    with pytest.raises(NotKept, match="No space left on device"):
        worker.run(replace(order, keeps_checkpoint=True))


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no checkpoint"])
def test_a_damaged_state_is_none(blobs, tmp_path: Path, damage: bytes):
    """The training begins anew and is the same."""
    order = unit(blobs, "deep_fnn", Recipe())
    worker = Worker(blobs, Checkpoints(tmp_path), "one")
    whole = worker.run(order)
    for step in (START, STOP):
        (tmp_path / f"{order.trial}-{step}.pt").write_bytes(damage)
    again = worker.run(order)
    assert (again.curve, again.confirm_score) == (whole.curve, whole.confirm_score)


def test_the_time_of_a_lost_worker_counts(blobs, tmp_path: Path):
    """What a unit took before its worker was lost is part of what it cost."""
    order = unit(blobs, "deep_fnn", Recipe())
    Worker(blobs, Checkpoints(tmp_path), "one").run(replace(order, keeps_checkpoint=True))
    state = Checkpoints(tmp_path).load(order.trial, STOP)
    Checkpoints(tmp_path).save(order.trial, STOP, {**state, "unit_seconds": 1000.0})
    assert Worker(blobs, Checkpoints(tmp_path), "two").run(order).seconds > 1000


@pytest.mark.parametrize(
    "other", [{"seed": 6}, {"division": 1}, {"horizon": 99}, {"recipe": Recipe(weight_decay=0.05)}]
)
def test_a_state_of_another_training_is_none(blobs, tmp_path: Path, other: dict[str, Any]):
    """Left under the same number by a driver that was killed before it had recorded the trial."""
    order = replace(unit(blobs, "deep_fnn", Recipe()), start=0)
    alone = Worker(blobs, Checkpoints(tmp_path / "alone"), "one").run(order)
    worker = Worker(blobs, Checkpoints(tmp_path / "left"), "one")
    worker.run(replace(order, **other))
    outcome = worker.run(order)
    assert (outcome.curve, outcome.confirm_score) == (alone.curve, alone.confirm_score)
