"""A study's document tells scores as values of the metric."""

import io
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from search.judgement import Case, judge
from search.phases.ranking import choose_finalists
from search.terminal import print_verdict
from search.verdict.document import BudgetSpent, VerdictDocument
from tests.search.made import SPACE, made_trial
from tests.search.verdict.censuses import ACCURACY, LOG_LOSS, PERPLEXITY, RMSE
from workers.metric import Metric

HORIZON, BLOCKS = 600, 12
CENTRES = {"convolution": 0.85, "recurrence": 0.45}
DOUBLED = {"convolution": 0.855, "recurrence": 0.457}
TEST_SCORES = (0.8, 0.84, 0.9)
FORMULAS = {
    "log_loss": lambda score: np.log(10) * (1 - score),
    "rmse": lambda score: 5 * (1 - score),
    "perplexity": lambda score: 5000.0 ** (1 - score),
}
LOWER_IS_BETTER = pytest.mark.parametrize("metric", [LOG_LOSS, RMSE, PERPLEXITY], ids=lambda metric: metric.name)


def made_study():
    """A census that convolution wins, its doubling check, a landmark, and fresh seeds of the finalists."""
    rng = np.random.default_rng(0)
    trials = [made_trial(99, phase="landmarks", slot="resnet", scores={HORIZON: 0.6}, horizon=HORIZON)]
    for family, centre in CENTRES.items():
        scores = centre + 0.02 * rng.standard_normal(BLOCKS)
        for block, score in enumerate(scores):
            fields = {"family": family, "slot": f"{family}/{block}"}
            trials.append(made_trial(len(trials), phase="census", scores={HORIZON: score}, horizon=HORIZON, **fields))
            if block < 3:
                doubled = {2 * HORIZON: score - centre + DOUBLED[family]}
                trials.append(made_trial(len(trials), phase="doubling", scores=doubled, horizon=2 * HORIZON, **fields))
    for rank, finalist in enumerate(choose_finalists(trials, HORIZON, space())):
        for seed, score in enumerate(sealed_scores(rank)):
            outcome = replace(finalist.outcomes[-1], test_score=score)
            changes = {"phase": "confirmation", "slot": f"{rank}/{seed}", "seed": seed, "outcomes": [outcome]}
            trials.append(replace(finalist, **changes))
    return trials


def sealed_scores(rank: int) -> list[float]:
    """The scores of a finalist's seeds on the sealed test; the worse its rank, the worse they are."""
    return [score - 0.1 * rank - 0.01 * rank * seed for seed, score in enumerate(TEST_SCORES)]


def space():
    return SPACE.only(CENTRES)


def document_in(metric: Metric, blobs) -> VerdictDocument:
    case = Case("made", blobs.name, metric, blobs.task, space(), seed=0, horizon=HORIZON)
    return judge(case, made_study(), BudgetSpent(trials=40, core_seconds=1, wall_seconds=1, worker_busy_share=None))


def test_an_accuracy_is_its_own_score(blobs):
    """The scores of the trials stand in the document as they are."""
    document = document_in(ACCURACY, blobs)
    assert (document.metric, document.higher_is_better, document.winner) == ("accuracy", True, "convolution")
    assert document.champion.sealed_test.mean == pytest.approx(np.mean(TEST_SCORES))
    census = [trial.confirm_score for trial in made_study() if trial.phase == "census"]
    assert document.families[0].curve[0] == pytest.approx(np.mean(census[:BLOCKS]))
    assert document.families[1].gain_on_doubling == pytest.approx(0.007)


@LOWER_IS_BETTER
def test_levels_are_values_of_the_metric(blobs, metric):
    """Expected bests and their curves are what the metric says of the score; intervals are in order around them."""
    document, scores, formula = document_in(metric, blobs), document_in(ACCURACY, blobs), FORMULAS[metric.name]
    assert (document.metric, document.higher_is_better) == (metric.name, False)
    assert (document.winner, document.winner_set) == (scores.winner, scores.winner_set)
    for family, scored in zip(document.families, scores.families, strict=True):
        assert family.expected_best == pytest.approx(formula(scored.expected_best))
        assert family.curve == pytest.approx([formula(score) for score in scored.curve])
        assert family.interval == pytest.approx((formula(scored.interval[1]), formula(scored.interval[0])))
        assert family.interval[0] < family.expected_best < family.interval[1]
        assert family.p_adjusted == scored.p_adjusted
    assert document.families[0].expected_best < document.families[1].expected_best


@LOWER_IS_BETTER
def test_a_gain_is_an_improvement_in_the_metrics_unit(blobs, metric):
    """What fell by training twice as long is a gain above zero."""
    census = [trial for trial in made_study() if trial.phase == "census" and trial.slot[-2:] in ("/0", "/1", "/2")]
    for family in document_in(metric, blobs).families:
        before = np.mean([trial.confirm_score for trial in census if trial.family == family.family])
        after = before - CENTRES[family.family] + DOUBLED[family.family]
        formula = FORMULAS[metric.name]
        assert family.gain_on_doubling == pytest.approx(formula(before) - formula(after))
        assert family.gain_on_doubling > 0


@LOWER_IS_BETTER
def test_the_sealed_test_is_of_the_values_of_the_seeds(blobs, metric):
    """Mean and deviation of champion, runner-up and landmarks are over the value of each seed."""
    champion = document_in(metric, blobs).champion
    (landmark,) = champion.landmarks
    sealed = [champion.sealed_test.model_dump(), champion.runner_up["sealed_test"], landmark.sealed_test.model_dump()]
    for rank, test in enumerate(sealed):
        values = [FORMULAS[metric.name](score) for score in sealed_scores(rank)]
        assert test == pytest.approx({"mean": np.mean(values), "sd": np.std(values, ddof=1), "seeds": 3})
    assert champion.beats_landmarks


def printed_in_80_columns(document: VerdictDocument) -> str:
    console = Console(file=io.StringIO(), width=80)
    print_verdict(console, document)
    return console.file.getvalue()


@LOWER_IS_BETTER
def test_the_table_tells_values(blobs, metric):
    """What the terminal shows is in the metric's unit, with what twice the training took away."""
    document = document_in(metric, blobs)
    printed = printed_in_80_columns(document)
    row = next(line for line in printed.splitlines() if line.startswith("recurrence"))
    assert float(row.split()[1]) == pytest.approx(document.families[1].expected_best, rel=1e-3)
    (added,) = [float(word) for word in row.split() if word.startswith("-")]
    assert added == pytest.approx(-document.families[1].gain_on_doubling, abs=0.006)


@pytest.mark.parametrize(("deviation", "is_drawn"), [(5.0, True), (42_000.0, False)])
def test_long_figures_take_the_place_of_the_drawing(blobs, deviation, is_drawn):
    """The table fits 80 columns, whatever the unit of the numbers."""
    printed = printed_in_80_columns(document_in(replace(RMSE, worst=deviation), blobs))
    assert ("●" in printed) == is_drawn
    assert "…" not in printed
