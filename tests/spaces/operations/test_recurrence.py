import pytest
import torch
from torch import nn

from spaces import Grid
from spaces.masks import mask_of, zeroed
from spaces.operations import OPERATIONS
from tests.spaces.operations.references import assert_agree, random_weights

KINDS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
LENGTHS = (1, 6, 4, 5)
every_recurrence = pytest.mark.parametrize("name", [*KINDS, "linear_recurrence"])
in_either_way = pytest.mark.parametrize("bidirectional", [False, True])


def built(name: str, channels: int, *, bidirectional: bool) -> nn.Module:
    return random_weights(OPERATIONS[name]().build(Grid((6,), channels), {"bidirectional": bidirectional}))


def cut_rows(module: nn.Module, x):
    """Each row alone and cut to its length, in zeros as long as the batch."""
    states = [module(row[None, :length])[0] for row, length in zip(x, LENGTHS, strict=True)]
    return torch.stack([nn.functional.pad(s, (0, 0, 0, x.shape[1] - len(s))) for s in states])


@pytest.mark.parametrize("name", KINDS)
def test_two_directions_are_two_of_one(name: str):
    """One reads forwards, one backwards, each with half of the channels rounded up; a linear layer mixes them."""
    module = built(name, 5, bidirectional=True)
    forwards, backwards = (KINDS[name](5, 3, batch_first=True).double() for _ in range(2))
    state = module.recurrence.state_dict()
    forwards.load_state_dict({k: v for k, v in state.items() if not k.endswith("_reverse")})
    backwards.load_state_dict({k.removesuffix("_reverse"): v for k, v in state.items() if k.endswith("_reverse")})

    def reference(x):
        there, back = forwards(x)[0], backwards(x.flip(1))[0].flip(1)
        return torch.cat([there, back], dim=-1) @ module.mix.weight.T + module.mix.bias

    assert_agree(module, reference, torch.randn(3, 6, 5).double(), [module.mix.weight, module.mix.bias])


@every_recurrence
def test_one_direction_does_not_see_what_comes_later(name: str):
    """A change at step 4 leaves the steps before as they were; in both directions it reaches them all."""
    x = torch.randn(1, 6, 4).double()
    changed = x.clone()
    changed[:, 4] += 1
    for bidirectional, first in ((False, 4), (True, 0)):
        module = built(name, 4, bidirectional=bidirectional)
        moved = (module(x) != module(changed)).any(dim=-1)[0]
        assert moved.tolist() == [step >= first for step in range(6)]


@in_either_way
@every_recurrence
def test_a_padded_row_is_the_row_cut_to_its_length(name: str, bidirectional: bool):
    """The same states at the steps with data, and the same gradients by input and weights."""
    module, mask = built(name, 5, bidirectional=bidirectional), mask_of(torch.tensor(LENGTHS), 6)
    assert_agree(
        lambda x: zeroed(module(x, mask), mask),
        lambda x: cut_rows(module, x),
        torch.randn(4, 6, 5).double(),
        list(module.parameters()),
    )


@in_either_way
@every_recurrence
def test_a_batch_may_be_padded_beyond_its_longest_row(name: str, bidirectional: bool):
    """Where even the longest row is padded the shape stays, and the states are those of the cut batch."""
    module, x = built(name, 5, bidirectional=bidirectional), torch.randn(4, 9, 5).double()
    lengths = torch.tensor(LENGTHS)
    states = module(x, mask_of(lengths, 9))
    assert states.shape == x.shape
    shorter = module(x[:, :6], mask_of(lengths, 6))
    torch.testing.assert_close(zeroed(states[:, :6], mask_of(lengths, 6)), zeroed(shorter, mask_of(lengths, 6)))


@in_either_way
@every_recurrence
def test_what_stands_in_the_padding_changes_nothing(name: str, bidirectional: bool):
    """Not a bit of a state with data."""
    module, mask = built(name, 5, bidirectional=bidirectional), mask_of(torch.tensor(LENGTHS), 6)
    x = zeroed(torch.randn(4, 6, 5).double(), mask)
    garbage = x.masked_fill(~mask[..., None], 1e6)
    assert torch.equal(module(garbage, mask)[mask], module(x, mask)[mask])
