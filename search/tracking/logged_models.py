"""Logged models: networks of a study as MLflow keeps them, each as an output of the run that it comes from."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel, Run

    from search.export.exportable import ExportableNetwork


class LoggedModels:
    """The models of one study, one a run at most.

    Args:
        client: of the record.
        study: the study's identity.
    """

    def __init__(self, client: MlflowClient, study: str) -> None:
        self._client = client
        self._study = study

    def of(self, run: Run) -> LoggedModel | None:
        """The model that a run logged, if it is whole; a half-uploaded one is deleted."""
        whole = None
        logged = self._client.search_logged_models([run.info.experiment_id], f"source_run_id = '{run.info.run_id}'")
        for model in logged:
            if model.status.name == "READY":
                whole = model
            else:
                self._client.delete_logged_model(model.model_id)
        return whole

    def log(self, run: Run, name: str, network: ExportableNetwork) -> LoggedModel:
        """Uploads a model with signature and input example, its outputs having been compared with the network's.

        Args:
            run: that it comes from.
            name: of the model.
            network: what is uploaded.

        Raises:
            Exception: it cannot leave, as an operation of a user's may not, or MLflow does not answer.
        """
        from mlflow.entities import LoggedModelOutput

        from search.export.formats.mlflow import MlflowModel

        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "model"
            MlflowModel().write(network, place)
            model = self._client.create_logged_model(
                run.info.experiment_id,
                name,
                run.info.run_id,
                tags={
                    "fingerprint": network.architecture.fingerprint,
                    "dataset": network.dataset.name,
                    "penchant.study": self._study,
                },
            )
            self._client.log_model_artifacts(model.model_id, str(place))
        self._client.log_outputs(run.info.run_id, [LoggedModelOutput(model.model_id, step=0)])
        return self._client.finalize_logged_model(model.model_id, "READY")
