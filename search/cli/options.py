"""Options that several commands share, and the one way to print JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def storage_option(command: Command) -> Command:
    """`--storage`."""
    text = "Database of studies, e.g. postgresql+psycopg://user@host/name. [default: PENCHANT_STORAGE, or SQLite here]"
    return click.option("--storage", metavar="URL", help=text)(command)


def operations_option(command: Command) -> Command:
    """`--operations`, as often as there are files."""
    text = "Python file that registers operations of your own; may be given several times."
    return click.option("--operations", metavar="FILE.py", multiple=True, help=text)(command)


def modality_option(command: Command) -> Command:
    """`--modality`."""
    text = "What the rows are: image, series, tabular or tokens. [default: inferred from x_train]"
    return click.option("--modality", metavar="KIND", help=text)(command)


def target_option(command: Command) -> Command:
    """`--target`."""
    text = "Of a table or a Hugging Face set: the column that is predicted."
    return click.option("--target", metavar="COLUMN", help=text)(command)


def task_option(command: Command) -> Command:
    """`--task`."""
    text = "What is predicted: classification, regression or next-token. [default: inferred from y_train]"
    return click.option("--task", metavar="KIND", help=text)(command)


def metric_option(command: Command) -> Command:
    """`--metric`."""
    text = (
        "What networks are compared by: accuracy, balanced_accuracy, log_loss or auroc; r2 or rmse of numbers; "
        "perplexity or accuracy of next tokens. [default: the first of each]"
    )
    return click.option("--metric", metavar="NAME", help=text)(command)


def json_option(command: Command) -> Command:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")(command)


def print_json(document: Any) -> None:
    """Prints a document on standard output."""
    click.echo(json.dumps(document, indent=2))
