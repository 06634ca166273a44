"""Fitting: a search space for one task, without what makes no sense or costs too much there."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING

from spaces.causality import causal
from spaces.choices import Categorical, Value
from spaces.errors import InvalidInput
from spaces.operations import OPERATIONS
from spaces.shapes import Kind, Task
from spaces.stems import STEMS

if TYPE_CHECKING:
    from spaces.search_space import SearchSpace

MOST_POSITIONS = 256
"""Positions that a stem should leave at most: attention costs their square, a recurrence takes as many steps."""


def fitted(space: SearchSpace, task: Task, most_positions: int = MOST_POSITIONS) -> SearchSpace:
    """The space for one task.

    - On tokens, stems that would only repeat another are left out; on images and series, stems for single numbers.
    - Where the data have more than `most_positions` positions, stems leave fewer, or as few as any can.
    - On images and tables, whose positions have no before and after, no operation is causal; attention is so nowhere
      but where the next token is predicted: all it would gain is to see less.
    - To predict the next token nothing looks ahead; see `spaces.causality`.

    What the space says of sub-choices in its `options` stays as it is. All others are written out there, so that a
    study offers what it was created with also when a later version knows more.

    Raises:
        InvalidInput: no stem is left, or to predict the next token no operation or gate.
    """
    if task.kind is Kind.NEXT_TOKEN:
        space = causal(space)
    stems = tuple(stem for stem in space.stems if _reads(stem, task))
    if not stems:
        reading = ", ".join(stem for stem in STEMS if _reads(stem, task))
        kind = "tokens" if task.vocabulary else "images and series"
        kind = "next-token prediction" if task.kind is Kind.NEXT_TOKEN else kind
        raise InvalidInput(f"stems: found {', '.join(space.stems)}, expected some of {reading} for {kind}")
    built = [form for stem in stems for form in _forms(space, stem, task)]
    most = max(most_positions, min(form.positions for form in built))
    kept = [form for form in built if form.positions <= most]
    options = _options_of(kept) if len(kept) < len(built) else {}
    options |= _acausal(space, task)
    stems = tuple(stem for stem in stems if any(form.stem == stem for form in kept))
    dropped = tuple(f"stem.{stem}." for stem in space.stems if stem not in stems)
    asked = {name: allowed for name, allowed in space.options.items() if not name.startswith(dropped)}
    return replace(space, task=task, stems=stems, options={**_written_out(space, stems), **options, **asked})


def narrowed(space: SearchSpace, widest: int) -> SearchSpace:
    """The space with the fewest stages it allows, and widths up to `widest`, or the smallest there is."""
    fewest, smallest = space.stages[0], min(space.widths)
    widths = tuple(width for width in space.widths if width <= max(widest, smallest))
    return replace(space, stages=(fewest, fewest), widths=widths)


def _reads(stem: str, task: Task) -> bool:
    if task.kind is Kind.NEXT_TOKEN and not STEMS[stem].is_causal:
        return False
    if task.vocabulary is not None:
        return STEMS[stem].reads_tokens
    return task.grid.rank == 0 or STEMS[stem].reads_signals


@dataclass(frozen=True)
class _Form:
    """A stem with a value for each of its sub-choices, and the positions or features that it leaves of the data's."""

    stem: str
    picks: Mapping[str, Value]
    positions: int


def _forms(space: SearchSpace, stem: str, task: Task) -> list[_Form]:
    """All forms in which the space offers a stem; the sub-choices of stems are categorical."""
    choices = space.sub_choices(f"stem.{stem}", STEMS[stem].choices)
    options = [choice.options if isinstance(choice, Categorical) else () for choice in choices.values()]
    extents = task.grid.positions or (task.grid.channels,)  # each feature of a vector becomes a position
    forms = []
    for values in itertools.product(*options):
        picks = dict(zip(choices, values, strict=True))
        stride = STEMS[stem]().stride(picks)
        forms.append(_Form(stem, picks, prod(-(-extent // stride) for extent in extents)))
    return forms


def _options_of(forms: list[_Form]) -> dict[str, tuple[Value, ...]]:
    """The options of the stems' sub-choices with which one of the forms can be had."""
    options: dict[str, tuple[Value, ...]] = {}
    for form in forms:
        for name, value in form.picks.items():
            slot = f"stem.{form.stem}.{name}"
            options[slot] = tuple(dict.fromkeys((*options.get(slot, ()), value)))
    return options


def _written_out(space: SearchSpace, stems: Collection[str]) -> dict[str, tuple[Value, ...]]:
    """All sub-choices of operations and stems: the options, or the ends of the range."""
    slots = {name: OPERATIONS[name].choices for name in space.operations}
    slots |= {f"stem.{name}": STEMS[name].choices for name in stems}
    return {
        f"{slot}.{name}": choice.options if isinstance(choice, Categorical) else (choice.low, choice.high)
        for slot, choices in slots.items()
        for name, choice in choices.items()
    }


def _acausal(space: SearchSpace, task: Task) -> dict[str, tuple[Value, ...]]:
    """The options with which operations that need not be causal are not: all of them, or on sequences the attentions.

    The direction of a recurrence stays open: one that reads an image row by row in one direction is what it is.
    """
    options: dict[str, tuple[Value, ...]] = {}
    for operation in space.operations:
        kind = OPERATIONS[operation]
        choice = kind.choices.get("causal")
        open_there = task.grid.rank == 1 and kind.family != "attention"
        if isinstance(choice, Categorical) and False in choice.options and not open_there:
            options[f"{operation}.causal"] = (False,)
    return options
