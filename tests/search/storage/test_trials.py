import threading

import optuna
import pytest

from search.storage.database import Database
from search.storage.trial_page import trial_page
from search.storage.trials import TrialStore
from search.trial import TrialState
from tests.search.made import SPACE, made_trial
from workers.outcome import CurvePoint, Outcome, Status


@pytest.fixture
def storage(tmp_path):
    return Database(f"sqlite:///{tmp_path / 'studies.db'}").optuna_storage()


@pytest.fixture
def store(storage) -> TrialStore:
    return TrialStore(storage, "study", SPACE)


def outcome(stop: int, score: float = 0.5, start: int = 0) -> Outcome:
    curve = (CurvePoint(stop, 1.25, score),)
    return Outcome(0, start, stop, Status.TRAINED, "", score, 0.4, None, curve, 1.5, 321, "node")


def test_trials_come_back_as_they_were(store, storage):
    """Candidate, seeds, every segment's outcome and the state are read back equal, in order."""
    first, second = made_trial(-1, phase="census", slot="convolution/0"), made_trial(-1, slot="0")
    for trial in (first, second):
        store.create(trial)
    first.outcomes.append(outcome(90))
    store.report(first)
    first.state = TrialState.COMPLETE
    store.finish(first)
    for segment in (outcome(10), outcome(30, 0.6, start=10)):
        second.outcomes.append(segment)
        store.report(second)
    store.writer.settle()
    assert TrialStore(storage, "study", SPACE).load() == [first, second]
    assert (first.number, second.number) == (0, 1)


def test_optuna_reads_the_study(store, storage):
    """Choices are parameters, rung scores intermediate values; complete, pruned and failed are Optuna's states."""
    states = {TrialState.COMPLETE: "COMPLETE", TrialState.PRUNED: "PRUNED", TrialState.FAILED: "FAIL"}
    for state in states:
        trial = made_trial(-1)
        store.create(trial)
        failed = state is TrialState.FAILED
        trial.outcomes.append(outcome(10) if not failed else Outcome(0, 0, 10, Status.DIVERGED, "nan"))
        store.report(trial)
        trial.state = state
        store.finish(trial)
    store.writer.settle()
    study = optuna.load_study(study_name="study", storage=storage)
    assert [trial.state.name for trial in study.trials] == list(states.values())
    assert study.best_value == 0.5
    assert study.trials[1].intermediate_values == {10: 0.5}
    choices = made_trial(-1).candidate.choices()
    asked = {name: value for name, value in choices.items() if name in study.trials[0].params}
    assert study.trials[0].params == asked
    assert {"stages", "stage1.operation", "recipe.learning_rate"} <= asked.keys()


def test_an_outcome_that_was_not_recorded_is_unknown(store, storage):
    """A trial that started and was killed is running and has no outcome; it can be reported after loading."""
    with store:
        store.create(made_trial(-1))
    again = TrialStore(storage, "study", SPACE)
    (trial,) = again.load()
    assert trial.state is TrialState.RUNNING
    assert trial.outcomes == []
    trial.outcomes.append(outcome(90))
    with again:
        again.report(trial)
    assert TrialStore(storage, "study", SPACE).load()[0].outcomes == [outcome(90)]


def test_studies_do_not_mix(storage):
    """Two studies in one database have their own trials, each numbered from 0."""
    for name in ("one", "two"):
        store = TrialStore(storage, name, SPACE)
        trial = made_trial(-1)
        store.create(trial)
        assert trial.number == 0
        assert len(store.load()) == 1


class SlowStart(optuna.storages.InMemoryStorage):
    """Writes the start of a trial when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.may_write = threading.Event()

    def create_new_trial(self, *arguments) -> int:
        assert self.may_write.wait(60)
        return super().create_new_trial(*arguments)


def test_nobody_waits_for_a_write_but_who_leaves_the_store():
    """A trial has its number, an outcome and an end before the storage has any of it; after the block it has all."""
    storage = SlowStart()
    with TrialStore(storage, "study", SPACE) as store:
        trial = made_trial(-1)
        store.create(trial)
        trial.outcomes.append(outcome(90))
        store.report(trial)
        trial.state = TrialState.COMPLETE
        store.finish(trial)
        assert trial.number == 0
        assert storage.get_all_trials(0) == []
        storage.may_write.set()
    assert store.load() == [trial]


class FullDisk(optuna.storages.InMemoryStorage):
    """Writes the start of no trial."""

    def create_new_trial(self, *arguments) -> int:
        raise OSError("no space left")


def test_leaving_the_store_tells_of_a_write_that_failed_first():
    """And not of what could not be written because of it; so no study goes on without its record."""
    store, trial, both_given = TrialStore(FullDisk(), "study", SPACE), made_trial(-1), threading.Event()
    store.writer.write(both_given.wait, 60)
    store.create(trial)
    trial.outcomes.append(outcome(90))
    store.report(trial)
    both_given.set()
    with pytest.raises(OSError, match="no space left"), store:
        pass


def test_loading_tells_of_a_write_that_failed():
    """What is loaded would lack it."""
    store = TrialStore(FullDisk(), "study", SPACE)
    store.create(made_trial(-1))
    with pytest.raises(OSError, match="no space left"):
        store.load()


def test_a_study_that_another_program_writes_to_is_not_gone_on_with(storage):
    """A number given twice would mix two trials' records."""
    with TrialStore(storage, "study", SPACE) as other:
        other.create(made_trial(-1))
    with (
        pytest.raises(RuntimeError, match="another program writes to this study"),
        TrialStore(storage, "study", SPACE) as store,
    ):
        store.create(made_trial(-1))


def test_a_page_holds_what_optuna_reads(storage):
    """From any trial on, as many as are asked for, each equal to what the whole record tells of it."""
    states = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAILED, TrialState.RUNNING)
    for name in ("other", "study"):
        with TrialStore(storage, name, SPACE) as store:
            for number, state in enumerate(states):
                trial = made_trial(-1, slot=f"{name}/{number}")
                store.create(trial)
                if state is not TrialState.RUNNING:
                    trial.outcomes.append(outcome(10))
                    store.report(trial)
                    trial.state = state
                    store.finish(trial)
    whole = store.load()
    ends = [trial.ended_at for trial in whole]
    assert [end > 0 for end in ends] == [True, True, True, False]
    for after, limit in ((-1, 10), (-1, 2), (1, 1), (3, 5)):
        page = trial_page(storage.engine, "study", after, limit)
        assert page == whole[after + 1 :][:limit]
        assert [trial.ended_at for trial in page] == ends[after + 1 :][:limit]
