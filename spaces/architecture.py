"""Architecture: the frozen genotype of a network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from spaces.choices import Choice, Value
from spaces.errors import InvalidInput
from spaces.operations import OPERATIONS
from spaces.shapes import Task

if TYPE_CHECKING:
    from spaces.network import Network


ABSENT_MEANS: Mapping[str, Value] = {
    "gate": "none",
    "convolution.causal": False,
    "additive_attention.causal": False,
    "context_attention.causal": False,
    "dot_product_attention.causal": False,
    "grouped_query_attention.causal": False,
    "linear_attention.causal": False,
    "local_attention.causal": False,
    "multi_head_attention.causal": False,
}
"""Choices that came with later versions: without one an architecture means this, and keeps the fingerprint it had."""

DOES_NOTHING: Mapping[str, Value] = {
    "connection": "plain",
    "gate": "none",
    "normalization": "none",
    "expansion": 0,
    "dropout": 0.0,
}
"""Choices with which a block is its operation and nothing else."""


@dataclass(frozen=True)
class StagePlan:
    """Equal blocks in a row: the operation, its sub-choices and how many blocks."""

    operation: str
    picks: Mapping[str, Value]
    blocks: int


@dataclass(frozen=True)
class Architecture:
    """A network's structure as a flat mapping from names of choices to values, JSON all through.

    Only choices in use are kept: a mapping written by hand goes through `from_json`, which drops what is not. Example:
    `{"stages": 1, "stage1.operation": "lstm", "stage1.lstm.bidirectional": false, "stage1.blocks": 2, "stem": "patch",
    "stem.patch.size": 2, ...}`.
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
        """Sixteen hexadecimal digits, equal for equal networks: the hash of the canonical choices."""
        canonical = json.dumps(canonical_choices(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    @cached_property
    def stages(self) -> tuple[StagePlan, ...]:
        """The stages in order."""
        return tuple(self._stage(f"stage{number}") for number in range(1, int(self["stages"]) + 1))

    @cached_property
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
            if name not in document and _within_stage(name) in ABSENT_MEANS:
                return ABSENT_MEANS[_within_stage(name)]
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

    def _stage(self, slot: str) -> StagePlan:
        operation = str(self[f"{slot}.operation"])
        return StagePlan(operation, self.picks(f"{slot}.{operation}"), int(self[f"{slot}.blocks"]))


def _parenthesis(values: Any) -> str:
    shown = [str(value) for value in values if not isinstance(value, bool)]
    return f"({', '.join(shown)})" if shown else ""


def canonical_choices(architecture: Architecture) -> dict[str, Value]:
    """The choices of the plainest architecture that describes the same network.

    Two stages in a row of the same operation are one longer stage, unless something happens between them: positions are
    down-sampled, or a dense connection starts a new stream. Blocks that only pass on what they got are left out.
    """
    choices = {
        name: value
        for name, value in architecture.choices.items()
        if _within_stage(name) not in ABSENT_MEANS or value != ABSENT_MEANS[_within_stage(name)]
    }
    stages = _without_idle_blocks(architecture)
    halves = choices.get("downsampling", False) or choices["connection"] == "dense"
    merged = list(stages) if halves else _merged(stages)
    if merged == list(architecture.stages):
        return choices
    rest = {name: value for name, value in choices.items() if not name.startswith("stage")}
    if len(merged) == 1:
        rest.pop("downsampling", None)
    return canonical_choices(Architecture({**rest, **stage_choices(merged)}))


def _without_idle_blocks(architecture: Architecture) -> Sequence[StagePlan]:
    """The stages without blocks that pass on what they got; one stays in each, and one stage in all."""
    stages, choices = architecture.stages, architecture.choices
    if any(choices.get(name, value) != value for name, value in DOES_NOTHING.items()):
        return stages
    idle = [OPERATIONS[stage.operation].is_identity for stage in stages]
    shrunk = [replace(stage, blocks=1) if does else stage for stage, does in zip(stages, idle, strict=True)]
    if choices.get("downsampling", False):
        return shrunk
    return [stage for stage, does in zip(shrunk, idle, strict=True) if not does] or shrunk[:1]


def _merged(stages: Sequence[StagePlan]) -> list[StagePlan]:
    """Stages in a row of the same operation as one longer stage."""
    merged: list[StagePlan] = []
    for stage in stages:
        if merged and (merged[-1].operation, merged[-1].picks) == (stage.operation, stage.picks):
            merged[-1] = StagePlan(stage.operation, stage.picks, merged[-1].blocks + stage.blocks)
        else:
            merged.append(stage)
    return merged


def _within_stage(name: str) -> str:
    """The name of a choice without the number of its stage."""
    return name.partition(".")[2] if name.startswith("stage") and "." in name else name


def stage_choices(stages: Sequence[StagePlan]) -> dict[str, Value]:
    """The choices that describe stages, as an architecture's mapping holds them."""
    choices: dict[str, Value] = {"stages": len(stages)}
    for number, stage in enumerate(stages, start=1):
        choices |= {f"stage{number}.operation": stage.operation, f"stage{number}.blocks": stage.blocks}
        choices |= {f"stage{number}.{stage.operation}.{name}": value for name, value in stage.picks.items()}
    return choices
