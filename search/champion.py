"""Champion: the best network of a study, with its weights."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from search.trial import Trial
from spaces import Architecture
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

    def module(self) -> nn.Module:
        """The network with its weights, in evaluation mode; it reads standardized rows, channels last."""
        network = self.architecture.build(self._dataset.task)
        network.load_state_dict(self._checkpoints.load(self.trial.number, self.trial.reached)["network"])
        return network.eval()
