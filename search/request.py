"""Request: what a user asks of a new study, in Python, on the command line or in a study file, and its checks."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from search.meta_features import MetaFeatures
from search.objectives import SCORE, parse_objectives
from search.phases.landmarks import landmarks_within
from search.plan import (
    POSITIONS_OF_A_SMALL_BUDGET,
    POSITIONS_OF_A_SMALL_CENSUS,
    WIDEST_OF_A_SMALL_CENSUS,
    is_small,
    parse_duration,
)
from search.prior import Prior
from search.samplers import strategy
from search.settings import Settings
from search.specification import Specification
from search.studied_set import StudiedSet
from search.tracking.address import check_tracking_uri
from search.versions import versions
from spaces import InvalidInput, SearchSpace
from spaces.built_in import BUILT_IN
from spaces.fitting import narrowed
from spaces.limits import Limits, left_out, limited
from spaces.operation_file import OperationFile, register_operations
from spaces.operations import OPERATIONS
from spaces.shapes import Task
from spaces.space_file import load_space
from workers.constant_answer import constant_score
from workers.datasets import Dataset, load_dataset, located
from workers.datasets.division import divide

DEFAULT_BUDGET = "5m"
DEFAULT_TRIALS = 100
DEFAULT_HORIZON = 600
LARGEST_NUMBER, LARGEST_SIZE = 10**9, 10**15
STEPS_BATCH = 32  # an epoch of `--epochs` is as many steps as batches of 32 rows take


class StudyQuestion(BaseModel):
    """What is asked of a new study, wherever it is run and recorded.

    Attributes:
        data: registered name, path of a file (.npz, .csv, .tsv or .parquet) or of a folder of images, or
            `huggingface:` or `torchvision:` and a name.
        modality: what its rows are; inferred where it is not given.
        target: of a table, the column that is predicted.
        task: what is predicted: classification, regression or next_token; inferred where it is not given.
        metric: what candidates are compared by; by default the first of the task's.
        space: name of a search space, path of a file that describes one, or what would stand in it.
        budget: wall-clock time such as `5m`, the default; or else
        trials: exact number of trials, and
        epochs: length of a full training, in passes over the training rows in batches of 32.
        prior: whether the search may begin from what did best on similar data sets on record.
        reuse: whether trainings that an earlier study did exactly so are served from its record.
        seed: fixes everything that is drawn.
        name: of the study; by default the data set's, with a number where that is taken.
        max_parameters: most parameters of any network, and
        max_flops: most operations of the forward pass of one row; any number where they are not given.
        objective: what the search looks for: score, or score and some of parameters, flops, latency and seconds, with
            commas between.
        strategy: sampler of the adaptive phase.
        workers: trainings at a time; all CPUs by default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    data: str
    modality: str | None = None
    target: str | None = None
    task: str | None = None
    metric: str | None = None
    space: str | Mapping[str, Any] = "everything"
    budget: str | None = None
    trials: int | None = None
    epochs: int | None = None
    prior: bool = True
    reuse: bool = False
    seed: int = 0
    name: str | None = None
    max_parameters: int | None = None
    max_flops: int | None = None
    objective: str = SCORE
    strategy: str = "penchant"
    workers: int | None = None


