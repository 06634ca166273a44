import itertools
import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from spaces import Architecture, Grid, Task, landmark
from spaces.stems import STEMS
from tests.spaces.operations.references import assert_agree, random_weights


@pytest.mark.parametrize(
    ("name", "picks", "grid", "positions"),
    [
        ("flatten", {}, Grid((3, 4), 2), ()),
        ("linear", {}, Grid((3, 4), 2), (3, 4)),
        ("linear", {}, Grid((), 7), (7,)),
        ("patch", {"size": 2}, Grid((5, 8), 2), (3, 4)),
        ("patch", {"size": 4}, Grid((9,), 2), (3,)),
        ("patch", {"size": 4}, Grid((1, 2), 2), (1, 1)),
        ("patch", {"size": 2}, Grid((), 7), (4,)),
        ("patch", {"size": 4}, Grid((), 1), (1,)),
        ("convolutional", {"kernel_size": 3, "stride": 1}, Grid((5, 8), 2), (5, 8)),
        ("convolutional", {"kernel_size": 5, "stride": 2}, Grid((5, 8), 2), (3, 4)),
        ("convolutional", {"kernel_size": 3, "stride": 2}, Grid((9,), 2), (5,)),
        ("convolutional", {"kernel_size": 5, "stride": 2}, Grid((1,), 2), (1,)),
        ("convolutional", {"kernel_size": 5, "stride": 1}, Grid((), 7), (7,)),
        ("convolutional", {"kernel_size": 3, "stride": 2}, Grid((), 7), (4,)),
        ("embedding", {}, Grid((3, 4), 2), (3, 4)),
        ("embedding", {}, Grid((), 7), (7,)),
    ],
    ids=str,
)
def test_the_positions_of_a_stem(name: str, picks: dict, grid: Grid, positions: tuple[int, ...]):
    """None, one for each of the data's, one for each feature of a vector, or one for each patch or step, rounded up."""
    assert STEMS[name]().build(grid, 6, picks)[1] == Grid(positions, 6)


