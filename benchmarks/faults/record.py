"""What a study left behind in the database and in MLflow, and whether it is whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from mlflow import MlflowClient

from search import Study
from search.storage.events import EventStore
from search.trial import Trial

TIMED = ("study", "budget")
"""Parts of a verdict that name the study or tell how long it took."""


@dataclass(frozen=True)
class Record:
    """A study that has ended.

    Attributes:
        trials: each with what repeats of it: nothing that depends on a clock or a machine.
        verdict: its document without what depends on them.
        trained: segments whose outcome is recorded.
    """

    trials: tuple[tuple[Any, ...], ...]
    verdict: dict[str, Any]
    trained: int

    @classmethod
    def of(cls, study: Study) -> Record:
        """Reads the record and makes sure that it is whole: nothing missing, nothing twice, in none of its places.

        Raises:
            AssertionError: it is not.
        """
        assert study.state == "finished", f"{study.name} is {study.state}"
        trials = study._trial_store.load()
        document = study.verdict().to_json()
        _check_trials(trials, study)
        _check_events(study, len(trials))
        _check_mlflow(study, len(trials))
        assert document["budget"]["trials"] == len(trials)
        told = {name: part for name, part in document.items() if name not in TIMED}
        told["fairness"] = told["fairness"] | {"equal_time": None, "agree": None}  # which clocks decide
        return cls(tuple(map(_repeatable, trials)), told, sum(len(trial.outcomes) for trial in trials))

    def differences(self, undisturbed: Record) -> list[str]:
        """What differs from the undisturbed run, in words; nothing where all is the same."""
        pairs = zip(self.trials, undisturbed.trials, strict=False)
        trials = sum(mine != theirs for mine, theirs in pairs) + abs(len(self.trials) - len(undisturbed.trials))
        parts = [name for name in undisturbed.verdict if self.verdict[name] != undisturbed.verdict[name]]
        return ([f"{trials} trials"] if trials else []) + [f"the verdict's {name}" for name in parts]


def _repeatable(trial: Trial) -> tuple[Any, ...]:
    segments = tuple((o.start, o.stop, o.status, o.search_score, o.confirm_score, o.test_score) for o in trial.outcomes)
    return trial.number, trial.phase, trial.slot, trial.architecture.fingerprint, trial.seed, trial.state, segments


def _check_trials(trials: list[Trial], study: Study) -> None:
    asked = study.specification.trials
    assert [trial.number for trial in trials] == list(range(asked)), f"{len(trials)} trials of {asked}"
    slots = Counter((trial.phase, trial.slot) for trial in trials)
    assert max(slots.values()) == 1, slots.most_common(2)
    for trial in trials:
        assert trial.state != "running", f"trial {trial.number} still runs"
        reached = 0
        for outcome in trial.outcomes:
            assert outcome.start == reached, f"trial {trial.number}: a segment of it is missing or there twice"
            reached = outcome.stop


def _check_events(study: Study, trials: int) -> None:
    events = EventStore(study._database).after(study.name, 0, limit=100_000)
    assert [event.number for event in events] == list(range(1, len(events) + 1)), "events with a gap"
    ended = Counter(event.data["trial"] for event in events if event.kind == "trial")
    assert ended == Counter(range(trials)), "ends of trials among the events"
    assert [event.kind for event in events].count("verdict") == 1
    assert events[-1].data == {"state": "finished"}


def _check_mlflow(study: Study, trials: int) -> None:
    """Exactly one whole child run a trial, and one parent with the verdict."""
    client = MlflowClient(study.specification.tracking_uri)
    experiment = client.get_experiment_by_name(study.name)
    assert experiment is not None, "MLflow knows nothing of the study"
    runs = client.search_runs([experiment.experiment_id], max_results=5000)
    children = [run for run in runs if run.data.tags["penchant.role"] == "trial"]
    assert Counter(int(run.data.tags["penchant.trial"]) for run in children) == Counter(range(trials)), "MLflow"
    assert all(run.info.status in ("FINISHED", "KILLED", "FAILED") for run in children)
    (parent,) = [run for run in runs if run not in children]
    assert parent.info.status == "FINISHED"
    assert study.verdict().sentence in parent.data.tags["mlflow.note.content"]
