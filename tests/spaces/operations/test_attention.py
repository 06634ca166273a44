import itertools
import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spaces import Grid
from spaces.masks import mask_of, zeroed
from spaces.operations import OPERATIONS
from spaces.operations.attention import DotProduct, SelfAttention
from spaces.positions import POSITIONS, RelativePosition
from tests.spaces.operations.references import assert_agree, random_weights

MASK = mask_of(torch.tensor([1, 5, 3]), 5)
CODES = ["none", "rotary", "linear_bias"]


def relative(name: str) -> RelativePosition | None:
    return None if name == "none" else POSITIONS[name]()


def attention(name: str, grid: Grid, code: str = "none", **picks) -> nn.Module:
    """An attention in float64 with random weights."""
    return random_weights(OPERATIONS[name](relative(code)).build(grid, picks))


def literal(queries, keys, values, seen=None, bias=None):
    """`softmax(q . k / sqrt(size) + bias) v` over the positions seen, row by row, head by head, query by query.

    `seen` is `(rows, length, length)`, all else as in `DotProduct`.
    """
    rows, heads, length, size = queries.shape
    y = []
    for row, head, i in itertools.product(range(rows), range(heads), range(length)):
        weights = {}
        for j in range(length):
            if seen is None or seen[row, i, j]:
                product = (queries[row, head, i] * keys[row, head, j]).sum() / math.sqrt(size)
                weights[j] = (product if bias is None else product + bias[head, i, j]).exp()
        total = sum(weights.values())
        y.append(sum(weight / total * values[row, head, j] for j, weight in weights.items()))
    return torch.stack(y).view(rows, heads, length, values.shape[-1])


