"""TargetScale: numbers that are predicted, to mean 0 and deviation 1 and back."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class TargetScale:
    """Mean and deviation of the train rows' numbers: whatever their unit, a network gives numbers about 1.

    Attributes:
        mean: in the numbers' own unit.
        deviation: in the numbers' own unit, positive.
    """

    mean: float
    deviation: float

    @classmethod
    def fit(cls, y: Tensor) -> TargetScale:
        """Measures the numbers of the train rows, `(n,)`; the deviation of equal ones is 1."""
        numbers = y.double()
        return cls(float(numbers.mean()), float(numbers.std(correction=0)) or 1.0)

    def standardized(self, y: Tensor) -> Tensor:
        """What a network is to give for numbers `(n,)`."""
        return (y - self.mean) / self.deviation

    def restored(self, outputs: Tensor) -> Tensor:
        """The float64 numbers `(n,)` in their own unit that a network predicts, of its outputs `(n, 1)`."""
        return outputs.squeeze(-1).double() * self.deviation + self.mean
