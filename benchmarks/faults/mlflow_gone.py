"""MLflow's server killed in the middle of a study, and gone until the study has ended."""

from __future__ import annotations

from benchmarks.faults.drill import Result, Scene
from benchmarks.faults.place import Place, follow, wait_for_trials
from benchmarks.mlflow_outage import mlflow_server
from tests.processes import free_port, run_penchant


def mlflow_gone(scene: Scene) -> Result:
    """The study ends as if nothing were wrong; MLflow is told of it by `penchant resume` when it is back."""
    result, port = Result("MLflow killed in mid-study and gone to its end", times=1), free_port()
    with Place(scene.folder, tracking_uri=f"http://127.0.0.1:{port}") as place:
        where = f"sqlite:///{place.home / 'server.db'}", port, place.home
        with mlflow_server(*where):
            study = place.submit("untold")
            place.runner()
            wait_for_trials(study)
        pause = follow(study)
        result.pauses += [] if pause is None else [pause]
        assert study.state == "finished"
        with mlflow_server(*where):
            code, _, said = run_penchant("resume", study.name, home=place.home)
            assert code == 0, said
            result.take(study, scene.undisturbed)
    return result
