"""Retrain: the network of a trial, from scratch, for so many epochs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from search.retraining.interruption import interruption
from search.retraining.rows import ALL_ROWS, TrainingRows
from search.retraining.store import Retrained, RetrainedStore
from search.trial import Trial
from workers.datasets import Dataset
from workers.device import training_device
from workers.metrics import evaluate
from workers.outcome import CurvePoint
from workers.trainer import Trainer
from workers.unit_checkpoint import UnitCheckpoint
from workers.work_unit import WorkUnit

CHECKPOINT_SECONDS = 120.0


class Interrupted(Exception):
    """Was asked to stop; its state is kept."""


@dataclass(frozen=True)
class Retraining:
    """One last training.

    Attributes:
        trial: whose architecture and recipe are trained.
        epochs: passes over the rows.
        all_data: whether the sealed test is learned from as well.
        seed: of initialization, order of rows and dropout.
        division: of the development rows; by default the trial's own.
    """

    trial: Trial
    epochs: int
    all_data: bool
    seed: int
    division: int | None = None

    @property
    def rows_number(self) -> int:
        """Of the division of its rows, or `ALL_ROWS`."""
        if self.all_data:
            return ALL_ROWS
        return self.trial.division if self.division is None else self.division

    def done(self, store: RetrainedStore) -> Retrained | None:
        """What came of it, where it was trained to its end before."""
        wanted = (self.trial.number, self.epochs, self.seed, self.rows_number)
        for known in store.all():
            if (known.trial, known.epochs, known.seed, known.division) == wanted:
                return known
        return None

    def run(self, dataset: Dataset, store: RetrainedStore, tell: Callable[[int, int, CurvePoint], None]) -> Retrained:
        """Trains to the end, from where an interrupted one stopped, and keeps weights and description.

        Args:
            dataset: of the study.
            store: where both are kept.
            tell: called with steps done, steps of all and each new point of the learning curve.

        Raises:
            Interrupted: by Ctrl-C; the same call goes on from there.
            Diverged: a loss was not finite.
            NotKept: the weights cannot be written.
        """
        rows = TrainingRows.of(dataset, self.rows_number)
        divided = rows.divided().to(training_device())
        recipe = self.trial.candidate.recipe
        steps = self.epochs * (len(divided.train) // min(recipe.batch_size, len(divided.train)))
        unit = WorkUnit(store.next_version, self.trial.architecture, recipe, rows.number, self.seed, 0, steps, steps)
        torch.manual_seed(self.seed)
        trainer = Trainer(self.trial.architecture.build(dataset.task), recipe, divided, steps, self.seed)
        checkpoint = UnitCheckpoint(store.checkpoints, unit, CHECKPOINT_SECONDS)
        checkpoint.restore(trainer)
        _run(trainer, checkpoint, steps, tell)
        score = None if self.all_data else evaluate(trainer.network, divided.search, divided.metric)
        retrained = Retrained(
            version=unit.trial,
            trial=self.trial.number,
            epochs=self.epochs,
            steps=steps,
            seed=self.seed,
            division=rows.number,
            all_data=self.all_data,
            rows=len(divided.train),
            held_out_rows=0 if self.all_data else len(divided.search),
            score=None if score is None else dataset.metric.value(score),
            seconds=checkpoint.seconds,
        )
        store.add(retrained)
        return retrained


def _run(
    trainer: Trainer, checkpoint: UnitCheckpoint, steps: int, tell: Callable[[int, int, CurvePoint], None]
) -> None:
    """Trains to the last step and keeps the state."""
    told = len(trainer.curve)

    def after_step() -> None:
        nonlocal told
        for point in trainer.curve[told:]:
            tell(trainer.step, steps, point)
        told = len(trainer.curve)
        if asked():
            checkpoint.save(trainer)
            raise Interrupted(f"interrupted at step {trainer.step:,} of {steps:,}")
        checkpoint.save_if_due(trainer)

    with interruption() as asked:
        trainer.run(steps, after_step=after_step)
        checkpoint.save(trainer)
    for point in trainer.curve[told:]:
        tell(trainer.step, steps, point)
