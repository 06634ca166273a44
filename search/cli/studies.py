"""Commands on studies: run, resume, show, list, verdict, report."""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from search.cli.ending import EXIT_FAILED, EXIT_INTERRUPTED, end
from search.cli.options import (
    json_option,
    metric_option,
    modality_option,
    operations_option,
    print_json,
    storage_option,
    target_option,
    task_option,
)
from spaces.errors import InvalidInput

NOTES_TOLD = 12
"""Lines on the data that a run begins with; of a table there is one a column."""


@click.command()
@click.argument("data")
@click.option("--budget", metavar="TIME", help="Wall-clock time, e.g. 90s, 5m or 2h. [default: 5m]")
@click.option("--trials", type=click.IntRange(min=1), metavar="N", help="So many trials instead, all phases together.")
@click.option("--epochs", type=click.IntRange(min=1), metavar="R", help="With --trials: length of a full training.")
@click.option("--space", metavar="NAME|FILE", help="Search space, see `penchant spaces`. [default: everything]")
@click.option("--max-parameters", type=click.IntRange(min=1), metavar="N", help="Most parameters of any network.")
@click.option("--max-flops", type=click.IntRange(min=1), metavar="N", help="Most operations of a network on one row.")
@click.option("--objective", metavar="NAMES", help="score,parameters, say; flops, latency or seconds. [default: score]")
@click.option("--strategy", metavar="NAME", help="How to pick, see `penchant strategies`. [default: penchant]")
@click.option("--prior/--no-prior", default=None, help="Begin from what did best on similar data. [default: prior]")
@click.option("--reuse", is_flag=True, default=None, help="Take trainings that earlier studies did from the record.")
@click.option("--seed", type=click.IntRange(min=0), metavar="S", help="Fixes all that is drawn. [default: 0]")
@click.option("--name", metavar="NAME", help="Name of the study. [default: the data set's]")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Trainings at a time. [default: all CPUs]")
@click.option("--address", metavar="RAY", help="A running Ray cluster, host:port. [default: a Ray of its own]")
@click.option("--tracking-uri", metavar="URL", help="MLflow's. [default: PENCHANT_TRACKING_URI, or a local file]")
@modality_option
@target_option
@task_option
@metric_option
@operations_option
@storage_option
@json_option
def run(data: str, as_json: bool, operations: tuple[str, ...], **options: Any) -> None:
    """Find out which inductive biases win on DATA.

    DATA is a registered name (see `penchant datasets`) or a file.npz holding x_train and y_train, and x_test and y_test
    where you have them: images (n, channels, height, width), series (n, steps, channels), tables (n, features) or
    integer tokens (n, steps), with class labels or numbers to predict; tokens without y_train are predicted themselves,
    each from those before it. length_train tells how many steps of each padded row hold data. A given test set stays
    sealed until the champion is frozen; otherwise a fifth is set aside. A file.csv, .tsv or .parquet is a table of
    named columns, one of which, --target, is predicted. A folder holds images, a folder of them for each class.
    huggingface:NAME and torchvision:NAME are loaded with these libraries.

    DATA may also be a study file in YAML or JSON that says all this (data: digits, budget: 1h, space: mine.yaml, …);
    options given here count more.
    """
    from search.request import requested
    from search.study import Study
    from search.study_file import is_study_file, read_study_file

    given = {name: value for name, value in options.items() if value is not None}
    if operations:
        given["operations"] = list(operations)
    request = read_study_file(data, **given) if is_study_file(data) else requested({"data": data, **given})
    _run(Study.requested(request), as_json)


@click.command()
@click.argument("name")
@storage_option
@json_option
def resume(name: str, storage: str | None, as_json: bool) -> None:
    """Go on with study NAME where it stopped; trials that ended are kept and none is done twice."""
    from search.study import Study

    _run(Study.load(name, storage=storage), as_json)


def _run(study: Any, as_json: bool) -> None:
    """Runs a study; whatever libraries print to standard output meanwhile goes to standard error."""
    from search.terminal import print_next_steps, print_verdict

    try:
        if study.state != "finished":
            _tell_of_data(study)
        with _standard_output_to_error():
            document = study.run()
    except InvalidInput:
        raise
    except (KeyboardInterrupt, click.Abort):
        end(EXIT_INTERRUPTED, f"interrupted; every finished trial is kept. Go on with: {study.command('resume')}")
    except Exception:
        traceback.print_exc()
        end(EXIT_FAILED, f"study {study.name!r} failed; what it recorded is kept: {study.command('resume')}")
    if as_json:
        print_json({**document.to_json(), "state": study.state, "trials": study.trials_by_phase()})
    else:
        console = Console()
        print_verdict(console, document)
        print_next_steps(console, study)
    if document.champion is None:
        end(
            EXIT_FAILED, f"study {study.name!r} failed: no candidate trained to the end; see penchant show {study.name}"
        )


def _tell_of_data(study: Any) -> None:
    """How the data were understood, before hours are spent on them."""
    dataset = study.dataset
    click.echo(dataset.summary, err=True)
    for note in dataset.notes[:NOTES_TOLD]:
        click.echo(f"  {note}", err=True)
    if len(dataset.notes) > NOTES_TOLD:
        click.echo(f"  and {len(dataset.notes) - NOTES_TOLD} more: penchant show {study.name}", err=True)
    for note in study.specification.limit_notes:
        click.echo(f"  {note}", err=True)
    if study.specification.prior is not None:
        click.echo(f"  a tenth of the search begins from {study.specification.prior.told} (--no-prior)", err=True)


