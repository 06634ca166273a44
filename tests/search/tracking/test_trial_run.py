from dataclasses import replace

import numpy as np

from search.candidate import Candidate
from search.tracking.limits import LONGEST_VALUE
from search.tracking.trial_run import run_name, run_points, run_tags
from spaces import Architecture, landmark
from tests.search.made import SPACE, made_trial
from tests.search.verdict.censuses import ACCURACY
from workers.outcome import CurvePoint, Status
from workers.recipe import Recipe


def test_a_run_is_named_by_what_it_trains():
    """Operations, blocks where there are several, connection; a landmark's name before that. The number is a tag."""
    lstm = landmark("lstm")
    stages = {
        "stages": 2,
        "downsampling": False,
        "stage1.blocks": 2,
        "stage2.operation": "identity",
        "stage2.blocks": 1,
    }
    trial = made_trial(7, scores={90: 0.5}, candidate=Candidate(Architecture({**lstm.choices, **stages}), Recipe()))
    assert run_name(trial) == f"lstm ×2 → identity · {lstm['connection']}"
    assert run_tags(trial)["penchant.trial"] == "7"
    resnet = made_trial(1, phase="landmarks", slot="resnet", candidate=Candidate(landmark("resnet"), Recipe()))
    assert run_name(resnet).startswith("resnet: convolution ×")
    assert run_tags(resnet)["kind"] == "landmark"


def test_runs_are_grouped_by_families_phase_and_kind():
    """One family, or several joined by +, which makes a hybrid."""
    tags = run_tags(made_trial(0, family="attention", phase="census", slot="attention/0", scores={90: 0.5}))
    assert (tags["families"], tags["phase"], tags["kind"]) == ("attention", "census", "single family")
    rng = np.random.default_rng(0)
    sampled = next(c for c in iter(lambda: Candidate.sample(SPACE, rng), None) if len(c.architecture.families) == 2)
    tags = run_tags(made_trial(2, scores={90: 0.5}, candidate=sampled))
    assert (tags["families"], tags["kind"]) == ("+".join(sampled.architecture.families), "hybrid")


def test_a_run_says_what_it_was_taken_from():
    """The study and trial on record that a prior named; a run that none named has no such tag."""
    assert run_tags(made_trial(0, from_prior="study wine, trial 3"))["from_prior"] == "study wine, trial 3"
    assert "from_prior" not in run_tags(made_trial(0))


def test_the_reason_of_a_failure_is_whole():
    """A traceback longer than MLflow takes in a value goes into several tags."""
    trial = made_trial(0, failure=Status.CRASHED)
    reason = "".join(f"line {n}\n" for n in range(1000))
    tags = run_tags(replace(trial, outcomes=[replace(trial.outcomes[0], reason=reason)]))
    assert tags["failure"] == "crashed"
    assert len(reason) > LONGEST_VALUE
    assert tags["reason"] + tags["reason.2"] == reason


def test_the_curve_goes_by_steps_and_the_end_tells_cost_and_rung():
    """`rows_seen` is an axis of its own; the rung is the number of segments that were trained."""
    trial = made_trial(0, scores={30: 0.6, 90: 0.8})
    trial.outcomes[1] = replace(trial.outcomes[1], curve=(CurvePoint(60, 0.4, 0.7), CurvePoint(90, 0.3, 0.8)))
    points = run_points(trial, ACCURACY, flops=1234)
    assert [(p.step, p.value) for p in points if p.name == "search_score"] == [(60, 0.7), (90, 0.8)]
    batch = trial.candidate.recipe.batch_size
    assert [p.value for p in points if p.name == "rows_seen"] == [60 * batch, 90 * batch]
    end = {p.name: p.value for p in points if p.step == 90}
    assert (end["rung"], end["steps"], end["flops"], end["seconds"], end["parameters"]) == (2, 90, 1234, 2.0, 100)
    assert "flops" not in {p.name for p in run_points(trial, ACCURACY, flops=None)}
