"""Landmarks: the networks people would try first, each with the usual recipe."""

from __future__ import annotations

from search.candidate import Candidate
from search.phases import SEEDS_A_STUDY
from search.phases.fixed import FixedPhase
from search.trial import Trial
from search.turns import in_turns
from spaces import LANDMARKS, SearchSpace, landmark, natural_landmarks
from workers.recipe import Recipe


class LandmarksPhase(FixedPhase):
    """Trains the first `count` landmarks that lie in the space, fully."""

    name = "landmarks"
    lets_next_start = True

    def __init__(self, space: SearchSpace, count: int, horizon: int, seed: int, recipe: Recipe) -> None:
        shared = seed * SEEDS_A_STUDY
        super().__init__(
            [
                Trial(self.name, name, Candidate(landmark(name, space.task), recipe), shared, shared, horizon)
                for name in landmarks_within(space)[:count]
            ]
        )


def landmarks_within(space: SearchSpace) -> list[str]:
    """Names of the landmarks for the space's task whose operations and size the space allows, families in turns."""
    names = LANDMARKS if space.task is None else natural_landmarks(space.task)
    known = [name for name in names if all(stage.operation in space.operations for stage in landmark(name).stages)]
    families: dict[tuple[str, ...], list[str]] = {}
    for name in known:
        if space.allows_size(landmark(name, space.task)):
            families.setdefault(landmark(name).families, []).append(name)
    return in_turns(families.values())
