"""Commands on a single network: evaluate it on data, draw it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from search.cli.ending import EXIT_FAILED, end, last_line
from search.cli.options import (
    json_option,
    metric_option,
    modality_option,
    operations_option,
    print_json,
    target_option,
    task_option,
)
from spaces.errors import InvalidInput
from spaces.shapes import Task

if TYPE_CHECKING:
    from spaces import Architecture


@click.command()
@click.argument("data")
@click.option("--architecture", required=True, metavar="NAME|FILE", help="A landmark, or a JSON file.")
@click.option("--seeds", type=click.IntRange(min=1), default=3, show_default=True, help="Trainings from scratch.")
@click.option("--steps", type=click.IntRange(min=1), default=1000, show_default=True, help="Optimizer steps of each.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The first of the seeds.")
@modality_option
@target_option
@task_option
@metric_option
@operations_option
@json_option
def evaluate(
    data: str,
    architecture: str,
    seeds: int,
    steps: int,
    seed: int,
    modality: str | None,
    target: str | None,
    task: str | None,
    metric: str | None,
    operations: tuple[str, ...],
    as_json: bool,
) -> None:
    """Train one architecture on DATA and score it, beside a baseline.

    Each seed has a division of the rows of its own, as in a study's census; scored are rows that were not trained on.
    The sealed test stays sealed. DATA is what `penchant run` takes.
    """
    from search.evaluation import evaluate as train_and_score
    from search.evaluation import print_evaluation, read_architecture
    from spaces.operation_file import register_operations
    from workers.datasets import load_dataset

    register_operations(operations)
    dataset = load_dataset(data, modality, target, task, metric)
    network = read_architecture(architecture, dataset.task)
    evaluation = train_and_score(network, dataset, seeds=seeds, steps=steps, seed=seed)
    if as_json:
        print_json(evaluation.to_json())
    else:
        print_evaluation(Console(), evaluation)
    if evaluation.mean is None:
        end(EXIT_FAILED, f"no training of {architecture} ended well: {last_line(evaluation.failures[0].reason)}")


def show_architecture(source: str, task: Task | None, svg: str | None, as_json: bool) -> None:
    """Draws a landmark or the architecture in a file.

    Args:
        source: name of a landmark, or path of a JSON file.
        task: what the network reads; sizes are told with it alone.
        svg: file to draw into as well.
        as_json: whether to print the architecture instead.

    Raises:
        InvalidInput: there is no such architecture, or the picture cannot be written.
    """
    from search.diagram import print_diagram, svg_diagram
    from search.evaluation import read_architecture
    from spaces.cost import cost

    architecture = read_architecture(source, task)
    known = {"fingerprint": architecture.fingerprint, "families": list(architecture.families)}
    try:
        sizes = {"cost": vars(cost(architecture, task))} if as_json and task is not None else {}
        picture = svg_diagram(architecture, task)
    except InvalidInput:
        raise
    except Exception as error:  # of a user's operation
        raise InvalidInput(f"{source}: cannot be built for these data ({type(error).__name__}: {error})") from error
    if svg is not None:
        _write(Path(svg), picture)
    if as_json:
        print_json({"architecture": architecture.to_json(), **known, **sizes})
    else:
        print_diagram(Console(), architecture, task)


def draw_architecture(architecture: Architecture, task: Task, svg: str) -> None:
    """Draws an architecture into a file.

    Raises:
        InvalidInput: the picture cannot be written.
    """
    from search.diagram import svg_diagram

    _write(Path(svg), svg_diagram(architecture, task))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"--svg {path}: cannot be written ({error.strerror}), expected a file name") from error
