"""Causality: which networks predict the next token without having seen it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from spaces.choices import Value
from spaces.errors import InvalidInput
from spaces.gates import GATES
from spaces.operations import OPERATIONS
from spaces.registry import Registry
from spaces.stems import STEMS

if TYPE_CHECKING:
    from spaces.architecture import Architecture
    from spaces.search_space import SearchSpace

NOT_READ = ("last",)
"""The one head of a space for next tokens: every position is kept, so none acts, and nothing is searched there."""

CAUSAL: Mapping[str, Callable[[str], bool]] = {
    "operation": lambda name: OPERATIONS[name].is_causal_with is not None,
    "stem": lambda name: STEMS[name].is_causal,
    "gate": lambda name: GATES[name].is_causal,
}
"""Slot -> whether what is registered under a name can stand there. Nothing in the other slots looks ahead."""


def causal_names(slot: str) -> tuple[str, ...]:
    """All names that can stand in a slot of a causal network."""
    registries: dict[str, Registry[Any]] = {"operation": OPERATIONS, "stem": STEMS, "gate": GATES}
    return tuple(filter(CAUSAL[slot], registries[slot]))


def causal_picks(operation: str) -> dict[str, Value]:
    """The sub-choices that make an operation causal, named as in the options of a space."""
    return {f"{operation}.{pick}": value for pick, value in (OPERATIONS[operation].is_causal_with or {}).items()}


def causal(space: SearchSpace) -> SearchSpace:
    """The operations and gates of a space that are causal, with the sub-choices that make them so.

    Raises:
        InvalidInput: none is left, or the space's `options` rule such a sub-choice out.
    """
    operations, gates = _left("operation", space.operations), _left("gate", space.gates)
    picks = {name: value for operation in operations for name, value in causal_picks(operation).items()}
    for name, value in picks.items():
        if value not in space.options.get(name, (value,)):
            raise InvalidInput(f"options: {name}: found {list(space.options[name])}, expected {value} {_PURPOSE}")
    kept = ("stem", *operations)
    asked = {name: allowed for name, allowed in space.options.items() if name.partition(".")[0] in kept}
    options = {**asked, **{name: (value,) for name, value in picks.items()}}
    return replace(space, operations=operations, gates=gates, heads=NOT_READ, options=options)


def check_causal(architecture: Architecture) -> None:
    """Makes sure that in a network on a sequence no step sees a later one, and that all steps are kept.

    Raises:
        InvalidInput: the first choice with which that is not so.
    """
    for name, expected in _looking_ahead(architecture):
        raise InvalidInput(f"architecture: {name}: found {architecture[name]}, expected {expected} {_PURPOSE}")


def is_causal(architecture: Architecture) -> bool:
    """Whether in a network on a sequence no step sees a later one, and all steps are kept."""
    return not any(_looking_ahead(architecture))


_PURPOSE = "for next-token prediction"


def _looking_ahead(architecture: Architecture) -> Iterator[tuple[str, str]]:
    """Names of the choices with which the network is not causal, and what they would have to be."""
    choices = architecture.choices
    for number, stage in enumerate(architecture.stages, start=1):
        if not CAUSAL["operation"](stage.operation):
            yield f"stage{number}.operation", _one_of("operation")
        for pick, value in causal_picks(stage.operation).items():
            if choices[f"stage{number}.{pick}"] != value:
                yield f"stage{number}.{pick}", str(value)
    for slot in ("stem", "gate"):
        if slot in choices and not CAUSAL[slot](str(choices[slot])):
            yield slot, _one_of(slot)
    if choices.get("downsampling", False):
        yield "downsampling", "False"


def _left(slot: str, found: tuple[str, ...]) -> tuple[str, ...]:
    left = tuple(filter(CAUSAL[slot], found))
    if not left:
        raise InvalidInput(f"{slot}s: found {', '.join(found)}, expected {_one_of(slot)} {_PURPOSE}")
    return left


def _one_of(slot: str) -> str:
    return f"one of {', '.join(causal_names(slot))}"