def literal_heads(module, grid, x, code="none", seen=None):
    """The attention with the weights of `module`; head `h` reads keys and values number `h * groups // heads`."""
    heads, groups = getattr(module, "heads", 1), getattr(module, "groups", 1)
    tokens = x.flatten(1, -2)
    queries = torch.stack(module.query(tokens).chunk(heads, dim=-1), dim=1)
    keys, values = (layer(tokens).chunk(groups, dim=-1) for layer in (module.key, module.value))
    keys, values = (torch.stack([part[h * groups // heads] for h in range(heads)], dim=1) for part in (keys, values))
    bias = None
    if code != "none":
        queries, keys, bias = relative(code).build_attention(grid, heads, queries.shape[-1]).double()(queries, keys)
    attended = torch.cat(literal(queries, keys, values, seen, bias).unbind(1), dim=-1)
    return (module.output(attended) if hasattr(module, "output") else attended).view(x.shape)


def held_by(mask, window=None):
    """What queries with data see, `(rows, length, length)`; the others, that nobody reads, see themselves."""
    length = mask.shape[1]
    itself = torch.eye(length, dtype=torch.bool)
    near = torch.ones(length, length, dtype=torch.bool) if window is None else window
    return torch.where(mask[:, :, None], mask[:, None, :] & near, itself)


def assert_padding_is_not_read(module: nn.Module, channels: int) -> None:
    """Whatever stands in the padding, results at data are the same, and all results and gradients are finite."""
    x, found = torch.randn(3, 5, channels).double(), []
    for garbage in (0.0, 1.0, -1e6):
        padded = x.masked_fill(~MASK[..., None], garbage).requires_grad_()
        y = module(padded, MASK)
        assert y.isfinite().all()
        (gradient,) = torch.autograd.grad(y.sum(), padded, retain_graph=True)
        assert gradient.isfinite().all()
        (gradient,) = torch.autograd.grad(zeroed(y, MASK).square().sum(), padded)
        assert (gradient[~MASK] == 0).all()
        assert (gradient[MASK] != 0).any(-1).all()
        found.append((y[MASK], gradient[MASK]))
    for others in found[1:]:
        torch.testing.assert_close(others, found[0], rtol=0, atol=0)


def assert_an_image_is_read_row_by_row(name: str, channels: int, **picks) -> None:
    """Without a position code an image is the sequence of its positions."""
    image, sequence = (attention(name, Grid(positions, channels), **picks) for positions in [(2, 3), (6,)])
    sequence.load_state_dict(image.state_dict())
    x = torch.randn(2, 2, 3, channels).double()
    torch.testing.assert_close(image(x).flatten(1, 2), sequence(x.flatten(1, 2)))


def heads_of(size: int) -> Tensor:
    """Queries, keys and values of two heads at five positions, one behind the other."""
    return torch.randn(3, 2, 5, 3 * size).double()


def near(steps: int) -> Tensor:
    place = torch.arange(5)
    return (place[:, None] - place).abs() <= steps


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("windowed", [False, True])
def test_the_weighted_sum_is_the_literal_formula(code: str, masked: bool, windowed: bool):
    """With any position code, in a window or not, over all positions or those with data."""
    grid, window, mask = Grid((5,), 6), 3 if windowed else None, MASK if masked else None
    module = DotProduct(grid, 2, relative(code), window=window).double()
    code_module = None if code == "none" else relative(code).build_attention(grid, 2, 3).double()
    seen = held_by(torch.ones_like(MASK) if mask is None else mask, near(1) if windowed else None)

    def found(qkv):
        attended = module(*qkv.chunk(3, dim=-1), mask)
        return attended if mask is None else attended * mask[:, None, :, None]

    def expected(qkv):
        queries, keys, values = qkv.chunk(3, dim=-1)
        bias = None
        if code_module is not None:
            queries, keys, bias = code_module(queries, keys)
        attended = literal(queries, keys, values, seen, bias)
        return attended if mask is None else attended * mask[:, None, :, None]

    assert_agree(found, expected, heads_of(3), [])


def test_the_weighted_sum_is_torchs():
    """With a mask of the keys it is torch's scaled dot-product attention."""
    queries, keys, values = heads_of(3).chunk(3, dim=-1)
    found = DotProduct(Grid((5,), 6), 2, None)(queries, keys, values, MASK)
    torch.testing.assert_close(
        found, F.scaled_dot_product_attention(queries, keys, values, attn_mask=MASK[:, None, None, :])
    )


def test_a_window_without_data_sees_the_padding():
    """So no query is left with nothing to sum, which not every kernel takes well; nobody reads what it gives."""
    y = DotProduct(Grid((5,), 6), 2, None, window=3)(*heads_of(3).chunk(3, dim=-1), MASK)
    assert (y != 0).all()


def test_large_scores_stay_finite():
    """Products of 1e6 are no reason for an infinite weight or gradient."""
    qkv = (1e3 * heads_of(3)).float().requires_grad_()
    y = DotProduct(Grid((5,), 6), 2, None)(*qkv.chunk(3, dim=-1), MASK)
    y.sum().backward()
    assert y.isfinite().all()
    assert qkv.grad.isfinite().all()


@pytest.mark.parametrize(("heads", "groups"), [(4, 4), (4, 2), (6, 3), (4, 1)])
def test_heads_share_what_their_group_has(heads: int, groups: int):
    """The first heads have the first keys and values, and so on, at any width."""
    grid = Grid((4,), 5)
    module = random_weights(SelfAttention(5, heads, groups, DotProduct(grid, heads, None)))
    x = torch.randn(2, 4, 5).double()
    assert_agree(module, lambda x: literal_heads(module, grid, x), x, list(module.parameters()))


@pytest.mark.parametrize("positions", [(5,), (3, 4)], ids=["sequence", "image"])
def test_a_rotary_code_has_a_pair_for_every_axis(positions: tuple[int, ...]):
    """However narrow the heads: positions permuted along an axis give other results, as without a code they do not."""
    grid = Grid(positions, 4)
    x = torch.randn(2, *positions, 4).double()
    for axis, extent in enumerate(positions, start=1):
        order = torch.randperm(extent, generator=torch.Generator().manual_seed(1))
        assert order.tolist() != sorted(order.tolist())
        for code, told in (("rotary", True), ("none", False)):
            module = attention("multi_head_attention", grid, code, heads=4)
            moved = module(x.index_select(axis, order)) - module(x).index_select(axis, order)
            assert (moved.abs().max() > 1e-6) == told


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(
    ("name", "picks"),
    [
        ("dot_product_attention", {}),
        ("multi_head_attention", {"heads": 4}),
        ("grouped_query_attention", {"heads": 4, "groups": 2}),
        ("local_attention", {"heads": 2, "window": 3}),
    ],
)
def test_a_causal_one_sums_over_the_past_and_itself(name: str, picks: dict, masked: bool, code: str):
    """The literal formula over what is no later, and in the window; with padding over what of it holds data."""
    grid, x = Grid((5,), 8), torch.randn(3, 5, 8).double()
    module, mask = attention(name, grid, code, causal=True, **picks), MASK if masked else None
    past = torch.tensor([[j <= i for j in range(5)] for i in range(5)])
    window = past & near(1) if name == "local_attention" else past
    seen = held_by(torch.ones_like(MASK) if mask is None else mask, window)
    assert_agree(
        lambda x: zeroed(module(x, mask), mask),
        lambda x: zeroed(literal_heads(module, grid, x, code, seen), mask),
        x,
        list(module.parameters()),
    )


def test_a_causal_one_is_torchs():
    """With the same weights torch's own function gives the same where it is told that it is causal."""
    module, x = attention("dot_product_attention", Grid((5,), 4), causal=True), torch.randn(2, 5, 4).double()
    queries, keys, values = module.query(x), module.key(x), module.value(x)
    torch.testing.assert_close(module(x), F.scaled_dot_product_attention(queries, keys, values, is_causal=True))


@pytest.mark.parametrize("name", [name for name in OPERATIONS if OPERATIONS[name].family == "attention"])
def test_what_makes_it_causal_costs_nothing(name: str):
    """A checkpoint of one is one of the other, and written without the choice it is not causal, as it always was."""
    picks = {pick: choice.options[0] for pick, choice in OPERATIONS[name].choices.items() if pick != "causal"}
    ways = ({"causal": True}, {"causal": False}, {})
    causal, acausal, absent = (attention(name, Grid((5,), 8), **picks, **way) for way in ways)
    x = torch.randn(2, 5, 8).double()
    for module in (acausal, absent):
        module.load_state_dict(causal.state_dict())
    assert torch.equal(acausal(x), absent(x))
    torch.testing.assert_close(causal(x)[:, -1], absent(x)[:, -1])  # nothing lies ahead of the last position
    assert ((causal(x) - absent(x)).abs().amax((0, 2))[:-1] > 1e-6).all()
