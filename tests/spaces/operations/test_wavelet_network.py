import math

import numpy as np
import pytest
import torch

from spaces import Grid
from spaces.operations import OPERATIONS
from spaces.operations.wavelet_network import MOTHER_WAVELETS
from tests.spaces.operations.references import assert_agree, random_weights

U = torch.linspace(-16, 16, 3201, dtype=torch.float64)  # beyond 16 all of them are below exp(-128)
LITERAL = {
    "mexican_hat": lambda u: (1 - u * u) * (-u * u / 2).exp(),
    "morlet": lambda u: ((5 * u).cos() - math.exp(-12.5)) * (-u * u / 2).exp(),
    "gaussian_derivative": lambda u: -u * (-u * u / 2).exp(),
}
every_wavelet = pytest.mark.parametrize("wavelet", MOTHER_WAVELETS)


def spectrum(psi: torch.Tensor, frequencies: torch.Tensor) -> torch.Tensor:
    """`psi_hat(w) = integral of psi(u) exp(-i w u) du` by the trapezoid rule, exact to rounding for such functions."""
    return torch.trapezoid(psi * torch.exp(-1j * frequencies[:, None] * U), U, dim=1)


def admissibility(psi: torch.Tensor, lowest: float) -> float:
    """Integral of `|psi_hat(w)|^2 / w` from the lowest frequency up, over the logarithm of `w`."""
    logarithms = torch.linspace(math.log(lowest), math.log(12), 2000, dtype=torch.float64)
    return torch.trapezoid(spectrum(psi, logarithms.exp()).abs().square(), logarithms).item()


def test_every_option_is_a_wavelet():
    """The sub-choice and the functions have the same names."""
    assert set(OPERATIONS["wavelet_network"].choices["wavelet"].options) == set(MOTHER_WAVELETS) == set(LITERAL)


@every_wavelet
def test_it_is_the_literal_formula(wavelet: str):
    """`y_k = b_k + sum_j C_kj psi((w_j . x - t_j) / d_j)`, number by number, with `d = exp(log_dilation)`."""
    module = random_weights(OPERATIONS["wavelet_network"]().build(Grid((), 4), {"wavelet": wavelet}))
    w, t, log_d = module.project.weight, module.translation, module.log_dilation
    c, b = module.combine.weight, module.combine.bias

    def literal(x):
        rows = []
        for row in x:
            arguments = [(sum(w[j, i] * row[i] for i in range(4)) - t[j]) / log_d[j].exp() for j in range(4)]
            wavelons = [LITERAL[wavelet](u) for u in arguments]
            rows.append(torch.stack([b[k] + sum(c[k, j] * wavelons[j] for j in range(4)) for k in range(4)]))
        return torch.stack(rows)

    assert_agree(module, literal, torch.randn(3, 4).double(), [w, t, log_d, c, b])


@every_wavelet
def test_a_mother_wavelet_has_zero_mean(wavelet: str):
    """Its integral vanishes to rounding; Morlet's cosine alone would leave 9e-6."""
    assert abs(torch.trapezoid(MOTHER_WAVELETS[wavelet](U), U).item()) < 1e-12


@every_wavelet
def test_a_mother_wavelet_is_admissible(wavelet: str):
    """The integral of `|psi_hat|^2 / |w|` is positive and finite: it no longer grows towards low frequencies."""
    psi = MOTHER_WAVELETS[wavelet](U)
    whole = admissibility(psi, 1e-3)
    assert whole > 0.1
    assert admissibility(psi, 1e-9) == pytest.approx(whole, rel=1e-5)


def test_a_bump_is_not_admissible():
    """The check above can fail: for a Gaussian every further decade adds as much as the one before."""
    bump = (-U * U / 2).exp()
    decades = [admissibility(bump, 10.0**-n) for n in (3, 4, 5)]
    assert np.diff(decades) == pytest.approx(2 * math.pi * math.log(10), rel=1e-3)


@pytest.mark.parametrize("wavelet", ["mexican_hat", "gaussian_derivative"])
def test_the_constant_is_the_textbooks(wavelet: str):
    """For derivatives of a Gaussian, `integral of |psi_hat|^2 / w` over positive frequencies is pi."""
    assert admissibility(MOTHER_WAVELETS[wavelet](U), 1e-6) == pytest.approx(math.pi, rel=1e-4)


def test_wavelons_start_at_different_places():
    """Dilations start at 1 and translations cover [-2, 2] evenly."""
    module = OPERATIONS["wavelet_network"]().build(Grid((), 5), {"wavelet": "morlet"})
    assert module.log_dilation.tolist() == [0.0] * 5
    assert module.translation.tolist() == [-2.0, -1.0, 0.0, 1.0, 2.0]
