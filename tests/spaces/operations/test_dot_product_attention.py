import pytest
import torch
from torch.nn import functional as F

from spaces import Grid
from spaces.masks import zeroed
from tests.spaces.operations.references import assert_agree
from tests.spaces.operations.test_attention import (
    CODES,
    MASK,
    assert_an_image_is_read_row_by_row,
    assert_padding_is_not_read,
    attention,
    held_by,
    literal_heads,
)

NAME = "dot_product_attention"


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("positions", "channels"), [((1,), 3), ((5,), 1), ((5,), 4), ((2, 3), 5)], ids=str)
def test_it_is_the_literal_formula(positions: tuple[int, ...], channels: int, code: str):
    """`softmax(q . k / sqrt(channels)) v` and nothing behind it."""
    grid = Grid(positions, channels)
    module = attention(NAME, grid, code)
    x = torch.randn(2, *positions, channels).double()
    assert_agree(module, lambda x: literal_heads(module, grid, x, code), x, list(module.parameters()))


def test_it_is_torchs():
    """The same as torch's function on the same queries, keys and values."""
    module, x = attention(NAME, Grid((5,), 4)), torch.randn(2, 5, 4).double()
    expected = F.scaled_dot_product_attention(module.query(x), module.key(x), module.value(x))
    torch.testing.assert_close(module(x), expected)


def test_padding_has_no_weight():
    """Sums are over the positions with data, and nothing else is read."""
    grid = Grid((5,), 4)
    module = attention(NAME, grid)
    x = torch.randn(3, 5, 4).double()
    assert_agree(
        lambda x: zeroed(module(x, MASK), MASK),
        lambda x: zeroed(literal_heads(module, grid, x, seen=held_by(MASK)), MASK),
        x,
        list(module.parameters()),
    )
    assert_padding_is_not_read(module, 4)


def test_an_image_is_read_row_by_row():
    """Without a code, as the sequence of its positions."""
    assert_an_image_is_read_row_by_row(NAME, 5)
