"""ModelRegistry: a study's models in MLflow, a version each."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.tracking.model import save_model

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from search.export.exportable import Exportable

FOLDER = "model"


class ModelRegistry:
    """Registers models under the study's name, each with a run of the study's experiment.

    Args:
        uri: MLflow's tracking URI.
        artifacts: folder for artifacts where MLflow keeps its record in a database file; a server has its own.
        study: name of the study.
    """

    def __init__(self, uri: str, artifacts: Path, study: str) -> None:
        self._uri = uri
        self._artifacts = artifacts
        self._study = study

    def register(
        self, exportable: Exportable, run_name: str, params: Mapping[str, Any], metrics: Mapping[str, float]
    ) -> str:
        """Writes a run with the model as its artifact, and registers that.

        Args:
            exportable: what is registered.
            run_name: of the run.
            params: of the run.
            metrics: of the run.

        Returns:
            The number of the new version.
        """
        from mlflow import MlflowClient

        client = MlflowClient(self._uri)
        run = client.create_run(self._experiment(client), run_name=run_name, tags={"penchant.role": "model"})
        identifier = run.info.run_id
        for name, value in params.items():
            client.log_param(identifier, name, value)
        for name, value in metrics.items():
            client.log_metric(identifier, name, value)
        with tempfile.TemporaryDirectory() as folder:
            save_model(exportable, Path(folder) / FOLDER)
            client.log_artifacts(identifier, str(Path(folder) / FOLDER), FOLDER)
        client.set_terminated(identifier)
        return self._version(client, f"{run.info.artifact_uri}/{FOLDER}", identifier, exportable.origin)

    def _experiment(self, client: MlflowClient) -> str:
        """The study's, which is there unless MLflow was away all the time."""
        experiment = client.get_experiment_by_name(self._study)
        if experiment is not None:
            return experiment.experiment_id
        is_file = not self._uri.startswith("http")
        location = (self._artifacts / self._study).as_uri() if is_file else None
        return client.create_experiment(self._study, artifact_location=location)

    def _version(self, client: MlflowClient, source: str, run: str, description: str) -> str:
        if not client.search_registered_models(f"name = '{self._study}'"):
            client.create_registered_model(self._study)
        return str(client.create_model_version(self._study, source, run, description=description).version)
