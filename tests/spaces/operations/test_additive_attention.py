import math

import pytest
import torch

from spaces import Grid
from spaces.masks import zeroed
from tests.spaces.operations.references import assert_agree
from tests.spaces.operations.test_attention import (
    MASK,
    assert_an_image_is_read_row_by_row,
    assert_padding_is_not_read,
    attention,
)

NAME = "additive_attention"


def literal(module, x, lengths=None, *, causal=False):
    """`e_ij = v . tanh(W x_i + U x_j)`, its softmax over `j` weights the values, pair by pair."""
    w, u, v = module.query.weight, module.key.weight, module.score.weight[0]
    rows, steps, _ = x.shape
    y = []
    for row in range(rows):
        held = range(steps if lengths is None else lengths[row])
        for i in range(steps):
            seen = held[: i + 1] if causal else held
            weights = [(v * (w @ x[row, i] + u @ x[row, j]).tanh()).sum().exp() for j in seen]
            y.append(sum(weights[j] / sum(weights) * module.value(x[row, j]) for j in seen))
    return torch.stack(y).view(x.shape)


@pytest.mark.parametrize("channels", [1, 4, 9])
@pytest.mark.parametrize("steps", [1, 4])
def test_it_is_the_literal_formula(steps: int, channels: int):
    """For any width; the hidden layer has a quarter of it, rounded up."""
    module = attention(NAME, Grid((steps,), channels))
    assert module.score.in_features == math.ceil(channels / 4)
    x = torch.randn(2, steps, channels).double()
    assert_agree(module, lambda x: literal(module, x), x, list(module.parameters()))


@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "padded"])
def test_a_causal_one_sums_up_to_each_position(mask: torch.Tensor | None):
    """The same pairs but for those that look ahead, padding or not."""
    module = attention(NAME, Grid((5,), 6), causal=True)
    lengths = None if mask is None else mask.sum(1).tolist()
    assert_agree(
        lambda x: zeroed(module(x, mask), mask),
        lambda x: zeroed(literal(module, x, lengths, causal=True), mask),
        torch.randn(3, 5, 6).double(),
        list(module.parameters()),
    )


def test_padding_has_no_weight():
    """Sums are over the positions with data, and nothing else is read."""
    module, x = attention(NAME, Grid((5,), 6)), torch.randn(3, 5, 6).double()
    assert_agree(
        lambda x: zeroed(module(x, MASK), MASK),
        lambda x: zeroed(literal(module, x, MASK.sum(1).tolist()), MASK),
        x,
        list(module.parameters()),
    )
    assert_padding_is_not_read(module, 6)


def test_an_image_is_read_row_by_row():
    """As the sequence of its positions."""
    assert_an_image_is_read_row_by_row(NAME, 5)
