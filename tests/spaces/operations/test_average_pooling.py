import itertools

import pytest
import torch

from spaces import Grid
from spaces.masks import mask_of
from spaces.operations import OPERATIONS
from tests.spaces.operations.references import assert_agree


def pooling(*positions: int):
    return OPERATIONS["average_pooling"]().build(Grid(positions, 3), {})


def literal(x, lengths=None):
    """The mean over the positions at most one step away on each axis that lie on the grid and hold data."""
    extents = x.shape[1:-1]
    rows = []
    for row in range(len(x)):
        held = [p for p in itertools.product(*map(range, extents)) if lengths is None or p[0] < lengths[row]]
        means = []
        for place in itertools.product(*map(range, extents)):
            near = [p for p in held if all(abs(a - b) <= 1 for a, b in zip(p, place, strict=True))]
            means.append(sum(x[(row, *p)] for p in near) / max(len(near), 1) + 0 * x[(row, *place)])
        rows.append(torch.stack(means).view(x.shape[1:]))
    return torch.stack(rows)


@pytest.mark.parametrize("positions", [(1,), (2,), (7,), (1, 1), (1, 4), (4, 5)], ids=str)
def test_it_is_the_mean_of_the_window(positions: tuple[int, ...]):
    """At the edge too, where fewer neighbours count."""
    assert_agree(pooling(*positions), literal, torch.randn(2, *positions, 3).double(), [])


def test_it_is_torchs_without_the_margin():
    """The same as torch's average pooling that does not count what it pads."""
    x = torch.randn(2, 6, 5, 3).double()
    torch_s = torch.nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
    torch.testing.assert_close(pooling(6, 5)(x, None), torch_s(x.movedim(-1, 1)).movedim(1, -1))


def test_padding_does_not_count():
    """With a mask the mean is over the data, values and gradients finite also where a window holds none."""
    lengths = [1, 3, 7]
    module, mask = pooling(7), mask_of(torch.tensor(lengths), 7)
    x = torch.randn(3, 7, 3).double()
    assert_agree(lambda x: module(x, mask), lambda x: literal(x, lengths), x, [])


def test_padding_may_hold_anything():
    """NaN behind the data of a row reaches nothing."""
    mask = mask_of(torch.tensor([2, 7]), 7)
    x = torch.randn(2, 7, 3)
    expected = pooling(7)(x, mask)
    torch.testing.assert_close(pooling(7)(x.masked_fill(~mask[..., None], torch.nan), mask), expected, rtol=0, atol=0)


def test_nothing_is_learned():
    """It is a control: no parameters, and no activation follows."""
    assert not list(pooling(4).parameters())
    assert not OPERATIONS["average_pooling"].is_linear
