"""Recurrences: what is carried from step to step, in one direction or in both."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from spaces.choices import Categorical
from spaces.operations.operation import Operation


class Recurrence(Operation):
    """A state goes from step to step; a second one may come the other way. Schuster & Paliwal 1997.

    The one that comes back has to start at the last step with data, hence the mask.
    """

    family = "recurrence"
    ranks = (1,)
    choices = {"bidirectional": Categorical((False, True))}
    uses_mask = True
    is_causal_with = {"bidirectional": False}


class RecurrentLayer(nn.Module):
    """One of torch's recurrences; two directions share the channels between them and are mixed by a linear layer.

    Args:
        kind: torch's layer.
        channels: of each step, before and after.
        bidirectional: whether a second state comes back from the end.
    """

    def __init__(self, kind: type[nn.RNN] | type[nn.LSTM] | type[nn.GRU], channels: int, bidirectional: bool) -> None:
        super().__init__()
        hidden = -(-channels // 2) if bidirectional else channels
        self.recurrence = kind(channels, hidden, batch_first=True, bidirectional=bidirectional)
        self.mix = nn.Linear(2 * hidden, channels) if bidirectional else nn.Identity()

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, steps, channels)` and its mask `(batch, steps)` to the same shape."""
        if mask is None or not self.recurrence.bidirectional:
            return self.mix(self.recurrence(x)[0])
        packed = pack_padded_sequence(x, mask.sum(1).cpu(), batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.recurrence(packed)[0], batch_first=True, total_length=x.shape[1])
        return self.mix(states)
