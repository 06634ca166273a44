"""A whole study in which one family does everything wrong, and the worker of an honest candidate is killed too."""

import psutil
import pytest

from search import Study, course
from search.observer import Observer
from tests.faults.test_candidates import USERS_FILE
from workers.inline_engine import InlineEngine
from workers.tune_engine import TuneEngine

pytestmark = pytest.mark.xdist_group("ray")

SMALL = {"trials": 40, "epochs": 2, "workers": 2}
FAULTS = {
    "sleeps": "time.sleep(3600)",
    "allocates": "in allocates",
    "is_nan": "loss was nan",
    "raises": "ZeroDivisionError: in forward",
    "raises_in_build": "ZeroDivisionError: in build",
}
HONEST = ["convolution", "dense"]


class Killer(Observer):
    """Kills the workers of this process once, with kill -9, when the census has begun."""

    def __init__(self) -> None:
        self.killed = 0

    def trial_ends(self, trial):
        if trial.phase == "census" and not self.killed:
            workers = [child for child in psutil.Process().children(recursive=True) if "Trainable" in child.name()]
            for worker in workers:
                worker.kill()
            self.killed = len(workers)


def scores(finished: Study) -> dict[str, float]:
    """Of the census's honest candidates, by slot; none is recorded twice."""
    census = finished.trials().query("phase == 'census' and family != 'faulty'")
    assert census["slot"].is_unique
    return census.set_index("slot")["search_score"].to_dict()


def test_faults_stay_where_they_are(blobs_file, tmp_path, monkeypatch):
    """The study ends in a verdict, every fault is recorded with its kind, and the others score as without it."""
    monkeypatch.setattr(course, "SHORTEST_LIMIT_SECONDS", 2.0)
    monkeypatch.setattr(course, "LIMIT_FACTOR", 0.0)
    users = tmp_path / "faulty.py"
    users.write_text(USERS_FILE)
    space = {"operations": [*HONEST, "faulty"], "options": {"faulty.fault": list(FAULTS)}, "stages": [1, 1]}
    faulty = Study.create(str(blobs_file), name="faulty", space=space, operations=[users], **SMALL)
    killer = Killer()
    engine = TuneEngine(2, operation_files=faulty.specification.operations(), memory_bytes=500 * 2**20)
    document = faulty.run(engine, [killer])
    assert killer.killed

    trials = faulty.trials()
    assert len(trials) == SMALL["trials"]
    assert len(trials.query("phase == 'census' and family == 'faulty'")) >= 4
    for trial in trials.to_dict("records"):
        at_fault = "faulty" in trial["family"]
        assert trial["state"] == "failed" if at_fault else trial["state"] in ("complete", "pruned"), trial["reason"]
        if trial["family"] == "faulty":
            assert FAULTS[trial["stage1.faulty.fault"]] in trial["reason"]
    rows = {row.family: row for row in document.families}
    assert rows["faulty"].failed == rows["faulty"].trials
    assert "faulty" not in document.champion.families

    sound = Study.create(str(blobs_file), name="sound", space={"operations": HONEST, "stages": [1, 1]}, **SMALL)
    sound.run(InlineEngine(), [])
    expected = scores(sound)
    assert scores(faulty).items() <= expected.items()
