"""Loss: what training makes small, for each kind of task."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from torch import Tensor
from torch.nn import functional as F

from spaces.shapes import Kind
from workers.recipe import Recipe
from workers.rows import NO_TOKEN, Labelled
from workers.target_scale import TargetScale

Loss: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""Maps the outputs for a batch and its `y` (see `Labelled`) to a single number."""


def loss_of(kind: Kind, train: Labelled, recipe: Recipe) -> Loss:
    """What is made small on the train rows of a task.

    Of classes it is the cross-entropy, with label smoothing as in Szegedy et al. 2016, section 7; of numbers the
    squared error once they are standardized by the train rows; of tokens the cross-entropy at each step with data.
    """
    if kind is Kind.REGRESSION:
        assert train.scale is not None
        return partial(_squared_error, train.scale)
    if kind is Kind.NEXT_TOKEN:
        return _token_loss
    return partial(F.cross_entropy, label_smoothing=recipe.label_smoothing)


def _squared_error(scale: TargetScale, outputs: Tensor, y: Tensor) -> Tensor:
    return F.mse_loss(outputs.squeeze(-1).float(), scale.standardized(y))


def _token_loss(outputs: Tensor, y: Tensor) -> Tensor:
    return F.cross_entropy(outputs.flatten(0, 1), y.flatten(), ignore_index=NO_TOKEN)