def test_patches_are_mapped_one_by_one():
    """Each patch's numbers, with zeros beyond the edge, go through the same linear map."""
    stem, _ = STEMS["patch"]().build(Grid((3, 4), 2), 5, {"size": 2})
    x = torch.randn(2, 3, 4, 2)
    padded = F.pad(x, (0, 0, 0, 0, 0, 1))
    y = stem(x)
    for i in range(2):
        for j in range(2):
            patch = padded[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            expected = torch.einsum("bhwc,ochw->bo", patch, stem.project.weight) + stem.project.bias
            torch.testing.assert_close(y[:, i, j], expected)


def test_features_have_maps_of_their_own():
    """A vector's features are mapped group by group with different weights; a group reads no other."""
    stem, _ = STEMS["patch"]().build(Grid((), 5), 3, {"size": 2})
    x = torch.randn(2, 5)
    y, padded = stem(x), F.pad(x, (0, 1))
    for group in range(3):
        expected = padded[:, 2 * group : 2 * group + 2] @ stem.weight[group] + stem.bias[group]
        torch.testing.assert_close(y[:, group], expected)
    assert not torch.equal(stem.weight[0], stem.weight[1])


def test_positions_share_a_map():
    """The linear stem does the same at every position of a sequence or an image."""
    stem, _ = STEMS["linear"]().build(Grid((3, 4), 2), 5, {})
    x = torch.randn(2, 3, 4, 2)
    torch.testing.assert_close(stem(x)[:, 1, 2], x[:, 1, 2] @ stem.weight.T + stem.bias)


def windows_of(x, size: int, stride: int):
    """Each place of a convolution, with the places in its window that lie inside `x` and the steps that lead there."""
    extents = x.shape[1:-1]
    for place in itertools.product(*(range(0, extent, stride) for extent in extents)):
        steps = itertools.product(range(size), repeat=len(extents))
        reached = [(tuple(p + s - size // 2 for p, s in zip(place, step, strict=True)), step) for step in steps]
        inside = [
            (source, step)
            for source, step in reached
            if all(0 <= p < extent for p, extent in zip(source, extents, strict=True))
        ]
        yield tuple(p // stride for p in place), inside


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("positions", [(1,), (6,), (7,), (4, 5)], ids=str)
def test_a_convolution_is_centred_on_every_stride_th_position(positions: tuple[int, ...], size: int, stride: int):
    """The sum over the window around it, as far as it lies inside, written out position by position."""
    picks = {"kernel_size": size, "stride": stride}
    stem, grid = STEMS["convolutional"]().build(Grid(positions, 2), 3, picks)
    random_weights(stem)
    weight, bias = stem.project.weight, stem.project.bias

    def literal(x):
        y = torch.zeros(len(x), *grid.positions, 3).double()
        for place, window in windows_of(x, size, stride):
            read = [x[(slice(None), *source)] @ weight[(slice(None), slice(None), *step)].T for source, step in window]
            y[(slice(None), *place)] = sum(read) + bias
        return y

    assert_agree(stem, literal, torch.randn(2, *positions, 2).double(), [weight, bias])


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("features", [1, 2, 7, 8])
def test_windows_of_features_have_maps_of_their_own(features: int, size: int, stride: int):
    """Each window of a vector's features, as far as it lies inside, is mapped by weights that no other has."""
    picks = {"kernel_size": size, "stride": stride}
    stem, grid = STEMS["convolutional"]().build(Grid((), features), 3, picks)
    random_weights(stem)

    def literal(x):
        y = []
        for (place,), window in windows_of(x[..., None], size, stride):
            y.append(sum(x[:, [source]] * stem.weight[place, step] for (source,), (step,) in window))
        return torch.stack(y, dim=1) + stem.bias

    assert grid.positions == (math.ceil(features / stride),)
    assert_agree(stem, literal, torch.randn(2, features).double(), [stem.weight, stem.bias])


def waves(frequencies, x):
    """`sin(2 pi f x)` of all frequencies of a number, then `cos(2 pi f x)`; `x` is `(batch,)`."""
    columns = [function(2 * math.pi * f * x) for function in (torch.sin, torch.cos) for f in frequencies]
    return torch.stack(columns, dim=-1)


def test_features_are_embedded_one_by_one():
    """Gorishniy et al. 2022: waves of each feature with frequencies of its own, and a linear map of its own."""
    stem, _ = STEMS["embedding"]().build(Grid((), 5), 3, {})
    embedded, tokens = random_weights(stem)

    def literal(x):
        places = [waves(embedded.frequencies[f], x[:, f]) @ tokens.weight[f] + tokens.bias[f] for f in range(5)]
        return torch.stack(places, dim=1)

    assert_agree(stem, literal, torch.randn(2, 5).double(), list(stem.parameters()))


@pytest.mark.parametrize("positions", [(4,), (2, 3)], ids=str)
def test_positions_are_embedded_with_all_their_numbers(positions: tuple[int, ...]):
    """Waves of each number side by side, mapped linearly, the same at every position."""
    stem, _ = STEMS["embedding"]().build(Grid(positions, 2), 3, {})
    embedded, linear = random_weights(stem)

    def literal(x):
        places = []
        for vector in x.flatten(1, -2).unbind(1):
            read = torch.cat([waves(embedded.frequencies[c], vector[:, c]) for c in range(2)], dim=-1)
            places.append(read @ linear.weight.T + linear.bias)
        return torch.stack(places, dim=1).view(*x.shape[:-1], 3)

    assert_agree(stem, literal, torch.randn(2, *positions, 2).double(), list(stem.parameters()))


def test_frequencies_start_low():
    """A number of size one goes through a tenth of a wave, of standard deviation: 80,000 draws, bound 5 sd.

    The sd of a sample's mean square is `sqrt(2 / n)` of the variance.
    """
    (embedded, _), _ = STEMS["embedding"]().build(Grid((), 10_000), 1, {})
    assert abs(embedded.frequencies.square().mean().item() / 0.1**2 - 1) < 5 * (2 / 80_000) ** 0.5


def test_tokens_are_looked_up_and_nothing_more():
    """Behind the table an embedding stem has no layer; the same token is the same vector at any place."""
    architecture = Architecture.from_json({**landmark("lstm").choices, "stem": "embedding"})
    entrance = architecture.build(Task(Grid((4,), 1), 2, vocabulary=7)).entrance
    assert isinstance(entrance.stem, nn.Identity)
    assert [parameter.shape for parameter in entrance.parameters()] == [(7, 32)]
    x, mask = entrance(torch.tensor([[3, 5, 3, 6]]), None)
    assert mask is None
    assert torch.equal(x[0], entrance.look_up.weight[[3, 5, 3, 6]])
