import torch
from torch import nn

from spaces import Grid
from spaces.operations import OPERATIONS
from tests.spaces.operations.references import assert_agree, random_weights


def lstm(channels: int, *, bidirectional: bool) -> nn.Module:
    return random_weights(OPERATIONS["lstm"]().build(Grid((6,), channels), {"bidirectional": bidirectional}))


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


def test_one_direction_is_the_equations():
    """Every step's hidden state, from zero states on."""
    module = lstm(5, bidirectional=False)
    weights = list(module.parameters())
    assert_agree(module, lambda x: literal(weights, x), torch.randn(3, 6, 5).double(), weights)


def test_one_direction_is_torchs():
    """The same weights in torch's own LSTM give the same states."""
    module = lstm(5, bidirectional=False)
    reference = nn.LSTM(5, 5, batch_first=True).double()
    reference.load_state_dict(module.recurrence.state_dict())
    x = torch.randn(3, 6, 5).double()
    torch.testing.assert_close(module(x), reference(x)[0], rtol=1e-12, atol=1e-12)


def test_two_directions_are_two_of_one():
    """One reads forwards, one backwards, each with half of the channels rounded up; a linear layer mixes them."""
    module = lstm(5, bidirectional=True)
    forwards, backwards = nn.LSTM(5, 3, batch_first=True).double(), nn.LSTM(5, 3, batch_first=True).double()
    state = module.recurrence.state_dict()
    forwards.load_state_dict({k: v for k, v in state.items() if not k.endswith("_reverse")})
    backwards.load_state_dict({k.removesuffix("_reverse"): v for k, v in state.items() if k.endswith("_reverse")})

    def reference(x):
        there, back = forwards(x)[0], backwards(x.flip(1))[0].flip(1)
        return torch.cat([there, back], dim=-1) @ module.mix.weight.T + module.mix.bias

    assert_agree(module, reference, torch.randn(3, 6, 5).double(), [module.mix.weight, module.mix.bias])


def test_one_direction_does_not_see_what_comes_later():
    """A change at step 4 leaves the steps before as they were; in both directions it reaches them all."""
    x = torch.randn(1, 6, 4).double()
    changed = x.clone()
    changed[:, 4] += 1
    for bidirectional, first in ((False, 4), (True, 0)):
        module = lstm(4, bidirectional=bidirectional)
        moved = (module(x) != module(changed)).any(dim=-1)[0]
        assert moved.tolist() == [step >= first for step in range(6)]
