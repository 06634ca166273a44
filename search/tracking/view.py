"""The view in which MLflow's UI opens a study: the columns of its table of runs.

The UI keeps a view that somebody shared as a tag of the experiment, and opens it where the address names it. So a study
shares one with whoever reviews it; what a person then changes is theirs. Names as in MLflow 3.17's own front end.
"""

from __future__ import annotations

import json

from workers.metric import Metric

VIEW = "penchant"
"""Name of the view in addresses."""
VIEW_TAG = f"mlflow.sharedViewState.{VIEW}"


def view_state(metric: Metric) -> str:
    """The columns as MLflow's UI reads them: what was trained, how well, at which cost, and why it failed."""
    suffix = "score" if metric.name == "accuracy" else metric.name
    columns = [
        *_columns("tags", "phase", "families", "kind"),
        *_columns("metrics", f"search_{suffix}", f"confirm_{suffix}", f"test_{suffix}"),
        *_columns("metrics", "parameters", "flops", "seconds", "steps"),
        *_columns("params", "recipe.learning_rate"),
        *_columns("tags", "failure", "penchant.trial"),
    ]
    return json.dumps({"selectedColumns": columns, "runsHiddenMode": "FIRST_20_RUNS"})


def _columns(kind: str, *names: str) -> list[str]:
    return [f"{kind}.`{name}`" for name in names]
