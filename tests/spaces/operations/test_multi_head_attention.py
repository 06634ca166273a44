import math

import pytest
import torch
from torch import nn

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

NAME = "multi_head_attention"


@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "padded"])
@pytest.mark.parametrize("heads", [2, 4, 8])
def test_it_is_torchs(heads: int, mask: torch.Tensor | None):
    """With the same weights torch's own multi-head attention gives the same values and gradients, padding or not."""
    module = attention(NAME, Grid((5,), 8), heads=heads)
    reference = nn.MultiheadAttention(8, heads, batch_first=True).double()
    with torch.no_grad():
        reference.in_proj_weight.copy_(torch.cat([module.query.weight, module.key.weight, module.value.weight]))
        reference.in_proj_bias.copy_(torch.cat([module.query.bias, module.key.bias, module.value.bias]))
    reference.out_proj = module.output

    def found(x):
        return zeroed(module(x, mask), mask)

    def expected(x):
        return zeroed(reference(x, x, x, key_padding_mask=None if mask is None else ~mask)[0], mask)

    x = torch.randn(3, 5, 8).double()
    assert_agree(found, expected, x, list(module.output.parameters()))
    weighting = torch.randn_like(x)
    (found(x) * weighting).sum().backward()
    (expected(x) * weighting).sum().backward()
    for kind in ("weight", "bias"):
        projections = torch.cat([getattr(layer, kind).grad for layer in (module.query, module.key, module.value)])
        torch.testing.assert_close(projections, getattr(reference, f"in_proj_{kind}").grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("channels", "heads"), [(6, 4), (5, 2), (1, 4), (9, 8)])
def test_it_is_the_formula_for_any_width(channels: int, heads: int, code: str):
    """Also where the heads do not divide the width, each then has the next whole number of channels; with any code.

    Under a rotary code queries and keys have two at least, to be turned.
    """
    grid = Grid((4,), channels)
    module = attention(NAME, grid, code, heads=heads)
    size = math.ceil(channels / heads)
    assert module.query.out_features == module.key.out_features == heads * max(size, 2 if code == "rotary" else 1)
    assert module.value.out_features == heads * size
    x = torch.randn(2, 4, channels).double()
    assert_agree(module, lambda x: literal_heads(module, grid, x, code), x, list(module.parameters()))


@pytest.mark.parametrize("code", CODES)
def test_on_images_the_code_knows_both_axes(code: str):
    """Positions are taken row by row, their distances are those on the grid."""
    grid = Grid((2, 3), 8)
    module = attention(NAME, grid, code, heads=2)
    x = torch.randn(2, 2, 3, 8).double()
    assert_agree(module, lambda x: literal_heads(module, grid, x, code), x, list(module.parameters()))


@pytest.mark.parametrize("code", CODES)
def test_padding_has_no_weight(code: str):
    """Sums are over the positions with data, and nothing else is read."""
    grid = Grid((5,), 6)
    module = attention(NAME, grid, code, heads=2)
    x = torch.randn(3, 5, 6).double()
    assert_agree(
        lambda x: zeroed(module(x, MASK), MASK),
        lambda x: zeroed(literal_heads(module, grid, x, code, held_by(MASK)), MASK),
        x,
        list(module.parameters()),
    )
    assert_padding_is_not_read(module, 6)


def test_an_image_is_read_row_by_row():
    """Without a code, as the sequence of its positions."""
    assert_an_image_is_read_row_by_row(NAME, 5, heads=2)


def test_positions_are_a_set():
    """Without a position code, reordered positions give reordered results."""
    module, x = attention(NAME, Grid((5,), 8), heads=2), torch.randn(2, 5, 8).double()
    order = torch.tensor([3, 0, 4, 1, 2])
    torch.testing.assert_close(module(x[:, order]), module(x)[:, order])


@pytest.mark.parametrize("heads", [2, 8])
def test_a_causal_one_is_torchs(heads: int):
    """With the same weights torch's own multi-head attention gives the same under its mask of what comes later."""
    module = attention(NAME, Grid((5,), 8), heads=heads, causal=True)
    reference = nn.MultiheadAttention(8, heads, batch_first=True).double()
    with torch.no_grad():
        reference.in_proj_weight.copy_(torch.cat([module.query.weight, module.key.weight, module.value.weight]))
        reference.in_proj_bias.copy_(torch.cat([module.query.bias, module.key.bias, module.value.bias]))
    reference.out_proj = module.output
    later = nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64)
    assert_agree(
        module,
        lambda x: reference(x, x, x, attn_mask=later, is_causal=True, need_weights=False)[0],
        torch.randn(3, 5, 8).double(),
        list(module.output.parameters()),
    )
