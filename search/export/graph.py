"""Graph: an exportable network as torch traces it, and which operation is to blame where it cannot."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from torch.export import ExportedProgram

from search.export.exportable import Exportable
from spaces import Architecture, InvalidInput
from spaces.architecture import StagePlan, stage_choices
from spaces.export.predictor import Predictor
from spaces.export.program import exported_program


def graph_of(exportable: Exportable) -> ExportedProgram:
    """The network's graph, for any number of rows and any length of sequences up to the data's.

    Raises:
        InvalidInput: an operation cannot be traced; the line names it.
    """
    try:
        with quiet():
            return exported_program(exportable.predictor(), exportable.takes_lengths)
    except Exception as error:  # of the exporter, which raises whatever it meets
        guilty = [
            stage.operation
            for architecture in exportable.architectures
            for stage in architecture.stages
            if not _can_leave(architecture, stage, exportable)
        ]
        blamed = " and ".join(repr(name) for name in dict.fromkeys(guilty)) or "this network"
        raise InvalidInput(
            f"{blamed} cannot be exported: torch.export does not follow it ({_first_line(error)}); "
            "expected a forward() that branches on no values, or --format python"
        ) from error


def _can_leave(architecture: Architecture, stage: StagePlan, exportable: Exportable) -> bool:
    """Whether a network of this operation, once, and of the same choices beside it can be traced."""
    choices = {name: value for name, value in architecture.choices.items() if not name.startswith("stage")}
    alone = StagePlan(stage.operation, stage.picks, blocks=1)
    task = exportable.dataset.task
    try:
        with quiet():
            network = Architecture.from_json({**choices, **stage_choices([alone])}).build(task)
            units = exportable.predictor().units
            exported_program(Predictor(network, task, units), exportable.takes_lengths)
    except Exception:
        return False
    return True


@contextmanager
def quiet() -> Iterator[None]:
    """Exporters tell their own authors a good deal on the way, which says nothing to our users."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
