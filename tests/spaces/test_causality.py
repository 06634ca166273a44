"""Next-token prediction: no step of a fitted network sees a later one, whatever is sampled."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from spaces import Architecture, Grid, InvalidInput, SearchSpace, Task, landmark, natural_landmarks
from spaces.causality import CAUSAL, causal_names, causal_picks, check_causal, is_causal
from spaces.connections import CONNECTIONS
from spaces.contract import architecture_with
from spaces.gates import GATES
from spaces.masks import mask_of
from spaces.network import Network
from spaces.normalizations import NORMALIZATIONS
from spaces.operations import OPERATIONS, Operation
from spaces.positions import POSITIONS
from spaces.shapes import Kind
from spaces.stems import STEMS
from tests.contracts.cases import registered

EVERYTHING = SearchSpace.named("everything")
VOCABULARY, STEPS = 7, 6


def task_of(steps: int) -> Task:
    return Task(Grid((steps,), 1), VOCABULARY, vocabulary=VOCABULARY, kind=Kind.NEXT_TOKEN)


TASK = task_of(STEPS)
SPACE = replace(EVERYTHING, widths=(5, 8), stages=(1, 3)).fitted(TASK)


def sampled(draws: int, task: Task = TASK) -> Iterator[Architecture]:
    """Architectures of all families in turn, the hybrids between."""
    rng = np.random.default_rng(0)
    families = [None, *([family] for family in SPACE.families)]
    space = replace(SPACE, task=task)
    for draw in range(draws):
        yield space.sample(rng, families[draw % len(families)])


def built(architecture: Architecture, task: Task = TASK) -> Network:
    """The network in evaluation and float64, with biases and scales off the values where they would hide."""
    network = architecture.build(task).double().eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return network


def tokens_of(steps: int = STEPS, rows: int = 3) -> Tensor:
    return torch.randint(VOCABULARY, (rows, steps))


def assert_nothing_is_seen_ahead(network: nn.Module, tokens: Tensor) -> None:
    """Other tokens from a place on change outputs from there on, and none before."""
    before = network(tokens)
    for place in range(tokens.shape[1]):
        changed = tokens.clone()
        changed[:, place:] = (changed[:, place:] + 1) % VOCABULARY
        after = network(changed)
        torch.testing.assert_close(after[:, :place], before[:, :place], rtol=0, atol=1e-12)
        assert (after[:, place:] != before[:, place:]).any()


def test_sampled_networks_see_nothing_ahead():
    """Of whatever family; the scores are finite, one for every token at every step."""
    for architecture in sampled(120):
        network, tokens = built(architecture), tokens_of()
        scores = network(tokens)
        assert scores.shape == (3, STEPS, VOCABULARY)
        assert scores.isfinite().all()
        assert_nothing_is_seen_ahead(network, tokens)


def test_every_part_that_is_left_is_sampled():
    """All causal operations, and all names of the slots where nothing looks ahead, stood in the networks above."""
    drawn = list(sampled(120))
    assert {stage.operation for a in drawn for stage in a.stages} == set(causal_names("operation"))
    for slot, registry in {"normalization": NORMALIZATIONS, "position": POSITIONS, "connection": CONNECTIONS}.items():
        assert {a[slot] for a in drawn} == set(registry)


def test_where_a_row_ends_changes_nothing_before():
    """Padding has no effect, whatever it holds, nor has how much of it there is."""
    lengths = torch.tensor([1, 4, STEPS])
    held = mask_of(lengths, STEPS)
    for architecture in sampled(60):
        network, tokens = built(architecture), tokens_of()
        whole, padded = network(tokens), network(tokens, lengths)
        torch.testing.assert_close(padded[held], whole[held])
        assert torch.equal(network(tokens.masked_fill(~held, -1), lengths), padded)


def test_a_single_step_has_a_successor_too():
    """Networks on sequences of one token give scores and gradients that are finite."""
    for architecture in sampled(40, task_of(1)):
        network = architecture.build(task_of(1))
        scores = network(tokens_of(1))
        assert scores.shape == (3, 1, VOCABULARY)
        scores.square().sum().backward()
        assert scores.isfinite().all()
        assert all(parameter.grad.isfinite().all() for parameter in network.parameters())


@pytest.mark.parametrize("name", natural_landmarks(TASK))
def test_natural_landmarks_see_nothing_ahead(name: str):
    """As sampled networks do."""
    assert_nothing_is_seen_ahead(built(landmark(name, TASK)), tokens_of())


def leaks(network: nn.Module) -> bool:
    try:
        assert_nothing_is_seen_ahead(network, tokens_of())
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize("name", [name for name in OPERATIONS if OPERATIONS[name].is_causal_with != {}])
def test_an_operation_that_is_not_causal_looks_ahead(monkeypatch: pytest.MonkeyPatch, name: str):
    """Each one left out is rightly so, and so are the sub-choices of the others: the check above finds them."""
    monkeypatch.setattr("spaces.network.check_causal", lambda architecture: None)
    picks = {pick: choice.sample(np.random.default_rng(0)) for pick, choice in OPERATIONS[name].choices.items()}
    picks |= {pick: not value for pick, value in (OPERATIONS[name].is_causal_with or {}).items()}
    architecture = architecture_with(name, picks, 8, stem="embedding", connection="residual")
    assert leaks(built(architecture))


@pytest.mark.parametrize(
    ("slot", "name"),
    [(slot, name) for slot, registry in {"gate": GATES, "stem": STEMS}.items() for name in registry],
)
def test_gates_and_stems_say_whether_they_look_ahead(monkeypatch: pytest.MonkeyPatch, slot: str, name: str):
    """In a network without any other part that does; stems that lose steps are told apart as well."""
    monkeypatch.setattr("spaces.network.check_causal", lambda architecture: None)
    of_stem = {"stem.patch.size": 2, "stem.convolutional.kernel_size": 3, "stem.convolutional.stride": 1}
    differences = {"stem": "embedding", **of_stem, slot: name, "connection": "residual"}
    network = built(architecture_with("lstm", {"bidirectional": False}, 8, **differences))
    keeps_steps = network(tokens_of()).shape == (3, STEPS, VOCABULARY)
    assert (keeps_steps and not leaks(network)) == CAUSAL[slot](name)


def test_an_operation_that_only_claims_to_be_causal_is_found():
    """The check of whole networks can fail: one that hands on the next step passes the declaration alone."""

    class Successor(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.roll(-1, 1)

    class LooksAhead(Operation):
        """Says that it does not."""

        family = "homemade"
        ranks = (1,)
        is_causal_with = {}

        def build(self, grid, picks):
            return Successor()

    with registered(looks_ahead=LooksAhead):
        assert leaks(built(architecture_with("looks_ahead", {}, 8, stem="embedding")))
    assert not leaks(built(architecture_with("lstm", {"bidirectional": False}, 8, stem="embedding")))


def test_a_space_keeps_the_families_that_can():
    """Those whose weights need all positions at once, and those that read vectors, are left out."""
    assert SPACE.families == ("attention", "control", "convolution", "recurrence")
    assert set(EVERYTHING.operations) - set(SPACE.operations) == {
        "average_pooling",
        "dense",
        "token_mixing",
        "wavelet_network",
        "wavelet_pyramid",
    }
    assert (SPACE.stems, SPACE.gates) == (("embedding",), ("none",))


def test_nothing_useless_is_searched():
    """Neither a head, a gate, down-sampling, nor what makes an operation causal is a question."""
    asked = {name for architecture in sampled(30) for name in SPACE.open_choices(architecture)}
    fixed = {name for operation in SPACE.operations for name in causal_picks(operation)}
    assert "position" in asked
    assert not asked & {"head", "gate", "downsampling", "stem"}
    assert not {name for name in asked if name.partition(".")[2] in fixed}


def test_mutants_and_children_are_causal():
    """The space is closed under variation."""
    rng = np.random.default_rng(0)
    parents = list(sampled(20))
    for parent, other in itertools.pairwise(parents):
        check_causal(SPACE.mutate(parent, rng))
        check_causal(SPACE.cross(parent, other, rng))


def test_fitting_twice_changes_nothing():
    """A fitted space is one of causal networks already."""
    assert SPACE.fitted(TASK) == SPACE


@pytest.mark.parametrize(
    ("differences", "line"),
    [
        (
            {"operations": ("dense", "token_mixing")},
            r"^operations: found dense, token_mixing, expected .*gru",
        ),
        ({"gates": ("cbam",)}, r"^gates: found cbam, expected one of none for next-token prediction$"),
        ({"stems": ("patch",)}, r"^stems: found patch, expected some of embedding for next-token prediction$"),
        (
            {"options": {"lstm.bidirectional": (True,)}},
            r"^options: lstm\.bidirectional: found \[True\], expected False for next-token prediction$",
        ),
    ],
)
def test_a_space_without_causal_networks_is_refused(differences: dict, line: str):
    """The line names what was found and what would do."""
    with pytest.raises(InvalidInput, match=line):
        replace(EVERYTHING, **differences).fitted(TASK)


def test_options_of_operations_that_are_left_out_go_with_them():
    """What is said of the others stands."""
    options = {"token_mixing.hidden": (32,), "lstm.bidirectional": (False, True), "convolution.kernel_size": (5,)}
    space = replace(EVERYTHING, options=options).fitted(TASK)
    assert "token_mixing.hidden" not in space.options
    assert space.options["lstm.bidirectional"] == (False,)
    assert space.options["convolution.kernel_size"] == (5,)


@pytest.mark.parametrize(
    ("choices", "line"),
    [
        (
            {"stage1.operation": "token_mixing", "stage1.token_mixing.hidden": 32},
            "stage1.operation: found token_mixing",
        ),
        ({"stage1.lstm.bidirectional": True}, "stage1.lstm.bidirectional: found True, expected False"),
        ({"stem": "flatten"}, "stem: found flatten, expected one of embedding, linear"),
        ({"gate": "cbam"}, "gate: found cbam, expected one of none"),
        (
            {"stages": 2, "stage2.operation": "identity", "stage2.blocks": 1, "downsampling": True},
            "downsampling: found True, expected False",
        ),
    ],
)
def test_an_architecture_that_looks_ahead_is_not_built(choices: dict, line: str):
    """The line names the choice; for other tasks the same architecture is built."""
    causal = architecture_with("lstm", {"bidirectional": False}, 4, stem="embedding")
    other = Architecture.from_json({**causal.choices, **choices})
    assert is_causal(causal)
    assert not is_causal(other)
    with pytest.raises(InvalidInput, match=f"^architecture: {line}.* for next-token prediction$"):
        other.build(TASK)
    assert other.build(Task(TASK.grid, 2, vocabulary=VOCABULARY))(tokens_of()).shape == (3, 2)


def test_in_training_only_batch_statistics_know_what_comes():
    """Without dropout and batch normalization a network in training sees no more than in evaluation."""
    rng = np.random.default_rng(0)
    space = replace(SPACE, normalizations=("layer", "none", "rms"), dropouts=(0.0,))
    for _ in range(20):
        assert_nothing_is_seen_ahead(built(space.sample(rng)).train(), tokens_of())
