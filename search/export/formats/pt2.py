"""torch.export: the graph of the network with its weights, for torch alone."""

from __future__ import annotations

import io
import json
from pathlib import Path

import torch

from search.export.exportable import Exportable
from search.export.formats import FORMATS, Format
from search.export.graph import graph_of
from search.export.proof import largest_difference

FACTS = "penchant.json"
"""Name, inside the file, of what `Exportable.to_json` tells."""


@FORMATS.register("pt2")
class Pt2(Format):
    """One file that `torch.export.load` reads, with torch alone."""

    is_folder = False
    tolerance = 1e-5

    def write(self, exportable: Exportable, place: Path) -> float:
        """See `Format.write`."""
        content = io.BytesIO()  # torch's own writer tells of a full disk as if it were a fault of ours
        torch.export.save(graph_of(exportable), content, extra_files={FACTS: json.dumps(exportable.to_json())})
        content.seek(0)
        difference = largest_difference(exportable, torch.export.load(content).module(), self.tolerance)
        place.write_bytes(content.getbuffer())
        return difference
