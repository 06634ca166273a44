import pytest
import torch

from spaces import Grid
from spaces.heads import HEADS
from spaces.masks import mask_of
from tests.spaces.operations.references import assert_agree, random_weights

SEQUENCE = torch.arange(12.0).reshape(1, 4, 3)  # position p holds 3p, 3p + 1, 3p + 2


@pytest.mark.parametrize("positions", [(4,), (2, 2)], ids=str)
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean", [4.5, 5.5, 6.5]),
        ("max", [9.0, 10.0, 11.0]),
        ("last", [9.0, 10.0, 11.0]),
        ("flatten", list(range(12))),
    ],
)
def test_a_head_gathers_positions_row_by_row(name: str, expected: list[float], positions: tuple[int, ...]):
    """The mean of all, the last of all, or all side by side, on an image as on its row-major scan."""
    head, features = HEADS[name]().build(Grid(positions, 3))
    assert features == len(expected)
    assert head(SEQUENCE.reshape(1, *positions, 3), None).tolist() == [expected]


def test_the_maximum_is_taken_channel_by_channel():
    """The largest of each channel, wherever it is, and only that one has a gradient."""
    x = torch.tensor([[[1.0, 5.0], [3.0, -2.0], [2.0, 4.0]]], requires_grad=True)
    y = HEADS["max"]().build(Grid((3,), 2))[0](x, None)
    assert y.tolist() == [[3.0, 5.0]]
    y.sum().backward()
    assert x.grad.tolist() == [[[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("mean", [-2.5, -3.5]), ("max", [-1.0, -2.0]), ("last", [-4.0, -5.0])],
)
def test_the_padding_is_left_out(name: str, expected: list[float]):
    """Of a row with two of four positions, all negative, no zero of the padding comes in."""
    x = torch.tensor([[[-1.0, -2.0], [-4.0, -5.0], [0.0, 0.0], [0.0, 0.0]]])
    head, _ = HEADS[name]().build(Grid((4,), 2))
    assert head(x, mask_of(torch.tensor([2]), 4)).tolist() == [expected]


@pytest.mark.parametrize("positions", [(4,), (2, 2)], ids=str)
def test_dense_is_the_formula(positions: tuple[int, ...]):
    """`relu(sum_p W_p h_p + b)`: each position has weights of its own, and the width stays."""
    head, features = HEADS["dense"]().build(Grid(positions, 3))
    assert features == 3
    random_weights(head)
    weights, bias = head.hidden.weight.reshape(3, 4, 3), head.hidden.bias

    def literal(x):
        rows = x.reshape(2, 4, 3)
        return torch.stack([(sum(weights[:, p] @ row[p] for p in range(4)) + bias).clamp(min=0) for row in rows])

    x = torch.randn(2, *positions, 3).double()
    assert_agree(lambda x: head(x, None), literal, x, list(head.parameters()))


@pytest.mark.parametrize("positions", [(5,), (2, 3), (1,)], ids=str)
@pytest.mark.parametrize("channels", [1, 4])
def test_attention_is_the_formula(positions: tuple[int, ...], channels: int):
    """`sum_i softmax_i(v . tanh(W h_i + b)) h_i`, position by position."""
    head = random_weights(HEADS["attention"]().build(Grid(positions, channels))[0])
    hidden, v = head.hidden, head.score.weight[0]

    def literal(x):
        pooled = []
        for row in x.reshape(2, -1, channels):
            exponentials = [(v @ torch.tanh(hidden.weight @ h + hidden.bias)).exp() for h in row]
            total = sum(exponentials)
            pooled.append(sum(e / total * h for e, h in zip(exponentials, row, strict=True)))
        return torch.stack(pooled)

    x = torch.randn(2, *positions, channels).double()
    assert_agree(lambda x: head(x, None), literal, x, list(head.parameters()))


def test_attention_leaves_the_padding_out():
    """The weights of the positions with data add up to one: of equal vectors the head gives just that."""
    head = random_weights(HEADS["attention"]().build(Grid((4,), 3))[0])
    vector = torch.tensor([1.0, -2.0, 3.0]).double()
    x = torch.stack([vector, vector, 0 * vector, 0 * vector])[None]
    torch.testing.assert_close(head(x, mask_of(torch.tensor([2]), 4)), vector[None])
    assert (head(x, None) - vector).abs().max() > 0.1
