import torch

from spaces import Grid
from spaces.positions import POSITIONS


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
