"""Mutation and crossover: other architectures of the space, near the ones they start from."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spaces import Architecture, InvalidInput, SearchSpace, landmark
from spaces.choices import Categorical, Integer, Real, crossing, mutating
from spaces.operations import OPERATIONS

SPACE = SearchSpace.named("everything")
SEEDS = st.integers(0, 2**32 - 1)


def sampled(seed: int) -> Architecture:
    return SPACE.sample(np.random.default_rng(seed))


def is_inside(architecture: Architecture, space: SearchSpace) -> bool:
    """Whether the space's own walk, reading the architecture, gives it back."""
    try:
        return space.decide(lambda name, choice: choice.check(name, architecture[name])) == architecture
    except (InvalidInput, KeyError):
        return False


@given(seed=SEEDS)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_a_mutation_is_another_valid_architecture(seed: int):
    """It lies in the space and has another fingerprint."""
    rng = np.random.default_rng(seed)
    parent = SPACE.sample(rng)
    child = SPACE.mutate(parent, rng)
    assert is_inside(child, SPACE)
    assert child.fingerprint != parent.fingerprint


@given(seeds=st.tuples(SEEDS, SEEDS, SEEDS))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_a_crossing_is_valid_and_mixes_its_parents(seeds: tuple[int, int, int]):
    """Each choice both parents share is one of theirs, unless it is not offered beside the others."""
    first, second, rng = sampled(seeds[0]), sampled(seeds[1]), np.random.default_rng(seeds[2])
    child = SPACE.cross(first, second, rng)
    assert is_inside(child, SPACE)
    for name in child.choices.keys() & first.choices.keys() & second.choices.keys() - {"stem", "position"}:
        assert child[name] in (first[name], second[name])


def test_a_network_crossed_with_itself_is_itself():
    """Closed at the fixed point too."""
    for seed in range(50):
        parent = sampled(seed)
        assert SPACE.cross(parent, parent, np.random.default_rng(seed)) == parent


@pytest.mark.parametrize("name", SPACE.open_choices(landmark("resnet")))
def test_mutation_reaches_every_choice(name: str):
    """Of 600 mutations of a ResNet about 600/d force this choice; none at all: below (1 - 1/d)^600 < 1e-6."""
    parent, rng = landmark("resnet"), np.random.default_rng(0)
    assert len(SPACE.open_choices(parent)) < 40
    children = [SPACE.mutate(parent, rng) for _ in range(600)]
    assert any(child.choices.get(name) != parent[name] for child in children)


def test_one_choice_is_forced_and_the_others_change_at_one_over_d():
    """Changes among the d choices in use: 1 forced and (d - 1)/d · (1 - 1/options) by chance, so 1 to 2 on average.

    Choices that fall out of use with a changed one are not counted. The mean of 4,000 has a standard deviation below
    .02, since a single mutation's has at most 1.
    """
    parent, rng = landmark("transformer"), np.random.default_rng(0)
    asked = SPACE.open_choices(parent)
    fixed = [name for name in asked if name not in ("stages", "stage1.operation", "stem", "normalization")]
    changes = Counter(
        sum(child.choices.get(name, parent[name]) != parent[name] for name in asked)
        for child in (SPACE.mutate(parent, rng) for _ in range(4000))
    )
    mean = sum(number * times for number, times in changes.items()) / 4000
    assert changes[0] == 0
    assert len(fixed) > 5
    assert 1.3 < mean < 2.0


def test_what_lies_outside_is_brought_inside():
    """A network of another space mutates and crosses into this one."""
    narrow = replace(SPACE.only(["convolution"]), widths=(16,), stages=(1, 1))
    outside, rng = landmark("transformer"), np.random.default_rng(0)
    for _ in range(50):
        assert is_inside(narrow.mutate(outside, rng), narrow)
        assert is_inside(narrow.cross(outside, landmark("resnet"), rng), narrow)


def test_a_space_of_one_network_has_no_mutation():
    """The message says so."""
    lone = SearchSpace(
        operations=("identity",),
        stems=("linear",),
        positions=("none",),
        heads=("mean",),
        connections=("plain",),
        normalizations=("none",),
        activations=("relu",),
        initializations=("he",),
        stages=(1, 1),
        blocks=(1, 1),
        widths=(8,),
        expansions=(0,),
        dropouts=(0.0,),
    )
    network = lone.sample(np.random.default_rng(0))
    with pytest.raises(InvalidInput, match="found no other network"):
        lone.mutate(network, np.random.default_rng(0))


@pytest.mark.parametrize("choice", [Categorical(("a", "b", "c")), Integer(1, 3), Real(0.1, 10.0, log=True)], ids=str)
def test_a_forced_choice_changes(choice):
    """Uniformly to each of the others; binomial, bound 5 sd."""
    rng = np.random.default_rng(0)
    value = choice.sample(rng)
    found = [mutating({"x": value}, "x", 0.0, rng)("x", choice) for _ in range(1000)]
    assert value not in found
    if not isinstance(choice, Real):
        assert all(abs(times - 500) < 80 for times in Counter(found).values())


def test_crossing_takes_from_either_parent():
    """Fairly where both have an answer, from the one that has it otherwise; 1,000 fair coins, bound 5 sd."""
    rng, choice = np.random.default_rng(0), Categorical((1, 2, 3))
    choose = crossing({"both": 1, "first": 2}, {"both": 3}, rng)
    assert {choose("first", choice) for _ in range(50)} == {2}
    both = Counter(choose("both", choice) for _ in range(1000))
    assert both.keys() == {1, 3}
    assert abs(both[1] - 500) < 80
    assert len({choose("none", choice) for _ in range(50)}) == 3


def test_a_mutated_operation_brings_its_sub_choices():
    """They are sampled, and those of the operation before are gone."""
    parent, rng = landmark("lstm"), np.random.default_rng(0)
    for _ in range(100):
        child = SPACE.mutate(parent, rng)
        for stage in child.stages:
            assert stage.picks.keys() == OPERATIONS[stage.operation].choices.keys()
