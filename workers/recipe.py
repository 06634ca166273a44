"""Recipe: how a candidate is optimized; part of what is searched, with the same ranges for every family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spaces.choices import Categorical, Choice, Choose, Real, Value
from spaces.shapes import Kind, Task

RECIPE_CHOICES: Mapping[str, Choice] = {
    "learning_rate": Real(3e-4, 3e-2, log=True),
    "weight_decay": Real(1e-5, 1e-1, log=True),
    "batch_size": Categorical((16, 32)),  # small: on small sets many steps matter more than precise ones
}
LABEL_SMOOTHING = Categorical((0.0, 0.1))
IMAGE_AUGMENTATION = Categorical(("none", "shift", "shift_flip"))  # digits are no longer themselves when mirrored
SERIES_AUGMENTATION = Categorical(("none", "jitter", "scale"))
AUGMENTATIONS_BY_RANK: Mapping[int, Choice] = {1: SERIES_AUGMENTATION, 2: IMAGE_AUGMENTATION}


def recipe_choices(task: Task | None = None) -> dict[str, Choice]:
    """What a search decides of a recipe: the task alone says so, never the family.

    Args:
        task: what it is for; without it what applies to every task.
    """
    choices = dict(RECIPE_CHOICES)
    if task is not None and task.kind is Kind.CLASSIFICATION:
        choices["label_smoothing"] = LABEL_SMOOTHING
        # numbers may well follow the very amplitude or place that is changed; classes seldom do
        if task.vocabulary is None and task.grid.rank in AUGMENTATIONS_BY_RANK:
            choices["augmentation"] = AUGMENTATIONS_BY_RANK[task.grid.rank]
    return choices


@dataclass(frozen=True)
class Recipe:
    """What AdamW is run with.

    Attributes:
        learning_rate: its peak, after the warm-up and before the cosine.
        weight_decay: decoupled, as in Loshchilov & Hutter 2019.
        batch_size: rows a step.
        label_smoothing: share of each class's target that all classes have in common; of classification alone.
        augmentation: how the rows of a batch are changed, one of `workers.augmentation` or `"none"`.
    """

    learning_rate: float = 3e-3
    weight_decay: float = 1e-3
    batch_size: int = 32
    label_smoothing: float = 0.0
    augmentation: str = "none"

    @classmethod
    def usual(cls, task: Task, metric: str) -> Recipe:
        """What a hand-designed network is trained with, of which nothing was searched.

        Classes are smoothed, as small sets gain by it: on `digits` two landmarks of three made half the errors. Not
        where log-loss counts, which asks for the very probabilities that smoothing moves.

        Args:
            task: what it is for.
            metric: name of the one that networks are compared by.
        """
        smooths = task.kind is Kind.CLASSIFICATION and metric != "log_loss"
        return cls(label_smoothing=0.1 if smooths else 0.0)

    @classmethod
    def decide(cls, choose: Choose, task: Task | None = None) -> Recipe:
        """Asks `choose` for every choice that applies to the task, named `recipe.…`."""
        choices = recipe_choices(task)
        picks: dict[str, Any] = {name: choose(f"recipe.{name}", choice) for name, choice in choices.items()}
        return cls(**picks)

    def to_json(self) -> dict[str, Value]:
        """A JSON object with the fields."""
        return dict(vars(self))  # asdict copies deeply, and a sampler asks for hundreds
