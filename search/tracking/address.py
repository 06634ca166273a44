"""Where MLflow is: whether it answers, and which page of its UI shows a study."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request

from search.tracking.view import VIEW
from spaces.errors import InvalidInput

TRAINING_VIEW = "workflowType=machine_learning"
FRONT_PAGE = f"/#/experiments?{TRAINING_VIEW}"
"""Below MLflow's address, its list of experiments."""


def experiment_page(uri: str, study: str) -> str:
    """Where, below MLflow's address, its UI shows the runs of a study; its list of all where it does not answer.

    The UI goes by the parameter `workflowType`: without it, it opens in its view for language-model applications in
    spite of the experiment's tag. The other parameter names the columns, see `search.tracking.view`.
    """
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    try:
        experiment = MlflowClient(uri).get_experiment_by_name(study)
    except MlflowException:
        experiment = None
    if experiment is None:
        return FRONT_PAGE
    return f"/#/experiments/{experiment.experiment_id}/runs?{TRAINING_VIEW}&viewStateShareKey={VIEW}"


def check_tracking_uri(uri: str) -> None:
    """Makes sure, before a study is created, that its record can be written.

    Raises:
        InvalidInput: it is no tracking URI, or no MLflow server answers there.
    """
    if uri.startswith(("sqlite:", "postgresql", "mysql")):
        return
    if not uri.startswith(("http://", "https://")):
        raise InvalidInput(f"tracking URI {uri!r}: expected http://host:port of an MLflow server, or sqlite:///file")
    try:
        with urllib.request.urlopen(f"{uri.rstrip('/')}/health", timeout=10):
            pass
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise InvalidInput(f"tracking URI {uri}: expected an MLflow server there, found none ({reason})") from error
