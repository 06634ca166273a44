"""What every stem, position code, head, connection, normalization and initialization owes the builder."""

import pytest
import torch
from torch import Tensor, nn

from spaces import Grid
from spaces.connections import CONNECTIONS
from spaces.heads import HEADS
from spaces.initializations import INITIALIZATIONS
from spaces.normalizations import NORMALIZATIONS
from spaces.positions import POSITIONS
from spaces.registry import Registry
from spaces.stems import STEMS
from tests.contracts.cases import (
    batch_on,
    every_entry,
    every_entry_and_pick,
    is_documented,
    on_every_grid,
    on_grids_with_positions,
)

pytestmark = pytest.mark.usefixtures("seeded")
SLOTS = [STEMS, POSITIONS, HEADS, CONNECTIONS, NORMALIZATIONS, INITIALIZATIONS]


def check_learning(module: nn.Module, result: Tensor, *inputs: Tensor) -> None:
    """The result and all gradients are finite, and gradients reach the inputs and every parameter."""
    assert result.isfinite().all()
    (result * torch.randn_like(result)).sum().backward()
    for tensor in (*inputs, *module.parameters()):
        assert tensor.grad is not None
        assert tensor.grad.isfinite().all()


@pytest.mark.parametrize(
    ("registry", "name"), [pytest.param(slot, name, id=f"{slot.kind}-{name}") for slot in SLOTS for name in slot]
)
def test_it_is_documented(registry: Registry, name: str):
    """A reader learns what an entry does from its class."""
    assert is_documented(registry[name])


@on_every_grid
@pytest.mark.parametrize("width", [1, 6])
@every_entry_and_pick(STEMS)
def test_a_stem_gives_the_grid_it_promises(name: str, picks: dict, width: int, grid: Grid):
    """Any data grid becomes one of `width` channels, with positions as declared."""
    stem, promised = STEMS[name]().build(grid, width, picks)
    x = batch_on(grid).requires_grad_()
    y = stem(x)
    assert y.shape == (3, *promised.positions, promised.channels)
    assert promised.channels == width
    assert (promised.rank > 0) == STEMS[name].keeps_positions
    check_learning(stem, y, x)
    assert x.grad.abs().gt(0).all(), "every number of the input is read"


@on_grids_with_positions
@every_entry(POSITIONS)
def test_a_position_code_keeps_the_shape(name: str, grid: Grid):
    """Positions are marked, not moved or mixed: a change at one of them stays there."""
    code, x = POSITIONS[name]().build(grid), batch_on(grid).requires_grad_()
    y = code(x)
    assert y.shape == x.shape
    check_learning(code, y, x)
    changed = x.detach().clone()
    changed.flatten(1, -2)[:, 0] += 1
    difference = (code(changed) - y).flatten(1, -2)
    assert difference[:, 0].abs().max() > 0
    assert difference[:, 1:].abs().sum() == 0


@on_grids_with_positions
@every_entry(HEADS)
def test_a_head_gives_the_features_it_promises(name: str, grid: Grid):
    """All positions become one vector of the promised length."""
    head, features = HEADS[name]().build(grid)
    x = batch_on(grid).requires_grad_()
    y = head(x)
    assert y.shape == (3, features)
    check_learning(head, y, x)


@on_every_grid
@every_entry(CONNECTIONS)
def test_a_connection_keeps_the_shape(name: str, grid: Grid):
    """What entered and what left a sub-layer join on the same grid, and what left always counts."""
    connection = CONNECTIONS[name]().build(grid)
    entered, left = batch_on(grid), batch_on(grid).requires_grad_()
    y = connection(entered, left)
    assert y.shape == entered.shape
    check_learning(connection, y, left)
    assert left.grad.abs().max() > 0


@on_every_grid
@every_entry(NORMALIZATIONS)
def test_a_normalization_keeps_the_shape(name: str, grid: Grid):
    """On vectors as on positions, for inputs of any size and for those that do not vary at all."""
    normalization = NORMALIZATIONS[name]().build(grid)
    for x in (batch_on(grid), 1e3 * batch_on(grid), torch.zeros_like(batch_on(grid))):
        normalization.zero_grad()
        x.requires_grad_()
        y = normalization(x)
        assert y.shape == x.shape
        check_learning(normalization, y, x)


def layers() -> nn.ModuleList:
    """One of each kind of layer that is drawn, down to a single channel."""
    return nn.ModuleList(
        [nn.Linear(1, 1), nn.Linear(5, 3), nn.Conv1d(2, 3, 5), nn.Conv2d(3, 2, 3, bias=False), nn.LSTM(3, 4)]
    )


@every_entry(INITIALIZATIONS)
def test_an_initialization_draws_every_weight(name: str):
    """All weights are drawn anew, finite and different from each other; biases of linear and convolutional are 0."""
    module = layers()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    INITIALIZATIONS[name]().apply(module)
    for key, value in module.state_dict().items():
        assert value.isfinite().all()
        if "weight" in key:
            assert (value != before[key]).all()
            assert value.unique().numel() == value.numel()
        elif not key.startswith("4."):
            assert (value == 0).all()


@every_entry(INITIALIZATIONS)
def test_an_initialization_follows_the_seed(name: str):
    """The same seed draws the same weights, another seed others."""
    drawn = []
    for seed in (1, 1, 2):
        module = layers()
        torch.manual_seed(seed)
        INITIALIZATIONS[name]().apply(module)
        drawn.append(module[1].weight.detach().clone())
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


@every_entry(INITIALIZATIONS)
def test_weights_stay_trainable(name: str):
    """Drawing leaves no trace in the graph and freezes nothing."""
    module = layers()
    INITIALIZATIONS[name]().apply(module)
    assert all(p.requires_grad and p.grad_fn is None for p in module.parameters())
