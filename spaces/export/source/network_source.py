"""The source of a network, and which of its weights is which of the original's."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

from torch import Tensor

from spaces.architecture import Architecture
from spaces.export.source.classes import Classes
from spaces.export.source.composition import Composition
from spaces.export.source.docstrings import Rewriting
from spaces.export.source.form import keys
from spaces.export.source.module import module_text
from spaces.export.source.recording import recorded
from spaces.export.source.specialization import Specialiser
from spaces.shapes import Task


@dataclass(frozen=True)
class NetworkSource:
    """A network as a Python file.

    Attributes:
        text: the file; its class `Network` needs no arguments.
        prefixes: of the names of its weights -> of the original's.
    """

    text: str
    prefixes: dict[str, str]

    def weights(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """The weights of the original network by the names that they have in the file's."""
        found = {}
        for new, old in self.prefixes.items():
            for name, tensor in state.items():
                if name == old or name.startswith(f"{old}."):
                    found[new + name.removeprefix(old)] = tensor
        return found


def source_of(architecture: Architecture, task: Task, *, padded: bool = False) -> NetworkSource:
    """The network that an architecture describes.

    Args:
        architecture: its structure.
        task: what it is for.
        padded: whether it is called with the lengths of padded rows.
    """
    built = recorded(lambda: architecture.build(task))
    grid = built.network.entrance.grid
    specialiser = Specialiser(built, Rewriting(grid, is_masked=padded and grid.rank > 0))
    form = Composition(specialiser, architecture, task, padded).form()
    classes = Classes(form, built)
    text = module_text("A network.", classes, specialiser.library)
    return NetworkSource(formatted(text), keys(form))


def formatted(text: str) -> str:
    """The text with imports in order and lines of at most 100 characters."""
    options = ["--isolated", "--quiet", "-"]
    sorting = ["check", "--select", "I", "--fix", "--config", "line-length=100"]
    for command in (sorting, ["format", "--line-length", "100"]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *options], input=text, capture_output=True, text=True, check=True
        )
        text = run.stdout
    return text
