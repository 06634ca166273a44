import math

import pytest
import torch

from spaces import Grid
from spaces.operations import OPERATIONS
from tests.spaces.operations.references import assert_agree, random_weights


def mixing(*positions: int, hidden: int = 32):
    return random_weights(OPERATIONS["token_mixing"]().build(Grid(positions, 3), {"hidden": hidden}))


def gelu(u):
    """`u Phi(u)`, Phi the standard normal distribution. Hendrycks & Gimpel 2016."""
    return u * (1 + torch.erf(u / math.sqrt(2))) / 2


@pytest.mark.parametrize("hidden", [32, 64])
@pytest.mark.parametrize("positions", [(1,), (5,), (2, 3)], ids=str)
def test_it_is_equation_1(positions: tuple[int, ...], hidden: int):
    """`W2 gelu(W1 x_c)` of every channel `c`, its positions taken row by row."""
    module = mixing(*positions, hidden=hidden)
    weights = (w1, b1, w2, b2) = [module.widen.weight, module.widen.bias, module.narrow.weight, module.narrow.bias]
    assert len(w1) == hidden

    def literal(x):
        columns = x.reshape(len(x), -1, 3)
        mixed = [[w2 @ gelu(w1 @ row[:, c] + b1) + b2 for c in range(3)] for row in columns]
        return torch.stack([torch.stack(row, -1) for row in mixed]).view(x.shape)

    assert_agree(module, literal, torch.randn(2, *positions, 3).double(), weights)


def test_channels_stay_apart_and_positions_do_not():
    """A change at one position of one channel reaches all positions of that channel and nothing else."""
    module, x = mixing(4), torch.randn(1, 4, 3).double()
    changed = x.clone()
    changed[0, 2, 1] += 1
    moved = (module(changed) != module(x))[0]
    assert moved[:, 1].all()
    assert not moved[:, [0, 2]].any()


def test_channels_share_their_weights():
    """Reordered channels give reordered results."""
    module, x = mixing(2, 3), torch.randn(2, 2, 3, 3).double()
    torch.testing.assert_close(module(x[..., [2, 0, 1]]), module(x)[..., [2, 0, 1]])
