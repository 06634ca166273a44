import itertools

import pytest
import torch

from spaces import Grid
from spaces.initializations import INITIALIZATIONS
from spaces.operations import OPERATIONS
from tests.spaces.operations.references import assert_agree, random_weights


def convolution(positions: tuple[int, ...], channels: int, kernel_size: int, *, causal: bool = False):
    picks = {"kernel_size": kernel_size, "causal": causal}
    return random_weights(OPERATIONS["convolution"]().build(Grid(positions, channels), picks))


def window(rank: int, kernel_size: int, *, causal: bool) -> list[tuple[int, ...]]:
    """What a filter sees, as steps from its position, in the order of its weights."""
    half = kernel_size // 2
    if rank == 1:
        return [(k - (kernel_size - 1 if causal else half),) for k in range(kernel_size)]
    around = itertools.product(range(-half, half + 1), repeat=2)
    return [step for step in around if not causal or step <= (0, 0)]


def literal(weights, bias, steps, x):
    """`y[p] = b + sum over steps s of W[s] x[p + s]`, where nothing lies outside the grid."""
    extents = x.shape[1:-1]
    y = []
    for place in itertools.product(*map(range, extents)):
        total = bias.expand(len(x), -1)
        for weight, step in zip(weights, steps, strict=True):
            source = tuple(p + s for p, s in zip(place, step, strict=True))
            if all(0 <= s < extent for s, extent in zip(source, extents, strict=True)):
                total = total + x[(slice(None), *source)] @ weight.T
        y.append(total)
    return torch.stack(y, dim=1).unflatten(1, extents)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("kernel_size", [3, 5])
@pytest.mark.parametrize("positions", [(1,), (6,), (4, 5), (1, 3), (3, 1)], ids=str)
def test_it_is_the_literal_sum(positions: tuple[int, ...], kernel_size: int, causal: bool):
    """On sequences and images, also where the kernel is larger than the grid, and for what a causal one may see."""
    module = convolution(positions, 3, kernel_size, causal=causal)
    weight, bias = module.filter.weight, module.filter.bias
    steps = window(len(positions), kernel_size, causal=causal)
    x = torch.randn(2, *positions, 3).double()
    assert_agree(module, lambda x: literal(weight.flatten(2).unbind(-1), bias, steps, x), x, [weight, bias])


def test_the_kernel_is_a_window_on_each_axis():
    """One number in the middle of a 9 x 9 image reaches exactly the 5 x 5 positions around it."""
    module = convolution((9, 9), 1, 5)
    x = torch.zeros(1, 9, 9, 1).double()
    silence = module(x)
    x[0, 4, 4] = 1
    reached = (module(x) - silence)[0, :, :, 0] != 0
    expected = torch.zeros(9, 9, dtype=torch.bool)
    expected[2:7, 2:7] = True
    assert torch.equal(reached, expected)


@pytest.mark.parametrize("positions", [(9,), (4, 5)], ids=str)
def test_a_causal_one_sees_the_present_and_the_past_alone(positions: tuple[int, ...]):
    """A change at a position reaches it and none of those before; without the choice it does reach them."""
    x = torch.randn(1, *positions, 2).double()
    for causal in (True, False):
        module, leaks = convolution(positions, 2, 3, causal=causal), False
        for place in range(x[0, ..., 0].numel()):
            changed = x.clone()
            changed.view(1, -1, 2)[0, place] += 1
            moved = (module(changed) != module(x)).any(-1).flatten()
            assert moved[place]
            leaks |= bool(moved[:place].any())
        assert leaks != causal


def test_a_causal_image_is_the_masked_convolution():
    """The same as torch's convolution with the weights behind the centre set to zero, and it has no such weights."""
    module = convolution((5, 6), 3, 5, causal=True)
    full = torch.zeros(3, 3, 25).double()
    full[..., :13] = module.filter.weight.detach()
    x = torch.randn(2, 3, 5, 6).double()
    expected = torch.nn.functional.conv2d(x, full.unflatten(-1, (5, 5)), module.filter.bias, padding=2)
    torch.testing.assert_close(module(x.movedim(1, -1)), expected.movedim(1, -1))
    assert module.filter.weight.shape == (3, 3, 13)


@pytest.mark.parametrize("name", INITIALIZATIONS.names())
def test_initialization_draws_a_causal_image_too(name: str):
    """Its weights are drawn anew, with a size that fits the number of weights a filter really has."""
    module = OPERATIONS["convolution"]().build(Grid((4, 4), 64), {"kernel_size": 3, "causal": True})
    before = module.filter.weight.detach().clone()
    INITIALIZATIONS[name]().apply(module)
    assert (module.filter.weight != before).all()
    if name == "he":
        assert module.filter.weight.std().item() == pytest.approx((2 / (64 * 5)) ** 0.5, rel=0.05)


def test_an_activation_follows_it():
    """It is linear itself, so the builder lets the network's activation follow."""
    assert OPERATIONS["convolution"].is_linear
