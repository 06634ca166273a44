"""Where an exportable network comes from: a study's champion or any trial of it, a landmark, an architecture file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from search.evaluation import read_architecture
from search.export.exportable import ExportableNetwork
from search.retraining.rows import TrainingRows
from search.retraining.store import Retrained
from search.study import Study
from search.trial import Trial
from spaces import Architecture, InvalidInput
from workers.datasets import Dataset
from workers.preprocessing import Preprocessing
from workers.recipe import Recipe

FRESH_SEED = 0
"""Of the weights of a network that was never trained."""

USUAL_STEPS = 2000
"""Of the training of one: before, a ranking of networks means little."""


def of_study(study: Study, number: int | None = None) -> ExportableNetwork:
    """The champion of a study, or one of its trials, with the weights that are kept.

    Args:
        study: where it was trained.
        number: of the trial; the champion by default.

    Raises:
        InvalidInput: there is no such trial, it keeps no weights, or the study has no champion yet.
    """
    trial = study.champion.trial if number is None else study.trial(number)
    what = "the champion" if number is None else f"trial {trial.number}"
    return _trained(
        study,
        trial,
        study.weights(trial),
        origin=f"{what} of study {study.name!r}, trained for {trial.reached:,} steps",
        steps=trial.horizon,
        preprocessing=Preprocessing.of(study.dataset, trial.division, is_final=trial.phase == "confirmation"),
        results=_results(study, trial, is_champion=number is None),
    )


def of_retrained(study: Study, retrained: Retrained) -> ExportableNetwork:
    """A network that was trained again after the study had ended."""
    learned = f"{retrained.epochs:,} epochs on {retrained.rows:,} rows"
    honest = ", the sealed test among them, so that no honest score of it exists" if retrained.all_data else ""
    return _trained(
        study,
        study.trial(retrained.trial),
        study.retrained.weights(retrained),
        origin=f"trial {retrained.trial} of study {study.name!r}, trained again for {learned}{honest}",
        steps=retrained.steps,
        preprocessing=TrainingRows.of(study.dataset, retrained.division).preprocessing(),
        results={} if retrained.score is None else {"held_out": retrained.score},
    )


def _trained(
    study: Study,
    trial: Trial,
    weights: Mapping[str, Tensor],
    *,
    origin: str,
    steps: int,
    preprocessing: Preprocessing,
    results: Mapping[str, Any],
) -> ExportableNetwork:
    """The network of a trial with weights of a training of it."""
    network = trial.architecture.build(study.dataset.task)
    network.load_state_dict(weights)
    return ExportableNetwork(
        name=study.name,
        origin=origin,
        trained=True,
        dataset=study.dataset,
        preprocessing=preprocessing,
        results=results,
        architecture=trial.architecture,
        module=network.eval(),
        recipe=trial.candidate.recipe,
        steps=steps,
    )


def of_architecture(source: str, dataset: Dataset) -> ExportableNetwork:
    """A landmark or the architecture in a file, for these data, with weights that nobody trained.

    Raises:
        InvalidInput: there is none, or it cannot be built for these data.
    """
    return freshly_initialized(source, read_architecture(source, dataset.task), dataset)


def freshly_initialized(source: str, architecture: Architecture, dataset: Dataset) -> ExportableNetwork:
    """An architecture of this name for these data, with weights that nobody trained.

    Raises:
        InvalidInput: it cannot be built for these data.
    """
    torch.manual_seed(FRESH_SEED)
    try:
        network = architecture.build(dataset.task)
    except InvalidInput:
        raise
    except Exception as error:  # of a user's operation
        raise InvalidInput(f"{source}: cannot be built for these data ({type(error).__name__}: {error})") from error
    return ExportableNetwork(
        name=source,
        origin=f"{source} for {dataset.name}, its weights freshly initialized and not trained",
        trained=False,
        dataset=dataset,
        preprocessing=Preprocessing.of(dataset, 0),
        results={},
        architecture=architecture,
        module=network.eval(),
        recipe=Recipe.usual(dataset.task, dataset.metric.name),
        steps=USUAL_STEPS,
    )


def _results(study: Study, trial: Trial, is_champion: bool) -> dict[str, Any]:
    """What the study found out about the network, in values of its metric."""
    metric = study.dataset.metric
    scores = {"search": trial.search_score, "confirm": trial.confirm_score, "sealed_test": trial.test_score}
    found: dict[str, Any] = {name: metric.value(score) for name, score in scores.items() if score is not None}
    if is_champion and study.state == "finished":
        document = study.verdict()
        assert document.champion is not None
        found |= {"sentence": document.sentence, "champion": document.champion.model_dump(mode="json")}
    return found
