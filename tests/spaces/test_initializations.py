import math

import pytest
import torch
from torch import Tensor, nn

from spaces import Grid, Task, landmark
from spaces.initializations import INITIALIZATIONS

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
    for landmark_name in ("transformer", "wnn"):
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
