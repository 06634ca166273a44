import dataclasses
from math import prod

import numpy as np
import pytest

from spaces import Grid, InvalidInput, SearchSpace, Task
from spaces.fitting import MOST_POSITIONS, narrowed
from spaces.operations import OPERATIONS
from spaces.stems import STEMS

EVERYTHING = SearchSpace.named("everything")
SMALL_IMAGE, LARGE_IMAGE = Task(Grid((8, 8), 1), 10), Task(Grid((28, 28), 1), 10)
SERIES, LONG_SERIES, ENDLESS_SERIES = (Task(Grid((steps,), 3), 4) for steps in (30, 600, 5000))
TABLE = Task(Grid((), 9), 3)
CAUSAL = [name for name in OPERATIONS if "causal" in OPERATIONS[name].choices]


def positions_left(space: SearchSpace, draws: int = 300) -> set[int]:
    """Positions behind the stems of sampled networks that have positions."""
    rng, left = np.random.default_rng(0), set()
    for _ in range(draws):
        architecture = space.sample(rng)
        stem = STEMS[str(architecture["stem"])]()
        if stem.keeps_positions:
            stride = stem.stride(architecture.picks(f"stem.{architecture['stem']}"))
            left.add(prod(-(-extent // stride) for extent in space.task.grid.positions))
    return left


def test_a_small_task_keeps_all_stems_that_read_it():
    """Nothing is left out where every stem leaves few positions, but for embeddings of single numbers on signals."""
    assert EVERYTHING.fitted(TABLE).stems == EVERYTHING.stems
    for task in (SMALL_IMAGE, SERIES):
        assert set(EVERYTHING.stems) - set(EVERYTHING.fitted(task).stems) == {"embedding"}


@pytest.mark.parametrize("task", [LARGE_IMAGE, LONG_SERIES], ids=["image", "series"])
def test_many_positions_are_brought_down_by_the_stem(task: Task):
    """784 pixels and 600 steps: no network keeps more than 256 of them, and there is still more than one way."""
    left = positions_left(EVERYTHING.fitted(task))
    assert max(left) <= MOST_POSITIONS < task.grid.length
    assert len(left) >= 1


def test_fewer_positions_may_be_asked_for():
    """Of 784 pixels patches of four leave 49."""
    assert positions_left(EVERYTHING.fitted(LARGE_IMAGE, most_positions=100)) == {49}


def test_where_no_stem_brings_them_low_enough_the_lowest_is_kept():
    """5,000 steps in patches of four are 1,250 positions, which are the fewest that can be had."""
    assert positions_left(EVERYTHING.fitted(ENDLESS_SERIES)) == {1250}


def test_what_the_user_says_of_a_stem_stands():
    """Patches of two, asked for, stay patches of two."""
    space = dataclasses.replace(EVERYTHING, stems=("patch",), options={"stem.patch.size": (2,)})
    assert positions_left(space.fitted(ENDLESS_SERIES)) == {2500}


@pytest.mark.parametrize("task", [SMALL_IMAGE, TABLE], ids=["image", "table"])
def test_nothing_is_causal_without_time(task: Task):
    """On images and tables every causal sub-choice is false; on series filters are sampled with both values."""
    rng = np.random.default_rng(0)
    for space, expected in ((EVERYTHING.fitted(task), {False}), (EVERYTHING.fitted(SERIES), {False, True})):
        drawn = [space.sample(rng, families=["convolution"]) for _ in range(50)]
        assert {stage.picks["causal"] for architecture in drawn for stage in architecture.stages} == expected
    assert CAUSAL
    assert all(EVERYTHING.fitted(task).options[f"{name}.causal"] == (False,) for name in CAUSAL)


def test_attention_on_series_sees_all_of_them():
    """Where no next token is predicted it would gain nothing by seeing less; who wants it so can say so."""
    attentions = [name for name in CAUSAL if OPERATIONS[name].family == "attention"]
    assert all(EVERYTHING.fitted(SERIES).options[f"{name}.causal"] == (False,) for name in attentions)
    asked = dataclasses.replace(EVERYTHING, options={"linear_attention.causal": (True,)}).fitted(SERIES)
    assert asked.options["linear_attention.causal"] == (True,)


def test_causal_filters_on_images_can_be_asked_for():
    """What a user's space says counts more."""
    space = dataclasses.replace(EVERYTHING, options={"convolution.causal": (True,)}).fitted(SMALL_IMAGE)
    assert space.options["convolution.causal"] == (True,)


def test_a_space_stays_fitted_when_it_is_narrowed():
    """Each family of a fitted space has the options that concern it."""
    space = EVERYTHING.fitted(LARGE_IMAGE)
    for family in space.families:
        narrowed = space.only([family])
        assert max(positions_left(narrowed, 50), default=0) <= MOST_POSITIONS
        assert all(name.split(".")[0] in (*narrowed.operations, "stem") for name in narrowed.options)


def test_signals_without_a_stem_for_them_are_refused():
    """The line names stems that would do."""
    with pytest.raises(InvalidInput, match=r"^stems: found embedding, expected some of .* for images and series$"):
        dataclasses.replace(EVERYTHING, stems=("embedding",)).fitted(SERIES)


def test_tokens_without_a_stem_for_them_are_refused():
    """The line names stems that would do."""
    with pytest.raises(InvalidInput, match=r"^stems: found linear, expected some of .* for tokens$"):
        dataclasses.replace(EVERYTHING, stems=("linear",)).fitted(Task(Grid((9,), 1), 2, vocabulary=5))


def test_what_is_said_of_a_stem_that_is_dropped_is_dropped_with_it():
    """A stem that leaves too many positions takes its options along; the key was right."""
    options = {"stem.convolutional.stride": (1,), "stem.patch.size": (4,)}
    space = dataclasses.replace(EVERYTHING, options=options).fitted(Task(Grid((1000,), 1), 2))
    assert "convolutional" not in space.stems
    assert space.options["stem.patch.size"] == (4,)


def test_a_wide_table_is_read_in_groups_of_features():
    """Each feature of a vector becomes a position, a thousand of them too many: four are taken together."""
    wide = EVERYTHING.fitted(Task(Grid((), 1000), 2))
    assert wide.stems == ("patch",)
    assert wide.options["stem.patch.size"] == (4,)


def test_a_narrowed_space_has_fewest_stages_and_small_widths():
    """Every network of it is one of the whole space; what alone is wide stays."""
    narrow = narrowed(EVERYTHING, widest=32)
    assert (narrow.stages, narrow.widths) == ((1, 1), (16, 32))
    rng = np.random.default_rng(0)
    for _ in range(20):
        drawn = narrow.sample(rng)
        assert EVERYTHING.decide(lambda name, choice, of=drawn: choice.check(name, of.choices[name])) == drawn
    wide = dataclasses.replace(EVERYTHING, widths=(128, 256), stages=(2, 3))
    assert (narrowed(wide, widest=32).stages, narrowed(wide, widest=32).widths) == ((2, 2), (128,))
