"""The source of a network, and which of its weights is which of the original's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from spaces.architecture import Architecture
from spaces.export.source.classes import Classes
from spaces.export.source.composition import Composition
from spaces.export.source.docstrings import Rewriting, module_doc
from spaces.export.source.form import keys
from spaces.export.source.formatting import formatted
from spaces.export.source.initialization import NAME, initialization
from spaces.export.source.module import module_text
from spaces.export.source.recording import recorded
from spaces.export.source.specialization import Specialiser
from spaces.export.source.syntax import statements
from spaces.network import Network
from spaces.shapes import Task


@dataclass(frozen=True)
class NetworkSource:
    """A network as a Python file.

    Attributes:
        unformatted: the file as it comes; its class `Network` needs no arguments.
        prefixes: of the names of its weights -> of the original's.
    """

    unformatted: str
    prefixes: dict[str, str]

    @cached_property
    def text(self) -> str:
        """The file as it would stand in a well-kept repository."""
        return formatted(self.unformatted)

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
    assert isinstance(built.network, Network)
    grid = built.network.entrance.grid
    specialiser = Specialiser(built, Rewriting(grid, is_masked=padded and grid.rank > 0))
    form = Composition(specialiser, architecture, task, padded).form()
    form.ends_with = statements(f"self.apply({NAME})")[0]
    classes = Classes(form, built)
    drawn = initialization(architecture, built.network, classes)
    text = module_text(module_doc(architecture, task), classes, specialiser.library, drawn)
    return NetworkSource(text, keys(form))
