from search.verdict.component_statements import ComponentFindings
from tests.search.verdict.censuses import AGREED, APART, CHAMPION, planted, verdict_on


def test_a_clear_verdict_leaves_components_open_alone():
    """What was not tested is told, with the budget that would."""
    findings = ComponentFindings(untested=("connection", "gate"), advice="a budget of about 45m would begin to")
    verdict = verdict_on(planted(APART), champion=CHAMPION, fairness=AGREED, components=findings)
    assert verdict.undecided == [
        "components (connection, gate) were not tested: a budget of about 45m would begin to",
    ]
    assert verdict_on(planted(APART), champion=CHAMPION, fairness=AGREED).undecided == []


def test_no_markup():
    """The sentence is plain text."""
    sentences = [verdict_on(planted(APART, steps=steps), champion=CHAMPION).sentence for steps in (96, 600)]
    assert not any(mark in sentence for sentence in sentences for mark in "*_`#\n")


def test_budgets_that_were_not_compared_are_undecided():
    """Without the fairness rows the verdict does not claim to hold under other budgets."""
    undecided = verdict_on(planted(APART), champion=CHAMPION).undecided
    assert undecided[:2] == [
        "whether the verdict holds at equal parameter counts",
        "whether the verdict holds at equal compute time",
    ]
