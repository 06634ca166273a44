"""How a verdict document is read by whoever shows it."""

from typing import Any

import pytest

from search.verdict.document import VerdictDocument
from search.verdict.reading import Standing, best_of, document_scale, standing
from tests.search.verdict.documents import CONTRACT, changed

(CONVOLUTION,) = CONTRACT["families"]


def document(*families: dict[str, Any], **fields: Any) -> VerdictDocument:
    """A verdict whose families are convolution with these fields changed."""
    rows = [{**CONVOLUTION, "family": f"family {number}", **family} for number, family in enumerate(families)]
    return VerdictDocument.model_validate(changed(**{"winner": None, "families": rows, **fields}))


def curves(*, trials: int, told: int) -> VerdictDocument:
    """Two families with rising curves whose expected best is that of `told` tries."""
    rising = [[centre + 0.01 * m for m in range(trials)] for centre in (0.8, 0.5)]
    return document(*({"trials": trials, "curve": curve, "expected_best": curve[told - 1]} for curve in rising))


@pytest.mark.parametrize(
    ("family", "stands"),
    [
        ({"in_winner_set": True}, Standing.MAY_BE_BEST),
        ({"in_winner_set": True, "still_learning": True}, Standing.STILL_LEARNING),
        ({"in_winner_set": False, "still_learning": True}, Standing.EXCLUDED),
        ({"in_winner_set": False, "failed": 2}, Standing.ALL_FAILED),
        ({"in_winner_set": True, "failed": 1}, Standing.MAY_BE_BEST),
    ],
)
def test_where_a_family_stands(family: dict[str, Any], stands: Standing):
    """One word for each, of which the graver goes first."""
    verdict = document(family)
    assert standing(verdict.families[0], verdict) is stands


def test_the_winner_stands_alone():
    """However much it is still learning; the others are excluded."""
    verdict = document({"still_learning": True}, {"in_winner_set": False}, winner="family 0")
    assert [standing(row, verdict) for row in verdict.families] == [Standing.WINS, Standing.EXCLUDED]


@pytest.mark.parametrize(("trials", "told"), [(24, 8), (24, 1), (24, 5), (24, 24), (3, 2), (3, 3), (1, 1)])
def test_the_curves_tell_how_many_tries_are_compared(trials: int, told: int):
    """It is the m at which the estimate of every family stands on its curve."""
    assert best_of(curves(trials=trials, told=told)) == told


def test_where_curves_do_not_tell_the_usual_number_of_tries_is_taken():
    """Flat curves fit every m, and estimates that are on no curve fit none."""
    flat = {"trials": 24, "curve": [0.7] * 24, "expected_best": 0.7}
    assert best_of(document(flat, flat)) == 8
    assert best_of(document({**flat, "expected_best": 0.75})) == 8
    assert best_of(document({**flat, "trials": 1, "curve": [], "expected_best": 0.75})) == 1
    assert best_of(document()) == 0


@pytest.mark.parametrize(
    ("ends", "higher_is_better", "scale"),
    [
        ((0.003, 0.004), False, 0.004),
        ((0.3, 1.7), False, 1.0),
        ((0.003, 0.004), True, 1.0),
        ((), False, 1.0),
    ],
)
def test_figures_are_rounded_by_the_worst_value_there_is_to_show(ends, higher_is_better: bool, scale: float):
    """Of errors below 1 alone: what is to be high is told by its range."""
    rows = [{"interval": [0.001, end]} for end in ends]
    assert document_scale(document(*rows, higher_is_better=higher_is_better)) == scale
