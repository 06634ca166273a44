"""Architecture: the frozen genotype of a network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from spaces.choices import Choice, Value
from spaces.errors import InvalidInput
from spaces.operations import OPERATIONS
from spaces.shapes import Task

if TYPE_CHECKING:
    from spaces.network import Network


@dataclass(frozen=True)
class Stage:
    """Equal blocks in a row: the operation, its sub-choices and how many blocks."""

    operation: str
    picks: Mapping[str, Value]
    blocks: int


@dataclass(frozen=True)
class Architecture:
    """A network's structure as a flat mapping from names of choices to values, JSON all through.

    Only choices in use are kept, so equal networks are equal mappings: one written by hand goes through `from_json`,
    which drops what is not in use. Example: `{"stages": 1, "stage1.operation": "lstm", "stage1.lstm.bidirectional":
    false, "stage1.blocks": 2, "stem": "patch", "stem.patch.size": 2, ...}`.
    """

    choices: Mapping[str, Value]

    def __post_init__(self) -> None:
        object.__setattr__(self, "choices", MappingProxyType(dict(self.choices)))

    def __getitem__(self, name: str) -> Value:
        return self.choices[name]

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __reduce__(self) -> tuple[Any, ...]:
        return Architecture, (dict(self.choices),)

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits, equal for equal networks: the hash of the choices in use."""
        canonical = json.dumps(dict(self.choices), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The stages in order."""
        return tuple(self._stage(f"stage{number}") for number in range(1, int(self["stages"]) + 1))

    @property
    def families(self) -> tuple[str, ...]:
        """The families of all operations in it, sorted; more than one makes it a hybrid."""
        return tuple(sorted({OPERATIONS[stage.operation].family for stage in self.stages}))

    def picks(self, slot: str) -> dict[str, Value]:
        """The sub-choices of what stands in a slot, e.g. `{"size": 2}` for `"stem.patch"`."""
        start = slot + "."
        return {name.removeprefix(start): value for name, value in self.choices.items() if name.startswith(start)}

    def build(self, task: Task) -> Network:
        """Builds the network for a task; weights are drawn from torch's global generator."""
        from spaces.network import Network  # the genotype itself needs no torch module

        return Network(self, task)

    def to_json(self) -> dict[str, Value]:
        """A JSON object from names of choices to values."""
        return dict(self.choices)

    @classmethod
    def from_json(cls, document: Mapping[str, object]) -> Architecture:
        """Reads an architecture, drops choices that are not in use and checks the rest.

        Raises:
            InvalidInput: a choice in use is missing or has a value that does not exist.
        """
        from spaces.search_space import SearchSpace

        def choose(name: str, choice: Choice) -> Value:
            if name not in document:
                raise InvalidInput(f"architecture: {name!r} is missing, expected {choice.expected}")
            return choice.check(f"architecture: {name}", document[name])

        return SearchSpace.universe().decide(choose)

    def __str__(self) -> str:
        body = " → ".join(
            f"{stage.operation}{_parenthesis(stage.picks.values())} ×{stage.blocks}" for stage in self.stages
        )
        stem = str(self["stem"])
        entrance = stem + _parenthesis(self.picks(f"stem.{stem}").values())
        return f"{entrance} → {body} · {self['connection']} · width {self['width']}"

    def _stage(self, slot: str) -> Stage:
        operation = str(self[f"{slot}.operation"])
        return Stage(operation, self.picks(f"{slot}.{operation}"), int(self[f"{slot}.blocks"]))


def _parenthesis(values: Any) -> str:
    shown = [str(value) for value in values if not isinstance(value, bool)]
    return f"({', '.join(shown)})" if shown else ""
