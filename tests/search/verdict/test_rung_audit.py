"""How well early scores rank."""

import pytest

from search.verdict.rung_audit import rung_rank_correlation


@pytest.mark.parametrize(
    ("early", "final", "correlation"),
    [
        ([0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.9, 0.95], 1.0),
        ([0.1, 0.2, 0.3, 0.4], [0.9, 0.8, 0.3, 0.1], -1.0),
        ([0.1, 0.2, 0.3, 0.4], [0.2, 0.1, 0.4, 0.3], 0.6),  # 1 - 6 Σd² / (n (n² - 1)), with Σd² = 4
        ([0.1, 0.1, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4], 0.9486832980505138),  # Pearson's of the ranks 1.5 1.5 3 4, 1 2 3 4
        ([0.1, 0.2, 0.3], [0.1, 0.2, 0.3], None),
        ([0.5, 0.5, 0.5, 0.5], [0.1, 0.2, 0.3, 0.4], None),
        ([0.1, 0.2, 0.3, 0.4], [1.0, 1.0, 1.0, 1.0], None),
    ],
)
def test_it_is_spearmans(early, final, correlation):
    """By hand; nothing is said of a few networks or of scores that are all alike."""
    assert rung_rank_correlation(early, final) == (None if correlation is None else pytest.approx(correlation))
