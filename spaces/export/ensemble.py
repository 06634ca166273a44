"""Ensemble: networks that are asked together, and answer with the mean of what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from spaces.shapes import Kind


class Ensemble(nn.Module):
    """The mean of the members' probabilities, as a logarithm, or of their numbers. Hansen & Salamon 1990.

    Args:
        members: read the same rows, and give as many outputs.
        kind: of task; scores of classes and of next tokens become probabilities, numbers are averaged as they are.
    """

    def __init__(self, members: Sequence[nn.Module], kind: Kind) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.kind = kind

    def forward(self, *inputs: Tensor) -> Tensor:
        """Outputs as each member gives them, `(batch, classes)`, `(batch, 1)` or `(batch, steps, tokens)`.

        Args:
            inputs: what each member is called with.
        """
        outputs = torch.stack([member(*inputs) for member in self.members])
        if self.kind is Kind.REGRESSION:
            return outputs.mean(0)
        # the logarithm of the mean by way of logarithms: a probability may be too small for a float
        return outputs.log_softmax(-1).logsumexp(0) - math.log(len(self.members))
