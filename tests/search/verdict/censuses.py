"""Made-up censuses for the tests of the verdict."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import binom

from search.verdict.census import DoublingCheck, FamilyCensus
from search.verdict.comparison import FamilyComparison, FamilyRow
from search.verdict.component_statements import NOTHING_FOUND
from search.verdict.fairness import FairnessRows
from search.verdict.families import compare_families
from search.verdict.sentence import ChampionFacts, VerdictText, verdict_sentence
from spaces.shapes import Kind
from workers.metric import Metric, metric_of

APART = {"convolution": 0.9, "attention": 0.6, "recurrence": 0.5}
CHAMPION = ChampionFacts(("convolution",), sealed_mean=0.884, sealed_sd=0.006, seeds=10, beats_landmarks=True)
AGREED = FairnessRows("convolution", "convolution", "convolution", agree=True)
LEVELLED = DoublingCheck(at_horizon=0.0, at_double=0.0)
ACCURACY = metric_of(Kind.CLASSIFICATION)
LOG_LOSS = metric_of(Kind.CLASSIFICATION, "log_loss", outputs=10)
RMSE = metric_of(Kind.REGRESSION, "rmse", deviation=5.0)
PERPLEXITY = metric_of(Kind.NEXT_TOKEN, outputs=5000)
SMALL_GAIN = Metric("share", best=0.004)
SMALL_ERROR = Metric("rmse", worst=0.004, best=0.0)


def census(
    family: str,
    confirm: Sequence[float] | np.ndarray,
    *,
    search: Sequence[float] | np.ndarray | None = None,
    failed: Sequence[bool] | None = None,
    seconds: float | np.ndarray = 1.0,
    parameters: float | np.ndarray = 100,
    steps: int = 600,
    doubled: DoublingCheck | None = LEVELLED,
) -> FamilyCensus:
    blocks = len(confirm)
    return FamilyCensus(
        family=family,
        search=np.asarray(confirm if search is None else search, float),
        confirm=np.asarray(confirm, float),
        failed=np.zeros(blocks, bool) if failed is None else np.asarray(failed, bool),
        core_seconds=np.broadcast_to(np.asarray(seconds, float), blocks),
        parameters=np.broadcast_to(np.asarray(parameters), blocks),
        steps=steps,
        doubled=doubled,
    )


def failing(family: str, blocks: int = 24) -> FamilyCensus:
    return census(family, np.zeros(blocks), failed=[True] * blocks, doubled=None)


def spread(centre: float, blocks: int, seed: int) -> np.ndarray:
    return centre + 0.02 * np.random.default_rng(seed).standard_normal(blocks)


def planted(centres: dict[str, float], blocks: int = 24, steps: int = 600) -> list[FamilyCensus]:
    """Families around the given scores; those that are behind stay behind when trained twice as long."""
    return [
        census(family, spread(centre, blocks, seed), steps=steps, doubled=DoublingCheck(centre, centre))
        for seed, (family, centre) in enumerate(centres.items())
    ]


def compared(censuses: Sequence[FamilyCensus], **settings) -> FamilyComparison:
    return compare_families(censuses, **{"epsilon": 0.01, "seed": 0, "resamples": 400, **settings})


class CountingGenerator(np.random.Generator):
    """Counts the rows that are drawn from it."""

    rows = 0

    def integers(self, *args, **keywords):
        drawn = super().integers(*args, **keywords)
        self.rows += len(drawn)
        return drawn

    def random(self, *args, **keywords):
        drawn = super().random(*args, **keywords)
        self.rows += len(drawn)
        return drawn


def most_likely_at_most(rate: float, studies: int) -> int:
    """The count that a rate no higher than this exceeds in one of a thousand test runs."""
    return int(binom.ppf(0.999, studies, rate))


def checked(family, centre, at_double=None, at_horizon=None, seed=0, **fields) -> FamilyCensus:
    check = DoublingCheck(centre if at_horizon is None else at_horizon, centre if at_double is None else at_double)
    return census(family, spread(centre, 24, seed), doubled=check, **fields)


def verdict_on(
    censuses, *, champion=None, fairness=None, components=NOTHING_FOUND, metric=ACCURACY, **settings
) -> VerdictText:
    comparison = compared(censuses, **settings)
    facts = {"champion": champion, "fairness": fairness, "components": components}
    return verdict_sentence(comparison, dataset="digits", metric=metric, **facts)


def row_of(comparison: FamilyComparison, family: str) -> FamilyRow:
    return next(row for row in comparison.rows if row.family == family)
