"""Recipe: how a candidate is optimized; part of what is searched, with the same ranges for every family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from spaces.choices import Categorical, Choice, Choose, Real, Value

RECIPE_CHOICES: Mapping[str, Choice] = {
    "learning_rate": Real(3e-4, 3e-2, log=True),
    "weight_decay": Real(1e-5, 1e-1, log=True),
    "batch_size": Categorical((16, 32)),  # small: on small sets many steps matter more than precise ones
}


@dataclass(frozen=True)
class Recipe:
    """What AdamW is run with.

    Attributes:
        learning_rate: its peak, after the warm-up and before the cosine.
        weight_decay: decoupled, as in Loshchilov & Hutter 2019.
        batch_size: rows a step.
    """

    learning_rate: float = 3e-3
    weight_decay: float = 1e-3
    batch_size: int = 32

    @classmethod
    def decide(cls, choose: Choose) -> Recipe:
        """Asks `choose` for every choice, named `recipe.…`."""
        picks: dict[str, Any] = {name: choose(f"recipe.{name}", choice) for name, choice in RECIPE_CHOICES.items()}
        return cls(**picks)

    def to_json(self) -> dict[str, Value]:
        """A JSON object with the fields."""
        return asdict(self)
