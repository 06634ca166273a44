import pytest

from search.verdict.figures import (
    counted,
    difference_figure,
    interval_figure,
    listed,
    score_figure,
    signed_figure,
    spread_figure,
)


@pytest.mark.parametrize(
    ("score", "figure"),
    [(0.8874, ".887"), (1.0, "1.000"), (0.99996, "1.000"), (-0.25, "-.250"), (-0.0001, ".000"), (2.41, "2.410")],
)
def test_scores_have_three_decimals(score, figure):
    """No leading zero, and no minus before a rounded zero."""
    assert score_figure(score) == figure


@pytest.mark.parametrize(
    ("difference", "figure"),
    [(0.31, "+.31"), (-0.05, "-.05"), (0.01, "+.01"), (0.0042, "+.004"), (0.0, "+.000"), (1.5, "+1.50")],
)
def test_differences_have_a_sign(difference, figure):
    """Two decimals, or three where two would read as zero."""
    assert signed_figure(difference) == figure


def test_interval_has_as_many_decimals_as_its_difference():
    """A small difference and its interval are read on one scale."""
    assert interval_figure((0.262, 0.358), 0.31) == "[.26, .36]"
    assert interval_figure((-0.0012, 0.0131), 0.006) == "[-.001, .013]"
    assert interval_figure((8.21, 14.1), 12.34) == "[8.2, 14.1]"


@pytest.mark.parametrize(
    ("value", "figure"),
    [(10.0, "10.00"), (12.414, "12.41"), (123.45, "123.5"), (1234.5, "1,234"), (48231.7, "48,232")],
)
def test_large_values_have_four_significant_digits(value, figure):
    """And no fewer than their whole part has."""
    assert score_figure(value) == figure


@pytest.mark.parametrize(
    ("difference", "figure"), [(10.0, "10.0"), (12.34, "12.3"), (-120.4, "-120"), (9.876, "9.88"), (0.31, ".31")]
)
def test_large_differences_have_three_significant_digits(difference, figure):
    """Differences are known less well than what they are of."""
    assert difference_figure(difference) == figure


def test_a_small_scale_has_more_decimals():
    """Errors of numbers that differ by thousandths are told apart."""
    assert score_figure(0.00312, scale=0.004) == ".00312"
    assert signed_figure(0.00021, scale=0.004) == "+.00021"
    assert spread_figure(0.0021, 0.0003, scale=0.004) == ".00210 ± .00030"
    assert score_figure(0.00312, scale=0.5) == ".003"
    assert [score_figure(0.005, scale=0.01), difference_figure(0.02, scale=0.01)] == [".005", ".02"]
    assert score_figure(0.0, scale=0.0) == ".000"


@pytest.mark.parametrize(
    ("mean", "sd", "figure"), [(0.884, 0.006, ".884 ± .006"), (12.41, 0.312, "12.41 ± .31"), (0.5, None, ".500")]
)
def test_a_spread_has_the_decimals_of_its_mean(mean, sd, figure):
    """One value alone has no spread."""
    assert spread_figure(mean, sd) == figure


def test_lists_and_counts_are_english():
    """One word, two, three; one trial, many trials."""
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    assert [counted(1, "trial"), counted(2400, "step")] == ["1 trial", "2,400 steps"]
