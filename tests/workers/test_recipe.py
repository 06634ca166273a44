"""Recipes: which choices a task has, and what they mean where they are not made."""

from __future__ import annotations

import numpy as np
import pytest

from spaces import Grid, SearchSpace, Task
from spaces.choices import sampling
from spaces.shapes import Kind
from workers.recipe import RECIPE_CHOICES, Recipe, recipe_choices

IMAGE, SERIES, TABLE = Grid((8, 8), 1), Grid((12,), 2), Grid((), 9)


@pytest.mark.parametrize(
    ("task", "further"),
    [
        (None, set()),
        (Task(IMAGE, 3), {"label_smoothing", "augmentation"}),
        (Task(SERIES, 3), {"label_smoothing", "augmentation"}),
        (Task(TABLE, 3), {"label_smoothing"}),
        (Task(Grid((12,), 1), 3, vocabulary=5), {"label_smoothing"}),
        (Task(IMAGE, 1, kind=Kind.REGRESSION), set()),
        (Task(TABLE, 1, kind=Kind.REGRESSION), set()),
        (Task(Grid((12,), 1), 5, vocabulary=5, kind=Kind.NEXT_TOKEN), set()),
    ],
)
def test_the_task_says_what_is_chosen(task: Task | None, further: set[str]):
    """Labels are smoothed and rows are changed where there are classes; no table and no token is changed."""
    assert set(recipe_choices(task)) == {*RECIPE_CHOICES, *further}


def test_images_and_series_are_changed_in_their_own_ways():
    """Nothing is always one of them."""
    assert recipe_choices(Task(IMAGE, 3))["augmentation"].options == ("none", "shift", "shift_flip")
    assert recipe_choices(Task(SERIES, 3))["augmentation"].options == ("none", "jitter", "scale")


def test_what_is_not_chosen_changes_nothing():
    """A recipe of an old record, which knows three fields, is one without smoothing and augmentation."""
    old = Recipe(**{"learning_rate": 1e-3, "weight_decay": 1e-4, "batch_size": 16})
    assert (old.label_smoothing, old.augmentation) == (0.0, "none")
    assert Recipe(**old.to_json()) == old


def test_every_family_has_the_same_choices():
    """For one task the recipe of each family's candidates is asked the same questions."""
    from search.candidate import Candidate

    space = SearchSpace.named("everything").fitted(Task(IMAGE, 3))
    asked: list[list[tuple[str, object]]] = []
    for number, family in enumerate(space.families):
        choose = sampling(np.random.default_rng(number))
        asked.append([])

        def noted(name, choice, choose=choose, questions=asked[-1]):
            questions.append((name, choice.domain))
            return choose(name, choice)

        candidate = Candidate.decide(space.only([family]), noted)
        assert candidate.lies_in(space)
    recipes = [[question for question in each if question[0].startswith("recipe.")] for each in asked]
    assert len(recipes[0]) == 5
    assert all(recipe == recipes[0] for recipe in recipes)


def test_landmarks_smooth_classes_unless_probabilities_count():
    """Numbers have no classes to smooth, and log-loss asks for the probabilities that smoothing moves."""
    classes = Task(Grid((8,), 1), 10)
    assert Recipe.usual(classes, "accuracy") == Recipe(label_smoothing=0.1)
    assert Recipe.usual(classes, "log_loss") == Recipe()
    assert Recipe.usual(Task(Grid((8,), 1), 1, kind=Kind.REGRESSION), "r2") == Recipe()
