"""Candidate: what a sampler proposes, an architecture and the recipe to train it with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from spaces import Architecture, InvalidInput, SearchSpace
from spaces.choices import Categorical, Choice, Choose, Integer, Value, sampling
from spaces.parameter_band import persistently
from workers.recipe import Recipe


@dataclass(frozen=True)
class Candidate:
    """A network's structure and how it is optimized."""

    architecture: Architecture
    recipe: Recipe

    @classmethod
    def decide(cls, space: SearchSpace, choose: Choose) -> Candidate:
        """Asks `choose` for every choice of the space and of the recipe."""
        return cls(space.decide(choose), Recipe.decide(choose, space.task))

    @classmethod
    def sample(cls, space: SearchSpace, rng: np.random.Generator) -> Candidate:
        """A random candidate, each choice uniform."""
        return persistently(lambda: cls.decide(space, sampling(rng)))

    def choices(self) -> dict[str, Value]:
        """All choices in use by name, those of the recipe as `recipe.…`."""
        return {**self.architecture.choices, **_named(self.recipe)}

    def lies_in(self, space: SearchSpace) -> bool:
        """Whether the space could have proposed it."""
        return bool(self.parameters(space)[0])

    def parameters(self, space: SearchSpace) -> tuple[dict[str, Any], dict[str, BaseDistribution]]:
        """The choices as Optuna's parameters and their distributions in `space`; empty where it lies outside."""
        choices = self.choices()
        values: dict[str, Any] = {}
        distributions: dict[str, BaseDistribution] = {}

        def read(name: str, choice: Choice) -> Value:
            values[name] = choice.check(name, choices.get(name))
            distributions[name] = distribution(choice.domain)
            return values[name]

        try:
            inside = Candidate.decide(space, read) == self  # a choice with one option is not asked
        except InvalidInput:
            inside = False
        return (values, distributions) if inside else ({}, {})


@dataclass(frozen=True)
class CandidateDomain:
    """All candidates of a space; see `search.samplers.domain.Domain`."""

    space: SearchSpace

    def decide(self, choose: Choose) -> Candidate:
        """See `Domain.decide`."""
        return Candidate.decide(self.space, choose)

    def sketch(self, choose: Choose) -> dict[str, Value]:
        """See `Domain.sketch`."""
        architecture, recipe = self.space.sketch(choose), Recipe.decide(choose, self.space.task)
        return {**architecture.choices, **_named(recipe)}


def _named(recipe: Recipe) -> dict[str, Value]:
    return {f"recipe.{name}": value for name, value in recipe.to_json().items()}


def distribution(choice: Choice) -> BaseDistribution:
    """Optuna's word for a choice."""
    if isinstance(choice, Categorical):
        return CategoricalDistribution(choice.options)
    if isinstance(choice, Integer):
        return IntDistribution(choice.low, choice.high)
    return FloatDistribution(choice.low, choice.high, log=choice.log)
