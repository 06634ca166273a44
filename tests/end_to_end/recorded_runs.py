"""Prints the runs of an experiment in MLflow as JSON, from a host that MLflow answers: TRACKING_URI EXPERIMENT."""

import json
import sys
import tempfile
from pathlib import Path

from mlflow import MlflowClient


def main() -> None:
    """A run a line of the list; the parent's with the sentence of its verdict, the others' with how many scores."""
    uri, name = sys.argv[1:]
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name(name)
    assert experiment is not None
    told = []
    for run in client.search_runs([experiment.experiment_id]):
        parent = run.data.tags.get("mlflow.parentRunId")
        told.append({"id": run.info.run_id, "parent": parent, "status": run.info.status, "params": run.data.params})
        if parent is None:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(client.download_artifacts(run.info.run_id, "verdict.json", folder))
                told[-1]["sentence"] = json.loads(file.read_text())["sentence"]
        else:
            told[-1]["scores"] = len(client.get_metric_history(run.info.run_id, "search_score"))
    print(json.dumps(told))


if __name__ == "__main__":
    main()
