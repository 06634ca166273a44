import pytest
import torch
from torch import nn

from spaces import LANDMARKS, Grid, SearchSpace, Task, landmark

TASK = Task(Grid((8, 8), 1), 10)


@pytest.mark.parametrize("name", LANDMARKS)
def test_a_landmark_belongs_to_one_family_of_the_default_space(name: str):
    """Landmarks are pure: each stands for one inductive bias."""
    (family,) = landmark(name).families
    assert family in SearchSpace.named("everything").families


def test_every_family_has_a_landmark():
    """No family of the default space goes without a baseline."""
    assert {landmark(name).families[0] for name in LANDMARKS} == set(SearchSpace.named("everything").families)


def test_the_deep_fnn_is_the_textbook_network():
    """Flatten → linear → (linear, relu) × 2 → linear, with the same weights, gives the same class scores."""
    network = landmark("deep_fnn").build(TASK).eval()
    linears = [module for module in network.modules() if isinstance(module, nn.Linear)]
    stem, first, second, classify = linears
    x = torch.randn(5, 8, 8, 1)
    expected = classify(torch.relu(second(torch.relu(first(stem(x.flatten(1)))))))
    torch.testing.assert_close(network(x), expected)


def test_the_lstm_is_torchs():
    """Patches → two stacked torch LSTMs → last state → linear gives the same class scores."""
    network = landmark("lstm").build(TASK).eval()
    first, second = [module for module in network.modules() if isinstance(module, nn.LSTM)]
    x = torch.randn(3, 8, 8, 1)
    patches = network.stem(x).flatten(1, 2)
    expected = network.classify(second(first(patches)[0])[0][:, -1])
    torch.testing.assert_close(network(x), expected)
