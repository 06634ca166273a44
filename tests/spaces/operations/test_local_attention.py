import itertools

import pytest
import torch

from spaces import Grid
from spaces.masks import zeroed
from tests.spaces.operations.references import assert_agree
from tests.spaces.operations.test_attention import (
    CODES,
    MASK,
    assert_padding_is_not_read,
    attention,
    held_by,
    literal_heads,
)

NAME = "local_attention"


def window_on(positions: tuple[int, ...], window: int) -> torch.Tensor:
    """Who sees whom, position by position."""
    places = list(itertools.product(*map(range, positions)))
    return torch.tensor(
        [[all(abs(a - b) <= window // 2 for a, b in zip(i, j, strict=True)) for j in places] for i in places]
    )


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("window", [3, 7])
@pytest.mark.parametrize(("positions", "heads"), [((1,), 2), ((6,), 4), ((3, 4), 2), ((1, 5), 2)], ids=str)
def test_it_is_the_literal_formula(positions: tuple[int, ...], heads: int, window: int, code: str):
    """Attention over the positions at most half a window away along each axis."""
    grid = Grid(positions, 5)
    module = attention(NAME, grid, code, window=window, heads=heads)
    seen = window_on(positions, window).expand(2, -1, -1)
    x = torch.randn(2, *positions, 5).double()
    assert_agree(module, lambda x: literal_heads(module, grid, x, code, seen), x, list(module.parameters()))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("positions", [(4,), (4, 3)], ids=str)
def test_a_window_over_everything_is_multi_head_attention(positions: tuple[int, ...], code: str):
    """With the same weights, where no extent is larger than half the window and one."""
    grid = Grid(positions, 6)
    module = attention(NAME, grid, code, window=7, heads=2)
    reference = attention("multi_head_attention", grid, code, heads=2)
    reference.load_state_dict(module.state_dict())
    x = torch.randn(2, *positions, 6).double()
    torch.testing.assert_close(module(x), reference(x))


def test_the_window_is_a_square():
    """A change in the middle of a 5 x 5 image reaches exactly the 3 x 3 positions around it."""
    module, x = attention(NAME, Grid((5, 5), 4), window=3, heads=2), torch.randn(1, 5, 5, 4).double()
    changed = x.clone()
    changed[0, 2, 2] += 1
    reached = (module(changed) != module(x)).any(-1)[0]
    expected = torch.zeros(5, 5, dtype=torch.bool)
    expected[1:4, 1:4] = True
    assert torch.equal(reached, expected)


def test_padding_has_no_weight():
    """Sums are over the window's positions with data; windows without any do no harm."""
    grid = Grid((5,), 6)
    module = attention(NAME, grid, window=3, heads=2)
    x = torch.randn(3, 5, 6).double()
    seen = held_by(MASK, window_on((5,), 3))
    assert_agree(
        lambda x: zeroed(module(x, MASK), MASK),
        lambda x: zeroed(literal_heads(module, grid, x, seen=seen), MASK),
        x,
        list(module.parameters()),
    )
    assert_padding_is_not_read(module, 6)
