"""Specification: what a study was asked to do, all of it, so that it can be resumed from the record alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from search.objectives import SCORE
from search.prior import Prior
from search.verdict.figures import counted
from spaces import InvalidInput, SearchSpace
from spaces.architecture import ABSENT_MEANS
from spaces.operation_file import OperationFile
from spaces.shapes import Kind
from workers.metric import Metric

FIRST_OPTIONS: Mapping[str, list[Any]] = {
    "convolution.kernel_size": [3, 5],
    "convolution.causal": [False],
    "lstm.bidirectional": [False, True],
    "multi_head_attention.heads": [1, 2, 4],
    "wavelet_network.wavelet": ["mexican_hat", "morlet", "gaussian_derivative"],
}
"""The sub-choices of studies recorded before studies wrote them out; Optuna wants the same for all trials."""


class Specification(BaseModel):
    """What a study was asked to do.

    Attributes:
        identity: tells it from a study of the same name in another database that shares files or MLflow.
        request: what the user gave, as in a study file, without where records go; and
        versions: of Python and the libraries that trained; both empty in records of earlier versions.
        dataset: registered name or absolute path.
        modality: what the rows are; inferred again where it is missing, in records of earlier versions.
        target: of a table, the column that is predicted.
        task: what is predicted; classification where it is missing, as there was nothing else then.
        metric: what candidates are compared by, whole, so that scores are told as values without the data; accuracy
            where it is missing.
        constant_score: what one answer for all rows scores; not known in records of earlier versions.
        dataset_fingerprint: of the arrays; a resumed study refuses other data under the same name.
        dataset_notes: what a person should know of how the data were read, such as a line a column of a table.
        limit_notes: what the limits of size leave out, a line each.
        operation_files: absolute path -> fingerprint of each file of the user's own operations.
        space: all names and ranges that are searched, since a study keeps the space it was created with; with the most
            parameters and operations of a network, or none where they are missing.
        asked: the space that was asked for, where a small budget made the one that is searched coarser.
        census: of it the small networks that families are compared by in a small budget; all of it where it is missing.
        objectives: what the adaptive search looks for, the score first; the score alone where they are missing.
        strategy: name of the sampler of the adaptive phase, and
        schedule: of its schedule; successive halving where it is missing, as there was nothing else then.
        components: whether components are asked about; not where it is missing, as nobody could then.
        prior: what did best on similar data sets on record, which the adaptive search tries first; None where nothing
            was of use, it was not wanted, or an earlier version made the record.
        reuse: whether trainings that an earlier study did exactly so are served from its record.
        seed: fixes everything that is drawn.
        budget_seconds: wall-clock budget; or else
        trials: exact number of trials, and
        horizon: optimizer steps of a full training.
        workers: trainings at a time; all CPUs where it is missing.
        address: of the Ray cluster; a Ray of the study's own where it is missing.
        tracking_uri: where MLflow's record goes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    identity: str = Field(default_factory=lambda: uuid4().hex[:12])
    request: dict[str, Any] = {}
    versions: dict[str, str] = {}
    dataset: str
    modality: str | None = None
    target: str | None = None
    task: str = Kind.CLASSIFICATION.value
    metric: Metric = Metric("accuracy")
    constant_score: float | None = None
    dataset_fingerprint: str
    dataset_notes: tuple[str, ...] = ()
    limit_notes: tuple[str, ...] = ()
    operation_files: dict[str, str] = {}
    space: SearchSpace
    asked: SearchSpace | None = None
    census: SearchSpace | None = None
    objectives: tuple[str, ...] = (SCORE,)
    strategy: str
    schedule: str = "halving"
    components: bool = False
    prior: Prior | None = None
    reuse: bool = False
    seed: int = Field(ge=0)
    budget_seconds: float | None = None
    trials: int | None = None
    horizon: int | None = None
    workers: int | None = None
    address: str | None = None
    tracking_uri: str

    @property
    def champion_space(self) -> SearchSpace:
        """What was asked for; landmarks that lie in it may be champion, however fine their grid."""
        return self.asked or self.space

    @property
    def census_space(self) -> SearchSpace:
        """What families are compared by."""
        return self.census or self.space

    @property
    def census_networks(self) -> str | None:
        """The small networks that families are compared by, in words; None where they are compared by all there are."""
        if self.census is None:
            return None
        return f"{counted(self.census.stages[1], 'stage')}, at most {max(self.census.widths)} wide"

    @classmethod
    def recorded(cls, document: Mapping[str, Any]) -> Specification:
        """What stands in the record of a study; the user's own operations are registered, which its space names.

        Raises:
            InvalidInput: a file of operations is gone or has changed since.
        """
        for file in operation_files(document.get("operation_files", {})):
            file.register()
        try:
            return cls(**{**document, "space": _in_todays_words(document["space"])})
        except ValidationError as error:
            first = error.errors()[0]
            raise InvalidInput(f"the study's record: {first['msg'].removeprefix('Value error, ')}") from error

    def operations(self) -> list[OperationFile]:
        """The files of the user's own operations.

        Raises:
            InvalidInput: one is gone or has changed since the study was created.
        """
        return operation_files(self.operation_files)


def _in_todays_words(space: Mapping[str, Any]) -> dict[str, Any]:
    """A recorded space that offers what it offered; what came later means what its absence meant."""
    operations = space["operations"]
    first = {name: options for name, options in FIRST_OPTIONS.items() if name.split(".")[0] in operations}
    late = {name: [value] for name, value in ABSENT_MEANS.items() if name.split(".")[0] in operations}
    task = space.get("task")
    if task and "classes" in task:
        task = {"outputs" if key == "classes" else key: value for key, value in task.items()}
    return {**space, "options": {**late, **space.get("options", first)}, **({"task": task} if task else {})}


def operation_files(fingerprints: Mapping[str, str]) -> list[OperationFile]:
    """Reads files of operations that must be what they were.

    Args:
        fingerprints: absolute path -> fingerprint.
    """
    files = [OperationFile.read(path) for path in fingerprints]
    for file in files:
        if file.fingerprint != fingerprints[file.path]:
            raise InvalidInput(
                f"operations: {file.path}: found another source ({file.fingerprint}) than the study was created with "
                f"({fingerprints[file.path]}); expected the same"
            )
    return files
