"""The command that trains a network of a study again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from search.cli.ending import EXIT_FAILED, EXIT_INTERRUPTED, end
from search.cli.options import json_option, print_json, storage_option
from spaces.errors import InvalidInput

if TYPE_CHECKING:
    from search.retraining.retraining import Retraining
    from search.retraining.store import Retrained
    from search.study import Study


@click.command()
@click.argument("name")
@click.option("--epochs", type=click.IntRange(min=1), required=True, metavar="E", help="Passes over the rows.")
@click.option("--all-data", is_flag=True, help="Learn from the sealed test too: no honest score of it exists then.")
@click.option("--trial", type=click.IntRange(min=0), metavar="N", help="This trial of the study, not the champion.")
@click.option("--front", is_flag=True, help="Every network of the front, on the same rows.")
@click.option("--ensemble", type=click.IntRange(min=2), metavar="K", help="The best of K families, on the same rows.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of weights and order of rows.")
@storage_option
@json_option
def retrain(
    name: str,
    epochs: int,
    all_data: bool,
    trial: int | None,
    front: bool,
    ensemble: int | None,
    seed: int,
    storage: str | None,
    as_json: bool,
) -> None:
    """Train the champion of study NAME again, from scratch, for as long as you want.

    Architecture and recipe are those the study found. 19 of 20 development rows are learned from; the others tell how
    well it went, and the sealed test stays closed, since a study opens it once. With --all-data every row is learned
    from. Weights stay in the home folder, where `penchant export NAME --retrained` finds them, and become a new version
    of the model NAME in MLflow. Ctrl-C keeps the state: the same command goes on from there.

    --front and --ensemble train several networks, one after the other and all on the same rows, for `penchant export`
    with the same option; MLflow is told of none of these.
    """
    from search.study import Study

    if (trial is not None) + front + bool(ensemble) > 1:
        raise InvalidInput("expected one of --trial, --front and --ensemble, found several")
    if all_data and (front or ensemble):
        raise InvalidInput(
            "found --all-data: expected it without --front and --ensemble, which keep rows to compare on"
        )
    study = Study.load(name, storage=storage)
    if front or ensemble:
        retrained = _run(study, _together(study, ensemble, epochs, seed))
        option = "--front" if front else f"--ensemble {ensemble}"
        if as_json:
            print_json({"retrained": [each.to_json() for each in retrained]})
        else:
            _print_several(study, retrained, option)
        return
    alone = _alone(study, trial, epochs, all_data, seed)
    (again,) = _run(study, [alone])
    version = _registered(study, again)
    if as_json:
        print_json({**again.to_json(), "model_version": version})
    else:
        _print(study, again, version)


def _alone(study: Study, trial: int | None, epochs: int, all_data: bool, seed: int) -> Retraining:
    from search.retraining.retraining import Retraining

    return Retraining(study.champion.trial if trial is None else study.trial(trial), epochs, all_data, seed)


def _together(study: Study, ensemble: int | None, epochs: int, seed: int) -> list[Retraining]:
    """Of the members of an ensemble, or of the front."""
    from search.retraining.retraining import Retraining
    from search.retraining.together import front_trials, member_trials, shared_division

    trials = front_trials(study) if ensemble is None else member_trials(study, ensemble).values()
    return [Retraining(trial, epochs, False, seed, shared_division(study)) for trial in trials]


def _run(study: Study, retrainings: Sequence[Retraining]) -> list[Retrained]:
    """Trains one after the other; of several those that an interrupted command has trained are not trained again."""
    import torch

    from search.retraining.retraining import Interrupted
    from workers.metrics import Diverged
    from workers.unit_checkpoint import NotKept

    torch.set_num_threads(1)  # as in every worker: threads cost small networks more than they bring
    console, store = Console(stderr=True), study.retrained
    trained = []
    try:
        with console.status("training") as status:
            for retraining in retrainings:
                tell = _telling(console, status, study, retraining.all_data)
                known = retraining.done(store) if len(retrainings) > 1 else None
                trained.append(known or retraining.run(study.dataset, store, tell))
    except Interrupted as interrupted:
        end(EXIT_INTERRUPTED, f"{interrupted}; the same command goes on from there")
    except (Diverged, NotKept) as error:
        end(EXIT_FAILED, str(error))
    return trained


def _telling(console: Console, status: Any, study: Study, all_data: bool) -> Any:
    """A point of the learning curve: live on a terminal, as a line elsewhere."""
    from search.verdict.figures import score_figure
    from search.verdict.unit import figure_scale, title

    metric = study.dataset.metric

    def tell(step: int, steps: int, point: Any) -> None:
        value = score_figure(metric.value(point.search_score), figure_scale(metric))
        scored = "" if all_data else f" · {value} {title(metric.name)} on rows held out"
        line = f"step {step:,} of {steps:,} · loss {point.train_loss:.3g}{scored}"
        if console.is_interactive:
            status.update(line)
        else:
            console.print(line, highlight=False, soft_wrap=True)

    return tell


def _registered(study: Study, retrained: Retrained) -> str | None:
    """The version of the model in MLflow; an MLflow that does not answer costs nothing but that."""
    from search.export.found import of_retrained

    exportable = of_retrained(study, retrained)
    told = retrained.to_json()
    metrics = {"held_out": told.pop("score")} if retrained.score is not None else {}
    try:
        return study.models.register(exportable, f"retrained {retrained.version}", told, metrics)
    except Exception as error:  # whatever a server or its client raises
        reason = (str(error) or repr(error)).splitlines()[0]
        click.echo(f"penchant: not registered in MLflow ({reason}); the weights are kept", err=True)
        return None


def _print(study: Study, retrained: Retrained, version: str | None) -> None:
    from search.verdict.figures import score_figure
    from search.verdict.unit import figure_scale, title

    metric = study.dataset.metric
    trained = f"{retrained.epochs:,} epochs, {retrained.steps:,} steps in {retrained.seconds:.0f} s"
    click.echo(f"trained again: trial {retrained.trial} of {study.name!r}, {trained}")
    if retrained.score is None:
        click.echo(
            f"learned from all {retrained.rows:,} rows, the sealed test among them: no honest score of it exists"
        )
    else:
        value = f"{score_figure(retrained.score, figure_scale(metric))} {title(metric.name)}"
        click.echo(
            f"{value} on {retrained.held_out_rows:,} rows held out of {retrained.rows:,}; the sealed test stays shut"
        )
    if version is not None:
        click.echo(f"in MLflow it is version {version} of the model {study.name!r}")
    click.echo(f"take it with you: penchant export {study.name} --retrained --format python --output DIR")


def _print_several(study: Study, retrained: Sequence[Retrained], option: str) -> None:
    from search.verdict.figures import score_figure
    from search.verdict.unit import figure_scale, title

    metric = study.dataset.metric
    for each in retrained:
        assert each.score is not None, "rows are held out"
        value = f"{score_figure(each.score, figure_scale(metric))} {title(metric.name)}"
        rows = f"{each.held_out_rows:,} rows held out of {each.rows + each.held_out_rows:,}"
        click.echo(f"trained again: trial {each.trial} of {study.name!r}, {each.epochs:,} epochs: {value} on {rows}")
    click.echo(f"take them with you: penchant export {study.name} {option} --format python --output DIR")
