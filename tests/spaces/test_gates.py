import itertools
import math

import pytest
import torch
from torch import Tensor, nn

from spaces import Grid
from spaces.gates import GATES
from spaces.masks import mask_of
from tests.spaces.operations.references import assert_agree, random_weights

GRIDS = [Grid((), 9), Grid((6,), 8), Grid((3, 4), 9), Grid((1,), 1)]
on_grids = pytest.mark.parametrize("grid", GRIDS, ids=str)


def gate_on(name: str, grid: Grid) -> nn.Module:
    return random_weights(GATES[name]().build(grid))


def batch_on(grid: Grid) -> Tensor:
    return torch.randn(2, *grid.positions, grid.channels).double()


def sigmoid(z: Tensor) -> Tensor:
    return 1 / (1 + (-z).exp())


def vectors_of(row: Tensor) -> list[Tensor]:
    """The vectors of one row `(*positions, channels)`, in row-major order."""
    return list(row.reshape(-1, row.shape[-1]))


def perceptron(first: nn.Linear, second: nn.Linear, z: Tensor) -> Tensor:
    hidden = [(w @ z + b).clamp(min=0) for w, b in zip(first.weight, first.bias, strict=True)]
    return torch.stack([w @ torch.stack(hidden) + b for w, b in zip(second.weight, second.bias, strict=True)])


def by_rows(x: Tensor, weights: list[list[Tensor]]) -> Tensor:
    """Every vector of every row times its weight."""
    rows = []
    for row, row_weights in zip(x, weights, strict=True):
        weighted = [weight * vector for vector, weight in zip(vectors_of(row), row_weights, strict=True)]
        rows.append(torch.stack(weighted).view_as(row))
    return torch.stack(rows)


def test_no_gate_lets_everything_through():
    """What the operation found goes on."""
    x = torch.randn(2, 3, 4)
    assert GATES["none"]().build(Grid((3,), 4))(x, None) is x


@on_grids
def test_squeeze_and_excitation_is_the_formula(grid: Grid):
    """`x sigmoid(W2 relu(W1 mean(x)))` with a quarter of the channels between, rounded up."""
    gate = gate_on("squeeze_excitation", grid)
    assert gate.squeeze.out_features == math.ceil(grid.channels / 4)

    def literal(x):
        weights = []
        for row in x:
            vectors = vectors_of(row)
            excited = sigmoid(perceptron(gate.squeeze, gate.excite, sum(vectors) / len(vectors)))
            weights.append([excited] * len(vectors))
        return by_rows(x, weights)

    assert_agree(lambda x: gate(x, None), literal, batch_on(grid), list(gate.parameters()))


@on_grids
def test_the_context_gate_is_the_formula(grid: Grid):
    """`2 sigmoid(x_i . (W c + b) / sqrt(channels)) x_i` with `c` the mean of all vectors, position by position."""
    gate = gate_on("context_gate", grid)

    def literal(x):
        weights = []
        for row in x:
            vectors = vectors_of(row)
            context = gate.context.weight @ (sum(vectors) / len(vectors)) + gate.context.bias
            products = [sum(vector[c] * context[c] for c in range(grid.channels)) for vector in vectors]
            weights.append([2 * sigmoid(product / math.sqrt(grid.channels)) for product in products])
        return by_rows(x, weights)

    assert_agree(lambda x: gate(x, None), literal, batch_on(grid), list(gate.parameters()))


def test_a_context_that_says_nothing_changes_nothing():
    """With no weights the gate is the identity: the scale of activations is kept, however deep the network."""
    gate, x = GATES["context_gate"]().build(Grid((3,), 4)), torch.randn(2, 3, 4)
    nn.init.zeros_(gate.context.weight)
    nn.init.zeros_(gate.context.bias)
    assert torch.equal(gate(x, None), x)


def test_the_context_gate_tells_the_sign_of_an_inner_product():
    """Of two halves of a vector, a map of one to the other: a number beside them grows just where it is positive.

    No layer that only adds can do so, since `a . b` changes its sign with `a`.
    """
    halves = 16
    gate = GATES["context_gate"]().build(Grid((), 2 * halves + 1)).double()
    with torch.no_grad():
        gate.context.bias.zero_()
        gate.context.weight.zero_()
        gate.context.weight[halves : 2 * halves, :halves] = torch.eye(halves)
    a, b = torch.randn(2, 200, halves).double()
    one = gate(torch.cat([a, b, torch.ones(200, 1)], dim=-1), None)[:, -1]
    assert torch.equal(one > 1, (a * b).sum(-1) > 0)


def positions_weighted(gate: nn.Module, row: Tensor) -> Tensor:
    """The second step of CBAM on a row `(*positions, channels)`: a filter over means and maxima of the channels."""
    filter, extents = gate.positions.filter, row.shape[:-1]
    weighted = torch.zeros_like(row)
    for place in itertools.product(*map(range, extents)):
        score = filter.bias[0]
        for step in itertools.product(range(7), repeat=len(extents)):
            source = tuple(p + s - 3 for p, s in zip(place, step, strict=True))
            if all(0 <= s < extent for s, extent in zip(source, extents, strict=True)):
                mean, largest = sum(row[source]) / len(row[source]), row[source].max()
                score = score + filter.weight[(0, 0, *step)] * mean + filter.weight[(0, 1, *step)] * largest
        weighted[place] = sigmoid(score) * row[place]
    return weighted


@on_grids
def test_cbam_is_the_formula(grid: Grid):
    """`x sigmoid(f(mean) + f(max))` by channels, then by positions; a vector has the channels alone."""
    gate = gate_on("cbam", grid)
    channels = gate.channels if grid.rank else gate
    assert channels.narrow.out_features == math.ceil(grid.channels / 4)

    def literal(x):
        rows = []
        for row in x:
            vectors = vectors_of(row)
            largest = torch.stack([max(vector[c] for vector in vectors) for c in range(grid.channels)])
            found = [perceptron(channels.narrow, channels.widen, z) for z in (sum(vectors) / len(vectors), largest)]
            weighted = row * sigmoid(found[0] + found[1])
            rows.append(positions_weighted(gate, weighted) if grid.rank else weighted)
        return torch.stack(rows)

    assert_agree(lambda x: gate(x, None), literal, batch_on(grid), list(gate.parameters()))


@pytest.mark.parametrize("name", ["context_gate", "squeeze_excitation", "cbam"])
def test_the_length_of_the_padding_does_not_count(name: str):
    """Means and maxima are of the positions with data: all of them negative, so that a zero among them would show."""
    gate = gate_on(name, Grid((5,), 16))
    x = -torch.rand(1, 3, 16).double() - 1
    padded = torch.cat([x, torch.zeros(1, 2, 16)], dim=1)
    torch.testing.assert_close(gate(padded, mask_of(torch.tensor([3]), 5))[:, :3], gate(x, None))
    assert (gate(padded, None)[:, :3] - gate(x, None)).abs().max() > 1e-3
