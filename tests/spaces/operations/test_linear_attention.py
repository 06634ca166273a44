import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from spaces import Grid
from spaces.masks import zeroed
from tests.spaces.operations.references import assert_agree
from tests.spaces.operations.test_attention import (
    MASK,
    assert_an_image_is_read_row_by_row,
    assert_padding_is_not_read,
    attention,
)

NAME = "linear_attention"


def feature(x):
    """`elu(x) + 1`: `x + 1` above zero and `exp(x)` below."""
    return torch.where(x > 0, x + 1, x.exp())


def literal(module, x, lengths=None, *, causal=False):
    """Every pair of positions has the weight `f(q) . f(k)`, head by head; the weights of a query are normalized."""
    rows, steps, _ = x.shape
    heads = []
    projections = [layer(x).chunk(module.heads, dim=-1) for layer in (module.query, module.key, module.value)]
    for q, k, v in zip(*projections, strict=True):
        y = []
        for row in range(rows):
            held = range(steps if lengths is None else lengths[row])
            for i in range(steps):
                seen = held[: i + 1] if causal else held
                weights = [(feature(q[row, i]) * feature(k[row, j])).sum() for j in seen]
                y.append(sum(weights[j] / sum(weights) * v[row, j] for j in seen))
        heads.append(torch.stack(y).view(rows, steps, -1))
    return module.output(torch.cat(heads, -1))


@pytest.mark.parametrize("steps", [1, 5])
@pytest.mark.parametrize(("channels", "heads"), [(8, 2), (8, 4), (5, 2), (1, 4)])
def test_it_is_the_formula_pair_by_pair(channels: int, heads: int, steps: int):
    """What is computed in one pass is what all pairs of positions give, for any width."""
    module = attention(NAME, Grid((steps,), channels), heads=heads)
    x = torch.randn(2, steps, channels).double()
    assert_agree(module, lambda x: literal(module, x), x, list(module.parameters()))


@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "padded"])
@pytest.mark.parametrize(("channels", "heads"), [(8, 4), (5, 2)])
def test_a_causal_one_sums_up_to_each_position(channels: int, heads: int, mask: torch.Tensor | None):
    """The same pairs but for those that look ahead, padding or not."""
    module = attention(NAME, Grid((5,), channels), heads=heads, causal=True)
    lengths = None if mask is None else mask.sum(1).tolist()
    assert_agree(
        lambda x: zeroed(module(x, mask), mask),
        lambda x: zeroed(literal(module, x, lengths, causal=True), mask),
        torch.randn(3, 5, channels).double(),
        list(module.parameters()),
    )


def test_a_head_has_two_channels_at_least():
    """With one, the query's feature would cancel and every position would get the same."""
    module = attention(NAME, Grid((5,), 3), heads=4)
    assert module.query.out_features == 4 * 2
    y = module(torch.randn(1, 5, 3).double())
    assert (y - y[:, :1]).abs().max() > 1e-3


def test_the_cost_is_linear_in_the_positions():
    """Ten times the positions take ten times the operations."""
    counts = []
    for steps in (10, 100):
        module, counter = attention(NAME, Grid((steps,), 8), heads=2), FlopCounterMode(display=False)
        with counter:
            module(torch.randn(1, steps, 8).double())
        counts.append(counter.get_total_flops())
    assert counts[1] == 10 * counts[0] > 0


@pytest.mark.parametrize("size", [1e2, 1e4])
def test_features_that_vanish_stay_finite(size: float):
    """Where `exp` of every query or key is zero in float32, nothing is divided by zero."""
    module = attention(NAME, Grid((4,), 4), heads=2).float()
    with torch.no_grad():
        for bias in (module.query.bias, module.key.bias):
            bias.fill_(-size)
    x = torch.randn(2, 4, 4, requires_grad=True)
    y = module(x)
    y.sum().backward()
    for tensor in (y, x.grad, *(parameter.grad for parameter in module.parameters())):
        assert tensor.isfinite().all()


def test_padding_has_no_weight():
    """Sums are over the positions with data, and nothing else is read."""
    module, x = attention(NAME, Grid((5,), 6), heads=2), torch.randn(3, 5, 6).double()
    assert_agree(
        lambda x: zeroed(module(x, MASK), MASK),
        lambda x: zeroed(literal(module, x, MASK.sum(1).tolist()), MASK),
        x,
        list(module.parameters()),
    )
    assert_padding_is_not_read(module, 6)


def test_an_image_is_read_row_by_row():
    """As the sequence of its positions."""
    assert_an_image_is_read_row_by_row(NAME, 5, heads=2)
