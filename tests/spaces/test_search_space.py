import math
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
import torch

from spaces import Grid, InvalidInput, SearchSpace, Task
from spaces.built_in import BUILT_IN
from spaces.choices import Categorical, Choice, Integer, Value, sampling
from spaces.operations import OPERATIONS

SPACE = SearchSpace.named("everything")
FAMILIES = SPACE.families


class Recording:
    """A `Choose` that samples and remembers what it was asked and what it answered."""

    def __init__(self, seed: int) -> None:
        self.asked: list[str] = []
        self.choices: dict[str, Choice] = {}
        self.values: dict[str, set[Value]] = defaultdict(set)
        self._sample = sampling(np.random.default_rng(seed))

    def __call__(self, name: str, choice: Choice) -> Value:
        value = self._sample(name, choice)
        self.asked.append(name)
        self.choices[name] = choice
        self.values[name].add(value)
        return value


def options(choice: Choice) -> set[Value]:
    return set(choice.options) if isinstance(choice, Categorical) else set(range(choice.low, choice.high + 1))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_sampled_alone(family: str):
    """With one family given, every operation of every network belongs to it."""
    for seed in range(50):
        assert SPACE.sample(np.random.default_rng(seed), families=[family]).families == (family,)


def test_two_families_mix_with_each_other_only():
    """With two families given there are hybrids of both and nothing else; 60 samples miss one at 3 · (5/6)^60."""
    allowed = ("convolution", "recurrence")
    seen = {SPACE.sample(np.random.default_rng(seed), families=allowed).families for seed in range(60)}
    assert seen == {("convolution",), ("recurrence",), allowed}


def test_without_families_all_take_part():
    """Whole networks of each family and hybrids occur."""
    seen = {SPACE.sample(np.random.default_rng(seed)).families for seed in range(300)}
    assert {(family,) for family in FAMILIES} <= seen
    assert any(len(families) == 2 for families in seen)


def test_every_option_is_reached():
    """So many samples that an option is missed with a probability below 1e-6.

    The rarest belongs to an operation of stage 2: it is asked in half of the samples, for one of all operations, and is
    one of at most so many options. A thousand options could be missed.
    """
    most = max(len(options(c)) for n in SPACE.operations for c in [*OPERATIONS[n].choices.values(), Integer(0, 2)])
    samples = math.ceil(math.log(1e9) * 2 * len(SPACE.operations) * most)
    recording = Recording(seed=0)
    for _ in range(samples):
        SPACE.decide(recording)
    for number in (1, 2):
        for operation in SPACE.operations:
            for pick in OPERATIONS[operation].choices:
                assert f"stage{number}.{operation}.{pick}" in recording.choices
    for name, choice in recording.choices.items():
        assert recording.values[name] == options(choice.domain), name


def test_operations_are_sampled_evenly():
    """Each is as frequent as the others in stage 1; binomial, bound 4.5 sd for each of them."""
    samples, share = 2000, 1 / len(SPACE.operations)
    rng = np.random.default_rng(0)
    drawn = [SPACE.sample(rng)["stage1.operation"] for _ in range(samples)]
    for operation in SPACE.operations:
        assert abs(drawn.count(operation) - samples * share) < 4.5 * math.sqrt(samples * share * (1 - share))


def test_only_choices_in_use_are_asked():
    """Each choice is asked once, and what was answered is the architecture; the rest had a single option."""
    for seed in range(200):
        recording = Recording(seed)
        architecture = SPACE.decide(recording)
        assert len(set(recording.asked)) == len(recording.asked)
        assert set(recording.asked) <= architecture.choices.keys()
        for name in architecture.choices.keys() - set(recording.asked):
            assert architecture[name] == "flatten"  # the stem of networks made of vector operations
        for number, stage in enumerate(architecture.stages, start=1):
            asked = {name.rpartition(".")[0] for name in recording.asked if name.startswith(f"stage{number}.")}
            assert asked <= {f"stage{number}", f"stage{number}.{stage.operation}"}


