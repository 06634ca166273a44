"""Would the winner win under another budget? The comparison at equal trials, equal parameters and equal time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from search.verdict.census import FamilyCensus
from search.verdict.comparison import FamilyComparison
from search.verdict.families import compare

MINIMUM_COMMON_BLOCKS = 4


@dataclass(frozen=True)
class FairnessRows:
    """The winner of each row, None where there is none.

    Attributes:
        equal_trials: Each family tried equally many configurations: the census itself.
        equal_parameters: Only blocks in which every family's network has a size that all families can have.
        equal_time: What you would get if you bought equal compute for every family.
        agree: Whether all three are the same.
        not_computed: The rows for which the census has too little to go by; they are None too.
    """

    equal_trials: str | None
    equal_parameters: str | None
    equal_time: str | None
    agree: bool
    not_computed: tuple[str, ...] = ()


def fairness_rows(censuses: Sequence[FamilyCensus], comparison: FamilyComparison) -> FairnessRows:
    """Compares the families twice more, under the settings and exclusion rules of the first comparison.

    Args:
        censuses: What was compared.
        comparison: The result of comparing it.
    """
    equal_parameters = compare_at_equal_parameters(censuses, comparison)
    equal_time = compare_at_equal_time(censuses, comparison)
    rows = {"equal_parameters": equal_parameters, "equal_time": equal_time}
    winners = {name: row.winner if row else None for name, row in rows.items()}
    return FairnessRows(
        equal_trials=comparison.winner,
        **winners,
        agree={comparison.winner} == set(winners.values()),
        not_computed=tuple(name for name, row in rows.items() if row is None),
    )


def compare_at_equal_parameters(
    censuses: Sequence[FamilyCensus], comparison: FamilyComparison
) -> FamilyComparison | None:
    """Compares the blocks in which every family's parameter count lies in the band common to all families.

    The band runs from the largest of the families' smallest counts to the smallest of their largest. Whole blocks stay
    or go whichever family holds which network, so labels may still be swapped within them.

    Returns:
        The comparison, or None if fewer than four blocks remain.
    """
    if comparison.leader is None:
        return None
    counts = np.array([census.parameters for census in censuses])  # family, block
    low, high = counts.min(axis=1).max(), counts.max(axis=1).min()
    common = ((counts >= low) & (counts <= high)).all(axis=0)
    if common.sum() < MINIMUM_COMMON_BLOCKS:
        return None
    return compare([_only(census, common) for census in censuses], comparison.settings)


def compare_at_equal_time(censuses: Sequence[FamilyCensus], comparison: FamilyComparison) -> FamilyComparison | None:
    """Compares what you would get if you bought equal compute for every family.

    The budget is what m configurations of the cheapest family cost; a family's own m is the number of its
    configurations that this buys on average, rounded, at least one. When labels are swapped the configurations change
    places and the two m do not: the test asks whether families that are alike could have been this far apart on these
    purchases. Where the m differ, alike families differ in expected best too, so the test errs towards no winner.

    Returns:
        The comparison, or None if a family has no positive cost.
    """
    if comparison.leader is None:
        return None
    seconds = {census.family: float(np.mean(census.core_seconds)) for census in censuses}
    cheapest = min(seconds.values())
    if not cheapest > 0:
        return None
    affordable = {family: max(1, round(comparison.best_of * cheapest / cost)) for family, cost in seconds.items()}
    return compare(censuses, replace(comparison.settings, best_of=affordable))


def _only(census: FamilyCensus, blocks: np.ndarray) -> FamilyCensus:
    return replace(
        census,
        search=census.search[blocks],
        confirm=census.confirm[blocks],
        failed=census.failed[blocks],
        core_seconds=census.core_seconds[blocks],
        parameters=census.parameters[blocks],
    )
