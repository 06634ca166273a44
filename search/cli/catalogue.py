"""Commands that list what there is: operations, spaces, landmarks, data sets, strategies."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from search.cli.options import json_option, operations_option, print_json

RANKS = ("vector", "sequence", "image")


@click.command()
@operations_option
@json_option
def operations(operations: tuple[str, ...], as_json: bool) -> None:
    """List the operations, the inductive biases a network is made of."""
    from spaces.operation_file import register_operations
    from spaces.operations import OPERATIONS

    register_operations(operations)
    rows = [
        {
            "family": OPERATIONS[name].family,
            "name": name,
            "ranks": list(OPERATIONS[name].ranks),
            "choices": {choice: what.expected for choice, what in OPERATIONS[name].choices.items()},
            "description": first_line(OPERATIONS[name]),
        }
        for name in OPERATIONS
    ]
    _print_rows(sorted(rows, key=lambda row: (str(row["family"]), str(row["name"]))), as_json, ("ranks", "choices"))


@click.command()
@click.argument("space", required=False)
@operations_option
@json_option
def spaces(space: str | None, operations: tuple[str, ...], as_json: bool) -> None:
    """List the search spaces, or what SPACE allows.

    SPACE is a built-in name or a file of your own in YAML or JSON; what is wrong in it is told.
    """
    from spaces.built_in import BUILT_IN
    from spaces.operation_file import register_operations
    from spaces.space_file import load_space

    register_operations(operations)
    if space is not None:
        _print_space(load_space(space), as_json)
        return
    rows = [
        {
            "name": name,
            "architectures": _number(load_space(name).count()),
            "families": list(load_space(name).families),
            "description": first_line(BUILT_IN[name]),
        }
        for name in BUILT_IN
    ]
    _print_rows(rows, as_json, ("families",))


@click.command()
@json_option
def landmarks(as_json: bool) -> None:
    """List the landmarks, the networks people would try first."""
    from spaces import LANDMARKS, landmark
    from spaces.landmarks import described

    rows = [
        {
            "family": landmark(name).families[0],
            "name": name,
            "natural": [RANKS[rank] for rank in described(name).natural],
            "architecture": landmark(name).to_json(),
            "description": described(name).description,
        }
        for name in LANDMARKS
    ]
    _print_rows(rows, as_json, ("natural", "architecture"))


@click.command()
@json_option
def datasets(as_json: bool) -> None:
    """List the registered data sets, which need no download."""
    from workers.datasets import DATASETS

    _print_rows([{"name": name, "description": first_line(DATASETS[name])} for name in DATASETS], as_json)


@click.command()
@json_option
def strategies(as_json: bool) -> None:
    """List the strategies, the ways to pick what the adaptive search trains next."""
    from search.samplers import SAMPLERS

    _print_rows([{"name": name, "description": first_line(SAMPLERS[name])} for name in SAMPLERS], as_json)


def first_line(documented: Any) -> str:
    """The sentence that a docstring opens with."""
    return " ".join((documented.__doc__ or "").strip().split("\n\n")[0].split())


def _print_space(space: Any, as_json: bool) -> None:
    """What a space allows, a line a slot."""
    fields = {field.name: getattr(space, field.name) for field in dataclasses.fields(space)}
    shown = {name: value for name, value in fields.items() if name not in ("task", "any_stem")}
    if as_json:
        print_json({**shown, "architectures": _number(space.count())})
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for name, value in shown.items():
        table.add_row(name, _words(value))
    table.add_row("architectures", _figure(space.count()))
    Console().print(table)


def _words(value: Any) -> str:
    if not value:
        return "any" if value is None else "–"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_words(allowed)}" for name, allowed in value.items())
    return ", ".join(str(item) for item in value)


def _number(count: float) -> int | None:
    """JSON knows no infinity."""
    return None if math.isinf(count) else int(count)


def _figure(count: float | None) -> str:
    return "infinitely many" if count is None or math.isinf(count) else f"{count:.2g}" if count > 1e6 else f"{count:,}"


def _print_rows(rows: Sequence[dict[str, Any]], as_json: bool, json_only: Sequence[str] = ()) -> None:
    if as_json:
        print_json(rows)
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for name in (name for name in rows[0] if name not in json_only):
        table.add_column(no_wrap=name != "description", justify="right" if name == "architectures" else "left")
    for row in rows:
        shown = {name: value for name, value in row.items() if name not in json_only}
        table.add_row(*(_figure(v) if name == "architectures" else str(v) for name, v in shown.items()))
    Console().print(table)