def test_a_single_option_is_not_asked():
    """It is in the architecture all the same."""
    space = replace(
        SPACE, operations=("lstm",), widths=(32,), stages=(1, 1), blocks=(2, 2), stems=("linear",), dropouts=(0.0,)
    )
    recording = Recording(seed=0)
    architecture = space.decide(recording)
    settled = {"stages": 1, "stage1.operation": "lstm", "stage1.blocks": 2, "stem": "linear", "width": 32}
    settled["dropout"] = 0.0
    assert not settled.keys() & set(recording.asked)
    assert {name: architecture[name] for name in settled} == settled
    assert {"stage1.lstm.bidirectional", "head", "connection"} <= set(recording.asked)


@pytest.mark.parametrize("seed", range(5))
def test_the_seed_decides(seed: int):
    """Equal generators sample equal architectures, and go on to others."""
    first, second = np.random.default_rng(seed), np.random.default_rng(seed)
    series = [SPACE.sample(first) for _ in range(5)]
    assert series == [SPACE.sample(second) for _ in range(5)]
    assert len(set(series)) > 1


def test_networks_of_vector_operations_alone_flatten():
    """They read the whole input as one vector, as their family does; all others keep the positions."""
    for seed in range(300):
        architecture = SPACE.sample(np.random.default_rng(seed))
        vectors_alone = all(OPERATIONS[stage.operation].ranks == (0,) for stage in architecture.stages)
        assert (architecture["stem"] == "flatten") == vectors_alone
        assert ("position" in architecture.choices) == (not vectors_alone)


def test_the_limits_hold():
    """Stages and blocks stay within what a study allows, raised or not."""
    space = replace(SPACE, stages=(2, 5), blocks=(3, 4))
    drawn = [space.sample(np.random.default_rng(seed)) for seed in range(100)]
    assert {len(architecture.stages) for architecture in drawn} == {2, 3, 4, 5}
    assert {stage.blocks for architecture in drawn for stage in architecture.stages} == {3, 4}


def test_a_restricted_space_keeps_the_rest():
    """Only the operations change; a restricted space can be restricted again."""
    some = SPACE.only(["attention", "recurrence"])
    assert some.families == ("attention", "recurrence")
    assert replace(some, operations=SPACE.operations) == SPACE
    assert some.only(["recurrence"]).families == ("recurrence",)


def test_an_unknown_space_is_told():
    """The message says what was found and what was expected."""
    expected = r"^unknown space 'attentive': expected one of everything, .*, tiny \(did you mean 'attention'\?\)$"
    with pytest.raises(InvalidInput, match=expected):
        SearchSpace.named("attentive")


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_space_gives_networks(name: str):
    """On tables as on images; each has an operation, and its own count."""
    space = SearchSpace.named(name)
    for task in (Task(Grid((), 5), 2), Task(Grid((4, 4), 1), 2)):
        network = space.fitted(task).sample(np.random.default_rng(0)).build(task)
        assert network(torch.randn(2, *task.row_shape)).shape == (2, 2)
    assert 1 < space.count() < math.inf


def test_the_named_spaces_are_what_they_say():
    """Spaces of one family have all its operations; a tiny one has one operation a family."""
    for name, family in (("convolutional", "convolution"), ("recurrent", "recurrence"), ("attention", "attention")):
        assert SearchSpace.named(name).operations == SPACE.only([family]).operations
    tiny = SearchSpace.named("tiny")
    assert tiny.families == SPACE.families
    assert len(tiny.operations) == len(tiny.families)


def test_a_relative_position_code_is_for_operations_that_use_it():
    """Nets without such an operation are offered the absolute ones alone, under the same domain."""
    absolute = {"none", "learned", "sinusoidal"}
    seen: dict[bool, set[Value]] = {True: set(), False: set()}
    rng = np.random.default_rng(0)
    for _ in range(2000):  # of a hundred networks of either kind a code is missed at 5 · .8^100
        architecture = SPACE.sample(rng)
        uses = any(OPERATIONS[stage.operation].uses_relative_position for stage in architecture.stages)
        if "position" in architecture.choices:
            seen[uses].add(architecture["position"])
    assert seen == {True: set(SPACE.positions), False: absolute}


