import math

import pytest
import torch
from torch import Tensor, nn

from spaces import Grid, Task, landmark
from spaces.initializations import INITIALIZATIONS
from spaces.stems.patch import FeatureTokens

# Layers as weights (out, in, *kernel) with unequal fans, so that no formula is taken for another.
LAYERS = {
    "linear": lambda: nn.Linear(300, 100),
    "conv1d": lambda: nn.Conv1d(60, 30, 5),
    "conv2d": lambda: nn.Conv2d(40, 20, 3),
}
VARIANCES = {
    "glorot": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he": lambda fan_in, fan_out: 2 / fan_in,
}
KURTOSIS = {"glorot": 1.8, "he": 3.0}  # of the uniform and of the normal distribution
every_formula = pytest.mark.parametrize("name", VARIANCES)


def drawn(name: str, layer: nn.Module) -> nn.Module:
    INITIALIZATIONS[name]().apply(layer)
    return layer


def assert_variance(weight: Tensor, variance: float, kurtosis: float) -> None:
    """Mean and mean square of n draws lie within five of their standard deviations.

    These are `sqrt(v / n)` and `v sqrt((kurtosis - 1) / n)`.
    """
    n = weight.numel()
    assert abs(weight.mean().item()) < 5 * math.sqrt(variance / n)
    assert abs(weight.square().mean().item() - variance) < 5 * variance * math.sqrt((kurtosis - 1) / n)


@every_formula
@pytest.mark.parametrize("kind", LAYERS)
def test_the_variance_is_the_papers(name: str, kind: str):
    """Glorot & Bengio's `2 / (fan_in + fan_out)`, He et al.'s `2 / fan_in`; a kernel multiplies both fans."""
    weight = drawn(name, LAYERS[kind]()).weight
    kernel = weight[0, 0].numel()
    fan_in, fan_out = weight.shape[1] * kernel, weight.shape[0] * kernel
    assert_variance(weight, VARIANCES[name](fan_in, fan_out), KURTOSIS[name])


def test_glorot_is_uniform():
    """No weight lies beyond `sqrt(3 v)`, and of 30,000 one comes within 1 % of it."""
    largest = drawn("glorot", LAYERS["linear"]()).weight.abs().max().item()
    limit = math.sqrt(3 * 2 / 400)
    assert 0.99 * limit < largest <= limit


def test_he_is_normal():
    """Of 30,000 weights .27 % lie beyond three standard deviations; binomial, bound 5 sd."""
    weight, sd, share = drawn("he", LAYERS["linear"]()).weight, math.sqrt(2 / 300), 0.0027
    beyond = (weight.abs() > 3 * sd).sum().item()
    assert abs(beyond - 30_000 * share) < 5 * math.sqrt(30_000 * share)


@every_formula
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_gates_of_an_lstm_are_drawn_one_by_one(name: str, bidirectional: bool):
    """Each gate's matrix has the variance of a layer of its own, not that of the four stacked by torch."""
    layer = drawn(name, nn.LSTM(120, 60, bidirectional=bidirectional))
    matrices = {key: weight for key, weight in layer.named_parameters() if key.startswith("weight")}
    assert len(matrices) == (4 if bidirectional else 2)
    for weight in matrices.values():
        for gate in weight.split(60):
            assert_variance(gate, VARIANCES[name](gate.shape[1], 60), KURTOSIS[name])


@every_formula
def test_biases_are_zero(name: str):
    """Those of linear and convolutional layers, wherever they are in a network."""
    for landmark_name in ("transformer", "resnet", "lstm"):
        network = landmark(landmark_name).build(Task(Grid((8, 8), 1), 10))
        layers = [m for m in drawn(name, network).modules() if isinstance(m, nn.Linear | nn.Conv1d | nn.Conv2d)]
        assert layers
        assert all((layer.bias == 0).all() for layer in layers if layer.bias is not None)


def test_what_is_no_layer_stays():
    """Norms, position codes and the wavelons' places are not drawn: their own starting points have a meaning."""
    for landmark_name in ("vit", "wnn"):
        network = landmark(landmark_name).build(Task(Grid((8, 8), 1), 10))
        own = {key: value for key, value in network.named_parameters() if key.split(".")[-1] not in ("weight", "bias")}
        norms = [module for module in network.modules() if isinstance(module, nn.LayerNorm)]
        before = {key: value.detach().clone() for key, value in own.items()}
        drawn("he", network)
        assert own
        assert norms
        assert all(torch.equal(own[key], before[key]) for key in own)
        assert all((norm.weight == 1).all() and (norm.bias == 0).all() for norm in norms)


@every_formula
def test_a_network_is_drawn_by_its_own_choice(name: str):
    """The classifier of a network built with an initialization has that one's variance."""
    architecture = landmark("deep_fnn")
    chosen = type(architecture).from_json({**architecture.choices, "initialization": name, "width": 400})
    weight = chosen.build(Task(Grid((8, 8), 1), 100)).classify.weight
    assert_variance(weight, VARIANCES[name](400, 100), KURTOSIS[name])


@pytest.mark.parametrize("kind", LAYERS)
def test_orthogonal_matrices_are(kind: str):
    """Rows of filters, flattened, have length one and are at right angles to each other."""
    weight = drawn("orthogonal", LAYERS[kind]()).weight.flatten(1).double()
    assert len(weight) < weight.shape[1]
    torch.testing.assert_close(weight @ weight.T, torch.eye(len(weight)).double(), rtol=0, atol=1e-5)


def test_orthogonal_columns_where_they_are_fewer():
    """A layer that widens keeps lengths: its columns are orthonormal."""
    weight = drawn("orthogonal", nn.Linear(20, 50)).weight.double()
    torch.testing.assert_close(weight.T @ weight, torch.eye(20).double(), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "matrices"),
    [
        (nn.LSTM(12, 12), lambda layer: [*layer.weight_ih_l0.split(12), *layer.weight_hh_l0.split(12)]),
        (FeatureTokens(24, 12, 12), lambda layer: layer.weight),
    ],
    ids=["gates", "groups"],
)
def test_every_matrix_is_orthogonal_by_itself(layer: nn.Module, matrices):
    """Each gate of a recurrence and each group of features, also where a module yields a transposed view."""
    for matrix in matrices(drawn("orthogonal", layer)):
        torch.testing.assert_close(matrix @ matrix.T, torch.eye(12), rtol=0, atol=1e-5)


def test_orthogonal_matrices_are_uniform():
    """No direction is preferred (Haar measure): of 1,000 single weights about half are 1, the others -1; bound 5 sd."""
    weights = torch.stack([drawn("orthogonal", nn.Linear(1, 1)).weight.squeeze() for _ in range(1000)])
    assert torch.equal(weights.abs(), torch.ones(1000))
    assert abs((weights == 1).sum().item() - 500) < 5 * math.sqrt(250)


def test_orthogonal_layers_keep_lengths_through_any_depth():
    """Saxe et al. 2014: a hundred linear layers drawn so are a rotation; of Glorot's, whose lengths stray, none is."""
    x = torch.randn(5, 16).double()
    stretched = {}
    for name in ("orthogonal", "glorot"):
        y = x
        for _ in range(100):
            y = drawn(name, nn.Linear(16, 16, bias=False).double())(y)
        stretched[name] = (y.norm(dim=-1) / x.norm(dim=-1) - 1).abs().max().item()
    assert stretched["orthogonal"] < 1e-9
    assert stretched["glorot"] > 0.1
