"""What every operation owes the builder, the cost model and the person who reads about it."""

import json
import math

import numpy as np
import pytest
import torch
from torch import nn

from spaces import Architecture, Grid, Task
from spaces.choices import Categorical, Choice, Integer, Real
from spaces.cost import flops
from spaces.operations import OPERATIONS
from spaces.stems import STEMS
from tests.contracts.cases import batch_on, every_entry, every_entry_and_pick, is_documented, on_every_grid, values_of

pytestmark = pytest.mark.usefixtures("seeded")
WITHOUT_EFFECT = {
    # a number added to all keys adds the same to all products of a query, and the softmax takes it off again
    "multi_head_attention": {"key.bias"},
}
ROOMY = [Grid((), 4), Grid((7,), 4), Grid((3, 4), 4)]


def architecture_with(name: str, picks: dict, width: int, **differences) -> Architecture:
    """One block with this operation and hardly anything else."""
    document = {
        "stages": 1,
        "stage1.blocks": 1,
        "stem": "linear",
        "position": "none",
        "head": "mean",
        "connection": "plain",
        "gate": "none",
        "normalization": "none",
        "initialization": "glorot",
        "width": width,
        "expansion": 0,
        "activation": "gelu",
        "dropout": 0.0,
        **differences,
    }
    for stage in range(1, document["stages"] + 1):
        document |= {f"stage{stage}.operation": name, f"stage{stage}.blocks": 1}
        document |= {f"stage{stage}.{name}.{pick}": value for pick, value in picks.items()}
    return Architecture.from_json(document)


def site(name: str, picks: dict, grid: Grid) -> nn.Module:
    """The operation as the builder places it on a grid, followed by a smooth activation if it is linear."""
    stem = "linear" if grid.rank else "flatten"
    return architecture_with(name, picks, grid.channels, stem=stem).build(Task(grid, 3)).body


@every_entry(OPERATIONS)
def test_it_is_documented(name: str):
    """A reader learns what an operation does from its class."""
    assert is_documented(OPERATIONS[name])


@every_entry(OPERATIONS)
def test_it_declares_a_family_and_ranks(name: str):
    """The verdict speaks of families, the builder asks for ranks."""
    operation = OPERATIONS[name]
    assert operation.family.isidentifier()
    assert operation.family.islower()
    assert isinstance(operation.ranks, tuple)
    assert operation.ranks
    assert set(operation.ranks) <= {0, 1, 2}


@every_entry(OPERATIONS)
def test_its_choices_can_be_searched_and_stored(name: str):
    """Each sub-choice has a plain name, at least two options, no option twice, and values that survive JSON."""
    for pick, choice in OPERATIONS[name].choices.items():
        assert pick.isidentifier()
        assert isinstance(choice, Choice)
        match choice:
            case Categorical(options):
                assert len(set(options)) == len(options) >= 2
            case Integer(low, high):
                assert low < high
            case Real(low, high, log):
                assert low < high
                assert low > 0 or not log
        for value in (*values_of(choice), choice.sample(np.random.default_rng(0))):
            assert choice.check(pick, json.loads(json.dumps(value))) == value


@on_every_grid
@every_entry_and_pick(OPERATIONS)
def test_it_keeps_the_shape_and_rows_apart(name: str, picks: dict, grid: Grid):
    """On a grid of any rank the shape stays, and a row's result does not depend on its neighbours in the batch."""
    mixer, x = site(name, picks, grid).eval().double(), batch_on(grid).double()
    y = mixer(x)
    assert y.shape == x.shape
    torch.testing.assert_close(mixer(x[1:2]), y[1:2])


@on_every_grid
@every_entry_and_pick(OPERATIONS)
def test_a_network_with_it_gives_finite_scores_and_gradients(name: str, picks: dict, grid: Grid):
    """Forward and backward are finite, and no parameter is left out of the graph."""
    network = architecture_with(name, picks, width=5).build(Task(grid, 3))
    scores = network(batch_on(grid))
    assert scores.shape == (3, 3)
    assert scores.isfinite().all()
    nn.functional.cross_entropy(scores, torch.tensor([0, 1, 2])).backward()
    for parameter in network.parameters():
        assert parameter.grad is not None
        assert parameter.grad.isfinite().all()


