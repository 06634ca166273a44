import pytest
import torch
from torch import Tensor, nn

from spaces import Grid
from spaces.masks import mask_of
from spaces.normalizations import NORMALIZATIONS
from tests.spaces.operations.references import assert_agree, random_weights

GRIDS = [Grid((), 4), Grid((5,), 4), Grid((2, 3), 4), Grid((3,), 1)]
on_grids = pytest.mark.parametrize("grid", GRIDS, ids=str)


def normalization_on(name: str, grid: Grid) -> nn.Module:
    return random_weights(NORMALIZATIONS[name]().build(grid))


def batch_on(grid: Grid) -> Tensor:
    return 3 * torch.randn(4, *grid.positions, grid.channels).double() + 2


def by_vectors(formula, x):
    """The formula on every vector of the batch, one after the other."""
    return torch.stack([formula(vector) for vector in x.reshape(-1, x.shape[-1])]).view_as(x)


def variance(values: Tensor) -> Tensor:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / len(values)


def test_none_changes_nothing():
    """What enters goes on."""
    x = torch.randn(2, 5, 3)
    assert NORMALIZATIONS["none"]().build(Grid((5,), 3))(x, None) is x


@on_grids
def test_layer_is_the_formula(grid: Grid):
    """Ba et al. 2016, equation 4, with torch's 1e-5 under the root, over the channels of each position."""
    layer = normalization_on("layer", grid)

    def literal(vector):
        centred = vector - sum(vector) / len(vector)
        return layer.weight * centred / (variance(vector) + 1e-5).sqrt() + layer.bias

    assert_agree(layer, lambda x: by_vectors(literal, x), batch_on(grid), list(layer.parameters()))


@on_grids
def test_rms_is_the_formula(grid: Grid):
    """Zhang & Sennrich 2019, equation 4, with 1e-5 under the root, over the channels of each position."""
    rms = normalization_on("rms", grid)

    def literal(vector):
        mean_square = sum(v**2 for v in vector) / len(vector)
        return rms.weight * vector / (mean_square + 1e-5).sqrt()

    assert_agree(rms, lambda x: by_vectors(literal, x), batch_on(grid), list(rms.parameters()))


def literal_batch_norm(batch: nn.Module, x: Tensor, mask: Tensor) -> Tensor:
    """Ioffe & Szegedy 2015, algorithm 1, with 1e-5 under the root, over the positions where `mask` holds."""
    y = torch.zeros_like(x)
    for channel in range(x.shape[-1]):
        values = x[..., channel][mask]
        normalized = (values - sum(values) / len(values)) / (variance(values) + 1e-5).sqrt()
        y[..., channel][mask] = batch.weight[channel] * normalized + batch.bias[channel]
    return y


@on_grids
def test_batch_is_the_formula(grid: Grid):
    """Each channel over all rows and positions."""
    batch, everywhere = normalization_on("batch", grid), torch.ones(4, *grid.positions, dtype=torch.bool)
    x = batch_on(grid)
    assert_agree(batch, lambda x: literal_batch_norm(batch, x, everywhere), x, list(batch.parameters()))


def test_batch_is_torchs_on_images():
    """In training and in evaluation, with the same running statistics, as torch's with the channels in front."""
    batch, reference = normalization_on("batch", Grid((2, 3), 4)), nn.BatchNorm2d(4).double()
    reference.load_state_dict(batch.state_dict())
    for x in (batch_on(Grid((2, 3), 4)), batch_on(Grid((2, 3), 4))):
        torch.testing.assert_close(batch(x, None), reference(x.movedim(-1, 1)).movedim(1, -1))
    for key, value in reference.state_dict().items():
        torch.testing.assert_close(batch.state_dict()[key], value)
    batch.eval()
    torch.testing.assert_close(batch(x, None), reference.eval()(x.movedim(-1, 1)).movedim(1, -1))


def test_batch_leaves_the_padding_out():
    """Statistics are of the positions with data alone, and the running ones too."""
    grid, mask = Grid((5,), 3), mask_of(torch.tensor([1, 5, 2, 3]), 5)
    batch, alone = normalization_on("batch", grid), normalization_on("batch", grid)
    x = batch_on(grid)
    assert_agree(lambda x: batch(x, mask), lambda x: literal_batch_norm(batch, x, mask), x, list(batch.parameters()))
    alone(x[mask], None)
    torch.testing.assert_close(batch.running_mean, alone.running_mean)
    torch.testing.assert_close(batch.running_var, alone.running_var)


@pytest.mark.parametrize("masked", [False, True])
def test_a_lone_position_is_normalized_by_what_was_seen_before(masked: bool):
    """It has no variance of its own: in training too it is treated as in evaluation, and leaves no trace."""
    grid = Grid((3,), 2) if masked else Grid((1,), 2)
    batch = normalization_on("batch", grid)
    batch(torch.randn(4, *grid.positions, 2).double(), None)
    before = {key: value.clone() for key, value in batch.state_dict().items()}
    x, mask = torch.randn(1, *grid.positions, 2).double(), mask_of(torch.tensor([1]), 3) if masked else None
    in_training = batch(x, mask)
    assert all(torch.equal(batch.state_dict()[key], value) for key, value in before.items())
    assert torch.equal(batch.eval()(x, mask), in_training)
    expected = (x[0, 0] - batch.running_mean) / (batch.running_var + 1e-5).sqrt() * batch.weight + batch.bias
    torch.testing.assert_close(in_training[0, 0], expected)
