"""Where values stand in a picture."""

from itertools import pairwise

import pytest

from search.report.scale import Plot, Scale, apart


def test_ends_and_middle():
    """In percent of the way; y runs upwards."""
    plot = Plot(Scale(0.0, 10.0), Scale(0.0, 1.0))
    assert [plot.x.at(value) for value in (0, 2.5, 10)] == [0, 25, 100]
    assert [plot.top(value) for value in (0, 0.25, 1)] == [100, 75, 0]
    assert plot.line([(0, 0), (10, 1)]) == "M0 100L100 0"
    assert plot.steps([(0, 0), (5, 0.5), (10, 1)]) == "M0 100H50V50H100V0"
    assert plot.dots([(0, 0), (5, 1)]) == "M0 100h0M50 0h0"


def test_equal_ratios_on_a_logarithmic_axis():
    """A factor of ten is as far everywhere."""
    scale = Scale(1.0, 1000.0, is_logarithmic=True)
    assert [scale.at(value) for value in (1, 10, 100)] == pytest.approx([0, 33.33, 66.67])


@pytest.mark.parametrize("values", [[0.2, 0.9], [0.97, 0.98], [0.5], [], [-3.0, 4.0], [12345.0, 20000.0], [1e-5, 3e-5]])
def test_an_axis_holds_all_values_and_a_few_ticks(values):
    """Whatever the values are, one alone and none included."""
    scale = Scale.around(values)
    assert all(0 <= scale.at(value) <= 100 for value in values)
    ticks = scale.ticks()
    assert 2 <= len(ticks) <= 8
    assert all(0 <= tick.at <= 100 for tick in ticks)
    assert len({tick.label for tick in ticks}) == len(ticks)


@pytest.mark.parametrize("values", [[120.0, 250000.0], [900.0, 1100.0], [5.0, 5.0], [1.0, 1e9]])
def test_a_logarithmic_axis_has_ticks_too(values):
    """Over a factor of a billion, and over less than two."""
    scale = Scale.around(values, is_logarithmic=True)
    assert all(0 <= scale.at(value) <= 100 for value in values)
    assert all(0 <= tick.at <= 100 for tick in scale.ticks())
    assert scale.ticks()


def test_an_axis_ends_where_values_do():
    """No accuracy above one is promised; a value beyond stays on the axis all the same."""
    assert Scale.around([0.5, 0.99], 0.0, 1.0).high == 1.0
    assert Scale.around([0.5, 1.2], 0.0, 1.0).at(1.2) <= 100
    assert Scale.around([0.5, 0.99]).high > 1.0


def test_ticks_are_labelled_as_people_write_them():
    """Without a nought before the point, whole thousands short."""
    assert [tick.label for tick in Scale(0.0, 0.5).ticks()] == ["0", ".1", ".2", ".3", ".4", ".5"]
    assert [tick.label for tick in Scale(-1.0, 1.0).ticks()] == ["−1", "−.5", "0", ".5", "1"]
    assert [tick.label for tick in Scale(900.0, 12000.0, True).ticks()] == ["1k", "2k", "5k", "10k"]
    assert [tick.label for tick in Scale(1.0, 4.0, is_whole=True).ticks()] == ["1", "2", "3", "4"]


def test_labels_move_apart():
    """As little as needed, in their order, and none beyond the end."""
    assert apart([10, 50, 90], 5) == [10, 50, 90]
    moved = apart([99, 98, 97, 10], 5)
    assert max(moved) <= 100
    assert moved[3] == 10
    assert moved[2] < moved[1] < moved[0]
    ordered = sorted(moved)
    assert all(after - before >= 5 - 1e-9 for before, after in pairwise(ordered))
    assert apart([], 5) == []