@pytest.mark.parametrize("grid", ROOMY, ids=lambda grid: f"rank{grid.rank}")
@every_entry_and_pick(OPERATIONS)
def test_gradients_are_the_slope_of_the_output(name: str, picks: dict, grid: Grid):
    """Along a random direction of the input and of each parameter, the gradient is the central difference.

    In float64, off the weights that initialization sets to zero. A step of 1e-5 leaves an error of about 1e-10.
    """
    mixer, x = site(name, picks, grid).double(), batch_on(grid).double().requires_grad_()
    weighting = torch.randn_like(x)
    with torch.no_grad():
        for parameter in mixer.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    (mixer(x) * weighting).sum().backward()
    for tensor in (x, *mixer.parameters()):
        step = 1e-5 * torch.randn_like(tensor)
        ends = []
        for sign in (1, -1):
            with torch.no_grad():
                tensor += sign * step
                ends.append((mixer(x) * weighting).sum())
                tensor -= sign * step
        difference = (ends[0] - ends[1]) / 2e-5
        torch.testing.assert_close((tensor.grad * step).sum() / 1e-5, difference, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("grid", ROOMY[1:], ids=lambda grid: f"rank{grid.rank}")
@every_entry_and_pick(OPERATIONS)
def test_every_parameter_learns(name: str, picks: dict, grid: Grid):
    """Where there are several positions and channels, each parameter has an effect and hence a gradient."""
    mixer = site(name, picks, grid).double()
    x = batch_on(grid).double().requires_grad_()
    (mixer(x) * torch.randn_like(x)).sum().backward()
    assert x.grad.abs().max() > 1e-9
    still = {full for full, parameter in mixer.named_parameters() if parameter.grad.abs().max() < 1e-9}
    expected = WITHOUT_EFFECT.get(name, set())
    assert {".".join(full.split(".")[-2:]) for full in still} == expected


@on_every_grid
@every_entry_and_pick(OPERATIONS)
def test_it_can_sit_behind_any_stem_and_down_sampling(name: str, picks: dict, grid: Grid):
    """No candidate is invalid: every stem, then down-sampling, then the operation again, builds and runs."""
    for stem in STEMS:
        stem_picks = {f"stem.{stem}.{pick}": values_of(choice)[-1] for pick, choice in STEMS[stem].choices.items()}
        architecture = architecture_with(name, picks, 3, stem=stem, stages=2, downsampling=True, **stem_picks)
        assert architecture.build(Task(grid, 2))(batch_on(grid)).isfinite().all()


@pytest.mark.parametrize("name", [name for name in OPERATIONS if OPERATIONS[name].is_linear])
def test_one_declared_linear_is(name: str):
    """`f(x + y) + f(0) = f(x) + f(y)`: only then is the activation that follows needed."""
    for rank in OPERATIONS[name].ranks:
        grid = ROOMY[rank]
        picks = {pick: values_of(choice)[0] for pick, choice in OPERATIONS[name].choices.items()}
        mixer = OPERATIONS[name]().build(grid, picks).double()
        x, y = batch_on(grid).double(), batch_on(grid).double()
        torch.testing.assert_close(mixer(x + y) + mixer(torch.zeros_like(x)), mixer(x) + mixer(y))


@on_every_grid
@every_entry_and_pick(OPERATIONS)
def test_its_cost_is_known_without_running_it(name: str, picks: dict, grid: Grid):
    """On the meta device every weight of a layer counts as one multiplication and one addition, at least."""
    architecture, task = architecture_with(name, picks, width=5), Task(grid, 3)
    weights = sum(
        parameter.numel()
        for layer in architecture.build(task).modules()
        if isinstance(layer, nn.Linear | nn.Conv1d | nn.Conv2d | nn.RNNBase)
        for own, parameter in layer.named_parameters(recurse=False)
        if own.startswith("weight")
    )
    assert math.isfinite(flops(architecture, task))
    assert flops(architecture, task) >= 2 * weights > 0


@every_entry_and_pick(OPERATIONS)
def test_a_checkpoint_holds_all_of_it(name: str, picks: dict):
    """A freshly built network with the weights of another gives its scores."""
    architecture, task = architecture_with(name, picks, width=5), Task(Grid((3, 4), 2), 3)
    trained, fresh = architecture.build(task), architecture.build(task)
    x = batch_on(task.grid)
    assert not torch.equal(fresh(x), trained(x))
    fresh.load_state_dict(trained.state_dict())
    torch.testing.assert_close(fresh(x), trained(x), rtol=0, atol=0)
