"""The wavelet network: wavelons with learned dilation and translation."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from spaces.choices import Categorical, Value
from spaces.operations.operation import OPERATIONS, Operation
from spaces.shapes import Grid


@OPERATIONS.register("wavelet_network")
class WaveletNetwork(Operation):
    """A layer of wavelons `psi((w.x - t) / d)` and their linear combination. Zhang & Benveniste 1992, equation 6.

    The direction `w`, the translation `t` and the dilation `d` of each wavelon are learned. It reads vectors alone; on
    any other grid the builder projects all positions to one.
    """

    family = "wavelet"
    ranks = (0,)
    choices = {"wavelet": Categorical(("mexican_hat", "morlet", "gaussian_derivative"))}

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Wavelons and their combination, `(batch, channels)` to the same shape."""
        return Wavelons(grid.channels, str(picks["wavelet"]))


class Wavelons(nn.Module):
    """As many wavelons as channels, combined linearly.

    Dilations are kept positive through their logarithm; they start at 1 and the translations spread over [-2, 2], where
    the projections of normalized inputs lie, so that wavelons cover different places from the start.
    """

    def __init__(self, channels: int, wavelet: str) -> None:
        super().__init__()
        self.project = nn.Linear(channels, channels, bias=False)
        self.translation = nn.Parameter(torch.linspace(-2.0, 2.0, channels))
        self.log_dilation = nn.Parameter(torch.zeros(channels))
        self.combine = nn.Linear(channels, channels)
        self.wavelet = MOTHER_WAVELETS[wavelet]

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, channels)` to the same shape."""
        return self.combine(self.wavelet((self.project(x) - self.translation) * torch.exp(-self.log_dilation)))


def mexican_hat(u: Tensor) -> Tensor:
    """`(1 - u^2) exp(-u^2 / 2)`, the second derivative of a Gaussian (Ricker 1953); zero mean."""
    return (1 - u.square()) * torch.exp(-0.5 * u.square())


def morlet(u: Tensor) -> Tensor:
    """`(cos(5 u) - exp(-25 / 2)) exp(-u^2 / 2)`, the real Morlet wavelet (1982); the second term makes the mean 0."""
    return (torch.cos(5.0 * u) - MORLET_MEAN) * torch.exp(-0.5 * u.square())


def gaussian_derivative(u: Tensor) -> Tensor:
    """`-u exp(-u^2 / 2)`, the first derivative of a Gaussian, as in Zhang & Benveniste 1992; zero mean."""
    return -u * torch.exp(-0.5 * u.square())


MORLET_MEAN = 3.7266531720786709e-06  # exp(-5^2 / 2)
MOTHER_WAVELETS = {"mexican_hat": mexican_hat, "morlet": morlet, "gaussian_derivative": gaussian_derivative}
