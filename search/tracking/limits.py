"""MLflow's limits, kept by splitting: what is too long for one value or one request goes into several."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import NamedTuple

LONGEST_VALUE = 6000
"""Characters of a param's value; a tag takes 8,000."""
MOST_PARAMS = 100
"""Params a request."""
MOST_METRICS = 900
"""Points of curves a request; MLflow takes 1,000 entries, params included."""
MOST_BYTES = 450_000
"""Of the params, and of the metrics, of a request; MLflow takes a megabyte in all."""


class Point(NamedTuple):
    """A value of a metric after so many optimizer steps."""

    name: str
    value: float
    step: int


def split_values(named: Mapping[str, object]) -> dict[str, str]:
    """The values as text, each longer than MLflow takes as `name`, `name.2`, `name.3`, …: together they are the value.

    Args:
        named: values by name, of params or tags.
    """
    parts: dict[str, str] = {}
    for name, value in named.items():
        text = str(value)
        pieces = [text[start : start + LONGEST_VALUE] for start in range(0, len(text), LONGEST_VALUE)] or [""]
        parts |= {name if number == 1 else f"{name}.{number}": piece for number, piece in enumerate(pieces, start=1)}
    return parts


def requests(params: Mapping[str, str], points: Iterable[Point]) -> Iterator[tuple[dict[str, str], list[Point]]]:
    """Params and points in as few requests as MLflow's limits allow; at least one."""
    shares = zip_longest(_chunks(params.items(), MOST_PARAMS), _chunks(points, MOST_METRICS), fillvalue=())
    some = False
    for some_params, some_points in shares:
        some = True
        yield dict(some_params), [Point(*point) for point in some_points]
    if not some:
        yield {}, []


def _chunks(entries: Iterable[tuple], most: int) -> Iterator[tuple]:
    """The entries in order, in tuples of at most so many and of at most `MOST_BYTES` together."""
    chunk: list[tuple] = []
    size = 0
    for entry in entries:
        more = len(json.dumps(entry)) + 100  # names of fields, the time
        if chunk and (len(chunk) == most or size + more > MOST_BYTES):
            yield tuple(chunk)
            chunk, size = [], 0
        chunk.append(entry)
        size += more
    if chunk:
        yield tuple(chunk)
