"""Exportable: what may leave, one network or several that are asked together, with all there is to know of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from spaces import Architecture
from spaces.export.ensemble import Ensemble
from spaces.export.predictor import Predictor, Units
from workers.datasets import Dataset
from workers.preprocessing import Preprocessing
from workers.recipe import Recipe


@dataclass(frozen=True)
class Exportable(ABC):
    """What may leave.

    Attributes:
        name: what the user called it, a study, a landmark or a file.
        origin: where the weights come from, in words.
        trained: whether they were trained; else they are freshly initialized.
        dataset: what it was trained on, or is to read.
        preprocessing: what rows go through on their way to it.
        results: what is known of how good it is, JSON: values of the data set's metric, the study's sentence.
    """

    name: str
    origin: str
    trained: bool
    dataset: Dataset
    preprocessing: Preprocessing
    results: Mapping[str, Any]

    @property
    @abstractmethod
    def network(self) -> nn.Module:
        """With its weights, in evaluation mode; reads standardized rows, channels last."""

    @property
    @abstractmethod
    def architectures(self) -> tuple[Architecture, ...]:
        """The structures in it."""

    @abstractmethod
    def structure_json(self) -> dict[str, Any]:
        """Structure and recipe, as a part of what travels with every format."""

    @property
    def takes_lengths(self) -> bool:
        """Whether the lengths of padded rows are read beside them."""
        return self.preprocessing.padded

    def predictor(self) -> Predictor:
        """The network with what stands before and behind it."""
        moments, scale = self.preprocessing.standardization, self.preprocessing.scale
        units = Units(
            mean=None if moments is None else torch.from_numpy(moments.mean.copy()),
            deviation=None if moments is None else torch.from_numpy(moments.deviation.copy()),
            target_mean=0.0 if scale is None else scale.mean,
            target_deviation=1.0 if scale is None else scale.deviation,
        )
        return Predictor(self.network, self.dataset.task, units).eval()

    def rows(self, count: int, steps: int | None = None) -> tuple[Tensor, ...]:
        """Rows of the data as `Predictor.forward` takes them, the development rows again and again.

        Args:
            count: how many.
            steps: of sequences, after which they are cut; by default never.
        """
        picked = np.arange(count) % len(self.dataset.y)
        x = torch.from_numpy(self.dataset.x[picked])
        if self.dataset.task.vocabulary is None:
            x = x.float()
        if self.dataset.task.grid.rank == 2:
            return (x.movedim(-1, 1).contiguous(),)
        if self.dataset.task.grid.rank == 1:
            x = x[:, :steps].contiguous()
        if self.dataset.lengths is None:
            return (x,)
        return x, torch.from_numpy(self.dataset.lengths[picked]).clamp(max=x.shape[1])

    def to_json(self) -> dict[str, Any]:
        """What travels with every format: how rows are read, what is known of the network, and versions."""
        return {
            "schema": 1,
            "name": self.name,
            "origin": self.origin,
            "trained": self.trained,
            **self.structure_json(),
            "dataset": self.dataset.name,
            "metric": self.dataset.metric.name,
            "results": dict(self.results),
            "preprocessing": self.preprocessing.to_json(),
            "versions": {name: version(name) for name in ("penchant", "torch")},
        }


@dataclass(frozen=True)
class ExportableNetwork(Exportable):
    """A single network.

    Attributes:
        architecture: its structure.
        module: the network with its weights, in evaluation mode.
        recipe: that it was trained with, or would be.
        steps: optimizer steps that it was trained for, or would be.
    """

    architecture: Architecture
    module: nn.Module
    recipe: Recipe
    steps: int

    @property
    def network(self) -> nn.Module:
        """See `Exportable.network`."""
        return self.module

    @property
    def architectures(self) -> tuple[Architecture, ...]:
        """See `Exportable.architectures`."""
        return (self.architecture,)

    def structure_json(self) -> dict[str, Any]:
        """See `Exportable.structure_json`."""
        return {
            "architecture": self.architecture.to_json(),
            "fingerprint": self.architecture.fingerprint,
            "recipe": self.recipe.to_json(),
        }


@dataclass(frozen=True)
class ExportableEnsemble(Exportable):
    """Networks whose probabilities, or numbers, are averaged.

    Attributes:
        members: by family, a hybrid's families joined by `_`; trained on the same rows.
    """

    members: Mapping[str, ExportableNetwork]

    @property
    def network(self) -> nn.Module:
        """See `Exportable.network`."""
        return Ensemble([member.network for member in self.members.values()], self.dataset.task.kind).eval()

    @property
    def architectures(self) -> tuple[Architecture, ...]:
        """See `Exportable.architectures`."""
        return tuple(member.architecture for member in self.members.values())

    def structure_json(self) -> dict[str, Any]:
        """See `Exportable.structure_json`."""
        return {
            "members": [
                {"family": family, "origin": member.origin, **member.structure_json()}
                for family, member in self.members.items()
            ]
        }
