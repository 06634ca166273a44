"""Checks of a search space: every name exists, every range has a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spaces.activations import ACTIVATIONS
from spaces.choices import Categorical, Choice, Integer, restricted
from spaces.connections import CONNECTIONS
from spaces.errors import InvalidInput
from spaces.gates import GATES
from spaces.heads import HEADS
from spaces.initializations import INITIALIZATIONS
from spaces.normalizations import NORMALIZATIONS
from spaces.operations import OPERATIONS
from spaces.positions import POSITIONS
from spaces.registry import Registry
from spaces.stems import STEMS

if TYPE_CHECKING:
    from spaces.search_space import SearchSpace

NAMES: dict[str, Registry[Any]] = {
    "operations": OPERATIONS,
    "stems": STEMS,
    "positions": POSITIONS,
    "heads": HEADS,
    "connections": CONNECTIONS,
    "gates": GATES,
    "normalizations": NORMALIZATIONS,
    "initializations": INITIALIZATIONS,
}
"""Slot of a space -> where its names are registered."""

LARGEST_WIDTH, LARGEST_EXPANSION, MOST_STAGES, MOST_BLOCKS = 4096, 16, 64, 64
DROPOUTS = tuple(percent / 100 for percent in range(100))

OPTIONS: dict[str, Choice] = {
    "activations": Categorical(tuple(sorted(ACTIVATIONS))),
    "placements": Categorical(("before", "after")),
    "widths": Integer(1, LARGEST_WIDTH),
    "expansions": Integer(0, LARGEST_EXPANSION),
    "dropouts": Categorical(DROPOUTS),
}
"""Slot of a space that lists values -> what each of them may be."""

RANGES = {"stages": Integer(1, MOST_STAGES), "blocks": Integer(1, MOST_BLOCKS), "parameters": Integer(1, 10**12)}
"""Field of a space that holds the ends of a range -> what each of them may be."""


def check_space(space: SearchSpace) -> None:
    """Makes sure that every name exists, no list is empty or repeats itself, and every range has a number.

    Raises:
        InvalidInput: one line that says which field, what was found and what was expected.
    """
    for slot in (*NAMES, *OPTIONS):
        values = getattr(space, slot)
        if not values:
            raise InvalidInput(f"{slot}: found none, expected at least one")
        if len(set(values)) < len(values):
            raise InvalidInput(f"{slot}: found {', '.join(map(str, values))}, expected each once")
        for value in values:
            if slot in NAMES:
                NAMES[slot].check(value)
            else:
                OPTIONS[slot].check(slot, value)
    for name, end in RANGES.items():
        ends = getattr(space, name)
        if ends is not None:
            _check_range(name, ends, end)
    for name, options in space.options.items():
        _check_options(space, name, options)


def _check_range(name: str, ends: tuple[int, ...], end: Integer) -> None:
    for value in ends:
        end.check(name, value)
    if len(ends) != 2 or ends[0] > ends[1]:
        raise InvalidInput(f"{name}: found {list(ends)}, expected the fewest and the most, such as [1, 3]")


def _check_options(space: SearchSpace, name: str, options: tuple[Any, ...]) -> None:
    slot, _, sub_choice = name.rpartition(".")
    stem = slot.removeprefix("stem.")
    if slot not in space.operations and not (slot.startswith("stem.") and stem in space.stems):
        slots = ", ".join((*space.operations, *(f"stem.{known}" for known in space.stems)))
        raise InvalidInput(f"options: found {name!r}, expected a sub-choice, such as NAME.choice, of {slots}")
    choices = OPERATIONS[slot].choices if slot in space.operations else STEMS[stem].choices
    if sub_choice not in choices:
        known = ", ".join(f"{slot}.{choice}" for choice in choices) or f"no options, as {slot} has none"
        raise InvalidInput(f"options: found {name!r}, expected {known}")
    try:
        restricted(choices[sub_choice], options)
    except (InvalidInput, ValueError) as error:
        known = choices[sub_choice].expected.removeprefix("one of ")
        raise InvalidInput(f"options: {name}: found {list(options)}, expected some of {known}") from error
