import pytest
import torch
from torch.nn import functional as F

from spaces import Grid
from spaces.stems import STEMS


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
    ],
    ids=str,
)
def test_the_positions_of_a_stem(name: str, picks: dict, grid: Grid, positions: tuple[int, ...]):
    """None, one for each of the data's, one for each feature of a vector, or one for each patch, rounded up."""
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
