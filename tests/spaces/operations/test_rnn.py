import torch
from torch import nn

from spaces import Grid
from spaces.operations import OPERATIONS
from tests.spaces.operations.references import assert_agree, random_weights


def rnn(channels: int) -> nn.Module:
    return random_weights(OPERATIONS["rnn"]().build(Grid((6,), channels), {"bidirectional": False}))


def literal(weights, x):
    """Elman's equation, `h_t = tanh(W x_t + b + U h_{t-1} + c)`."""
    input_weight, state_weight, input_bias, state_bias = weights
    hidden = x.new_zeros(len(x), state_weight.shape[1])
    states = []
    for step in range(x.shape[1]):
        hidden = torch.tanh(x[:, step] @ input_weight.T + input_bias + hidden @ state_weight.T + state_bias)
        states.append(hidden)
    return torch.stack(states, dim=1)


def test_it_is_the_equation():
    """Every step's state, from a zero state on, and its gradients."""
    module = rnn(5)
    weights = list(module.parameters())
    assert_agree(module, lambda x: literal(weights, x), torch.randn(3, 6, 5).double(), weights)


def test_it_is_torchs():
    """The same weights in torch's own network with tanh give the same states."""
    module = rnn(5)
    reference = nn.RNN(5, 5, nonlinearity="tanh", batch_first=True).double()
    reference.load_state_dict(module.recurrence.state_dict())
    assert_agree(module, lambda x: reference(x)[0], torch.randn(3, 6, 5).double(), [])
