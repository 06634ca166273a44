import itertools

import pytest
import torch

from spaces import Grid
from spaces.operations import OPERATIONS
from tests.spaces.operations.references import assert_agree, random_weights
from tests.spaces.operations.test_convolution import window


def depthwise(positions: tuple[int, ...], channels: int, kernel_size: int, *, causal: bool):
    picks = {"kernel_size": kernel_size, "causal": causal}
    return random_weights(OPERATIONS["depthwise_convolution"]().build(Grid(positions, channels), picks))


def literal(filters, mix, bias, steps, x):
    """`z_c[p] = sum over steps s of F_c[s] x_c[p + s]`, channel by channel, then `y[p] = M z[p] + b`."""
    extents, channels = x.shape[1:-1], x.shape[-1]
    y = []
    for place in itertools.product(*map(range, extents)):
        z = []
        for c in range(channels):
            total = x.new_zeros(len(x))
            for tap, step in zip(filters[c], steps, strict=True):
                source = tuple(p + s for p, s in zip(place, step, strict=True))
                if all(0 <= s < extent for s, extent in zip(source, extents, strict=True)):
                    total = total + tap * x[(slice(None), *source, c)]
            z.append(total)
        y.append(torch.stack([sum(mix[o, c] * z[c] for c in range(channels)) + bias[o] for o in range(channels)], -1))
    return torch.stack(y, dim=1).unflatten(1, extents)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("kernel_size", [3, 5])
@pytest.mark.parametrize("positions", [(1,), (6,), (3, 4)], ids=str)
def test_it_is_the_literal_formula(positions: tuple[int, ...], kernel_size: int, causal: bool):
    """On sequences and images: one filter a channel, then a matrix across channels."""
    module = depthwise(positions, 3, kernel_size, causal=causal)
    filters, mix = module.depthwise.filter.weight, module.pointwise
    steps = window(len(positions), kernel_size, causal=causal)
    x = torch.randn(2, *positions, 3).double()
    weights = [filters, mix.weight, mix.bias]
    assert_agree(module, lambda x: literal(filters.flatten(1), mix.weight, mix.bias, steps, x), x, weights)


def test_a_filter_reads_one_channel():
    """It has kernel_size weights a channel and a matrix: 5 x 6 and 6 x 6 + 6, where a convolution has 5 x 6 x 6 + 6."""
    module = depthwise((8,), 6, 5, causal=False)
    assert sum(parameter.numel() for parameter in module.parameters()) == 5 * 6 + 6 * 6 + 6
