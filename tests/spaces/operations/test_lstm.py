import torch
from torch import nn

from spaces import Grid
from spaces.operations import OPERATIONS
from tests.spaces.operations.references import assert_agree, random_weights


def lstm(channels: int) -> nn.Module:
    return random_weights(OPERATIONS["lstm"]().build(Grid((6,), channels), {"bidirectional": False}))


def literal(weights, x):
    """Hochreiter & Schmidhuber's equations with the forget gate of Gers et al. 2000; gates in torch's order i f g o."""
    input_weight, state_weight, input_bias, state_bias = weights
    hidden = cell = x.new_zeros(len(x), state_weight.shape[1])
    states = []
    for step in range(x.shape[1]):
        gates = x[:, step] @ input_weight.T + input_bias + hidden @ state_weight.T + state_bias
        i, f, g, o = gates.chunk(4, dim=1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        hidden = torch.sigmoid(o) * torch.tanh(cell)
        states.append(hidden)
    return torch.stack(states, dim=1)


def test_it_is_the_equations():
    """Every step's hidden state, from zero states on, and its gradients."""
    module = lstm(5)
    weights = list(module.parameters())
    assert_agree(module, lambda x: literal(weights, x), torch.randn(3, 6, 5).double(), weights)


def test_it_is_torchs():
    """The same weights in torch's own LSTM give the same states."""
    module = lstm(5)
    reference = nn.LSTM(5, 5, batch_first=True).double()
    reference.load_state_dict(module.recurrence.state_dict())
    assert_agree(module, lambda x: reference(x)[0], torch.randn(3, 6, 5).double(), [])
