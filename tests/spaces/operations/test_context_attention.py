import math

import torch

from spaces import Grid
from spaces.masks import mask_of, zeroed
from spaces.operations import OPERATIONS
from tests.spaces.operations.references import assert_agree
from tests.spaces.operations.test_attention import (
    MASK,
    assert_an_image_is_read_row_by_row,
    assert_padding_is_not_read,
)


def attention(length: int, channels: int, *, causal: bool = False):
    return OPERATIONS["context_attention"]().build(Grid((length,), channels), {"causal": causal})


def literal(x, lengths=None, *, causal=False):
    """`y_i = sum_{j != i} softmax_j(x_i . x_j / sqrt(channels)) x_j`, number by number; without others `x_i`."""
    rows, steps, channels = x.shape
    y = []
    for row in range(rows):
        for i in range(steps):
            held = range(steps if lengths is None else lengths[row])
            others = [j for j in held if j != i and not (causal and j > i)] or [i]
            products = [sum(x[row, i, c] * x[row, j, c] for c in range(channels)) for j in others]
            exponentials = [(product / math.sqrt(channels)).exp() for product in products]
            weights = [exponential / sum(exponentials) for exponential in exponentials]
            y.append(sum(weight * x[row, j] for weight, j in zip(weights, others, strict=True)))
    return torch.stack(y).view_as(x)


def test_it_is_the_literal_formula():
    """The context multiplies every other vector; the normalized products weight those vectors."""
    for length in (2, 3, 6):
        assert_agree(attention(length, 4), literal, torch.randn(2, length, 4).double(), [])


def test_a_causal_one_weights_those_before():
    """The first position has none and stays as it is; padding or not."""
    for mask in (None, MASK):
        lengths = None if mask is None else mask.sum(1).tolist()
        assert_agree(
            lambda x, mask=mask: zeroed(attention(5, 4, causal=True)(x, mask), mask),
            lambda x, mask=mask, lengths=lengths: zeroed(literal(x, lengths, causal=True), mask),
            torch.randn(3, 5, 4).double(),
            [],
        )


def test_a_position_does_not_weight_itself():
    """With two positions each is replaced by the other, whatever they hold."""
    x = torch.randn(3, 2, 5).double()
    torch.testing.assert_close(attention(2, 5)(x), x.flip(1))


def test_a_lone_position_stays():
    """Where there is no other, the vector goes on as it is, with its gradient."""
    assert_agree(attention(1, 3), lambda x: 1.0 * x, torch.randn(2, 1, 3).double(), [])


def test_nothing_is_learned():
    """It has neither parameters nor anything that a checkpoint would hold."""
    module = attention(4, 3)
    assert not list(module.parameters())
    assert not module.state_dict()


def test_large_vectors_stay_finite():
    """Products of 1e6 are no reason for an infinite weight or gradient."""
    x = (1e3 * torch.randn(2, 4, 3)).requires_grad_()
    y = attention(4, 3)(x)
    y.sum().backward()
    assert y.isfinite().all()
    assert x.grad.isfinite().all()


def test_padding_has_no_weight():
    """Sums are over the other positions with data, and nothing else is read."""
    module, x = attention(5, 4), torch.randn(3, 5, 4).double()
    assert_agree(
        lambda x: zeroed(module(x, MASK), MASK),
        lambda x: zeroed(literal(x, MASK.sum(1).tolist()), MASK),
        x,
        [],
    )
    assert_padding_is_not_read(module, 4)


def test_the_only_position_with_data_stays():
    """Padding is no other position."""
    x = torch.randn(2, 4, 3).double()
    y = attention(4, 3)(x, mask_of(torch.tensor([1, 4]), 4))
    torch.testing.assert_close(y[0, 0], x[0, 0])


def test_an_image_is_read_row_by_row():
    """As the sequence of its positions."""
    assert_an_image_is_read_row_by_row("context_attention", 5)
