import math

import pytest
import torch

from spaces import Grid
from spaces.operations import OPERATIONS
from spaces.operations.wavelet_pyramid import LOW_PASS, Approximation, Level, high_pass, join, split
from tests.spaces.operations.references import assert_agree, random_weights

every_wavelet = pytest.mark.parametrize("wavelet", LOW_PASS)


def pyramid(positions: tuple[int, ...], wavelet: str, levels: int, channels: int = 3):
    picks = {"wavelet": wavelet, "levels": levels}
    return random_weights(OPERATIONS["wavelet_pyramid"]().build(Grid(positions, channels), picks))


def levels_of(module) -> list[Level]:
    return [part for part in module.modules() if isinstance(part, Level)]


def matrix(taps, extent: int) -> torch.Tensor:
    """The filter at every second position of a sequence that begins anew behind its end."""
    rows = torch.zeros(extent // 2, extent).double()
    for k in range(extent // 2):
        for m, tap in enumerate(taps):
            rows[k, (2 * k + m) % extent] += tap
    return rows


def energies(signal: torch.Tensor, wavelet: str, levels: int) -> list[float]:
    """Share of the signal's energy in the details of each level."""
    shares, rest = [], signal[None, :, None]
    for _ in range(levels):
        rest, details = split(rest, [1], LOW_PASS[wavelet])
        shares.append((details.square().sum() / signal.square().sum()).item())
    return shares


def test_every_option_has_its_filter():
    """The sub-choice and the filters have the same names."""
    assert set(OPERATIONS["wavelet_pyramid"].choices["wavelet"].options) == set(LOW_PASS)


@every_wavelet
def test_a_filter_bank_is_orthonormal(wavelet: str):
    """Low and high pass and their even shifts are of length 1 and at right angles, down to two positions."""
    for extent in (2, 4, 6, 16):
        bank = torch.cat([matrix(LOW_PASS[wavelet], extent), matrix(high_pass(LOW_PASS[wavelet]), extent)])
        torch.testing.assert_close(bank @ bank.T, torch.eye(extent).double())


@pytest.mark.parametrize(("wavelet", "moments"), [("haar", 1), ("db2", 2)])
def test_a_wavelet_has_zero_mean(wavelet: str, moments: int):
    """Its filter leaves nothing of a constant, Daubechies' second one nothing of a line, but something of a square."""
    taps = high_pass(LOW_PASS[wavelet])
    found = [sum(tap * n**power for n, tap in enumerate(taps)) for power in range(moments + 1)]
    assert found[:moments] == pytest.approx([0.0] * moments, abs=1e-12)
    assert abs(found[moments]) > 0.1


@every_wavelet
def test_a_low_pass_keeps_a_constant(wavelet: str):
    """Its taps add up to the square root of 2, so that energy is kept."""
    assert sum(LOW_PASS[wavelet]) == pytest.approx(math.sqrt(2))


@every_wavelet
def test_splitting_is_the_filter_bank(wavelet: str):
    """Low and high pass as matrices along one axis, and along both of an image, the approximation first."""
    low, high = matrix(LOW_PASS[wavelet], 6), matrix(high_pass(LOW_PASS[wavelet]), 6)
    x = torch.randn(2, 6, 3).double()
    for part, bank in zip(split(x, [1], LOW_PASS[wavelet]), (low, high), strict=True):
        torch.testing.assert_close(part, bank @ x)
    image = torch.randn(2, 6, 6, 3).double()
    banks = [(down, across) for down in (low, high) for across in (low, high)]
    for part, (down, across) in zip(split(image, [1, 2], LOW_PASS[wavelet]), banks, strict=True):
        torch.testing.assert_close(part, torch.einsum("ih,jw,bhwc->bijc", down, across, image))


@every_wavelet
@pytest.mark.parametrize(("positions", "axes"), [((2,), [1]), ((12,), [1]), ((4, 6), [1, 2]), ((1, 8), [2])], ids=str)
def test_joining_undoes_splitting(positions: tuple[int, ...], axes: list[int], wavelet: str):
    """Where nothing is changed the grid comes back as it was, with no energy lost on the way."""
    x = torch.randn(2, *positions, 3).double()
    parts = split(x, axes, LOW_PASS[wavelet])
    assert len(parts) == 2 ** len(axes)
    torch.testing.assert_close(sum(part.square().sum() for part in parts), x.square().sum())
    torch.testing.assert_close(join(parts, axes, LOW_PASS[wavelet]), x)


@every_wavelet
@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_energy_at_a_dyadic_scale_shows_up_in_its_level(level: int, wavelet: str):
    """A wave in the middle of an octave, at 3/8 of a cycle a position halved from level to level, is largest there."""
    wave = torch.cos(2 * math.pi * 0.375 * 2.0 ** (1 - level) * torch.arange(128.0).double() + 0.3)
    shares = energies(wave, wavelet, 5)
    assert max(range(5), key=shares.__getitem__) == level - 1
    assert shares[level - 1] > 0.5


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_haar_wavelet_lies_in_one_level(level: int):
    """A block up and a block down, each `2^(level - 1)` long, have all their energy in that level."""
    half = 2 ** (level - 1)
    signal = torch.zeros(32).double()
    signal[:half], signal[half : 2 * half] = 1.0, -1.0
    assert energies(signal, "haar", 4) == pytest.approx([float(j == level) for j in range(1, 5)])


@every_wavelet
@pytest.mark.parametrize("positions", [(1,), (8,), (7,), (3, 4), (1, 6)], ids=str)
def test_a_pyramid_that_changes_nothing_is_the_identity(positions: tuple[int, ...], wavelet: str):
    """With all coefficients passed on and sizes of zero, for even and odd extents."""
    module = pyramid(positions, wavelet, 2)
    for level in levels_of(module):
        level.scale = PassOn()
    (approximation,) = [part for part in module.modules() if isinstance(part, Approximation)]
    approximation.scale = PassOn()
    x = torch.randn(2, *positions, 3).double()
    torch.testing.assert_close(module(x), x)


class PassOn(torch.nn.Module):
    """A scale at which nothing is changed and nothing has a size."""

    def forward(self, coefficients):
        return coefficients, coefficients.new_zeros(())


@every_wavelet
def test_one_level_is_the_literal_formula(wavelet: str):
    """Filter matrices, three taps a channel, the modulus, and the matrices' transposes."""
    module = pyramid((8,), wavelet, 1)
    low, high = matrix(LOW_PASS[wavelet], 8), matrix(high_pass(LOW_PASS[wavelet]), 8)

    def learned(scale, coefficients):
        gathered = coefficients @ scale.gather.weight.T + scale.gather.bias
        edged = torch.nn.functional.pad(gathered, (0, 0, 1, 1))
        found = sum(scale.filters.filter.weight[:, 0, k] * edged[:, k : k + 4] for k in range(3))
        changed = found @ scale.change.weight.T + scale.change.bias
        return changed, found.abs() @ scale.size.weight.T + scale.size.bias

    def literal(x):
        details, size = learned(module.scale, high @ x)
        approximation = sum(learned(module.coarser.scale, low @ x))
        return low.T @ (approximation + size) + high.T @ details

    assert_agree(module, literal, torch.randn(2, 8, 3).double(), list(module.parameters()))


@pytest.mark.parametrize(
    ("positions", "levels", "expected"),
    [
        ((1,), 4, []),
        ((2,), 4, [1]),
        ((100,), 4, [1, 1, 1, 1]),
        ((3, 4), 4, [3, 3]),
        ((1, 6), 2, [1, 1]),
        ((2, 5), 4, [3, 1, 1]),
    ],
    ids=str,
)
def test_it_has_levels_while_there_is_something_to_halve(positions: tuple[int, ...], levels: int, expected: list[int]):
    """Every level has the detail bands of the axes that are still longer than 1."""
    assert [level.bands for level in levels_of(pyramid(positions, "haar", levels))] == expected


def test_the_mean_sees_what_lies_at_a_scale():
    """The fastest wave, all details and none of the mean, moves the mean over positions by way of its size alone."""
    module = pyramid((64,), "db2", 2, channels=2)
    wave = torch.tensor([1.0, -1.0]).double().repeat(32)[None, :, None].expand(1, 64, 2)
    silence = torch.zeros_like(wave)
    assert (module(wave).mean(1) - module(silence).mean(1)).abs().max() > 0.1
    module.scale.size.weight.data.zero_()
    torch.testing.assert_close(module(wave).mean(1), module(silence).mean(1))
