"""From trials to what the verdict reads."""

from dataclasses import replace

from search.evidence import censuses, rung_rank_correlations
from tests.search.made import made_trial
from workers.outcome import CurvePoint, Status


def test_running_out_of_time_says_nothing_of_longer_training():
    """A doubling check that met the limit is left out; one that diverged counts as nothing learned."""
    census = [
        made_trial(n, phase="census", slot=f"convolution/{n}", scores={90: 0.5}, confirm=0.5 + n / 10) for n in range(3)
    ]
    doubled = [
        made_trial(3, phase="doubling", slot="convolution/0", scores={180: 0.6}, confirm=0.6, horizon=180),
        made_trial(4, phase="doubling", slot="convolution/1", horizon=180, failure=Status.TIMED_OUT),
    ]
    (family,) = censuses([*census, *doubled], ["convolution"])
    assert (family.doubled.at_horizon, family.doubled.at_double) == (0.5, 0.6)
    diverged = made_trial(5, phase="doubling", slot="convolution/2", horizon=180, failure=Status.DIVERGED)
    (family,) = censuses([*census, *doubled, diverged], ["convolution"])
    assert (family.doubled.at_horizon, family.doubled.at_double) == (0.6, 0.3)


def test_how_well_early_scores_rank_is_told_by_family():
    """From the census alone, by the score at a ninth of the training; failed networks and other phases are left out."""
    early = {"convolution": (0.1, 0.2, 0.3, 0.4), "recurrence": (0.4, 0.3, 0.2, 0.1)}
    trials = [made_trial(9, phase="census", family="convolution", failure=Status.DIVERGED)]
    for family, scores in early.items():
        for n, score in enumerate(scores):
            trial = made_trial(n, phase="census", family=family, scores={90: 0.5 + n / 10})
            trial.outcomes[0] = replace(trial.outcomes[0], curve=(CurvePoint(10, 1.0, score), CurvePoint(90, 1.0, 0.5)))
            trials.append(trial)
    trials.append(replace(trials[1], phase="adaptive"))
    assert rung_rank_correlations(trials) == {"convolution": 1.0, "recurrence": -1.0}
