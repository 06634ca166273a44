"""The registered set of keys and values."""

from __future__ import annotations

from spaces.shapes import Grid, Task
from tests.workers.datasets.learned import linear_score, network_score
from workers.datasets import load_dataset


def test_the_class_is_the_value_of_the_key_that_is_asked_for() -> None:
    """Read token by token, every row holds the asked key once, with the row's class as its value."""
    dataset = load_dataset("recall")

    assert (dataset.modality, dataset.task) == ("tokens", Task(Grid((5,), 1), 4, 30))
    for row, label in zip(dataset.x.tolist(), dataset.y.tolist(), strict=True):
        *pairs, question = row
        memory = dict(divmod(token - 6, 4) for token in pairs)
        assert (sorted(memory.values()), memory[question]) == ([0, 1, 2, 3], label)


def test_a_network_learns_what_a_linear_classifier_cannot() -> None:
    """Chance is .25."""
    dataset = load_dataset("recall")

    assert linear_score(dataset) < 0.35
    assert network_score(dataset, "deep_fnn", steps=600) > 0.8


def test_recall_is_the_same_each_time() -> None:
    """The fingerprint is the one written here."""
    assert load_dataset("recall").fingerprint == "5151eda0ee7b6ab6"
