"""How often contrasts claim what is not there, and see what is."""

from collections import Counter

import numpy as np
import pytest

from search.verdict.contrasts import ContrastRow, PairedScores, compare_contrasts
from tests.search.verdict.censuses import most_likely_at_most

STUDIES = 160


def study(
    rng, contrasts: int, hosts: int, seeds: int, *, effect: float, spread: float, luck: float
) -> list[ContrastRow]:
    """Contrasts whose hosts gain `effect`, give or take `spread`, shown by seeds that vary by `luck`."""
    made = []
    for number in range(contrasts):
        gain = effect + spread * rng.standard_normal((hosts, 1))
        quality = 0.8 + 0.05 * rng.standard_normal((hosts, 1)) + np.array([0.5, -0.5])[:, None, None] * gain
        scores = quality + luck * rng.standard_normal((2, hosts, seeds))
        made.append(PairedScores("connection", str(number), "plain", scores, np.zeros(scores.shape, bool)))
    return compare_contrasts(made, 0.01)


def false_claims(rows: list[ContrastRow]) -> bool:
    return any(row.decision.value in ("helps", "hurts") for row in rows)


@pytest.mark.parametrize(
    ("hosts", "seeds", "spread", "luck"), [(6, 2, 0.0, 0.01), (6, 2, 0.1, 0.02), (8, 3, 0.02, 0.01), (8, 3, 0.0, 0.05)]
)
def test_what_does_nothing_is_seldom_said_to_help_or_hurt(hosts: int, seeds: int, spread: float, luck: float):
    """Four contrasts without an effect, whether hosts are alike or not: a claim in at most 5 % of studies."""
    rng = np.random.default_rng(0)
    studies = [study(rng, 4, hosts, seeds, effect=0.0, spread=spread, luck=luck) for _ in range(STUDIES)]
    assert sum(map(false_claims, studies)) <= most_likely_at_most(0.05, STUDIES)


def test_the_interval_holds_the_effect():
    """In at least 95 % of contrasts, but for the luck of 640 of them."""
    rng = np.random.default_rng(1)
    studies = [study(rng, 4, 8, 3, effect=0.05, spread=0.03, luck=0.01) for _ in range(STUDIES)]
    missed = sum(not row.interval[0] <= 0.05 <= row.interval[1] for rows in studies for row in rows)
    assert missed <= most_likely_at_most(0.05, 4 * STUDIES)


def test_what_does_something_is_seldom_called_equivalent():
    """An effect of ε itself in hosts that agree: at most 5 %."""
    rng = np.random.default_rng(2)
    studies = [study(rng, 1, 8, 3, effect=0.01, spread=0.003, luck=0.005) for _ in range(STUDIES)]
    equivalent = sum(row.decision.value == "equivalent" for rows in studies for row in rows)
    assert equivalent <= most_likely_at_most(0.05, STUDIES)


@pytest.mark.parametrize(
    ("effect", "spread", "luck", "decision"),
    [(0.1, 0.03, 0.02, "helps"), (0.0, 0.003, 0.005, "equivalent"), (0.0, 0.1, 0.02, "depends")],
)
def test_what_is_plain_is_seen(effect: float, spread: float, luck: float, decision: str):
    """A gain of .1, none at all, and one that hosts disagree on: 80 % at least are told among four contrasts."""
    rng = np.random.default_rng(3)
    studies = [study(rng, 4, 8, 3, effect=effect, spread=spread, luck=luck) for _ in range(50)]
    seen = Counter(row.decision.value for rows in studies for row in rows)
    assert seen[decision] >= 0.8 * 200