class StudyRequest(StudyQuestion):
    """What a user asks of a new study.

    Attributes:
        operations: Python files that register operations of the user's own.
        address: of a running Ray cluster; a Ray of the study's own by default.
        storage: SQLAlchemy URL; SQLite by default.
        tracking_uri: MLflow's; SQLite by default.
    """

    operations: list[str] = []
    address: str | None = None
    storage: str | None = None
    tracking_uri: str | None = None

    def settings(self) -> Settings:
        """Where the study's records go."""
        return Settings.resolve(self.storage, self.tracking_uri)

    def load_data(self) -> Dataset:
        """The data set asked for.

        Raises:
            InvalidInput: there is none, or it is not usable.
        """
        return load_dataset(self.data, self.modality, self.target, self.task, self.metric)

    def specify(self, data: Dataset) -> Specification:
        """The study that is asked for; nothing is written.

        Raises:
            InvalidInput: something given is wrong.
        """
        self._check()
        schedule = strategy(self.strategy).schedule
        files = register_operations(self.operations)
        exact = self.trials is not None or self.epochs is not None
        budget_seconds = None if exact else parse_duration(self.budget or DEFAULT_BUDGET)
        given, small = self._space(files), is_small(budget_seconds)
        fitted = given.fitted(data.task, POSITIONS_OF_A_SMALL_BUDGET if small else None)
        space = self._limited(fitted, data.task)
        asked = given.fitted(data.task).with_operations(space.operations, space.limits) if small else None
        return Specification(
            request=self.model_dump(exclude={"storage", "tracking_uri"}, exclude_defaults=True),
            versions=versions(),
            dataset=located(self.data, Path.cwd()),
            modality=data.modality,
            target=self.target,
            task=data.task.kind.value,
            metric=data.metric,
            constant_score=constant_score(data),
            dataset_fingerprint=data.fingerprint,
            dataset_notes=data.notes,
            operation_files={file.path: file.fingerprint for file in files},
            space=_checked(space),
            asked=asked,
            census=_of_small_networks(given, space) if small else None,
            limit_notes=_left_out(fitted, space),
            objectives=parse_objectives(self.objective),
            strategy=self.strategy,
            schedule=schedule,
            components=True,
            reuse=self.reuse,
            seed=self.seed,
            budget_seconds=budget_seconds,
            trials=(self.trials or DEFAULT_TRIALS) if exact else None,
            horizon=_horizon(data, self.epochs) if exact else None,
            workers=self.workers,
            address=self.address,
            tracking_uri=self.settings().tracking_uri,
        )

    def informed(
        self, specification: Specification, data: Dataset, ledger: Callable[[MetaFeatures], Sequence[StudiedSet]]
    ) -> Specification:
        """The study that is asked for, with what is known of similar data sets where it may begin from that.

        Args:
            specification: what is asked for.
            data: its data set.
            ledger: tells the sets on record that are comparable with one.
        """
        if not (self.prior and strategy(self.strategy).takes_prior):
            return specification
        features = MetaFeatures.of(data)
        prior = Prior.of(features, data.fingerprint, ledger(features), specification.space)
        return specification.model_copy(update={"prior": prior})

    def _space(self, files: Sequence[OperationFile]) -> SearchSpace:
        """The space asked for, of operations that a worker knows or is sent with their files.

        Others are registered in this process alone: in a notebook, say, or for an earlier study.
        """
        space = load_space(self.space)
        known = OPERATIONS.installed.union(*(file.names for file in files))
        foreign = [name for name in space.operations if name not in known]
        if foreign and not (isinstance(self.space, str) and self.space in BUILT_IN):
            raise InvalidInput(
                f"space: {foreign[0]!r} is registered in this process alone, expected its file among the operations"
            )
        return replace(space, operations=tuple(name for name in space.operations if name in known))

    def _limited(self, space: SearchSpace, task: Task) -> SearchSpace:
        """The space under the limits of size that are asked for."""
        if self.max_parameters is None and self.max_flops is None:
            return space
        return limited(space, Limits(self.max_parameters, self.max_flops, task))

    def _check(self) -> None:
        most = {"max_parameters": LARGEST_SIZE, "max_flops": LARGEST_SIZE}
        for name, low in (("trials", 1), ("epochs", 1), ("workers", 1), ("seed", 0), *((name, 1) for name in most)):
            number, high = getattr(self, name), most.get(name, LARGEST_NUMBER)
            if number is not None and not low <= number <= high:
                raise InvalidInput(f"{name}: found {number}, expected a whole number from {low} to {high:,}")
        if self.name is not None and not re.fullmatch(r"\w[\w.-]{0,99}", self.name):
            raise InvalidInput(
                f"name: found {self.name!r}, expected letters, digits, '_', '-' and '.', a hundred at most"
            )
        if self.budget is not None and (self.trials is not None or self.epochs is not None):
            raise InvalidInput("found a budget together with trials or epochs: expected one or the other")
        check_tracking_uri(self.settings().tracking_uri)
        check_address(self.address)


def requested(fields: Mapping[str, Any]) -> StudyRequest:
    """The request with these fields.

    Raises:
        InvalidInput: one of them is of the wrong kind.
    """
    try:
        return StudyRequest(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        key, wrong = ".".join(map(str, first["loc"][:1])), first["input"]
        if first["type"] == "missing":
            raise InvalidInput(f"{key} missing: expected a registered name or the path of a file") from error
        said = "; ".join(dict.fromkeys(e["msg"].removeprefix("Input should be ") for e in error.errors()))
        raise InvalidInput(f"{key}: found {wrong!r}, expected {said}") from error


def check_address(address: str | None) -> None:
    """Makes sure that a Ray cluster listens where one is expected.

    Raises:
        InvalidInput: none does.
    """
    if address is not None:
        from workers.tune_engine import check_address as check_cluster  # two seconds, spent where Ray is wanted alone

        check_cluster(address)


def _checked(space: SearchSpace) -> SearchSpace:
    """The space, in which every family has a network of a size that is allowed."""
    if space.parameters is not None:
        for family in space.families:
            space.sample(np.random.default_rng(0), [family])
    return space


def _of_small_networks(given: SearchSpace, space: SearchSpace) -> SearchSpace | None:
    """What families are compared by in a small budget, of the operations of `space`; None where that is all of it."""
    assert space.task is not None
    if given.parameters is not None:  # what it says of sizes is asked for
        return None
    narrow = narrowed(given, WIDEST_OF_A_SMALL_CENSUS).fitted(space.task, POSITIONS_OF_A_SMALL_CENSUS)
    census = narrow.with_operations(space.operations, space.limits)
    return None if census == space else census


def _left_out(asked: SearchSpace, space: SearchSpace) -> tuple[str, ...]:
    """What the limits of size leave out of the space and of its landmarks."""
    if space.limits is None:
        return ()
    landmarks = [name for name in landmarks_within(asked) if name not in landmarks_within(space)]
    too_large = [f"landmarks larger than allowed, which do not take part: {', '.join(landmarks)}"] if landmarks else []
    return (*left_out(asked, space), *too_large)


def _horizon(dataset: Dataset, epochs: int | None) -> int:
    return DEFAULT_HORIZON if epochs is None else epochs * steps_an_epoch(dataset)


def steps_an_epoch(dataset: Dataset) -> int:
    """Optimizer steps of a pass over the train rows in batches of 32."""
    return math.ceil(len(divide(dataset.y, 0).train) / STEPS_BATCH)
