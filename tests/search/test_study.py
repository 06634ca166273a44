"""Studies end to end on the inline engine."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from search import Study
from search.course import Course
from search.driver import Driver
from search.observer import Observer
from search.plan import Plan
from search.storage.database import Database
from search.storage.lease import Lease
from search.storage.studies import StudyState, StudyStore
from search.storage.tables import StudyRow
from spaces import InvalidInput
from spaces.operations.operation import OPERATIONS
from tests.conftest import write_blobs
from workers.datasets.npz import load_npz
from workers.inline_engine import InlineEngine
from workers.rows import Rows

SMALL = {"trials": 32, "epochs": 2, "seed": 3}


def run(study: Study, observers=()):
    return study.run(InlineEngine(), observers)


def facts(study: Study):
    """What must be equal between two runs: everything recorded but times and places."""
    return study.trials().drop(columns=["seconds"]).to_json(orient="records", indent=1)


@pytest.fixture(scope="module")
def finished_home(tmp_path_factory) -> Path:
    """With a finished study in it."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_HOME", str(folder / "home"))
        run(Study.create(str(write_blobs(folder / "blobs.npz")), **SMALL))
    return folder / "home"


@pytest.fixture
def finished(finished_home, home) -> Study:
    """In a copy of its home, so that every test may do with it what it likes."""
    shutil.copytree(finished_home, home)
    return Study.load("blobs")


def test_a_study_ends_in_a_verdict(finished):
    """All phases ran, their trials add up to what was asked for, and the verdict is recorded."""
    assert finished.state == StudyState.FINISHED
    phases = finished.trials_by_phase()
    assert list(phases) == ["landmarks", "census", "adaptive", "confirmation"]
    assert sum(phases.values()) == SMALL["trials"]
    document = finished.verdict()
    assert document.budget.trials == SMALL["trials"]
    assert {row.family for row in document.families} == set(finished.space.families)
    assert document.sentence.startswith("On blobs, ")
    assert document == Study.load(finished.name).verdict()
    assert not (finished.trials()["state"] == "running").any()


def test_a_short_study_claims_nothing(finished):
    """With two trials a family and a few steps nobody is excluded, and the sentence says why."""
    document = finished.verdict()
    assert document.winner is None
    assert set(document.winner_set) == set(finished.space.families)
    assert "no test can tell families apart" in document.sentence
    assert "Training was short" in document.sentence
    assert document.undecided


def test_the_sealed_test_is_opened_in_the_confirmation_alone(finished):
    """No trial of another phase has a score on the test rows."""
    frame = finished.trials()
    opened = frame[frame["test_score"].notna()]
    assert set(opened["phase"]) == {"confirmation"}
    champion = finished.verdict().champion
    own = opened[opened["fingerprint"] == champion.fingerprint]
    assert champion.sealed_test.mean == pytest.approx(own["test_score"].mean())


def test_a_study_keeps_its_task_and_metric(blobs_file):
    """They are recorded, and the data are the same when it is loaded again."""
    study = Study.create(str(blobs_file), task="regression", metric="rmse", **SMALL)
    again = Study.load(study.name)
    assert (again.specification.task, again.specification.metric.name) == ("regression", "rmse")
    assert (again.dataset.task.kind, again.dataset.metric) == ("regression", study.dataset.metric)


def test_the_champion_has_its_weights(finished, blobs_file):
    """The module handed out scores the sealed test exactly as the record says."""
    champion = finished.champion
    rows = Rows.of(load_npz(blobs_file), champion.trial.division)
    scores = champion.module()(rows.test.x).argmax(1) == rows.test.y
    assert scores.double().mean().item() == pytest.approx(champion.trial.test_score)


def test_the_same_seed_gives_the_same_study(blobs_file, finished):
    """Every proposal and every score repeats."""
    again = Study.create(str(blobs_file), **SMALL)
    run(again)
    assert again.name != finished.name
    assert facts(again) == facts(finished)
    other = Study.create(str(blobs_file), **{**SMALL, "seed": 4})
    run(other)
    assert facts(other) != facts(finished)


def with_contrasts(trials: int, horizon: int, families: int, landmarks: int, components: bool) -> Plan:
    """The plan of a study large enough to ask about components, in small: forty trainings of one contrast."""
    assert components
    return Plan(horizon, 1, 4, 0, 3, 0, 1, 2, 1, contrasted=43, hosts=4, contrast_seeds=2)


