"""What the child run of a trial says: its name, tags, and points of curves. Nothing here knows MLflow."""

from __future__ import annotations

from search.tracking.limits import Point, split_values
from search.trial import Trial
from spaces import LANDMARKS
from workers.metric import Metric


def run_name(trial: Trial) -> str:
    """What was trained, as briefly as MLflow's lists want it: `lstm ×2 → multi_head_attention · residual`.

    Landmarks go by their name before that. Stem, width and sub-choices are params.
    """
    landmark = f"{trial.slot}: " if kind(trial) == "landmark" else ""
    stages = (
        stage.operation + (f" ×{stage.blocks}" if stage.blocks > 1 else "") for stage in trial.architecture.stages
    )
    return f"{landmark}{' → '.join(stages)} · {trial.architecture['connection']}"


def kind(trial: Trial) -> str:
    """`landmark`, `single family` or `hybrid`."""
    if trial.phase == "landmarks" and trial.slot in LANDMARKS:
        return "landmark"
    return "hybrid" if len(trial.architecture.families) > 1 else "single family"


def run_tags(trial: Trial) -> dict[str, str]:
    """What runs are found and grouped by; a failure's reason whole, in as many tags as it takes."""
    tags = {
        "penchant.role": "trial",
        "penchant.trial": str(trial.number),
        "phase": trial.phase,
        "slot": trial.slot,
        "families": trial.family,
        "kind": kind(trial),
        "state": trial.state.value,
        "division": str(trial.division),
        "seed": str(trial.seed),
        "fingerprint": trial.architecture.fingerprint,
        "rungs": ", ".join(str(outcome.stop) for outcome in trial.outcomes),
        "node": trial.outcomes[-1].node if trial.outcomes else "",
    }
    if trial.served_from:
        tags["served_from"] = trial.served_from
    if trial.from_prior:
        tags["from_prior"] = trial.from_prior
    if trial.failed:
        failure = trial.outcomes[-1]
        tags |= {"failure": failure.status.value} | split_values({"reason": failure.reason})
    return tags


def run_points(trial: Trial, metric: Metric, flops: int | None) -> list[Point]:
    """The learning curve by optimizer steps, and what is known at the end: scores, cost and rung.

    `rows_seen` goes along the curve, so that a chart can be drawn over the passes through the data too.
    """
    batch_size = trial.candidate.recipe.batch_size
    curve = [
        Point(name, value, point.step)
        for point in trial.curve
        for name, value in {
            "train_loss": point.train_loss,
            "rows_seen": float(point.step * batch_size),
            **_told("search", point.search_score, metric),
        }.items()
    ]
    final = {"seconds": trial.seconds, "parameters": float(trial.parameter_count)}
    final |= {"steps": float(trial.reached), "rung": float(sum(not outcome.failed for outcome in trial.outcomes))}
    if flops is not None:
        final["flops"] = float(flops)
    if trial.latency_seconds is not None:
        final["latency_seconds"] = trial.latency_seconds
    final |= _told("confirm", trial.confirm_score, metric) | _told("test", trial.test_score, metric)
    return curve + [Point(name, value, trial.reached) for name, value in final.items()]


def _told(part: str, score: float | None, metric: Metric) -> dict[str, float]:
    """A score on a part of the rows, and its value such as `search_rmse`; an accuracy is its own score."""
    if score is None:
        return {}
    told = {f"{part}_score": score}
    return told if metric.name == "accuracy" else {**told, f"{part}_{metric.name}": metric.value(score)}
