"""Limits of size are kept by whatever decides."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spaces import Grid, InvalidInput, SearchSpace, Task, landmark
from spaces.cost import flops, parameters
from spaces.limits import Limits, left_out, limited, smallest
from spaces.network import parameter_count
from tests.spaces.test_cost import TASKS

EVERYTHING = SearchSpace.named("everything")
IMAGE = TASKS["image"]


@given(task=st.sampled_from(sorted(TASKS)), most=st.integers(400, 30_000), seed=st.integers(0, 10**6))
@settings(max_examples=5, derandomize=True, deadline=None)
def test_nothing_is_larger_than_allowed(task: str, most: int, seed: int):
    """Samples of every family, their mutations and crosses, on every kind of data, however tight the limit."""
    space = limited(EVERYTHING.fitted(TASKS[task]), Limits(most, None, TASKS[task]))
    rng = np.random.default_rng(seed)
    first, second = (space.sample(rng, [family]) for family in rng.choice(space.families, 2))
    for architecture in (first, second, space.mutate(first, rng), space.cross(first, second, rng)):
        assert parameter_count(architecture.build(TASKS[task])) <= most


def test_parameters_and_operations_are_limited_together():
    """A network keeps within both; it lies in the space and reads back as itself."""
    space = limited(EVERYTHING.fitted(IMAGE), Limits(2_000, 60_000, IMAGE))
    for seed in range(5):
        architecture = space.sample(np.random.default_rng(seed))
        assert parameters(architecture, IMAGE) <= 2_000
        assert flops(architecture, IMAGE) <= 60_000
        assert space.decide(lambda name, choice, a=architecture: choice.check(name, a[name])) == architecture


def test_a_generous_limit_changes_nothing():
    """What is sampled is what would have been without it."""
    space = EVERYTHING.fitted(IMAGE)
    generous = limited(space, Limits(10**12, 10**12, IMAGE))
    for seed in range(5):
        assert generous.sample(np.random.default_rng(seed)) == space.sample(np.random.default_rng(seed))


def test_a_limit_leaves_choices():
    """Where one network in a few fits, samples still differ: of 40 hardly two are the same network."""
    space = limited(EVERYTHING.fitted(IMAGE), Limits(1_500, None, IMAGE))
    rng = np.random.default_rng(0)
    assert len({space.sample(rng).fingerprint for _ in range(40)}) >= 38


def test_what_cannot_be_small_enough_is_left_out_and_told():
    """A dense layer behind a flattened image has 12,544 weights at the smallest width; convolutions need few."""
    task = Task(Grid((28, 28), 1), 10)
    asked = EVERYTHING.fitted(task)
    space = limited(asked, Limits(3_000, None, task))
    assert "feedforward" not in space.families
    assert "convolution" in space.families
    lines = left_out(asked, space)
    assert "feedforward does not take part: its smallest network is larger than allowed" in lines
    assert not any("dense" in line for line in lines)


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ((5, None), r"^max_parameters: found 5, expected at least (\d+), which the smallest network"),
        ((None, 5), r"^max_flops: found 5, expected at least ([\d,]+), which the smallest network"),
    ],
)
def test_an_impossible_limit_is_told_with_the_smallest_size(limits, told: str):
    """With exactly so much there is a network, with one less there is none."""
    space = EVERYTHING.fitted(IMAGE)
    with pytest.raises(InvalidInput, match=told) as caught:
        limited(space, Limits(*limits, IMAGE))
    least = int(str(caught.value).split("at least ")[1].split(", which")[0].replace(",", ""))
    field = 0 if limits[1] is None else 1
    for most, is_possible in ((least, True), (least - 1, False)):
        changed = Limits(*(most if n == field else limit for n, limit in enumerate(limits)), IMAGE)
        if is_possible:
            assert changed.allow(limited(space, changed).sample(np.random.default_rng(0)))
        else:
            with pytest.raises(InvalidInput):
                limited(space, changed)


def test_the_smallest_network_is_the_smallest_of_many():
    """No sampled network is smaller, in parameters or in operations."""
    space, rng = EVERYTHING.fitted(IMAGE), np.random.default_rng(0)
    for field, count in (("parameters", parameters), ("flops", flops)):
        alone = Limits(**{"parameters": None, "flops": None, field: 1}, task=IMAGE)
        least = min(count(smallest(space.with_operations([name]), alone), IMAGE) for name in space.operations)
        assert least <= min(count(space.sample(rng), IMAGE) for _ in range(40))


def test_a_network_of_somebody_elses_may_be_too_large():
    """Landmarks are held against the limits whether they lie in the space or not."""
    most = parameters(landmark("lenet"), IMAGE)
    space = EVERYTHING.fitted(IMAGE)
    assert limited(space, Limits(most, None, IMAGE)).allows_size(landmark("lenet"))
    assert not limited(space, Limits(most - 1, None, IMAGE)).allows_size(landmark("lenet"))
    assert space.allows_size(landmark("lenet"))


def test_limits_hold_beside_a_band():
    """The smaller of both upper ends counts."""
    banded = replace(EVERYTHING, parameters=(1_000, 8_000)).fitted(IMAGE)
    space = limited(banded, Limits(2_000, None, IMAGE))
    for seed in range(5):
        assert 1_000 <= parameters(space.sample(np.random.default_rng(seed)), IMAGE) <= 2_000
