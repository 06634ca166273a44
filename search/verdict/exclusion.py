"""When a rival of the leader may be called excluded, and why it is kept otherwise.

Excluding the family that is truly best is the error that matters. A rival's raw p < .05 alone does not bound it: the
leader is picked after looking, and the best of five equal families trails *some* leader at raw p < .05 in 8 % of
studies. Both rules used here ask for more than the raw p:

- every rival has raw p < .05: the leader beats all of them, one claim, which needs no adjustment (intersection-union);
- otherwise the Holm-adjusted p < .05.

Simulated with 2 to 8 families, all equal or some of them far behind (normal scores, 400,000 studies each), the truly
best family was excluded by either rule in at most 2.7 % of studies, and a sole winner among equals was claimed in at
most 5.0 %, the most where only two are in the running. The conditions beyond the tests only lower these numbers.
"""

from enum import StrEnum

import numpy as np
from scipy.stats import norm

SIGNIFICANCE = 0.05
FURTHER_DOUBLINGS = 4
"""In which a rival that is still learning may come up to the leader, see `DoublingCheck.after`.

That is 32 times the census's training. With three, two controls that were excluded on MNIST-1D after three minutes were
not after ten: one learned faster than its doubling check showed, the other was too near to be told from the leader
again.
"""
MISSED_BY_LUCK = float(norm.ppf(0.95))
"""How many standard deviations of the luck of rows a rival may have gained beyond what its doubling check shows.

The check is of few networks on few rows.
"""
MINIMUM_BLOCKS = 6
"""With n blocks the smallest two-sided p is 2 / 2^n: five blocks or fewer can never reject at .05."""


class Kept(StrEnum):
    """Why a rival is not excluded although its raw p-value is small."""

    TOO_MANY_RIVALS = "too_many_rivals"
    TOO_FEW_TRIALS = "too_few_trials"
    SHORT_TRAINING = "short_training"
    NO_DOUBLING_CHECK = "no_doubling_check"
    STILL_LEARNING = "still_learning"
    CAUGHT_UP = "caught_up"
    GUESSING = "guessing"


def rejections(p_values: np.ndarray, p_adjusted: np.ndarray, blocks: int) -> np.ndarray:
    """Returns, for each rival, whether its test against the leader rejects.

    Args:
        p_values: Raw p-values of all rivals.
        p_adjusted: The same after Holm.
        blocks: How many blocks each test had.
    """
    if blocks < MINIMUM_BLOCKS:
        return np.zeros(len(p_values), bool)
    if bool((p_values < SIGNIFICANCE).all()):
        return np.ones(len(p_values), bool)
    return np.asarray(p_adjusted < SIGNIFICANCE)


def kept_without_rejection(blocks: int) -> Kept:
    """Returns why a rival is kept whose raw p-value is small but whose test does not reject."""
    return Kept.TOO_FEW_TRIALS if blocks < MINIMUM_BLOCKS else Kept.TOO_MANY_RIVALS


def kept_after_rejection(
    at_double: float | None,
    leader_at_double: float | None,
    within_reach: float | None,
    *,
    short_training: bool,
    guessing: bool,
) -> Kept | None:
    """Returns why a rival whose test rejects is kept all the same, or None if it is excluded.

    Args:
        at_double: The rival's score in the doubling check, None if it was not done.
        leader_at_double: The leader's.
        within_reach: What it may come to in further doublings; None where it gained no more than epsilon in this one.
        short_training: Whether some family trained for fewer steps than a ranking needs.
        guessing: Whether not even the leader is shown to do better than one answer for all rows.
    """
    if short_training:
        return Kept.SHORT_TRAINING
    if guessing:
        return Kept.GUESSING
    if at_double is None or leader_at_double is None:
        return Kept.NO_DOUBLING_CHECK
    if not at_double < leader_at_double:
        return Kept.CAUGHT_UP
    if within_reach is not None and not within_reach < leader_at_double:
        return Kept.STILL_LEARNING
    return None
