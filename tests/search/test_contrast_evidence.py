"""What a verdict is told of components that were not tested; `phases/test_contrasts.py` has those that were."""

import pytest

from search.contrast_evidence import component_findings
from search.trial import Trial
from search.verdict.document import BudgetSpent
from tests.search.made import SPACE, made_trial

SPENT = BudgetSpent(trials=12, core_seconds=570.0, wall_seconds=300.0, worker_busy_share=0.95)


def advice(trials: list[Trial], spent: BudgetSpent = SPENT, **asked) -> str:
    findings = component_findings(trials, SPACE, families=6, epsilon=0.01, spent=spent, **asked)
    assert list(findings.rows) == []
    return findings.advice


def census(seconds: float) -> list[Trial]:
    return [made_trial(n, phase="census", scores={90: 0.5}, seconds=seconds) for n in range(3)]


def test_untested_components_are_told_with_the_kinds_of_operation_together():
    """In the order in which they would be asked about."""
    findings = component_findings([], SPACE, families=6, epsilon=0.01, spent=SPENT)
    assert list(findings.untested) == [
        "connection",
        "gate",
        "normalization",
        "initialization",
        "position",
        "kind of operation",
    ]


def test_a_study_of_so_many_trials_is_told_how_many_would_do():
    """They do not depend on how fast the machine is."""
    assert (
        advice(census(0.9)) == advice(census(90.0)) == ("a study with at least 344 trials of 500 steps would begin to")
    )


@pytest.mark.parametrize(
    ("seconds", "wall", "budget"), [(0.09, 300.0, "20m"), (0.45, 300.0, "30m"), (0.45, 2700.0, "1h")]
)
def test_a_study_of_so_much_time_is_told_what_time_would_do(seconds: float, wall: float, budget: str):
    """By what a step cost in its census, on as many workers; never less than it had."""
    timed = [made_trial(99, phase="timing", scores={90: 0.5}), *census(seconds)]
    spent = SPENT.model_copy(update={"wall_seconds": wall, "core_seconds": 2 * 0.95 * wall})
    assert advice(timed, spent) == f"a budget of about {budget} would begin to"
    halves = [made_trial(99, phase="timing", scores={90: 0.5}), *census(seconds / 2)]
    assert advice(halves, spent, small_networks=True) == f"a budget of about {budget} would begin to"


def test_without_a_census_no_figure_is_made_up():
    """There is nothing to tell it from."""
    assert advice([made_trial(0, phase="timing", scores={90: 0.5})]) == "a larger budget would begin to"
