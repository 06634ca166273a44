"""What every stem, position code, head, connection, gate, normalization and initialization owes the builder."""

import pytest
import torch
from torch import Tensor, nn

from spaces import Grid
from spaces.connections import CONNECTIONS
from spaces.contract import LENGTHS
from spaces.gates import GATES
from spaces.heads import HEADS
from spaces.initializations import INITIALIZATIONS
from spaces.masks import mask_of, zeroed
from spaces.network import parameter_count
from spaces.normalizations import NORMALIZATIONS
from spaces.positions import POSITIONS
from spaces.registry import Registry
from spaces.stems import STEMS
from spaces.stems.patch import FeatureTokens
from tests.contracts.cases import (
    batch_on,
    every_entry,
    every_entry_and_pick,
    is_documented,
    on_every_grid,
    on_grids_with_positions,
)

pytestmark = pytest.mark.usefixtures("seeded")
SLOTS = [STEMS, POSITIONS, HEADS, CONNECTIONS, GATES, NORMALIZATIONS, INITIALIZATIONS]
PADDED = Grid((7,), 4)
"""The grid of a batch whose rows have data at `LENGTHS` of the positions."""


def check_learning(module: nn.Module, result: Tensor, *inputs: Tensor) -> None:
    """The result and all gradients are finite, and gradients reach the inputs and every parameter."""
    assert result.isfinite().all()
    (result * torch.randn_like(result)).sum().backward()
    for tensor in (*inputs, *module.parameters()):
        assert tensor.grad is not None
        assert tensor.grad.isfinite().all()


def with_normal_parameters(module: nn.Module) -> nn.Module:
    """The module in float64 with standard normal parameters, so that none hides at its starting point."""
    module.double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_()
    return module


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


