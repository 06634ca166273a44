"""The command that lets a network leave."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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


@click.command()
@click.argument("name")
@click.option("--format", "form", required=True, metavar="FORMAT", help="python, onnx, pt2 or mlflow; see above.")
@click.option("--output", required=True, metavar="PATH", help="File (onnx, pt2) or folder (python, mlflow) to write.")
@click.option("--trial", type=click.IntRange(min=0), metavar="N", help="Of a study: this trial, not the champion.")
@click.option("--retrained", is_flag=True, help="Of a study: the weights that `penchant retrain` trained last.")
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
    initialized.

    \b
    python   a folder: the network as readable PyTorch, weights, train.py, predict.py
    onnx     a file for onnxruntime
    pt2      a file that torch.export.load reads
    mlflow   a folder that mlflow.pytorch.load_model and mlflow.pyfunc.load_model read

    onnx, pt2 and mlflow read rows as they stand in x_train, in batches of any size and, of sequences, any length up to
    the data's: standardization is part of them. Before anything is written, outputs are compared with the network's.
    What is at PATH appears whole or not at all.
    """  # noqa: D301  click reads the character, which keeps the lines apart
    from search.export.appearing import NotWritten, appearing, check_free
    from search.export.formats import FORMATS
    from search.export.found import of_architecture
    from search.export.proof import NotTheSame
    from spaces.operation_file import register_operations
    from workers.datasets import load_dataset

    chosen, place = FORMATS[form](), Path(output)
    check_free(place, is_folder=chosen.is_folder, force=force)  # before data are loaded
    register_operations(operations)
    if data is None:
        exportable = _of_study(name, trial, retrained, storage)
    elif trial is None and not retrained:
        exportable = of_architecture(name, load_dataset(data, modality, target, task))
    else:
        raise InvalidInput("found --data: expected --trial and --retrained with a study, --data with an architecture")
    try:
        with appearing(place, is_folder=chosen.is_folder, force=force) as partial:
            difference = chosen.write(exportable, partial)
    except (NotWritten, NotTheSame) as error:
        end(EXIT_FAILED, str(error))
    if as_json:
        print_json({**exportable.to_json(), "format": form, "output": str(place), "largest_difference": difference})
        return
    click.echo(f"{place}: {exportable.origin}")
    click.echo(f"its outputs differ from the network's by at most {difference:.1g}")


def _of_study(name: str, trial: int | None, retrained: bool, storage: str | None) -> Exportable:
    from search.export.found import of_retrained, of_study
    from search.study import Study

    if not Study.exists(name, storage=storage):
        raise InvalidInput(
            f"no study named {name!r}: expected one of `penchant list`, or a landmark or .json file with --data DATA"
        )
    if retrained and trial is not None:
        raise InvalidInput("found --retrained and --trial: expected one of them")
    study = Study.load(name, storage=storage)
    return of_retrained(study, study.retrained.latest(name)) if retrained else of_study(study, trial)
