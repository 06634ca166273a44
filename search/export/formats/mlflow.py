"""MLflow: the network as a folder that MLflow loads and serves."""

from __future__ import annotations

from pathlib import Path

from search.export.exportable import Exportable
from search.export.formats import FORMATS, Format
from search.export.graph import graph_of
from search.export.proof import largest_difference
from search.tracking.model import load_model, save_model


@FORMATS.register("mlflow")
class MlflowModel(Format):
    """A folder that `mlflow.pytorch.load_model` and `mlflow.pyfunc.load_model` read, with torch and MLflow alone."""

    is_folder = True
    tolerance = 1e-5

    def write(self, exportable: Exportable, place: Path) -> float:
        """See `Format.write`."""
        try:
            save_model(exportable, place)
        except OSError:
            raise
        except Exception:
            graph_of(exportable)  # names the operation, which MLflow cannot
            raise
        return largest_difference(exportable, load_model(place), self.tolerance)
