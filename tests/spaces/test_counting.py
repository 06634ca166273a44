"""The exact count of a space, against listing every walk."""

import math
from dataclasses import replace

import pytest

from spaces import SearchSpace
from spaces.choices import Categorical, Choice, Value
from spaces.counting import paths
from spaces.operations import OPERATIONS

SPACE = SearchSpace.named("everything")
SMALL = replace(
    SPACE,
    operations=("dense", "lstm", "identity"),
    stems=("linear", "patch"),
    positions=("none", "rotary"),
    heads=("mean",),
    connections=("plain", "residual"),
    gates=("none",),
    normalizations=("none", "layer"),
    activations=("relu", "tanh"),
    initializations=("he",),
    stages=(1, 1),
    blocks=(1, 2),
    widths=(8,),
    expansions=(0, 2),
    dropouts=(0.0,),
)
SPACES = {
    "small": SMALL,
    "relative": replace(SMALL, operations=("context_attention", "dense")),
    "two stages": replace(SMALL, operations=("dense", "context_attention", "lstm"), stages=(1, 2), blocks=(1, 1)),
    "restricted": replace(SMALL, options={"lstm.bidirectional": (True,)}),
    "no absolute position": replace(SMALL, positions=("rotary", "linear_bias")),
    "universal": replace(SMALL, any_stem=True, stems=("flatten", "linear")),
}


def listed(space: SearchSpace) -> int:
    """The number of architectures, each of them made."""
    found: set[str] = set()
    prefixes: list[list[Value]] = [[]]
    while prefixes:
        prefix = prefixes.pop()
        asked: list[Choice] = []

        def choose(name: str, choice: Choice, prefix=prefix, asked=asked) -> Value:
            asked.append(choice)
            options = choice.options if isinstance(choice, Categorical) else range(choice.low, choice.high + 1)
            return prefix[len(asked) - 1] if len(asked) <= len(prefix) else options[0]

        architecture = space.decide(choose)
        found.add(str(sorted(architecture.choices.items())))
        for place in range(len(prefix), len(asked)):
            choice = asked[place]
            options = choice.options if isinstance(choice, Categorical) else range(choice.low, choice.high + 1)
            firsts = [
                c.options[0] if isinstance(c, Categorical) else c.low  # what was answered so far
                for c in asked[len(prefix) : place]
            ]
            prefixes += [[*prefix, *firsts, option] for option in options[1:]]
    return len(found)


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_it_is_what_listing_finds(space: SearchSpace):
    """Every architecture is made and counted once."""
    assert space.count() == listed(space)


def test_more_stages_multiply():
    """With k stages of one operation that reads positions, there are (options · blocks)^k stages."""
    one = replace(SMALL, operations=("identity",))
    plain = one.count() / 2
    for stages in (2, 3):
        deeper = replace(one, stages=(stages, stages))
        assert deeper.count() == plain * 2**stages * 2  # down-sampling or not


def test_the_default_space_is_counted_at_once():
    """A number beyond listing, and the part without hybrids is smaller."""
    assert SPACE.count() > 10**9
    assert SPACE.count() > sum(SPACE.only([family]).count() for family in SPACE.families)


def test_real_sub_choices_make_it_infinite(monkeypatch):
    """There is no last one."""
    from spaces.choices import Real

    monkeypatch.setattr(OPERATIONS["lstm"], "choices", {"scale": Real(0.1, 1.0)})
    assert replace(SMALL, operations=("lstm",)).count() == math.inf


def test_paths_multiply_where_nothing_depends():
    """Two independent choices of 2 and 3 and one that is asked in half of the cases: 2 · 3 / 2 · (1 + 4)."""

    def ask(walk):
        first = walk("stem", Categorical(("a", "b")))
        walk("other", Categorical((1, 2, 3)))
        if first == "a":
            walk("more", Categorical((1, 2, 3, 4)))

    assert paths(ask, ("stem",)) == 3 * 4 + 3
