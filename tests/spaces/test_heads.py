import pytest
import torch

from spaces import Grid
from spaces.heads import HEADS

SEQUENCE = torch.arange(12.0).reshape(1, 4, 3)  # position p holds 3p, 3p + 1, 3p + 2


@pytest.mark.parametrize("positions", [(4,), (2, 2)], ids=str)
@pytest.mark.parametrize(
    ("name", "expected"),
    [("mean", [4.5, 5.5, 6.5]), ("last", [9.0, 10.0, 11.0]), ("flatten", list(range(12)))],
)
def test_a_head_gathers_positions_row_by_row(name: str, expected: list[float], positions: tuple[int, ...]):
    """The mean of all, the last of all, or all side by side, on an image as on its row-major scan."""
    head, features = HEADS[name]().build(Grid(positions, 3))
    assert features == len(expected)
    assert head(SEQUENCE.reshape(1, *positions, 3)).tolist() == [expected]