def test_a_study_asks_about_components(blobs_file, monkeypatch):
    """Trials that no whole contrast needs are the search's; the verdict can be judged again from the record alone."""
    monkeypatch.setattr("search.course.plan_trials", with_contrasts)
    study = Study.create(str(blobs_file), space="tiny", **SMALL)
    document = run(study)
    census = 4 * len(study.space.families)
    assert study.trials_by_phase() == {
        "landmarks": 1,
        "census": census,
        "contrasts": 40,
        "adaptive": 6,
        "confirmation": 2,
    }
    (row,) = document.components
    assert (row.component, row.contrast, row.hosts) == ("connection", "residual vs plain", 4)
    assert not any("connection" in question for question in document.undecided if "not tested" in question)
    assert any("(gate, normalization, initialization, position) were not tested" in q for q in document.undecided)
    blobs_file.unlink()
    again = Study.load(study.name)
    assert json.dumps(again.judged_again().to_json()) == json.dumps(again.verdict().to_json())
    single = again.judged_again(best_of=1)
    assert [row.expected_best for row in single.families] == pytest.approx([row.curve[0] for row in single.families])
    assert single.families != document.families


@pytest.mark.parametrize("settings", [{"best_of": 0}, {"epsilon": 0.0}, {"epsilon": 1.0}])
def test_a_verdict_is_not_judged_by_nonsense(finished, settings):
    """One line says what was expected."""
    with pytest.raises(InvalidInput, match="expected"):
        finished.judged_again(**settings)


class Interruption(KeyboardInterrupt):
    """As if somebody pressed Ctrl-C."""


@pytest.mark.parametrize("where", ["propose", "absorb", "create", "finish"])
def test_an_interrupted_study_goes_on_as_if_nothing_had_happened(blobs_file, finished, monkeypatch, where: str):
    """Interrupted again and again, before or after writing to the record, it ends with the very same trials."""
    from search.storage.trials import TrialStore

    study = Study.create(str(blobs_file), **SMALL)
    owner = Driver if where in ("propose", "absorb") else TrialStore
    calls = 0
    real = getattr(owner, where)

    def interrupted(self, *arguments):
        nonlocal calls
        calls += 1
        result = real(self, *arguments)
        if calls % 9 == 0:
            raise Interruption
        return result

    monkeypatch.setattr(owner, where, interrupted)
    interruptions = 0
    while study.state != StudyState.FINISHED:
        try:
            run(study)
        except Interruption:
            interruptions += 1
            assert study.state == StudyState.INTERRUPTED
            study = Study.load(study.name)
    assert interruptions >= 2
    assert facts(study) == facts(finished)


class Recorder(Observer):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.ended: list[int] = []
        self.known = -1
        self.closed = False

    def study_starts(self, known):
        self.known = len(known)

    def phase_starts(self, phase, expected):
        self.phases.append(phase)

    def trial_ends(self, trial):
        self.ended.append(trial.number)

    def close(self):
        self.closed = True


def test_observers_hear_of_every_trial_once(blobs_file):
    """Each phase and each trial's end is told once, and everybody is closed."""
    recorder = Recorder()
    run(Study.create(str(blobs_file), **SMALL), [recorder])
    assert recorder.phases == ["landmarks", "census", "doubling", "adaptive", "shortlist", "confirmation"]
    assert sorted(recorder.ended) == list(range(SMALL["trials"]))
    assert recorder.closed


def test_a_finished_study_is_not_run_again(finished):
    """Running it again returns its verdict and trains nothing."""
    before = facts(finished)
    assert run(finished) == finished.verdict()
    assert facts(finished) == before


def test_a_time_budget_is_kept(blobs_file, monkeypatch):
    """On a clock by which a training takes a fifth of a second, all phases fit into twenty, with whole blocks."""
    clock = [0.0]
    real = Driver.absorb

    def absorb(self, outcome):
        clock[0] += 0.2
        real(self, outcome)

    monkeypatch.setattr(Driver, "absorb", absorb)
    monkeypatch.setattr(Lease, "seconds", lambda self: clock[0])
    study = Study.create(str(blobs_file), budget="20s")
    document = run(study)
    phases = study.trials_by_phase()
    assert list(phases) == ["timing", "landmarks", "census", "doubling", "adaptive", "shortlist", "confirmation"]
    assert phases["census"] % len(study.space.families) == 0
    assert 15 < document.budget.wall_seconds < 20.5, document.budget
    assert all(row.gain_on_doubling is not None for row in document.families)


def test_all_candidates_failing_fails_the_study(blobs_file, monkeypatch):
    """No verdict is claimed from nothing: the study is failed and its document says so."""
    for name in OPERATIONS:
        monkeypatch.setattr(OPERATIONS[name], "build", lambda self, grid, picks: 1 / 0)
    study = Study.create(str(blobs_file), trials=12, epochs=1)
    document = run(study)
    assert study.state == StudyState.FAILED
    assert document.champion is None
    assert "no verdict is possible" in document.sentence
    assert set(study.trials()["state"]) == {"failed"}


