import cmath
import itertools
import math

import pytest
import torch
from torch import Tensor, nn

from spaces import Grid
from spaces.positions import POSITIONS

RELATIVE = ["rotary", "linear_bias"]


def built(name: str, positions: tuple[int, ...], channels: int) -> nn.Module:
    return POSITIONS[name]().build(Grid(positions, channels))


def turned(grid: Grid, channels: int, queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
    """Queries and keys as rotary leaves them; it adds nothing to the scores."""
    queries, keys, bias = POSITIONS["rotary"]().build_attention(grid, queries.shape[1], channels)(queries, keys)
    assert bias is None
    return queries, keys


def test_a_learned_code_is_added():
    """Each position has a vector of its own, the same in every row, small at first: 12,000 draws of sd .02, bound 5 sd.

    The sd of a sample's mean square is `sqrt(2 / n)` of the variance.
    """
    code = POSITIONS["learned"]().build(Grid((40, 30), 10))
    x = torch.randn(2, 40, 30, 10)
    added = (code(x) - x).detach()
    torch.testing.assert_close(added[0], added[1], rtol=0, atol=1e-6)
    assert abs(added[0].square().mean().item() / 0.02**2 - 1) < 5 * (2 / 12_000) ** 0.5


def test_no_code_changes_nothing():
    """What enters goes on."""
    x = torch.randn(2, 5, 3)
    assert torch.equal(POSITIONS["none"]().build(Grid((5,), 3))(x), x)


@pytest.mark.parametrize("channels", [1, 2, 5, 8])
def test_a_sinusoidal_code_is_the_papers(channels: int):
    """`sin(p / 10000^(2i / d))` is added to channel `2i` and the cosine to channel `2i + 1`, for any width."""
    x = torch.randn(2, 7, channels)
    expected = [
        [(math.cos if c % 2 else math.sin)(position / 10_000 ** (2 * (c // 2) / channels)) for c in range(channels)]
        for position in range(7)
    ]
    torch.testing.assert_close(built("sinusoidal", (7,), channels)(x) - x, torch.tensor(expected).expand(2, -1, -1))


@pytest.mark.parametrize("channels", [1, 2, 5, 8])
def test_a_sinusoidal_code_tells_row_and_column(channels: int):
    """On an image the first half of the channels has the code of the row, the other that of the column."""
    rows, columns = -(-channels // 2), channels // 2
    blank = torch.zeros(1, 3, 4, channels)
    code = built("sinusoidal", (3, 4), channels)(blank)[0]
    row_code = built("sinusoidal", (3,), rows)(torch.zeros(1, 3, rows))[0]
    torch.testing.assert_close(code[..., :rows], row_code[:, None].expand(-1, 4, -1))
    if columns:
        column_code = built("sinusoidal", (4,), columns)(torch.zeros(1, 4, columns))[0]
        torch.testing.assert_close(code[..., rows:], column_code[None].expand(3, -1, -1))


def test_an_absolute_code_that_is_not_learned_is_no_part_of_a_checkpoint():
    """It follows from the grid."""
    assert not built("sinusoidal", (7,), 4).state_dict()


@pytest.mark.parametrize("name", RELATIVE)
def test_a_relative_code_marks_nothing_where_the_data_enter(name: str):
    """It acts inside attention alone, and nothing of it is learned."""
    x = torch.randn(2, 5, 3)
    assert torch.equal(built(name, (5,), 3)(x), x)
    inside = POSITIONS[name]().build_attention(Grid((5,), 8), 2, 4)
    assert not list(inside.parameters())
    assert not inside.state_dict()


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 6, 7])
def test_rotary_turns_pairs_of_channels(channels: int):
    """Pair `i` of `n` at position `p` is a complex number times `exp(1j p 10000^(-i / n))`; an odd channel stays."""
    queries, keys = turned(Grid((6,), channels), channels, *(both := torch.randn(2, 2, 3, 6, channels)))
    pairs = channels // 2
    for found, given in zip((queries, keys), both, strict=True):
        expected = given.clone()
        for position, pair in itertools.product(range(6), range(pairs)):
            number = torch.complex(given[:, :, position, 2 * pair], given[:, :, position, 2 * pair + 1])
            number = number * cmath.exp(1j * position * 10_000 ** (-pair / pairs))
            expected[:, :, position, 2 * pair], expected[:, :, position, 2 * pair + 1] = number.real, number.imag
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("channels", [1, 2, 3, 8, 11])
@pytest.mark.parametrize("positions", [(9,), (4, 5)], ids=str)
def test_rotary_scores_depend_on_the_difference_of_positions_alone(positions: tuple[int, ...], channels: int):
    """With the same query and key everywhere, equally distant pairs have the same product, others not all."""
    grid = Grid(positions, channels)
    query, key = torch.randn(2, 1, 1, 1, channels)
    queries, keys = turned(grid, channels, *(x.expand(1, 1, grid.length, channels) for x in (query, key)))
    scores = (queries @ keys.transpose(2, 3))[0, 0]
    places = list(itertools.product(*map(range, positions)))
    by_difference: dict[tuple[int, ...], list[torch.Tensor]] = {}
    for (i, from_), (j, to) in itertools.product(enumerate(places), repeat=2):
        difference = tuple(a - b for a, b in zip(from_, to, strict=True))
        by_difference.setdefault(difference, []).append(scores[i, j])
    for equal in by_difference.values():
        torch.testing.assert_close(torch.stack(equal), equal[0].expand(len(equal)), rtol=1e-4, atol=1e-4)
    assert (scores.max() - scores.min() > 1e-2) == (channels > 1)


@pytest.mark.parametrize(("channels", "rows"), [(3, 2), (6, 4), (7, 4), (8, 4)])
def test_rotary_turns_by_row_and_by_column(channels: int, rows: int):
    """On an image the first half of the pairs turns as on a sequence of rows, the others as on one of columns."""
    image = torch.randn(3, 4, channels)
    found = turned(Grid((3, 4), channels), channels, *[image.view(1, 1, 12, channels)] * 2)[0].view(3, 4, channels)
    by_row, by_column = image[..., :rows].transpose(0, 1), image[..., rows:]
    expected_rows, _ = turned(Grid((3,), rows), rows, *[by_row[None]] * 2)
    expected_columns, _ = turned(Grid((4,), channels - rows), channels - rows, *[by_column[None]] * 2)
    torch.testing.assert_close(found[..., :rows], expected_rows[0].transpose(0, 1))
    torch.testing.assert_close(found[..., rows:], expected_columns[0])


def test_linear_bias_has_the_papers_slopes():
    """1/2, 1/4, ... 1/256 for eight heads, times the distance, in both directions; queries and keys stay."""
    queries, keys = torch.randn(2, 3, 8, 5, 2)
    found_queries, found_keys, bias = POSITIONS["linear_bias"]().build_attention(Grid((5,), 16), 8, 2)(queries, keys)
    assert torch.equal(found_queries, queries)
    assert torch.equal(found_keys, keys)
    expected = [[[-abs(i - j) / 2 ** (head + 1) for j in range(5)] for i in range(5)] for head in range(8)]
    torch.testing.assert_close(bias, torch.tensor(expected))


def test_linear_bias_sums_distances_along_both_axes():
    """On an image, with the slopes 1/16 and 1/256 of two heads."""
    x = torch.randn(1, 2, 12, 2)
    _, _, bias = POSITIONS["linear_bias"]().build_attention(Grid((3, 4), 4), 2, 2)(x, x)
    places = list(itertools.product(range(3), range(4)))
    expected = [[[-s * (abs(a - c) + abs(b - d)) for c, d in places] for a, b in places] for s in (1 / 16, 1 / 256)]
    torch.testing.assert_close(bias, torch.tensor(expected))
