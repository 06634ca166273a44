from tests.search.verdict.censuses import AGREED, APART, CHAMPION, planted, verdict_on


def test_components_are_always_undecided():
    """This version tests no components and says so, also under the clearest verdict."""
    verdict = verdict_on(planted(APART), champion=CHAMPION, fairness=AGREED)
    assert verdict.undecided == [
        "components (connection, gate, attention kind, initialization, normalization, position) were not tested"
    ]


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