@contextlib.contextmanager
def _standard_output_to_error() -> Iterator[None]:
    """Holds for child processes and C code too, so that `--json` prints its document and nothing else."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


@click.command()
@click.argument("name")
@click.option("--data", metavar="DATA", help="Of an architecture: what it reads, so that it fits and sizes are told.")
@click.option("--svg", metavar="FILE", help="Draw the architecture, or the study's champion, into this file too.")
@modality_option
@target_option
@task_option
@operations_option
@storage_option
@json_option
def show(
    name: str,
    data: str | None,
    svg: str | None,
    modality: str | None,
    target: str | None,
    task: str | None,
    operations: tuple[str, ...],
    storage: str | None,
    as_json: bool,
) -> None:
    """Show where study NAME stands, or draw the architecture NAME.

    Of a study: its phases and best trials so far. An architecture is a landmark (see `penchant landmarks`) or a JSON
    file of choices, such as `penchant show resnet --json` prints. How a landmark reads its input depends on the DATA.
    """
    from search.cli.networks import draw_architecture, show_architecture
    from search.study import Study
    from spaces import LANDMARKS
    from spaces.document import FORMATS
    from spaces.operation_file import register_operations
    from workers.datasets import load_dataset

    register_operations(operations)
    if name.endswith(FORMATS) or (name in LANDMARKS and not Study.exists(name, storage=storage)):
        read = load_dataset(data, modality, target, task).task if data is not None else None
        show_architecture(name, read, svg, as_json)
        return
    try:
        study = Study.load(name, storage=storage)
    except InvalidInput as error:
        near = difflib.get_close_matches(name, LANDMARKS, n=1)
        hint = f" (did you mean the landmark {near[0]!r}?)" if near else ", or a landmark"
        raise InvalidInput(f"{error}{hint}") from error
    _show_study(study, as_json)
    if svg is not None:
        draw_architecture(study.champion.architecture, study.dataset.task, svg)


def _show_study(study: Any, as_json: bool) -> None:
    from search.settings import without_password
    from search.terminal import print_front, print_trials

    specification = study.specification
    if as_json:
        facts = {"name": study.name, "state": study.state, "seconds": study.seconds, "trials": study.trials_by_phase()}
        shown = {**specification.model_dump(mode="json"), "tracking_uri": without_password(specification.tracking_uri)}
        front = {} if len(specification.objectives) == 1 else {"front": _records(study.front())}
        print_json({**facts, **front, "specification": shown})
        return
    console = Console()
    console.print(
        f"{study.name}: {study.state} after {study.seconds:.0f} s, on {specification.dataset}", highlight=False
    )
    for note in (*specification.dataset_notes, *specification.limit_notes):
        console.print(Text(note, style="dim"))
    print_trials(console, study, specification.metric)
    if len(specification.objectives) > 1:
        print_front(console, study.front(), specification.objectives, specification.metric)


def _records(frame: Any) -> list[dict[str, Any]]:
    """The rows of a table as JSON objects."""
    return json.loads(frame.to_json(orient="records"))


@click.command("list")
@storage_option
@json_option
def list_studies(storage: str | None, as_json: bool) -> None:
    """List the studies recorded here."""
    from search.settings import Settings
    from search.storage.database import Database
    from search.storage.studies import StudyStore
    from search.terminal import print_studies

    store = StudyStore(Database(Settings.resolve(storage).storage))
    rows = [
        {
            "name": row.name,
            "state": row.state,
            "dataset": row.spec["dataset"],
            "created": row.created.isoformat(sep=" ", timespec="seconds"),
            "winner": (store.verdict(row.name) or {}).get("winner"),
        }
        for row in store.all()
    ]
    if as_json:
        print_json(rows)
    elif rows:
        print_studies(Console(), rows)
    else:
        click.echo("no studies yet; start one with: penchant run digits")


@click.command()
@click.argument("name")
@click.option("--recompute", is_flag=True, help="Judge the recorded trials again; the next two options do so too.")
@click.option("--m", "best_of", type=click.IntRange(min=1), metavar="M", help="Tell the expected best of M, not of 8.")
@click.option("--epsilon", type=float, metavar="E", help="Difference of scores (0 to 1) that matters. [default: .01]")
@click.option("--metric", metavar="NAME", help="What is to be told; a record holds the study's own metric alone.")
@storage_option
@json_option
def verdict(
    name: str,
    recompute: bool,
    best_of: int | None,
    epsilon: float | None,
    metric: str | None,
    storage: str | None,
    as_json: bool,
) -> None:
    """Print the verdict that study NAME ended in.

    With --recompute, --m or --epsilon it is computed again from the recorded trials: nothing is trained and no data are
    read. What the study did stays as it is: which networks were checked, compared and confirmed.
    """
    from search.study import Study
    from search.terminal import print_verdict

    study = Study.load(name, storage=storage)
    document = study.verdict()
    if metric not in (None, document.metric):
        raise InvalidInput(
            f"metric: found {metric!r}, expected {document.metric!r}: the record holds scores in that metric, and no "
            "predictions to compute another from"
        )
    if recompute or best_of is not None or epsilon is not None:
        document = study.judged_again(best_of=best_of, epsilon=epsilon)
    if as_json:
        print_json(document.to_json())
    else:
        print_verdict(Console(), document)


@click.command()
@click.argument("name")
@click.option("--output", metavar="FILE", help="Where the report goes. [default: NAME.html here]")
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@storage_option
def report(name: str, output: str | None, opens: bool, storage: str | None) -> None:
    """Write the report of study NAME: one HTML page that explains the verdict to people who were not there.

    It needs no other file and no network, so it can be sent by mail. The study's run in MLflow holds the same page.
    """
    from search.study import Study

    path = Path(output or f"{name}.html")
    text = Study.load(name, storage=storage).report()
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"--output {path}: cannot be written ({error.strerror}), expected a file name") from error
    click.echo(path)
    if opens:
        click.launch(str(path))
