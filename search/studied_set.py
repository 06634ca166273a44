"""StudiedSet: what a study leaves in the ledger of the data set that it was asked of, for studies of similar sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, TypeVar

from search.meta_features import MetaFeatures
from search.phases.adaptive import proposals_from_prior
from search.phases.ranking import ranked, recorded_horizon
from search.plan import SHORTEST_MEANINGFUL_HORIZON
from search.trial import Trial
from spaces import Architecture, SearchSpace
from spaces.choices import Value
from workers.datasets import Dataset

MOST_NETWORKS = 5
"""That a set is remembered by; on data of this size more are equally good by chance."""


@dataclass(frozen=True)
class TopNetwork:
    """One of the best networks of a study.

    Attributes:
        trial: its number.
        score: on the search rows, where 0 is chance or nothing and 1 perfect.
        architecture: its choices, and
        recipe: what it was trained with, both JSON.
    """

    trial: int
    score: float
    architecture: dict[str, Value]
    recipe: dict[str, Value]

    @classmethod
    def of(cls, trial: Trial) -> TopNetwork:
        """What is remembered of a trial."""
        recipe = trial.candidate.recipe.to_json()
        return cls(trial.number, trial.search_score or 0.0, trial.architecture.to_json(), recipe)

    @property
    def operations(self) -> set[str]:
        """Names of the operations in it, which need not be known here any more."""
        return {stage.operation for stage in Architecture(self.architecture).stages}

    def __str__(self) -> str:
        return str(Architecture(self.architecture))


@dataclass(frozen=True)
class StudiedSet:
    """A data set as the ledger knows it from a study that has ended.

    Attributes:
        study: its name.
        dataset: the data set's name, and
        fingerprint: of its arrays.
        trials: of the study.
        steps: optimizer steps of its full trainings.
        meta_features: of the data set.
        networks: the best few, best first, as the study ranked them when it picked its champion; the sealed test has no
            part in it.
        prior: the studies that its search began from, and
        from_prior: how many of its proposals came from them.
    """

    study: str
    dataset: str
    fingerprint: str
    trials: int
    steps: int
    meta_features: MetaFeatures
    networks: tuple[TopNetwork, ...]
    prior: tuple[str, ...] = ()
    from_prior: int = 0

    @classmethod
    def of(
        cls, study: str, dataset: Dataset, trials: Sequence[Trial], space: SearchSpace, prior: Sequence[str] = ()
    ) -> StudiedSet:
        """What a study that has ended leaves.

        Args:
            study: its name.
            dataset: its data.
            trials: all its trials.
            space: what it might try.
            prior: the studies that its search began from.
        """
        horizon = recorded_horizon(trials)
        return cls(
            study=study,
            dataset=dataset.name,
            fingerprint=dataset.fingerprint,
            trials=len(trials),
            steps=horizon,
            meta_features=MetaFeatures.of(dataset),
            networks=tuple(TopNetwork.of(trial) for trial in ranked(trials, horizon, space)[:MOST_NETWORKS]),
            prior=tuple(prior),
            from_prior=len(proposals_from_prior(trials)),
        )

    def to_json(self) -> dict[str, Any]:
        """A JSON object with all fields."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> StudiedSet:
        """What `to_json` described."""
        networks = tuple(TopNetwork(**network) for network in document["networks"])
        told = {"networks": networks, "prior": tuple(document["prior"])}
        return cls(**{**document, **told, "meta_features": MetaFeatures(**document["meta_features"])})


class OfAStudy(Protocol):
    """What stands on record of a study of a data set."""

    @property
    def fingerprint(self) -> str:
        """Of the data set's arrays."""

    @property
    def trials(self) -> int:
        """How many the study had."""

    @property
    def steps(self) -> int:
        """Optimizer steps of its full trainings."""


Record = TypeVar("Record", bound=OfAStudy)


def largest_studies(known: Iterable[Record]) -> list[Record]:
    """Of the studies whose trainings were long enough for a ranking the one with the most trials on each data set."""
    long = [each for each in known if each.steps >= SHORTEST_MEANINGFUL_HORIZON]
    return list({each.fingerprint: each for each in sorted(long, key=lambda each: each.trials)}.values())
