"""Comparing an operation with its reference, in float64, forward and gradient."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def same(found: Tensor, expected: Tensor) -> bool:
    """Whether two tensors agree to 1e-9 of the largest number expected; float64 itself is good for 1e-15."""
    return found.shape == expected.shape and bool((found - expected).abs().max() <= 1e-9 * expected.abs().max())


def assert_agree(
    found: Callable[[Tensor], Tensor], expected: Callable[[Tensor], Tensor], x: Tensor, weights: Sequence[Tensor]
) -> None:
    """Two functions of `x` that share `weights` have the same values and the same gradients by all of them.

    Where a gradient is zero in theory (as by the bias of a softmax's keys) only the size of both is compared.
    """
    x = x.detach().clone().requires_grad_()
    wanted = [x, *weights]
    values, references = found(x), expected(x)
    assert same(values, references)
    weighting = torch.randn_like(references)
    gradients = torch.autograd.grad((values * weighting).sum(), wanted)
    reference_gradients = torch.autograd.grad((references * weighting).sum(), wanted)
    for gradient, reference in zip(gradients, reference_gradients, strict=True):
        assert same(gradient, reference) or max(gradient.abs().max(), reference.abs().max()) < 1e-12


def random_weights(module: torch.nn.Module) -> torch.nn.Module:
    """The module in float64 with normal weights and biases, so that no bias hides at zero."""
    module.double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(std=0.5)
    return module
