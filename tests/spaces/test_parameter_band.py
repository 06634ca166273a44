"""A band of parameters is honoured by whatever decides."""

from dataclasses import replace

import numpy as np
import pytest

from spaces import Grid, InvalidInput, SearchSpace, Task, landmark
from spaces.cost import parameters
from spaces.parameter_band import LARGER, SMALLER, SizeLimit

IMAGE = Task(Grid((8, 8), 1), 10)
TASKS = {
    "image": IMAGE,
    "series": Task(Grid((24,), 3), 4),
    "tokens": Task(Grid((16,), 1), 3, vocabulary=30),
    "table": Task(Grid((), 12), 3),
}
SPACE = replace(SearchSpace.named("everything"), widths=(8, 64), blocks=(1, 3), parameters=(4_000, 12_000))


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_what_is_sampled_lies_in_the_band(task: Task):
    """On every kind of data, families alone and mixed."""
    space, rng = SPACE.fitted(task), np.random.default_rng(0)
    for family in space.families:
        assert 4_000 <= parameters(space.sample(rng, [family]), task) <= 12_000
    for _ in range(5):
        assert 4_000 <= parameters(space.sample(rng), task) <= 12_000


def test_mutations_and_crossings_stay_in_the_band():
    """Whatever changes, the width follows."""
    space, rng = SPACE.fitted(IMAGE), np.random.default_rng(1)
    first, second = space.sample(rng), space.sample(rng)
    for _ in range(5):
        child = space.mutate(first, rng)
        assert child.fingerprint != first.fingerprint
        for architecture in (child, space.cross(first, second, rng)):
            assert 4_000 <= parameters(architecture, IMAGE) <= 12_000


def test_a_network_in_the_band_reads_back_as_itself():
    """Reading answers the width as it was, and asks nothing twice in different ways."""
    space, rng = SPACE.fitted(IMAGE), np.random.default_rng(2)
    architecture = space.sample(rng)
    assert space.decide(lambda name, choice: choice.check(name, architecture[name])) == architecture


def test_the_width_is_any_that_fits():
    """Every width of the band is drawn, those around it are too small or too large."""
    space = replace(SPACE, parameters=(1_000, 2_000)).fitted(IMAGE)
    asked = {}

    def choose(name, choice):
        asked[name] = choice
        return choice.check(name, document[name]) if name != "width" else choice.low

    document = {**landmark("deep_fnn").choices, "width": 10}
    found = space.decide(choose)
    fitting = asked["width"]
    sizes = [parameters(replace_width(found, w), IMAGE) for w in range(fitting.low - 1, fitting.high + 2)]
    assert sizes[0] < 1_000 <= sizes[1] <= sizes[-2] <= 2_000 < sizes[-1]
    assert fitting.domain == space.choices["width"]


def replace_width(architecture, width):
    return type(architecture)({**architecture.choices, "width": width})


def test_blocks_give_way_where_no_width_fits():
    """Three blocks of twelve dense layers are too many even at the smallest width; one block is not."""
    space = replace(SPACE, operations=("dense",), stages=(2, 2), blocks=(1, 12), widths=(16, 20), expansions=(0,))
    small = replace(space, parameters=(1_200, 2_500)).fitted(IMAGE)
    large = replace(space, parameters=(9_000, 20_000)).fitted(IMAGE)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        assert 1_200 <= parameters(small.sample(rng), IMAGE) <= 2_500
        assert 9_000 <= parameters(large.sample(rng), IMAGE) <= 20_000


def test_an_impossible_band_is_told():
    """After a few samples, in one line."""
    space = replace(SPACE, parameters=(1, 5)).fitted(IMAGE)
    with pytest.raises(InvalidInput, match=r"^parameters: found no network of .* with 1 to 5 parameters, expected"):
        space.sample(np.random.default_rng(0))


def test_a_band_needs_a_task():
    """How many parameters there are depends on the data."""
    with pytest.raises(InvalidInput, match="band without a task"):
        SPACE.sample(np.random.default_rng(0))


@pytest.mark.parametrize(("direction", "end"), [(SMALLER, 1), (LARGER, 3)])
def test_ranges_are_drawn_in_one_after_the_other(direction: int, end: int):
    """First the blocks, then the stages, then the mixers; what is drawn in keeps its domain."""
    blocks = replace(SPACE, stages=(1, 3)).choices
    for strength, left in ((0, 3), (1, 1), (2, 1), (3, 1)):
        limited = SizeLimit(direction, strength).blocks(blocks["blocks"])
        assert limited.count == left
        assert limited.domain == blocks["blocks"]
        assert SizeLimit(direction, strength).stages(blocks["stages"]).count == (1 if strength >= 2 else 3)
        assert SizeLimit(direction, strength).expansions(blocks["expansion"]).count == (1 if strength >= 3 else 2)
    assert SizeLimit(direction, 1).blocks(blocks["blocks"]).low == end
