import pytest
import torch

from spaces import Grid, landmark
from spaces.architecture import StagePlan
from spaces.blocks import Activated, TokenMixer
from spaces.operations import OPERATIONS
from tests.spaces.operations.references import assert_agree


@pytest.mark.parametrize("positions", [(), (4,), (2, 3)], ids=str)
def test_what_comes_in_goes_out(positions: tuple[int, ...]):
    """On a grid of any rank, number by number, with its gradient."""
    module = OPERATIONS["identity"]().build(Grid(positions, 3), {})
    assert_agree(module, lambda x: 1.0 * x, torch.randn(2, *positions, 3).double(), [])


def test_it_brings_no_layer_of_its_own():
    """At its site in a network, where a linear operation has an activation, there is neither that nor a parameter."""
    site = TokenMixer(landmark("deep_fnn"), StagePlan("identity", {}, 1), Grid((4,), 3))
    assert not list(site.parameters())
    assert not any(isinstance(module, Activated) for module in site.modules())
