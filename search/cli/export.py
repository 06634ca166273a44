"""The command that lets a network leave."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from search.cli.ending import EXIT_FAILED, end
from search.cli.options import (
    json_option,
    modality_option,
    operations_option,
    print_json,
    storage_option,
    target_option,
    task_option,
)
from spaces.errors import InvalidInput

if TYPE_CHECKING:
    from search.export.exportable import Exportable
    from search.study import Study


@click.command()
@click.argument("name")
@click.option("--format", "form", required=True, metavar="FORMAT", help="python, onnx, pt2 or mlflow; see above.")
@click.option("--output", required=True, metavar="PATH", help="File (onnx, pt2) or folder (python, mlflow) to write.")
@click.option("--trial", type=click.IntRange(min=0), metavar="N", help="Of a study: this trial, not the champion.")
@click.option("--retrained", is_flag=True, help="Of a study: the weights that `penchant retrain` trained last.")
@click.option("--front", is_flag=True, help="Of a study: every network of its front, in a folder with an index.")
@click.option("--ensemble", type=click.IntRange(min=2), metavar="K", help="Of a study: its best K families, averaged.")
@click.option("--data", metavar="DATA", help="Of a landmark or an architecture file: what it is to read.")
@click.option("--force", is_flag=True, help="Replace what an earlier export wrote there.")
@modality_option
@target_option
@task_option
@operations_option
@storage_option
@json_option
def export(
    name: str,
    form: str,
    output: str,
    trial: int | None,
    retrained: bool,
    front: bool,
    ensemble: int | None,
    data: str | None,
    force: bool,
    modality: str | None,
    target: str | None,
    task: str | None,
    operations: tuple[str, ...],
    storage: str | None,
    as_json: bool,
) -> None:
    """Write network NAME as files that need nothing of Penchant.

    NAME is a study, whose champion leaves with its weights, or with --trial any trial that kept weights. A landmark
    (see `penchant landmarks`) or a JSON file of an architecture leaves with --data DATA, its weights freshly
    initialized. --front writes every network of a study's front, and --ensemble one artifact that averages what
    networks of K families say; both take the weights that `penchant retrain` trained with the same option.

    \b
    python   a folder: the network as readable PyTorch, weights, train.py, predict.py
    onnx     a file for onnxruntime
    pt2      a file that torch.export.load reads
    mlflow   a folder that mlflow.pytorch.load_model and mlflow.pyfunc.load_model read

    onnx, pt2 and mlflow read rows as they stand in x_train, in batches of any size and, of sequences, any length up to
    the data's: standardization is part of them. Before anything is written, outputs are compared with the network's.
    What is at PATH appears whole or not at all.
    """  # noqa: D301  click reads the character, which keeps the lines apart
    from search.export.appearing import check_free
    from search.export.formats import FORMATS
    from search.export.found import of_architecture
    from spaces.operation_file import register_operations
    from workers.datasets import load_dataset

    place = Path(output)
    check_free(place, is_folder=FORMATS[form].is_folder or front, force=force)  # before data are loaded
    register_operations(operations)
    of_study = {"--trial": trial is not None, "--retrained": retrained, "--front": front, "--ensemble": bool(ensemble)}
    given = [option for option, is_given in of_study.items() if is_given]
    if data is not None and given:
        raise InvalidInput(
            f"found --data and {given[0]}: expected the one with an architecture, the other with a study"
        )
    if len(given) > 1:
        raise InvalidInput(f"found {' and '.join(given)}: expected one of them")
    if data is not None:
        told = _written(of_architecture(name, load_dataset(data, modality, target, task)), form, place, force)
    elif front:
        told = _written_front(_study(name, storage), form, place, force)
    else:
        told = _written(_of_study(_study(name, storage), trial, retrained, ensemble), form, place, force)
    if as_json:
        print_json({**told, "format": form, "output": str(place)})
    else:
        _print(told, place)


def _written(exportable: Exportable, form: str, place: Path, force: bool) -> dict[str, Any]:
    """Writes it, and returns what there is to tell."""
    from search.export.formats import FORMATS

    chosen = FORMATS[form]()
    with _appearing(place, chosen.is_folder, force) as partial:
        difference = chosen.write(exportable, partial)
    return {**exportable.to_json(), "largest_difference": difference}


def _written_front(study: Study, form: str, place: Path, force: bool) -> dict[str, Any]:
    """Writes all of it, and returns what there is to tell."""
    from search.export.front import write_front

    with _appearing(place, True, force) as partial:
        told = write_front(study, form, partial)
    return told


@contextmanager
def _appearing(place: Path, is_folder: bool, force: bool) -> Iterator[Path]:
    """See `search.export.appearing.appearing`; one line where it is not written."""
    from search.export.appearing import NotWritten, appearing
    from search.export.proof import NotTheSame

    try:
        with appearing(place, is_folder=is_folder, force=force) as partial:
            yield partial
    except (NotWritten, NotTheSame) as error:
        end(EXIT_FAILED, str(error))


def _print(told: dict[str, Any], place: Path) -> None:
    if "networks" in told:
        _print_front(told, place)
        return
    click.echo(f"{place}: {told['origin']}")
    if "gain" in told["results"]:
        _print_gain(told["metric"], told["results"])
    click.echo(f"its outputs differ from the network's by at most {told['largest_difference']:.1g}")


def _print_front(told: dict[str, Any], place: Path) -> None:
    from search.verdict.unit import title

    networks = told["networks"]
    click.echo(f"{place}: {len(networks)} networks, the front of study {told['study']!r}")
    for each in networks:
        scored = f"{each['held_out']:.4g} {title(told['metric'])} on rows held out"
        click.echo(f"  {each['file']}: {each['family']}, {each['parameters']:,} parameters, {scored}")
    largest = max(each["largest_difference"] for each in networks)
    click.echo(f"their outputs differ from the networks' by at most {largest:.1g}")


def _print_gain(metric: str, results: dict[str, Any]) -> None:
    from search.verdict.unit import title

    alone = ", ".join(f"{family} {value:.4g}" for family, value in results["members_held_out"].items())
    rows = f"{results['held_out_rows']:,} rows held out"
    click.echo(f"{results['held_out']:.4g} {title(metric)} on {rows}; alone: {alone}")
    low, high = results["gain_interval"]
    gained = f"{results['gain']:+.2g} (95 % interval {low:+.2g} to {high:+.2g}; above 0 the ensemble is better)"
    click.echo(f"gain over the champion alone, {results['gain_over']}: {gained}")
    for note in results["notes"]:
        click.echo(note)


def _study(name: str, storage: str | None) -> Study:
    from search.study import Study

    if not Study.exists(name, storage=storage):
        raise InvalidInput(
            f"no study named {name!r}: expected one of `penchant list`, or a landmark or .json file with --data DATA"
        )
    return Study.load(name, storage=storage)


def _of_study(study: Study, trial: int | None, retrained: bool, ensemble: int | None) -> Exportable:
    from search.export.ensemble import of_ensemble
    from search.export.found import of_retrained, of_study

    if ensemble is not None:
        return of_ensemble(study, ensemble)
    return of_retrained(study, study.retrained.latest(study.name)) if retrained else of_study(study, trial)