def test_tokens_are_offered_stems_that_differ():
    """A linear stem on tokens that were looked up would be the look-up again."""
    tokens = Task(Grid((6,), 1), 2, vocabulary=5)
    assert set(SPACE.stems) - set(SPACE.fitted(tokens).stems) == {"linear"}
    assert SPACE.fitted(Task(Grid((), 6), 2)).stems == SPACE.stems
    with pytest.raises(InvalidInput, match=r"^stems: found linear, expected some of .*embedding.* for tokens$"):
        replace(SPACE, stems=("linear",)).fitted(tokens)


def test_some_options_of_a_sub_choice_are_allowed():
    """The others are never drawn, and their fingerprints do not depend on who restricted them."""
    allowed = {"multi_head_attention.heads": (2, 8), "local_attention.window": (3,), "stem.patch.size": (4,)}
    space = replace(SPACE.only(["attention"]), options=allowed)
    rng = np.random.default_rng(0)
    seen: dict[str, set[Value]] = defaultdict(set)
    for architecture in (space.sample(rng) for _ in range(300)):
        seen["stem.patch.size"].add(architecture.choices.get("stem.patch.size", 4))
        for stage in architecture.stages:
            for name, value in stage.picks.items():
                seen[f"{stage.operation}.{name}"].add(value)
    assert {name: seen[name] for name in allowed} == {name: set(values) for name, values in allowed.items()}
    assert seen["local_attention.heads"] == {2, 4}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"operations": ("lstmm",)}, r"^unknown operation 'lstmm': .*did you mean 'lstm'"),
        ({"heads": ()}, r"^heads: found none, expected at least one$"),
        ({"stages": (2, 1)}, r"^stages: found \[2, 1\], expected the fewest and the most"),
        ({"widths": (16, 16)}, r"^widths: found 16, 16, expected each once$"),
        ({"options": {"lstm.size": (1,)}}, r"^options: found 'lstm.size', expected lstm.bidirectional$"),
        ({"options": {"stem.patch.size": (3,)}}, r"^options: stem.patch.size: found \[3\], expected some of 2, 4$"),
        ({"options": {"stem.pach.size": (2,)}}, r"^options: found 'stem.pach.size', expected a sub-choice"),
    ],
    ids=str,
)
def test_a_space_that_cannot_be_is_told(changes: dict, message: str):
    """Wherever it was written, when it is made."""
    with pytest.raises(InvalidInput, match=message):
        replace(SPACE, **changes)


@pytest.mark.parametrize("families", [["convolutional"], ["convolution", "convolutional"]])
def test_an_unknown_family_is_told(families: list[str]):
    """The message names those that exist, whoever asks."""
    expected = rf"^unknown family 'convolutional': expected one of {', '.join(FAMILIES)}$"
    for ask in (SPACE.only, lambda families: SPACE.sample(np.random.default_rng(0), families=families)):
        with pytest.raises(InvalidInput, match=expected):
            ask(families)


def test_no_family_at_all_is_told():
    """A space without operations holds no network."""
    with pytest.raises(InvalidInput, match=r"^no family given: expected some of attention, "):
        SPACE.sample(np.random.default_rng(0), families=[])


def test_a_family_outside_the_space_is_unknown_there():
    """A family is known only where the space has an operation of it."""
    with pytest.raises(InvalidInput, match=r"^unknown family 'wavelet': expected one of attention$"):
        SPACE.only(["attention"]).only(["wavelet"])


def test_what_any_space_samples_lies_in_the_universe():
    """The universe, against which networks written by hand are checked, holds every network of the default space."""
    universe = SearchSpace.universe()
    for seed in range(100):
        architecture = SPACE.sample(np.random.default_rng(seed))
        assert universe.decide(lambda name, choice, a=architecture: choice.check(name, a[name])) == architecture


def test_the_universe_is_made_once_and_anew_for_what_is_registered_since(monkeypatch):
    """To check its thousands of widths takes longer than to read a network; an operation that comes later is in it."""
    before = SearchSpace.universe()
    assert SearchSpace.universe() is before
    monkeypatch.setitem(OPERATIONS._entries, "newcomer", OPERATIONS["identity"])
    assert set(SearchSpace.universe().operations) == {*before.operations, "newcomer"}
