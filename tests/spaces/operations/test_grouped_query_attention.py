import pytest
import torch

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

NAME = "grouped_query_attention"


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize(("channels", "heads"), [(8, 4), (5, 4), (9, 8)])
def test_it_is_the_literal_formula(channels: int, heads: int, groups: int, code: str):
    """Each half of the heads, or all of them, share keys and values."""
    grid = Grid((4,), channels)
    module = attention(NAME, grid, code, heads=heads, groups=groups)
    x = torch.randn(2, 4, channels).double()
    assert_agree(module, lambda x: literal_heads(module, grid, x, code), x, list(module.parameters()))


@pytest.mark.parametrize("code", CODES)
def test_a_group_for_each_head_is_multi_head_attention(code: str):
    """With the same weights, on an image."""
    grid = Grid((2, 3), 8)
    module = attention(NAME, grid, code, heads=4, groups=4)
    reference = attention("multi_head_attention", grid, code, heads=4)
    reference.load_state_dict(module.state_dict())
    x = torch.randn(2, 2, 3, 8).double()
    torch.testing.assert_close(module(x), reference(x))


def test_fewer_groups_have_fewer_parameters():
    """Keys and values are 8 x 8 and 8 for four groups of two channels, and a quarter of that for one."""
    counts = [
        sum(parameter.numel() for parameter in attention(NAME, Grid((4,), 8), heads=4, groups=groups).parameters())
        for groups in (4, 2, 1)
    ]
    assert counts == [2 * 72 + 2 * 72, 2 * 72 + 72, 2 * 72 + 36]


def test_padding_has_no_weight():
    """Sums are over the positions with data, and nothing else is read."""
    grid = Grid((5,), 8)
    module = attention(NAME, grid, heads=4, groups=2)
    x = torch.randn(3, 5, 8).double()
    assert_agree(
        lambda x: zeroed(module(x, MASK), MASK),
        lambda x: zeroed(literal_heads(module, grid, x, seen=held_by(MASK)), MASK),
        x,
        list(module.parameters()),
    )
    assert_padding_is_not_read(module, 8)


def test_an_image_is_read_row_by_row():
    """Without a code, as the sequence of its positions."""
    assert_an_image_is_read_row_by_row(NAME, 5, heads=4, groups=2)
