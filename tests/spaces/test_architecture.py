import json
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spaces import Architecture, Grid, InvalidInput, SearchSpace, Task, landmark
from spaces.contract import architecture_with
from spaces.operations import OPERATIONS

SPACE = SearchSpace.named("everything")
FNN = {
    "stages": 1,
    "stage1.operation": "dense",
    "stage1.blocks": 2,
    "stem": "flatten",
    "connection": "plain",
    "normalization": "none",
    "initialization": "he",
    "width": 64,
    "expansion": 0,
    "activation": "relu",
    "dropout": 0.1,
}
HYBRID = {
    "stages": 2,
    "stage1.operation": "convolution",
    "stage1.convolution.kernel_size": 3,
    "stage1.blocks": 1,
    "stage2.operation": "lstm",
    "stage2.lstm.bidirectional": True,
    "stage2.blocks": 2,
    "stem": "patch",
    "stem.patch.size": 2,
    "position": "learned",
    "head": "mean",
    "downsampling": True,
    "connection": "residual",
    "normalization": "layer",
    "normalization_placement": "before",
    "initialization": "glorot",
    "width": 32,
    "expansion": 2,
    "activation": "gelu",
    "dropout": 0.0,
}


def sampled(seed: int) -> Architecture:
    return SPACE.sample(np.random.default_rng(seed))


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_it_survives_json(seed: int):
    """Written as text and read back it is equal, has the same fingerprint and names its choices in the same order."""
    architecture = sampled(seed)
    back = Architecture.from_json(json.loads(json.dumps(architecture.to_json())))
    assert back == architecture
    assert back.fingerprint == architecture.fingerprint
    assert list(back.choices) == list(architecture.choices)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_it_survives_pickling(seed: int):
    """A process border changes nothing, also after the fingerprint and the stages were computed."""
    architecture = sampled(seed)
    for _ in range(2):
        back = pickle.loads(pickle.dumps(architecture))
        assert back == architecture
        assert hash(back) == hash(architecture)
        assert back.stages == architecture.stages


