"""The command line: `penchant`."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click
from rich.console import Console

from spaces.errors import InvalidInput

EXIT_FAILED, EXIT_WRONG_INPUT, EXIT_INTERRUPTED = 1, 2, 130
Command = TypeVar("Command", bound=Callable[..., Any])


def main() -> None:
    """Runs the command line; wrong input is one line on standard error and exit code 2."""
    _quiet_libraries()
    try:
        cli.main(standalone_mode=False, prog_name="penchant")
    except InvalidInput as error:
        _exit(EXIT_WRONG_INPUT, " ".join(str(error).split()))
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(0)
    except click.ClickException as error:
        where = f" (see {error.ctx.command_path} --help)" if isinstance(error, click.UsageError) and error.ctx else ""
        _exit(EXIT_WRONG_INPUT, " ".join(error.format_message().split()) + where)
    except (KeyboardInterrupt, click.Abort):
        _exit(EXIT_INTERRUPTED, "interrupted")


def _quiet_libraries() -> None:
    """Their notes on tables they create and the like say nothing to our users; warnings and errors stay."""
    logging.basicConfig(format="penchant: %(message)s", level=logging.WARNING)
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    for library in ("alembic", "mlflow", "optuna"):
        logging.getLogger(library).setLevel(logging.WARNING)


def _exit(code: int, message: str) -> None:
    click.echo(f"penchant: {message}", err=True)
    sys.exit(code)


def storage_option(command: Command) -> Command:
    """`--storage`."""
    text = "Database of studies and trials, e.g. postgresql+psycopg://user@host/name. [default: SQLite in .penchant/]"
    return click.option("--storage", metavar="URL", envvar="PENCHANT_STORAGE", help=text)(command)


def json_option(command: Command) -> Command:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")(command)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="penchant")
def cli() -> None:
    r"""Finds which inductive biases win on your data, and says how sure it is.

    \b
    penchant run digits                 five minutes, then a verdict
    penchant run mine.npz --budget 1h   your own arrays: x_train, y_train[, x_test, y_test]
    penchant resume digits              go on after Ctrl-C, a crash or a reboot
    penchant verdict digits             read it again

    Studies are kept in .penchant/ here, or in the folder that PENCHANT_HOME names.
    """


@cli.command()
@click.argument("data")
@click.option("--budget", metavar="TIME", help="Wall-clock time, e.g. 90s, 5m or 2h. [default: 5m]")
@click.option("--trials", type=click.IntRange(min=1), metavar="N", help="So many trials instead, all phases together.")
@click.option("--epochs", type=click.IntRange(min=1), metavar="R", help="With --trials: length of a full training.")
@click.option("--space", default="everything", show_default=True, metavar="NAME", help="Search space.")
@click.option("--strategy", default="tpe", show_default=True, metavar="NAME", help="Sampler: random or tpe.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Fixes all that is drawn.")
@click.option("--name", metavar="NAME", help="Name of the study. [default: the data set's]")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Trainings at a time. [default: all CPUs]")
@click.option("--address", metavar="RAY", help="A running Ray cluster, host:port. [default: a Ray of its own]")
@click.option("--tracking-uri", metavar="URL", envvar="PENCHANT_TRACKING_URI", help="MLflow's. [default: a local file]")
@storage_option
@json_option
def run(data: str, as_json: bool, **options: Any) -> None:
    """Find out which inductive biases win on DATA.

    DATA is a registered name (see `penchant datasets`) or a file.npz holding x_train and y_train, and x_test and y_test
    where you have them: images (n, channels, height, width), series (n, steps, channels) or tables (n, features), with
    integer class labels. A given test set stays sealed until the champion is frozen; otherwise a fifth is set aside.
    """
    from search.study import Study

    _run(Study.create(data, **options), as_json)


@cli.command()
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
        with _standard_output_to_error():
            document = study.run()
    except InvalidInput:
        raise
    except (KeyboardInterrupt, click.Abort):
        _exit(EXIT_INTERRUPTED, f"interrupted; every finished trial is kept. Go on with: {study.resume_command}")
    except Exception:
        traceback.print_exc()
        _exit(EXIT_FAILED, f"study {study.name!r} failed; what it recorded is kept: {study.resume_command}")
    if as_json:
        _print_json({**document.to_json(), "state": study.state, "trials": study.trials_by_phase()})
    else:
        console = Console()
        print_verdict(console, document)
        print_next_steps(console, study)
    if document.champion is None:
        _exit(
            EXIT_FAILED, f"study {study.name!r} failed: no candidate trained to the end; see penchant show {study.name}"
        )


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


@cli.command()
@click.argument("name")
@storage_option
@json_option
def show(name: str, storage: str | None, as_json: bool) -> None:
    """Show where study NAME stands: its phases and best trials so far."""
    from search.settings import without_password
    from search.study import Study
    from search.terminal import print_trials

    study = Study.load(name, storage=storage)
    specification = study.specification
    if as_json:
        facts = {"name": name, "state": study.state, "seconds": study.seconds, "trials": study.trials_by_phase()}
        shown = {**specification.model_dump(mode="json"), "tracking_uri": without_password(specification.tracking_uri)}
        _print_json({**facts, "specification": shown})
        return
    console = Console()
    console.print(f"{name}: {study.state} after {study.seconds:.0f} s, on {specification.dataset}", highlight=False)
    print_trials(console, study)


@cli.command("list")
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
        _print_json(rows)
    elif rows:
        print_studies(Console(), rows)
    else:
        click.echo("no studies yet; start one with: penchant run digits")


@cli.command()
@click.argument("name")
@storage_option
@json_option
def verdict(name: str, storage: str | None, as_json: bool) -> None:
    """Print the verdict that study NAME ended in."""
    from search.study import Study
    from search.terminal import print_verdict

    document = Study.load(name, storage=storage).verdict()
    if as_json:
        _print_json(document.to_json())
    else:
        print_verdict(Console(), document)


@cli.command()
@json_option
def operations(as_json: bool) -> None:
    """List the operations, the inductive biases a network is made of."""
    from spaces.operations import OPERATIONS

    rows = [
        {
            "name": name,
            "family": OPERATIONS[name].family,
            "ranks": list(OPERATIONS[name].ranks),
            "choices": {choice: str(what) for choice, what in OPERATIONS[name].choices.items()},
            "description": _first_line(OPERATIONS[name]),
        }
        for name in OPERATIONS
    ]
    _print_rows(sorted(rows, key=lambda row: (str(row["family"]), str(row["name"]))), "family", as_json)


@cli.command()
@json_option
def datasets(as_json: bool) -> None:
    """List the registered data sets, which need no download."""
    from workers.datasets import DATASETS

    _print_rows([{"name": name, "description": _first_line(DATASETS[name])} for name in DATASETS], None, as_json)


def _first_line(documented: Any) -> str:
    return (documented.__doc__ or "").strip().splitlines()[0]


def _print_rows(rows: list[dict[str, Any]], group: str | None, as_json: bool) -> None:
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        start = f"{row[group]:<14}" if group else ""
        click.echo(f"{start}{row['name']:<22}{row['description']}")


def _print_json(document: Any) -> None:
    click.echo(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
