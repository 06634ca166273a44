import pytest

from search.verdict.figures import counted, listed, margin_figure, score_figure, signed_figure


@pytest.mark.parametrize(
    ("score", "figure"),
    [(0.8874, ".887"), (1.0, "1.000"), (0.99996, "1.000"), (-0.25, "-.250"), (-0.0001, ".000"), (1234.5, "1,234.500")],
)
def test_scores_have_three_decimals(score, figure):
    """No leading zero, and no minus before a rounded zero."""
    assert score_figure(score) == figure


@pytest.mark.parametrize(
    ("difference", "figure"), [(0.31, "+.31"), (-0.05, "-.05"), (0.0042, "+.004"), (0.0, "+.000"), (1.5, "+1.50")]
)
def test_differences_have_a_sign(difference, figure):
    """Two decimals, or three where two would read as zero."""
    assert signed_figure(difference) == figure


def test_interval_has_as_many_decimals_as_its_difference():
    """A small difference and its interval are read on one scale."""
    assert margin_figure(0.31, (0.262, 0.358), "over it") == "+.31 over it [.26, .36]"
    assert margin_figure(0.006, (-0.0012, 0.0131), "over it") == "+.006 over it [-.001, .013]"


def test_lists_and_counts_are_english():
    """One word, two, three; one trial, many trials."""
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    assert [counted(1, "trial"), counted(2400, "step")] == ["1 trial", "2,400 steps"]
