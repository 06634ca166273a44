"""Python: the network as code that a person would have written for it, its weights, and scripts to use and train it."""

from __future__ import annotations

from pathlib import Path

from search.export.exportable import Exportable, ExportableEnsemble, ExportableNetwork
from search.export.formats import FORMATS, Format
from search.export.python.ensemble_folder import write_ensemble
from search.export.python.network_folder import write_network


@FORMATS.register("python")
class Python(Format):
    """A folder of readable code that needs torch, numpy and safetensors alone."""

    is_folder = True
    tolerance = 1e-6

    def write(self, exportable: Exportable, place: Path) -> float:
        """See `Format.write`."""
        if isinstance(exportable, ExportableEnsemble):
            return write_ensemble(exportable, place, self.tolerance)
        assert isinstance(exportable, ExportableNetwork), exportable
        return write_network(exportable, place, self.tolerance)
