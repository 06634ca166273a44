"""Prior: what did best on the most similar data sets on record, which the search of a new study tries first.

It warms up the adaptive search as in Feurer et al. 2015. Landmarks, census, doubling check, contrasts, shortlist and
confirmation know nothing of it, so no claim about families or components depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from pydantic import BaseModel, ConfigDict

from search.meta_features import MetaFeatures, distances
from search.studied_set import StudiedSet, largest_studies
from search.verdict.figures import counted, listed, score_figure
from spaces import SearchSpace
from spaces.choices import Value

MOST_SETS = 3
"""That a prior is drawn from."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SimilarSet(_Part):
    """A data set on record, the study that tells of it, and its distance to the new one, see `distances`."""

    study: str
    dataset: str
    fingerprint: str
    distance: float


class PriorNetwork(_Part):
    """One of the best networks of a study: its trial, and its choices with those of its recipe as `recipe.…`."""

    study: str
    trial: int
    choices: dict[str, Value]

    @property
    def origin(self) -> str:
        """Where it comes from, in words; tells it from the others."""
        return f"study {self.study}, trial {self.trial}"


class Prior(_Part):
    """What is known from similar sets; fixed when a study is created, and recorded with it.

    Attributes:
        sets: the most similar first.
        networks: in the order in which they are proposed.
    """

    sets: tuple[SimilarSet, ...]
    networks: tuple[PriorNetwork, ...]

    @property
    def told(self) -> str:
        """Whose it is, in words."""
        sets = (f"{each.dataset} (study {each.study}, distance {score_figure(each.distance)})" for each in self.sets)
        return f"what did best on the most similar data sets on record: {listed(sets)}"

    @classmethod
    def of(
        cls, features: MetaFeatures, fingerprint: str, known: Sequence[StudiedSet], space: SearchSpace
    ) -> Prior | None:
        """The prior of a new study; None where nothing on record is of use to it.

        Another study of the same data is not: repeating a study repeats it, and what came of a look at a sealed test
        does not come back to the same test. Neither is one whose trainings were too short for a ranking to mean
        something, nor a network of operations that the new study does not search.

        Args:
            features: of the new set, and
            fingerprint: of its arrays.
            known: the ledger.
            space: what the new study searches.
        """
        of_use = [
            each
            for each in largest_studies(known)
            if each.fingerprint != fingerprint and each.meta_features.is_comparable(features) and _networks(each, space)
        ]
        if not of_use:
            return None
        apart = distances(features, [each.meta_features for each in of_use])
        ordered = sorted(zip(apart, of_use, strict=True), key=lambda pair: (pair[0], pair[1].study))[:MOST_SETS]
        sets = [
            SimilarSet(study=each.study, dataset=each.dataset, fingerprint=each.fingerprint, distance=distance)
            for distance, each in ordered
        ]
        in_turn = zip_longest(*(_networks(each, space) for _, each in ordered))
        return cls(sets=tuple(sets), networks=tuple(network for rank in in_turn for network in rank if network))


def _networks(known: StudiedSet, space: SearchSpace) -> list[PriorNetwork]:
    """Those of a set whose operations the space has, best first."""
    return [
        PriorNetwork(
            study=known.study,
            trial=network.trial,
            choices={**network.architecture, **{f"recipe.{name}": value for name, value in network.recipe.items()}},
        )
        for network in known.networks
        if network.operations <= {*space.operations}
    ]


def influence(prior: Prior | None, origins: Sequence[str]) -> str:
    """What the prior did in a study, in a sentence for its record.

    Args:
        prior: of the study.
        origins: for each proposal of the search where its network was taken from, empty where the sampler made it.
    """
    if prior is None:
        return "Nothing from earlier studies went into the search."
    taken = sum(map(bool, origins))
    return f"{taken} of the search's {counted(len(origins), 'proposal')} came from {prior.told}."
