"""Variation: new sketches from old ones, by sampling, mutation, crossover and single steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, repeat

import numpy as np

from search.samplers.domain import Domain, P
from spaces.choices import Categorical, Choice, Integer, Value, crossing, kept, mutating, sampling
from spaces.parameter_band import persistently

STEP_OF_A_REAL = 0.1
"""How far a neighbour's real number lies, as a share of its range."""
ANEW_MORE = 0.1
"""Share of a sketch of which nothing has an allowed size that is sampled anew, at first, and each time more."""
SHORT_RANGE = 8
"""Whole numbers up to which all others are neighbours."""


def sample(domain: Domain[P], rng: np.random.Generator) -> P:
    """A uniform proposal."""
    return persistently(lambda: domain.decide(sampling(rng)))


def realized(domain: Domain[P], sketch: Mapping[str, Value], rng: np.random.Generator) -> P:
    """The proposal that a sketch describes; what it does not say, or may not be, is sampled.

    Where near the sketch nothing is of the size that is allowed, more and more of it is sampled anew.
    """
    rates = chain(np.arange(0.0, 1.0, ANEW_MORE), repeat(1.0))

    def decide() -> P:
        rate = next(rates)

        def choose(name: str, choice: Choice) -> Value:
            keeps = name in sketch and rng.random() >= rate
            return kept(choice, sketch[name], rng) if keeps else choice.sample(rng)

        return domain.decide(choose)

    return persistently(decide)


def asked(domain: Domain[P], sketch: Mapping[str, Value]) -> dict[str, Choice]:
    """The choices that are the domain's to decide for this sketch, by name."""
    choices: dict[str, Choice] = {}
    rng = np.random.default_rng(0)  # for what lies outside the domain

    def read(name: str, choice: Choice) -> Value:
        choices[name] = choice
        return kept(choice, sketch.get(name, ""), rng)

    domain.sketch(read)
    return choices


def mutated(
    domain: Domain[P], parent: Mapping[str, Value], questions: Iterable[str], rng: np.random.Generator
) -> dict[str, Value]:
    """A sketch near this one: one choice changes, each other does at a rate of 1 / d, `d` being their number.

    Mühlenbein 1992.

    Args:
        domain: of both.
        parent: to start from.
        questions: names of the choices that are the domain's to decide for it, see `asked`.
        rng: what is drawn with.
    """
    names = list(questions)
    forced = names[int(rng.random() * len(names))]
    return domain.sketch(mutating(parent, forced, 1 / len(names), rng))


def crossed(
    domain: Domain[P], first: Mapping[str, Value], second: Mapping[str, Value], rng: np.random.Generator
) -> dict[str, Value]:
    """A sketch that takes each choice from one of two. Syswerda 1989."""
    return domain.sketch(crossing(first, second, rng))


def steps(sketch: Mapping[str, Value], questions: Mapping[str, Choice]) -> list[tuple[str, Value]]:
    """All answers to one of the questions it is `asked` that lead to a neighbour; of long ranges the nearest."""
    return [
        (name, value)
        for name, choice in questions.items()
        if name in sketch and choice.offers(sketch[name])  # it may lie outside the domain
        for value in other_answers(choice, sketch[name])
    ]


def neighbour(
    domain: Domain[P], sketch: Mapping[str, Value], step: tuple[str, Value], rng: np.random.Generator
) -> dict[str, Value]:
    """The sketch with another answer to one question; what then comes into use is sampled."""
    forced, value = step

    def choose(name: str, choice: Choice) -> Value:
        return value if name == forced else kept(choice, sketch.get(name, ""), rng)

    return domain.sketch(choose)


def other_answers(choice: Choice, value: object) -> list[Value]:
    """The answers near this one: every other option, of a long range the nearest numbers."""
    if isinstance(choice, Categorical):
        return [option for option in choice.options if option != value]
    if isinstance(choice, Integer):
        assert isinstance(value, int)
        reach = choice.count if choice.count <= SHORT_RANGE else 1
        return [n for n in range(value - reach, value + reach + 1) if n != value and choice.low <= n <= choice.high]
    assert isinstance(value, float)
    shares = [choice.share(value) + step for step in (-STEP_OF_A_REAL, STEP_OF_A_REAL)]
    return [choice.at(share) for share in shares if 0 <= share <= 1]
