import torch
from torch import nn

from spaces import Grid
from spaces.operations import OPERATIONS
from tests.spaces.operations.references import assert_agree, random_weights


def gru(channels: int) -> nn.Module:
    return random_weights(OPERATIONS["gru"]().build(Grid((6,), channels), {"bidirectional": False}))


def literal(weights, x):
    """Cho et al.'s equations, the reset gate behind the matrix on the state; gates in torch's order r z n."""
    input_weight, state_weight, input_bias, state_bias = weights
    hidden = x.new_zeros(len(x), state_weight.shape[1])
    states = []
    for step in range(x.shape[1]):
        of_input = (x[:, step] @ input_weight.T + input_bias).chunk(3, dim=1)
        of_state = (hidden @ state_weight.T + state_bias).chunk(3, dim=1)
        reset = torch.sigmoid(of_input[0] + of_state[0])
        kept = torch.sigmoid(of_input[1] + of_state[1])
        hidden = kept * hidden + (1 - kept) * torch.tanh(of_input[2] + reset * of_state[2])
        states.append(hidden)
    return torch.stack(states, dim=1)


def test_it_is_the_equations():
    """Every step's state, from a zero state on, and its gradients."""
    module = gru(5)
    weights = list(module.parameters())
    assert_agree(module, lambda x: literal(weights, x), torch.randn(3, 6, 5).double(), weights)


def test_it_is_torchs():
    """The same weights in torch's own GRU give the same states."""
    module = gru(5)
    reference = nn.GRU(5, 5, batch_first=True).double()
    reference.load_state_dict(module.recurrence.state_dict())
    assert_agree(module, lambda x: reference(x)[0], torch.randn(3, 6, 5).double(), [])