@given(seed=st.integers(0, 2**32 - 1), order=st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_order_of_keys_does_not_matter(seed: int, order):
    """A mapping with its keys shuffled is the same architecture, read through `from_json` or not."""
    architecture = sampled(seed)
    items = list(architecture.to_json().items())
    order.shuffle(items)
    for shuffled in (Architecture(dict(items)), Architecture.from_json(dict(items))):
        assert shuffled == architecture
        assert shuffled.fingerprint == architecture.fingerprint


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_choices_not_in_use_drop_out(seed: int):
    """What is given by hand and not in use leaves neither the mapping nor the fingerprint changed."""
    architecture = sampled(seed)
    unused = {**HYBRID, "stage1.multi_head_attention.heads": 3, "stage9.operation": "lstm", "stem.size": 8, "note": "!"}
    back = Architecture.from_json({**unused, **architecture.to_json()})
    assert back == architecture
    assert back.fingerprint == architecture.fingerprint


@pytest.mark.parametrize(
    ("changed", "dropped"),
    [
        ({"stages": 1}, {"stage2.operation", "stage2.lstm.bidirectional", "stage2.blocks", "downsampling"}),
        ({"stem": "linear"}, {"stem.patch.size"}),
        ({"stem": "flatten"}, {"stem.patch.size", "position", "head", "downsampling"}),
        ({"normalization": "none"}, {"normalization_placement"}),
        ({"expansion": 0}, set()),  # the convolution needs the activation
        ({"expansion": 0, "stage1.operation": "context_attention"}, {"stage1.convolution.kernel_size", "activation"}),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "dropped",
)
def test_one_choice_puts_others_out_of_use(changed: dict, dropped: set[str]):
    """A choice is in use only where something is built from it."""
    assert HYBRID.keys() - Architecture.from_json({**HYBRID, **changed}).choices.keys() == dropped


def test_distinct_architectures_have_distinct_fingerprints():
    """Among a thousand samples there are as many fingerprints as mappings, each of sixteen hexadecimal digits."""
    architectures = [sampled(seed) for seed in range(1000)]
    mappings = {json.dumps(architecture.to_json(), sort_keys=True) for architecture in architectures}
    fingerprints = {architecture.fingerprint for architecture in architectures}
    assert len(fingerprints) == len(mappings) > 900
    assert all(len(f) == 16 and int(f, 16) >= 0 for f in fingerprints)


EQUAL_STAGES = {
    **HYBRID,
    "stage1.operation": "lstm",
    "stage1.lstm.bidirectional": True,
    "stage1.blocks": 1,
    "downsampling": False,
}


def test_equal_networks_have_equal_fingerprints():
    """Two stages of the same operation in a row are one longer stage: the same weights, the same scores."""
    two = Architecture.from_json(EQUAL_STAGES)
    one = Architecture.from_json({**EQUAL_STAGES, "stages": 1, "stage1.blocks": 3})
    assert two.fingerprint == one.fingerprint
    task, scores = Task(Grid((5,), 2), 3), []
    for architecture in (two, one):
        torch.manual_seed(0)
        scores.append(architecture.build(task).eval()(torch.ones(1, 5, 2)))
    assert torch.equal(*scores)


@pytest.mark.parametrize(
    "difference",
    [
        {"downsampling": True},
        {"connection": "dense"},
        {"stage1.lstm.bidirectional": False},
        {"stage2.operation": "gru", "stage2.gru.bidirectional": True},
    ],
    ids=str,
)
def test_stages_that_differ_or_are_divided_stay_apart(difference: dict):
    """Positions halved between them, a new dense stream or another sub-choice make it another network."""
    two = Architecture.from_json({**EQUAL_STAGES, **difference})
    one = Architecture.from_json({**EQUAL_STAGES, **difference, "stages": 1, "stage1.blocks": 3})
    assert two.fingerprint != one.fingerprint


def test_a_choice_of_a_later_version_is_absent_where_it_is_neutral():
    """A file written before there were gates and causal filters reads as the network it was."""
    read = Architecture.from_json(HYBRID)
    assert (read["gate"], read["stage1.convolution.causal"]) == ("none", False)
    assert Architecture.from_json({**HYBRID, "gate": "none"}).fingerprint == read.fingerprint
    assert Architecture.from_json({**HYBRID, "gate": "cbam"}).fingerprint != read.fingerprint


def test_every_choice_in_use_counts():
    """Any other value of any choice gives another fingerprint."""
    other = {
        "stage1.convolution.kernel_size": 5,
        "stage1.blocks": 2,
        "stage2.operation": "dense",
        "stage2.lstm.bidirectional": False,
        "stem.patch.size": 4,
        "position": "none",
        "head": "last",
        "downsampling": False,
        "connection": "plain",
        "normalization_placement": "after",
        "initialization": "he",
        "width": 31,
        "expansion": 1,
        "activation": "relu",
        "dropout": 0.01,
    }
    variants = [Architecture.from_json({**HYBRID, name: value}) for name, value in other.items()]
    assert len({Architecture.from_json(HYBRID).fingerprint, *(v.fingerprint for v in variants)}) == len(other) + 1


def test_the_fingerprint_never_changes():
    """Evaluations recorded by earlier versions are found again."""
    assert Architecture.from_json(FNN).fingerprint == "5f18c2e7dfc7627a"
    assert Architecture.from_json(HYBRID).fingerprint == "52b7ce41038d6920"


@pytest.mark.parametrize("name", HYBRID)
def test_a_missing_choice_is_named(name: str):
    """The message says which choice is missing, and what was expected, in one short line."""
    with pytest.raises(InvalidInput, match=rf"^architecture: '{name}' is missing, expected ") as caught:
        Architecture.from_json({key: value for key, value in HYBRID.items() if key != name})
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("value", ["nonsense", None, -1, 5000, 0.005, [1], {}], ids=str)
@pytest.mark.parametrize("name", HYBRID)
def test_an_invalid_value_is_named(name: str, value: object):
    """The message says which choice, what was found and what was expected, in one short line."""
    with pytest.raises(InvalidInput) as caught:
        Architecture.from_json({**HYBRID, name: value})
    message = str(caught.value)
    assert message.startswith(f"architecture: {name}: found {value!r}, expected ")
    assert "\n" not in message
    assert len(message) < 600


def test_a_whole_number_stands_for_a_rate():
    """JSON written elsewhere says 0 for 0.0; it is the same network."""
    back = Architecture.from_json({**HYBRID, "dropout": 0})
    assert back.fingerprint == Architecture.from_json(HYBRID).fingerprint
    assert isinstance(back["dropout"], float)


def test_the_printed_form_is_one_readable_line():
    """Stem, operations with their sub-choices and numbers of blocks, connection and width, in this order."""
    assert str(Architecture.from_json(FNN)) == "flatten → dense ×2 · plain · width 64"
    expected = "patch(2) → convolution(3) ×1 → lstm ×2 · residual · width 32"
    assert str(Architecture.from_json(HYBRID)) == expected
    assert all("\n" not in str(sampled(seed)) and len(str(sampled(seed))) < 150 for seed in range(50))


def test_families_and_stages_are_read_off():
    """Stages come in order with their sub-choices; two families make a hybrid."""
    hybrid = Architecture.from_json(HYBRID)
    assert [(stage.operation, dict(stage.picks), stage.blocks) for stage in hybrid.stages] == [
        ("convolution", {"kernel_size": 3, "causal": False}, 1),
        ("lstm", {"bidirectional": True}, 2),
    ]
    assert hybrid.families == ("convolution", "recurrence")
    assert landmark("transformer").families == ("attention",)


def test_it_cannot_be_changed():
    """Neither the mapping nor the dictionary it was made from is a way in."""
    mine = dict(FNN)
    architecture = Architecture(mine)
    mine["width"] = 1
    assert architecture["width"] == 64
    with pytest.raises(TypeError):
        architecture.choices["width"] = 1
    architecture.to_json()["width"] = 1
    assert architecture["width"] == 64


def test_it_builds_its_network():
    """`build` takes the task alone; weights follow torch's seed."""
    network = Architecture.from_json(HYBRID).build(Task(Grid((8, 8), 1), 10))
    assert network.classify.out_features == 10


IDLE = {
    "stages": 1,
    "stage1.operation": "identity",
    "stage1.blocks": 1,
    "stem": "linear",
    "position": "none",
    "head": "mean",
    "connection": "plain",
    "gate": "none",
    "normalization": "none",
    "initialization": "he",
    "width": 16,
    "expansion": 0,
    "activation": "relu",
    "dropout": 0.0,
}


def same(first: dict, second: dict) -> bool:
    return Architecture.from_json(first).fingerprint == Architecture.from_json(second).fingerprint


def test_blocks_that_only_pass_on_are_not_told_apart():
    """Identity and nothing around it: twice as many blocks are the same network, and beside others it is not there."""
    assert same(IDLE, {**IDLE, "stage1.blocks": 2})
    two = {**IDLE, "stages": 2, "stage2.operation": "identity", "stage2.blocks": 2, "downsampling": False}
    assert same(IDLE, two)
    lstm = {**IDLE, "stage1.operation": "lstm", "stage1.lstm.bidirectional": True}
    assert same(lstm, {**lstm, **two, "stage1.operation": "lstm"})
    assert not same(two, {**two, "downsampling": True})
    for name, value in {"dropout": 0.1, "expansion": 2, "connection": "residual", "gate": "cbam"}.items():
        assert not same({**IDLE, name: value}, {**IDLE, name: value, "stage1.blocks": 2})


def test_only_choices_that_came_later_may_be_absent():
    """A gate and the causality of convolutions and attentions have a neutral value; another operation's do not."""
    late = {**IDLE, "stage1.operation": "convolution", "stage1.convolution.kernel_size": 3}
    assert Architecture.from_json(late)["stage1.convolution.causal"] is False
    for name in (name for name in OPERATIONS if OPERATIONS[name].family == "attention"):
        before = architecture_with(name, {k: c.options[0] for k, c in OPERATIONS[name].choices.items()}, 8)
        assert before[f"stage1.{name}.causal"] is False
        early = {key: value for key, value in before.choices.items() if not key.endswith(".causal")}
        assert Architecture.from_json(early).fingerprint == before.fingerprint
        assert Architecture.from_json({**early, f"stage1.{name}.causal": True}).fingerprint != before.fingerprint
    picks = {"stage1.operation": "depthwise_convolution", "stage1.depthwise_convolution.kernel_size": 3}
    with pytest.raises(InvalidInput, match=r"'stage1\.depthwise_convolution\.causal' is missing"):
        Architecture.from_json({**IDLE, **picks})
