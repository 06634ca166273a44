"""The result of comparing families, and the settings it was made with."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from search.verdict.bootstrap import Interval
from search.verdict.census import DoublingCheck
from search.verdict.exclusion import MINIMUM_BLOCKS, Kept


@dataclass(frozen=True)
class ComparisonSettings:
    """How families are compared.

    Attributes:
        epsilon: A gain on doubling above this means that a family is still learning.
        seed: Makes every resampling repeatable.
        best_of: m for all families, or for each; None takes 8, or a fifth of fewer than 24 trials, 2 at least. Never
            more than there are trials.
        minimum_steps: Below this many optimizer steps nothing is excluded.
        resamples: Swappings of a test, and resamples of an interval.
        score_bounds: The least and the largest score there can be; a family's interval ends there.
        constant_score: That of one answer for all rows, the best there is; any network is better where it is not known.
    """

    epsilon: float
    seed: int
    best_of: int | Mapping[str, int] | None = None
    minimum_steps: int = 500
    resamples: int = 2000
    score_bounds: Interval = (-math.inf, math.inf)
    constant_score: float = -math.inf


@dataclass(frozen=True)
class FamilyRow:
    """What the comparison says about one family, in scores.

    Attributes:
        family: Its name.
        trials: Configurations tried.
        failed: How many of them failed.
        steps: Optimizer steps each was trained for.
        best_of: Its m.
        expected_best: E_m.
        interval: The 95 % interval of E_m.
        curve: E_1 ... E_N.
        p_value: Raw, against the leader; 1 for the leader.
        p_adjusted: After Holm over all rivals; 1 for the leader.
        difference: The leader's E_m minus this one's, so never negative.
        difference_interval: The 95 % interval of that.
        doubled: What training twice as long brought, None if that was not tried.
        still_learning: Whether it gained more than epsilon there.
        excluded: Whether the leader is shown to be better.
        kept: Why it is not excluded although its raw p-value is below .05; None otherwise.
        equivalent: Whether it is shown to differ from the leader by less than epsilon; see `family_equivalence`.
    """

    family: str
    trials: int
    failed: int
    steps: int
    best_of: int
    expected_best: float
    interval: Interval
    curve: tuple[float, ...]
    p_value: float
    p_adjusted: float
    difference: float
    difference_interval: Interval
    doubled: DoublingCheck | None
    still_learning: bool
    excluded: bool
    kept: Kept | None
    equivalent: bool

    @property
    def all_failed(self) -> bool:
        """Whether none of its configurations finished training."""
        return self.failed == self.trials


@dataclass(frozen=True)
class FamilyComparison:
    """All families, best first.

    Attributes:
        settings: How they were compared.
        best_of: The largest m of any family, 0 where there are no trials.
        leader: The family with the largest E_m, None where there are no trials.
        rows: One a family, by E_m descending; empty where there are no trials.
        winner: The leader if every rival is excluded.
        winner_set: The leader and all that are not excluded and did not fail throughout, by E_m descending.
        guessing: Whether not even the leader is shown to do better than one answer for all rows.
    """

    settings: ComparisonSettings
    best_of: int
    leader: str | None
    rows: tuple[FamilyRow, ...]
    winner: str | None
    winner_set: tuple[str, ...]
    guessing: bool

    @property
    def anything_finished(self) -> bool:
        """Whether any configuration of any family finished training."""
        return any(row.failed < row.trials for row in self.rows)

    @property
    def trials(self) -> int:
        """Configurations tried for each family."""
        return self.rows[0].trials if self.rows else 0

    @property
    def steps(self) -> int:
        """Optimizer steps that every configuration was trained for, at least."""
        return min((row.steps for row in self.rows), default=0)

    @property
    def too_few_trials(self) -> bool:
        """Whether no test could reject, whatever the scores."""
        return self.trials < MINIMUM_BLOCKS

    @property
    def short_training(self) -> bool:
        """Whether training was too short for any ranking to mean something."""
        return self.steps < self.settings.minimum_steps

    def kept_because(self, reason: Kept) -> list[str]:
        """Returns the rivals that are kept for this reason, best first."""
        return [row.family for row in self.rows if row.kept is reason]
