"""Champion: the best network of a study, with its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from search.phases.confirmation import slot
from search.trial import Trial
from spaces import Architecture, InvalidInput
from workers.checkpoint import Checkpoints
from workers.datasets import Dataset


@dataclass(frozen=True)
class Champion:
    """The best network of a study.

    Attributes:
        architecture: its structure.
        trial: the confirmation that trained the weights kept.
    """

    architecture: Architecture
    trial: Trial
    _checkpoints: Checkpoints
    _dataset: Dataset

    @classmethod
    def of(
        cls,
        study: str,
        finalists: Sequence[Trial],
        trials: Sequence[Trial],
        checkpoints: Checkpoints,
        dataset: Dataset,
    ) -> Champion:
        """The first of the finalists, with the weights that its first confirmation trained.

        Raises:
            InvalidInput: none was confirmed.
        """
        wanted = slot(finalists[0], 0) if finalists else None
        for trial in trials:
            if trial.phase == "confirmation" and trial.slot == wanted and trial.finished and not trial.failed:
                return cls(trial.architecture, trial, checkpoints, dataset)
        raise InvalidInput(f"study {study!r} has confirmed no champion; expected one that ran to its end")

    def module(self) -> nn.Module:
        """The network with its weights, in evaluation mode; it reads standardized rows, channels last."""
        network = self.architecture.build(self._dataset.task)
        network.load_state_dict(self._checkpoints.load(self.trial.number, self.trial.reached)["network"])
        return network.eval()
