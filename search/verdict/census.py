"""What the verdict reads: the census results of one family, and its doubling check."""

import math
from dataclasses import dataclass, field

import numpy as np

from search.verdict.permutation import Scores


@dataclass(frozen=True)
class DoublingCheck:
    """Mean confirm scores of a family's top three census configurations, at the horizon and trained for twice as long.

    Attributes:
        at_horizon: At the census's horizon H.
        at_double: Trained again from scratch for 2H.
    """

    at_horizon: float
    at_double: float

    @property
    def gain(self) -> float:
        """What twice the training brought."""
        return self.at_double - self.at_horizon

    def after(self, further: int, perfect: float, missed: float = 0.0) -> float:
        """Returns the score after further doublings, each of which leaves the same share of the error as the first.

        The error as a power of the length of training (Hestness et al. 2017): error(2H) / error(H) is constant. With no
        perfect score that there is an error to, each brings what the first did.

        Args:
            further: How many doublings follow the first.
            perfect: The largest score there can be, infinite if there is none.
            missed: What the first doubling may have brought beyond what these rows show.
        """
        at_double = min(self.at_double + missed, perfect)
        if not math.isfinite(perfect) or self.at_horizon >= perfect:
            return at_double + further * (self.gain + missed)
        share = (perfect - at_double) / (perfect - self.at_horizon)
        return perfect - (perfect - at_double) * share**further


@dataclass(frozen=True, eq=False)
class FamilyCensus:
    """The census configurations of one family, in the order of the blocks; every family has equally many.

    Attributes:
        family: Its name.
        search: Search scores (blocks,), higher is better; a failed configuration already holds the worst score.
        confirm: Confirm scores (blocks,), likewise.
        failed: Which configurations failed (blocks,).
        core_seconds: What each cost (blocks,).
        parameters: Parameter counts (blocks,).
        steps: The horizon: optimizer steps each was trained for.
        doubled: The doubling check, None if it was not done.

    Raises:
        ValueError: The arrays differ in length, or a score is not finite.
    """

    family: str
    search: np.ndarray
    confirm: np.ndarray
    failed: np.ndarray
    core_seconds: np.ndarray
    parameters: np.ndarray
    steps: int
    doubled: DoublingCheck | None = field(default=None)

    def __post_init__(self) -> None:
        arrays = (self.search, self.confirm, self.failed, self.core_seconds, self.parameters)
        shapes = [np.shape(array) for array in arrays]
        if len(set(shapes)) > 1 or len(shapes[0]) != 1:
            raise ValueError(
                f"census of {self.family}: arrays have the shapes {shapes}, expected one (blocks,) for all"
            )
        if not (np.isfinite(self.search).all() and np.isfinite(self.confirm).all()):
            raise ValueError(f"census of {self.family}: a score is not finite; a failure must hold the worst score")

    @property
    def trials(self) -> int:
        """How many configurations there are."""
        return len(self.search)

    @property
    def luck_of_rows(self) -> float:
        """Standard deviation of what two scores of one network on different rows differ by; infinite for one network.

        A failed network has the worst score on all rows, and tells nothing of it.
        """
        differences = np.subtract(self.search, self.confirm)[~self.failed]
        return float(np.std(differences, ddof=1)) if len(differences) > 1 else math.inf

    @property
    def scores(self) -> Scores:
        """Search and confirm scores, as the tests take them."""
        return np.asarray(self.search, float), np.asarray(self.confirm, float)
