"""The source of a network, and which of its weights is which of the original's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from spaces.architecture import Architecture
from spaces.errors import InvalidInput
from spaces.export.source.classes import Classes
from spaces.export.source.composition import Composition
from spaces.export.source.docstrings import Rewriting, module_doc
from spaces.export.source.form import keys
from spaces.export.source.formatting import formatted
from spaces.export.source.initialization import NAME, initialization
from spaces.export.source.layout import without_idle_moves
from spaces.export.source.module import network_module, text_of
from spaces.export.source.recording import recorded
from spaces.export.source.reshapes import without_idle_reshapes
from spaces.export.source.specialization import Specialiser
from spaces.export.source.syntax import statements
from spaces.network import Network
from spaces.operations import OPERATIONS
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

    Raises:
        InvalidInput: a user's operation cannot be written as a file of its own.
    """
    try:
        return _source_of(architecture, task, padded)
    except Exception as error:
        foreign = users_operations(architecture)
        if not foreign:
            raise
        raise InvalidInput(
            f"operation {' or '.join(map(repr, foreign))} cannot leave as Python ({error}): expected modules and "
            "functions of plain torch at the top level of one file, which imports nothing else"
        ) from error


def users_operations(architecture: Architecture) -> list[str]:
    """The operations in it that are not ours."""
    names = dict.fromkeys(stage.operation for stage in architecture.stages)
    return [name for name in names if not OPERATIONS[name].__module__.startswith("spaces.")]


def _source_of(architecture: Architecture, task: Task, padded: bool) -> NetworkSource:
    built = recorded(lambda: architecture.build(task))
    assert isinstance(built.network, Network)
    grid = built.network.entrance.grid
    specialiser = Specialiser(built, Rewriting(grid, is_masked=padded and grid.rank > 0))
    form = Composition(specialiser, architecture, task, padded).form()
    form.ends_with = statements(f"self.apply({NAME})")[0]
    classes = Classes(form, built)
    drawn = initialization(architecture, built.network, classes)
    tree = network_module(module_doc(architecture, task), classes, specialiser.library, drawn)
    tree = without_idle_moves(without_idle_reshapes(tree, task, padded))
    return NetworkSource(text_of(tree), keys(form))
