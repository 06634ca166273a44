"""Recurrences: what is carried from step to step, in one direction or in both."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from spaces.choices import Categorical
from spaces.operations.operation import Operation

_RECURRENCES: dict[str, Any] = {"RNN_TANH": torch.rnn_tanh, "LSTM": torch.lstm, "GRU": torch.gru}


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
        if torch.compiler.is_exporting():
            return self.mix(self._both_directions(x, mask))
        packed = pack_padded_sequence(x, mask.sum(1).cpu(), batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.recurrence(packed)[0], batch_first=True, total_length=x.shape[1])
        return self.mix(states)

    def _both_directions(self, x: Tensor, mask: Tensor) -> Tensor:
        """What packed rows give, one direction after the other: no exporter follows a packing whose sizes are data."""
        there, back = self.recurrence.all_weights
        backwards = self._one_direction(reversed_rows(x, mask), back)
        return torch.cat([self._one_direction(x, there), reversed_rows(backwards, mask)], dim=-1)

    def _one_direction(self, x: Tensor, weights: list[nn.Parameter]) -> Tensor:
        zero = x.new_zeros(1, x.shape[0], self.recurrence.hidden_size)
        start = (zero, zero) if self.recurrence.mode == "LSTM" else zero
        return _RECURRENCES[self.recurrence.mode](x, start, weights, True, 1, 0.0, False, False, True)[0]


def reversed_rows(x: Tensor, mask: Tensor) -> Tensor:
    """The steps with data of each row `(batch, steps, channels)` from the last to the first; its own inverse."""
    steps = x.shape[1]
    order = (mask.sum(1, keepdim=True) - 1 - torch.arange(steps, device=x.device)) % steps
    return x.gather(1, order[..., None].expand_as(x))
