"""How often the verdict claims what is not there, on scores of real trainings; see `benchmarks/null_scores.py`."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.stats import binomtest

from search.verdict.census import DoublingCheck, FamilyCensus
from search.verdict.contrasts import PairedScores, compare_contrasts
from search.verdict.expected_best import expected_best
from search.verdict.families import default_best_of
from search.verdict.holm import holm_adjusted
from tests.search.verdict.censuses import census, compared, most_likely_at_most

STUDIES = 200
NAMES = ("convolution", "attention", "recurrence", "wavelet")
BLOCKS = 12
SEARCH, CONFIRM = 0, 1


@cache
def alike() -> np.ndarray:
    """Search and confirm scores of networks of one family with several seeds, `(2, networks, seeds)`."""
    return np.array([_recorded()["alike"][rows] for rows in ("search", "confirm")])


@cache
def shuffled() -> dict[str, np.ndarray]:
    """The same of each family's networks on shuffled labels, `(2, blocks)`."""
    return {
        family: np.array([scores[rows] for rows in ("search", "confirm")])
        for family, scores in _recorded()["shuffled"].items()
    }


def _recorded() -> dict:
    return json.loads(Path(__file__).with_name("null_scores.json").read_text())


def one_family_under_several_names(rng: np.random.Generator) -> np.ndarray:
    """Networks dealt out among the names; those of a block share its seed: `(name, 2, block)`."""
    dealt = rng.permutation(alike().shape[1]).reshape(len(NAMES), BLOCKS)
    return np.moveaxis(alike()[:, dealt, rng.permutation(BLOCKS)], 0, 1)


def unequal_luck(rng: np.random.Generator) -> np.ndarray:
    """The same, but the luck of seeds is none, what it is, or two and three times that, name by name."""
    quality = alike().mean(axis=(0, 2))
    dealt = rng.permutation(len(quality)).reshape(len(NAMES), BLOCKS)
    luck = np.moveaxis(alike()[:, dealt, rng.permutation(BLOCKS)], 0, 1) - quality[dealt][:, None]
    return quality[dealt][:, None] + np.array([0.0, 1.0, 2.0, 3.0])[:, None, None] * luck


def labels_shuffled(rng: np.random.Generator) -> np.ndarray:
    """Networks of all families that had nothing to learn; a family's luck in the pool of its networks is taken out.

    Blocks are drawn whole: their networks are twins.
    """
    pools = [pool - pool.mean(axis=1, keepdims=True) for pool in shuffled().values()]
    blocks = rng.integers(pools[0].shape[1], size=BLOCKS)
    return 0.1 + np.array([pool[:, blocks] for pool in pools])


NULLS = [one_family_under_several_names, unequal_luck, labels_shuffled]


def studies(null, seed: int = 0) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    return (null(rng) for _ in range(STUDIES))


def checked_censuses(scores: np.ndarray) -> list[FamilyCensus]:
    """Families whose doubling check says what the census does, so that nothing but the test keeps a rival in."""
    found = []
    for name, (search, confirm) in enumerate(scores):
        best = expected_best(search, confirm, default_best_of(len(search)))
        found.append(census(str(name), confirm, search=search, doubled=DoublingCheck(best, best)))
    return found


@pytest.mark.parametrize("null", NULLS)
def test_no_winner_is_named_among_equals(null):
    """In at most 5 % of 200 studies, and with 95 % confidence in at most 8.5 %."""
    winners = sum(
        compared(checked_censuses(scores), seed=number, resamples=200).winner is not None
        for number, scores in enumerate(studies(null))
    )
    assert winners <= 0.05 * STUDIES
    assert binomtest(winners, STUDIES).proportion_ci(method="exact").high <= 0.085


def test_the_rule_of_thumb_names_one_often():
    """Each name's best network, ten fresh seeds, paired t-tests against every rival with Holm: a fifth at least."""
    winners = 0
    rng = np.random.default_rng(0)
    for _ in range(STUDIES):
        dealt = rng.permutation(alike().shape[1]).reshape(len(NAMES), BLOCKS)
        searched, *fresh = rng.permutation(alike().shape[2])[:11]
        best = [own[np.argmax(alike()[SEARCH, own, searched])] for own in dealt]
        leader, *rivals = sorted(alike()[CONFIRM][best][:, fresh], key=np.mean, reverse=True)
        p = [stats.ttest_rel(leader, rival, alternative="greater").pvalue for rival in rivals]
        winners += bool((holm_adjusted(np.array(p)) < 0.05).all())
    assert winners > STUDIES / 5


def test_intervals_hold_the_expected_best():
    """In 92 % of families of networks drawn anew, of which the truth is known: the mean of an unbiased estimate."""
    rng = np.random.default_rng(0)
    held, truth = 0, _true_expected_best(rng)
    for number in range(STUDIES):
        row = compared(checked_censuses(_drawn_anew(rng)[None]), seed=number, resamples=400).rows[0]
        held += row.interval[0] <= truth <= row.interval[1]
    assert STUDIES - held <= most_likely_at_most(0.08, STUDIES)


def _drawn_anew(rng: np.random.Generator) -> np.ndarray:
    networks, seeds = (rng.integers(size, size=24) for size in alike().shape[1:])
    return alike()[:, networks, seeds]


def _true_expected_best(rng: np.random.Generator) -> float:
    return float(np.mean([expected_best(*_drawn_anew(rng), 8) for _ in range(20_000)]))


@pytest.mark.parametrize(("hosts", "seeds"), [(8, 3), (6, 2)])
def test_a_component_that_is_none_seldom_helps_or_hurts(hosts: int, seeds: int):
    """Both arms are the same networks with other seeds, in four contrasts: a claim in at most 5 % of 200 studies."""
    rng = np.random.default_rng(0)
    claims = held = 0
    for _ in range(STUDIES):
        rows = compare_contrasts([_nothing(rng, str(number), hosts, seeds) for number in range(4)], 0.01)
        claims += any(row.decision.value in ("helps", "hurts") for row in rows)
        held += sum(row.interval[0] <= 0.0 <= row.interval[1] for row in rows)
    assert claims <= 0.05 * STUDIES
    assert binomtest(claims, STUDIES).proportion_ci(method="exact").high <= 0.085
    assert 4 * STUDIES - held <= most_likely_at_most(0.08, 4 * STUDIES)


def _nothing(rng: np.random.Generator, name: str, hosts: int, seeds: int) -> PairedScores:
    """Seeds are drawn for each host anew: what a division does to all networks would look like the component's."""
    networks = rng.choice(alike().shape[1], hosts, replace=False)
    arms = [rng.permutation(alike().shape[2])[: 2 * seeds].reshape(2, seeds) for _ in networks]
    scores = np.stack([alike()[CONFIRM, network][own] for network, own in zip(networks, arms, strict=True)], axis=1)
    return PairedScores("connection", name, "plain", scores, np.zeros(scores.shape, bool))


def test_a_better_family_is_found():
    """Of six families of skewed quality one is better by .6: with 16 trials each it wins in four studies of five."""
    rng = np.random.default_rng(0)
    found = 0
    for number in range(STUDIES):
        quality = 0.6 * (np.arange(6) == 0)[:, None] - np.exp(0.6 * rng.standard_normal((6, 16)))
        scores = quality[:, None] + np.array([0.1, 0.05])[:, None] * rng.standard_normal((6, 2, 16))
        found += compared(checked_censuses(scores), seed=number, resamples=200).winner == "0"
    assert STUDIES - found <= most_likely_at_most(0.2, STUDIES)
