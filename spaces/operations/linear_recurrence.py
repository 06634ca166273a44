"""The linear recurrence: gates that do not read the state, so that all steps are computed at once."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spaces.choices import Value
from spaces.operations.operation import OPERATIONS
from spaces.operations.recurrence import Recurrence
from spaces.shapes import Grid


@OPERATIONS.register("linear_recurrence")
class LinearRecurrence(Recurrence):
    """A running average whose rate the input sets, channel by channel. minGRU, Feng et al. 2024, section 3.1.

    Before it: Martin & Cundy 2018. What it keeps of the last state lies between 0 and 1 and does not depend on that
    state. With finite precision such a layer cannot tell odd from even over any length (Grazzi et al. 2025, theorem 1),
    let alone follow permutations of three things, as the other recurrences can.
    """

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """A linear recurrence `(batch, steps, channels)` to the same shape."""
        if picks["bidirectional"]:
            return BothDirections(grid.channels)
        return MinGru(grid.channels, grid.channels)


class MinGru(nn.Module):
    """`h_t = (1 - z_t) h_{t-1} + z_t c_t` from `h_0 = 0`, with `z = sigmoid(gate(x))` and `c = candidate(x)`."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.gate = nn.Linear(channels, hidden)
        self.candidate = nn.Linear(channels, hidden)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, steps, channels)` to `(batch, steps, hidden)`; in the padding a state stays as it is."""
        gate = self.gate(x)
        if mask is not None:
            gate = gate.masked_fill(~mask[..., None], -torch.inf)
        # 1 - sigmoid(g) would lose the digits of what is forgotten where g is large
        return scan(torch.sigmoid(-gate), torch.sigmoid(gate) * self.candidate(x))


class BothDirections(nn.Module):
    """Two linear recurrences, one from the end, share the channels between them and are mixed by a linear layer."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = -(-channels // 2)
        self.forwards = MinGru(channels, hidden)
        self.backwards = MinGru(channels, hidden)
        self.mix = nn.Linear(2 * hidden, channels)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, steps, channels)` and its mask `(batch, steps)` to the same shape."""
        back = self.backwards(x.flip(1), None if mask is None else mask.flip(1)).flip(1)
        return self.mix(torch.cat([self.forwards(x, mask), back], dim=-1))


def scan(kept: Tensor, added: Tensor) -> Tensor:
    """The states `h_t = kept_t h_{t-1} + added_t` from `h_0 = 0`, all `(batch, steps, channels)`.

    Two steps in a row are one step of the same form, so the states after every second step are a recurrence half as
    long, and the others one step from these: about `2 log2(steps)` rounds, and work in proportion to the steps.
    Blelloch 1990, section 1.4. Nothing is divided and no logarithm taken: with `0 <= kept <= 1` nothing overflows.
    """
    steps = added.shape[1]
    if steps == 1:
        return added
    second = kept[:, 1::2]
    after_two = scan(second * kept[:, :-1:2], second * added[:, :-1:2] + added[:, 1::2])
    after_three = kept[:, 2::2] * after_two[:, : (steps - 1) // 2] + added[:, 2::2]
    others = torch.cat([added[:, :1], after_three], dim=1)
    paired = torch.stack([others, F.pad(after_two, (0, 0, 0, steps % 2))], dim=2)
    return paired.flatten(1, 2)[:, :steps]