def test_other_data_under_the_same_name_are_refused(blobs_file):
    """A resumed study does not mix two data sets; it stays resumable with the right ones."""
    study = Study.create(str(blobs_file), **SMALL)
    arrays = dict(np.load(blobs_file))
    arrays["x_train"][0] += 1
    np.savez(blobs_file, **arrays)
    with pytest.raises(InvalidInput, match="found other data"):
        run(Study.load(study.name))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"budget": "5m", "trials": 3}, "budget together with trials"),
        ({"strategy": "tpee"}, "unknown strategy 'tpee'.*did you mean 'tpe'"),
        ({"space": "all"}, "unknown space 'all'"),
        ({"budget": "soon"}, "budget: found 'soon'"),
        ({"tracking_uri": "ftp://x"}, "tracking URI 'ftp://x'"),
        ({"tracking_uri": "http://host:port"}, "tracking URI http://host:port"),
        ({"trials": 0}, "trials: found 0, expected a whole number from 1"),
        ({"seed": -1}, "seed: found -1, expected a whole number from 0"),
        ({"seed": 10**15}, "seed: found 1000000000000000"),
        ({"name": "../elsewhere"}, "name: found '../elsewhere'"),
    ],
)
def test_wrong_input_leaves_nothing_behind(blobs_file, home, wrong: dict, message: str):
    """The message says what was found and expected; no database, no folder."""
    with pytest.raises(InvalidInput, match=message):
        Study.create(str(blobs_file), **wrong)
    assert not home.exists()


def test_a_database_of_another_program_is_refused(blobs_file, tmp_path):
    """MLflow's database, say: Optuna cannot live in it. No study is entered."""
    url = f"sqlite:///{tmp_path / 'other.db'}"
    with create_engine(url).begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('somebody-elses')"))
    with pytest.raises(InvalidInput, match=r"^storage .*other\.db: "):
        Study.create(str(blobs_file), **SMALL, storage=url)
    assert StudyStore(Database(url)).all() == []


def test_the_shortest_study_ends(blobs_file):
    """One step a training: rungs coincide, and the study ends all the same."""
    study = Study.create(str(blobs_file), trials=25, epochs=1)
    specification = study.specification.model_copy(update={"horizon": 1})
    study.specification = specification
    run(study)
    assert study.state == StudyState.FINISHED


def test_a_resumed_study_keeps_its_horizon_and_its_closed_phases(blobs_file, monkeypatch):
    """With other machines and a clock that lags, no phase opens again and full trainings stay as long as they were."""
    study = Study.create(str(blobs_file), budget="10s")
    real = Driver.absorb

    def interrupted(self, outcome):
        real(self, outcome)
        if self._trials[outcome.trial].phase == "confirmation":
            raise Interruption

    with monkeypatch.context() as patched:
        patched.setattr(Driver, "absorb", interrupted)
        with pytest.raises(Interruption):
            run(study)
    before = study.trials_by_phase()
    with Session(study._database.engine) as session, session.begin():
        session.get(StudyRow, study.name).seconds = 1.0
    monkeypatch.setattr(InlineEngine, "slots", 16)
    study = Study.load(study.name)
    document = run(study)
    after = study.trials_by_phase()
    assert {phase: n for phase, n in after.items() if phase != "confirmation"} == {
        phase: n for phase, n in before.items() if phase != "confirmation"
    }
    full = study.trials()
    for phases in (["landmarks", "census", "shortlist"], ["confirmation"]):
        assert full[full["phase"].isin(phases)]["steps"].nunique() == 1
    assert document.champion.sealed_test.seeds >= 3


def test_a_study_has_no_verdict_before_its_end(blobs_file):
    """Asking too early says where it stands and how to go on."""
    study = Study.create(str(blobs_file), **SMALL)
    with pytest.raises(InvalidInput, match=r"is created and has no verdict yet; .*penchant resume blobs"):
        study.verdict()
    with pytest.raises(InvalidInput, match="has confirmed no champion"):
        _ = study.champion


def test_a_training_without_a_budget_of_time_has_a_limit_too(blobs_file):
    """A candidate that hangs must not hold a study of so many trials for ever; slow data are given their time."""
    study = Study.create(str(blobs_file), **SMALL)
    course = Course(study.specification, study.dataset)
    assert course.limit_seconds(0.0) == 1800
    assert course.limit_seconds(1000.0) == 20_000
