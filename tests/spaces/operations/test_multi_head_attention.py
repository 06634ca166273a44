import math

import pytest
import torch
from torch import nn

from spaces import Grid
from spaces.operations import OPERATIONS
from tests.spaces.operations.references import assert_agree, random_weights


def attention(channels: int, heads: int) -> nn.Module:
    return random_weights(OPERATIONS["multi_head_attention"]().build(Grid((5,), channels), {"heads": heads}))


def literal(module, x):
    """Head by head and query by query: `softmax(q k / sqrt(d)) v`, side by side, and mixed."""
    projections = [layer(x).chunk(module.heads, dim=-1) for layer in (module.query, module.key, module.value)]
    heads = []
    for q, k, v in zip(*projections, strict=True):
        size = q.shape[-1]
        rows = []
        for query in range(x.shape[1]):
            scores = [(q[:, query] * k[:, key]).sum(-1) / math.sqrt(size) for key in range(x.shape[1])]
            exponentials = [score.exp() for score in scores]
            total = sum(exponentials)
            rows.append(sum((e / total)[:, None] * v[:, key] for key, e in enumerate(exponentials)))
        heads.append(torch.stack(rows, dim=1))
    return module.output(torch.cat(heads, dim=-1))


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_it_is_torchs(heads: int):
    """With the same weights torch's own multi-head attention gives the same values and gradients."""
    module = attention(8, heads)
    reference = nn.MultiheadAttention(8, heads, batch_first=True).double()
    with torch.no_grad():
        reference.in_proj_weight.copy_(torch.cat([module.query.weight, module.key.weight, module.value.weight]))
        reference.in_proj_bias.copy_(torch.cat([module.query.bias, module.key.bias, module.value.bias]))
    reference.out_proj = module.output
    x = torch.randn(3, 5, 8).double()
    assert_agree(module, lambda x: reference(x, x, x)[0], x, list(module.output.parameters()))

    weighting = torch.randn_like(x)
    (module(x) * weighting).sum().backward()
    (reference(x, x, x)[0] * weighting).sum().backward()
    for kind in ("weight", "bias"):
        projections = torch.cat([getattr(layer, kind).grad for layer in (module.query, module.key, module.value)])
        torch.testing.assert_close(projections, getattr(reference, f"in_proj_{kind}").grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("channels", "heads"), [(6, 1), (6, 4), (5, 2), (1, 4), (3, 4)])
def test_it_is_the_formula_for_any_width(channels: int, heads: int):
    """Also where the heads do not divide the width: each head has the next whole number of channels."""
    module = attention(channels, heads)
    assert module.query.out_features == heads * math.ceil(channels / heads)
    x = torch.randn(2, 5, channels).double()
    assert_agree(module, lambda x: literal(module, x), x, list(module.parameters()))


def test_positions_are_a_set():
    """Without a position code, reordered positions give reordered results."""
    module, x = attention(8, 2), torch.randn(2, 5, 8).double()
    order = torch.tensor([3, 0, 4, 1, 2])
    torch.testing.assert_close(module(x[:, order]), module(x)[:, order])
