import pytest
import torch

from spaces import Grid
from spaces.operations import OPERATIONS
from tests.spaces.operations.references import assert_agree, random_weights
from tests.spaces.operations.test_convolution import literal, window


def dilated(positions: tuple[int, ...], kernel_size: int, dilation: int, *, causal: bool):
    picks = {"kernel_size": kernel_size, "dilation": dilation, "causal": causal}
    return random_weights(OPERATIONS["dilated_convolution"]().build(Grid(positions, 2), picks))


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("kernel_size", "dilation"), [(3, 2), (5, 2), (3, 4)])
@pytest.mark.parametrize("positions", [(1,), (11,), (5, 6)], ids=str)
def test_it_is_a_convolution_with_gaps(positions: tuple[int, ...], kernel_size: int, dilation: int, causal: bool):
    """`y[p] = b + sum over steps s of W[s] x[p + dilation s]`: the steps of a convolution, lengthened."""
    module = dilated(positions, kernel_size, dilation, causal=causal)
    weight, bias = module.filter.weight, module.filter.bias
    steps = [tuple(dilation * s for s in step) for step in window(len(positions), kernel_size, causal=causal)]
    x = torch.randn(2, *positions, 2).double()
    assert_agree(module, lambda x: literal(weight.flatten(2).unbind(-1), bias, steps, x), x, [weight, bias])


def test_a_causal_one_reaches_back_by_its_dilation():
    """With kernel 3 and dilation 4 one number is seen by itself and by what comes 4 and 8 steps later."""
    module = dilated((12,), 3, 4, causal=True)
    x = torch.randn(1, 12, 2).double()
    changed = x.clone()
    changed[0, 2] += 1
    assert (module(changed) != module(x)).any(-1)[0].nonzero().flatten().tolist() == [2, 6, 10]