@every_entry_and_pick(STEMS)
def test_a_stem_reads_padded_rows_as_they_are(name: str, picks: dict):
    """Padding with zeros leaves the positions of data what they are; one that starts with data is among them."""
    if not STEMS[name].keeps_positions:
        return
    stem, _ = STEMS[name]().build(PADDED, 5, picks)
    x = zeroed(batch_on(PADDED), mask_of(torch.tensor(LENGTHS), 7))
    for row, length in enumerate(LENGTHS):
        cut, grid = STEMS[name]().build(Grid((length,), PADDED.channels), 5, picks)
        cut.load_state_dict(stem.state_dict())
        assert grid.length == -(-length // STEMS[name]().stride(picks))
        torch.testing.assert_close(stem(x)[row, : grid.length], cut(x[row : row + 1, :length])[0])


@on_grids_with_positions
@every_entry(HEADS)
def test_a_head_gives_the_features_it_promises(name: str, grid: Grid):
    """All positions become one vector of the promised length."""
    head, features = HEADS[name]().build(grid)
    x = batch_on(grid).requires_grad_()
    y = head(x, None)
    assert y.shape == (3, features)
    check_learning(head, y, x)


@on_every_grid
@every_entry(CONNECTIONS)
def test_a_connection_carries_a_stream(name: str, grid: Grid):
    """What sub-layers read, and what leaves the stage, has the grid's shape; the last result always counts."""
    connection = CONNECTIONS[name]()
    reads = nn.ModuleList(connection.build_read(grid, joined) for joined in range(4))
    joins = nn.ModuleList(connection.build_join(grid) for _ in range(3))
    modules = with_normal_parameters(nn.ModuleList([reads, joins]))  # a connection may open from nothing as it learns
    stream, left = batch_on(grid).double(), batch_on(grid).double().requires_grad_()
    for read, join in zip(reads, joins, strict=False):
        read_from_stream = read(stream)
        assert read_from_stream.shape == left.shape
        stream = join(stream, left + read_from_stream)
    y = reads[3](stream)
    assert y.shape == left.shape
    check_learning(modules, y, left)
    assert left.grad.abs().max() > 0


@on_every_grid
@every_entry(GATES)
def test_a_gate_keeps_the_shape_and_rows_apart(name: str, grid: Grid):
    """On vectors as on positions; a row is weighted by what it holds itself."""
    gate, x = GATES[name]().build(grid), batch_on(grid).requires_grad_()
    y = gate(x, None)
    assert y.shape == x.shape
    check_learning(gate, y, x)
    torch.testing.assert_close(gate(x[1:2], None), y[1:2])


@on_every_grid
@every_entry(NORMALIZATIONS)
def test_a_normalization_keeps_the_shape(name: str, grid: Grid):
    """On vectors as on positions, for inputs of any size, for those that do not vary at all, and for a single row."""
    normalization = NORMALIZATIONS[name]().build(grid)
    for x in (batch_on(grid), 1e3 * batch_on(grid), torch.zeros_like(batch_on(grid)), batch_on(grid, rows=1)):
        normalization.zero_grad()
        x.requires_grad_()
        y = normalization(x, None)
        assert y.shape == x.shape
        check_learning(normalization, y, x)


@pytest.mark.parametrize(
    ("registry", "name"),
    [
        pytest.param(slot, name, id=f"{slot.kind}-{name}")
        for slot in (GATES, NORMALIZATIONS, HEADS)
        for name in slot
        if name not in ("dense", "flatten")  # read the padding as zeros, with weights of its positions
    ],
)
def test_a_padded_row_is_treated_as_it_would_be_alone(registry: Registry, name: str):
    """In evaluation the positions with data come out as those of the same row without its padding."""
    built = registry[name]().build(PADDED)
    module = with_normal_parameters(built[0] if registry is HEADS else built).eval()
    mask = mask_of(torch.tensor(LENGTHS), 7)
    x = zeroed(batch_on(PADDED).double(), mask)
    y = module(x, mask)
    for row, length in enumerate(LENGTHS):
        alone = module(x[row : row + 1, :length], None)[0]
        torch.testing.assert_close(y[row] if registry is HEADS else y[row, :length], alone)


@every_entry(NORMALIZATIONS)
def test_a_normalization_sees_no_padding(name: str):
    """In training neither its result at the data, nor its gradients, nor what it remembers depend on the padding."""
    mask, x, weighting = mask_of(torch.tensor(LENGTHS), 7), batch_on(PADDED), batch_on(PADDED)
    found = []
    for garbage in (0.0, 1e6, torch.nan):
        normalization = NORMALIZATIONS[name]().build(PADDED)
        padded = x.masked_fill(~mask[..., None], garbage).requires_grad_()
        y = zeroed(normalization(padded, mask), mask)
        (y * weighting).sum().backward()
        found.append([y.detach(), padded.grad[mask], *normalization.state_dict().values()])
    assert all(tensor.isfinite().all() for tensor in found[0])
    for others in found[1:]:
        torch.testing.assert_close(others, found[0], rtol=0, atol=0)


@pytest.mark.parametrize(
    ("registry", "name"),
    [pytest.param(slot, name, id=f"{slot.kind}-{name}") for slot in (CONNECTIONS, GATES, HEADS) for name in slot],
)
def test_a_wider_one_has_no_fewer_parameters(registry: Registry, name: str):
    """A band of parameters finds the width that fits by bisection; built where nothing is computed."""
    counts = []
    for channels in range(1, 10):
        with torch.device("meta"):
            grid, entry = Grid((5,), channels), registry[name]()
            if registry is CONNECTIONS:
                parts = [entry.build_read(grid, 2), entry.build_join(grid)]
            else:
                parts = [entry.build(grid)[0] if registry is HEADS else entry.build(grid)]
        counts.append(sum(map(parameter_count, parts)))
    assert counts == sorted(counts)


def layers() -> nn.ModuleList:
    """One of each kind of layer that is drawn, down to a single channel."""
    return nn.ModuleList(
        [
            nn.Linear(1, 1),
            nn.Linear(5, 3),
            nn.Conv1d(2, 3, 5),
            nn.Conv2d(3, 2, 3, bias=False),
            nn.LSTM(3, 4),
            FeatureTokens(5, 2, 3),
        ]
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
