"""The champion in MLflow's model registry: once a study, under the study's name and the alias `champion`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from search.tracking.logged_models import LoggedModels

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel, Run
    from mlflow.entities.model_registry import ModelVersion

    from search.export.exportable import ExportableNetwork

ALIAS = "champion"


class Registry:
    """Registers champions.

    Args:
        client: of the record.
        parent: the study's run, which the model comes from.
    """

    def __init__(self, client: MlflowClient, parent: Run) -> None:
        self._client = client
        self._parent = parent
        self._name = parent.info.run_name
        self._mine = {"penchant.study": parent.data.tags["penchant.study"]}

    def register(self, champion: Callable[[], ExportableNetwork], description: str) -> None:
        """Enters the champion as the newest version of the study's model, unless it is there already.

        A study that was killed in between goes on where it stopped: a model that was uploaded whole is not uploaded
        again, a half-uploaded one is deleted.

        Args:
            champion: is called where the model is not in MLflow yet.
            description: of the version.
        """
        versions = self._client.search_model_versions(f"name = '{self._name}'")
        mine = next((version for version in versions if version.tags.items() >= self._mine.items()), None)
        if mine is None:
            models = LoggedModels(self._client, self._mine["penchant.study"])
            model = models.of(self._parent) or models.log(self._parent, ALIAS, champion())
            mine = self._enter(model, description)
        elif ALIAS in self._client.get_registered_model(self._name).aliases:
            return  # it may have been given to another version since
        self._client.set_registered_model_alias(self._name, ALIAS, mine.version)

    def _enter(self, model: LoggedModel, description: str) -> ModelVersion:
        if not self._client.search_registered_models(f"name = '{self._name}'"):
            self._client.create_registered_model(self._name)
        return self._client.create_model_version(
            self._name,
            model.artifact_location,  # where it lies, since models:/… is looked up in whatever MLflow takes as default
            self._parent.info.run_id,
            tags=self._mine,
            description=description,
            model_id=model.model_id,
        )
