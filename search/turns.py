"""Turns: the first of each sequence, then the second of each, and so on."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, zip_longest
from typing import Any, TypeVar

Item = TypeVar("Item")
_ENDED: Any = object()


def in_turns(sequences: Iterable[Iterable[Item]]) -> list[Item]:
    """The first item of each sequence, then the second of each that has one, until all have ended."""
    turns = zip_longest(*sequences, fillvalue=_ENDED)
    return [item for item in chain.from_iterable(turns) if item is not _ENDED]
