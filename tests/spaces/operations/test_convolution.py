import itertools

import pytest
import torch

from spaces import Grid
from spaces.operations import OPERATIONS
from tests.spaces.operations.references import assert_agree, random_weights


def literal(weight, bias, x):
    """`y[p] = b + sum over offsets k of W[k] x[p + k - centre]`, where nothing lies outside the grid."""
    extents, kernel = x.shape[1:-1], weight.shape[2:]
    y = []
    for place in itertools.product(*map(range, extents)):
        total = bias.expand(len(x), -1)
        for offset in itertools.product(*map(range, kernel)):
            source = tuple(p + k - size // 2 for p, k, size in zip(place, offset, kernel, strict=True))
            if all(0 <= s < extent for s, extent in zip(source, extents, strict=True)):
                total = total + x[(slice(None), *source)] @ weight[(slice(None), slice(None), *offset)].T
        y.append(total)
    return torch.stack(y, dim=1).unflatten(1, extents)


@pytest.mark.parametrize("kernel_size", [3, 5])
@pytest.mark.parametrize("positions", [(1,), (6,), (4, 5), (1, 3)], ids=str)
def test_it_is_the_literal_sum(positions: tuple[int, ...], kernel_size: int):
    """On sequences and images, also where the kernel is larger than the grid."""
    module = random_weights(OPERATIONS["convolution"]().build(Grid(positions, 3), {"kernel_size": kernel_size}))
    weight, bias = module.filter.weight, module.filter.bias
    x = torch.randn(2, *positions, 3).double()
    assert_agree(module, lambda x: literal(weight, bias, x), x, [weight, bias])


def test_the_kernel_is_a_window_on_each_axis():
    """One number in the middle of a 9 x 9 image reaches exactly the 5 x 5 positions around it."""
    module = random_weights(OPERATIONS["convolution"]().build(Grid((9, 9), 1), {"kernel_size": 5}))
    x = torch.zeros(1, 9, 9, 1).double()
    silence = module(x)
    x[0, 4, 4] = 1
    reached = (module(x) - silence)[0, :, :, 0] != 0
    expected = torch.zeros(9, 9, dtype=torch.bool)
    expected[2:7, 2:7] = True
    assert torch.equal(reached, expected)
