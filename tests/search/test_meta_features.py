"""What data sets are like, and how unlike one another they are."""

from dataclasses import replace

import numpy as np
import pytest

from search.meta_features import MetaFeatures, distances
from workers.datasets import load_dataset
from workers.datasets.dataset import from_arrays

IRIS = MetaFeatures("tabular", "classification", rows=120, length=1, channels=4, classes=3, class_entropy=1.0)


def test_a_table_is_told_by_its_rows_columns_and_classes():
    """Of the development rows; three classes equally frequent have all the entropy there can be."""
    found = MetaFeatures.of(load_dataset("iris"))
    assert replace(found, class_entropy=None) == replace(IRIS, class_entropy=None)
    assert found.class_entropy == pytest.approx(1.0)


def test_rows_of_the_sealed_test_change_nothing():
    """Neither their number nor their classes."""
    rng, y = np.random.default_rng(0), np.repeat([0, 1], 30)
    x = rng.normal(size=(60, 4))
    few, many = (from_arrays("x", x, y, rng.normal(size=(n, 4)), np.zeros(n, int)) for n in (5, 50))
    assert MetaFeatures.of(few) == MetaFeatures.of(many)


def test_numbers_and_tokens_have_no_classes():
    """Regression has neither classes nor their entropy; tokens have a vocabulary."""
    diabetes = MetaFeatures.of(load_dataset("diabetes"))
    assert (diabetes.task, diabetes.classes, diabetes.class_entropy, diabetes.vocabulary) == (
        "regression",
        None,
        None,
        None,
    )
    recall = load_dataset("recall")
    assert MetaFeatures.of(recall).vocabulary == recall.task.vocabulary
    assert np.isfinite(MetaFeatures.of(recall).vector).all()


def test_the_unit_of_a_meta_feature_does_not_count():
    """Ten times the rows is as far as ten times the columns, where each spreads alike; what is shared, nothing."""
    others = [replace(IRIS, rows=1200), replace(IRIS, channels=40), IRIS]
    rows, columns, same = distances(IRIS, others)
    assert rows > 0
    assert rows == pytest.approx(columns)
    assert same == 0
    assert distances(IRIS, [replace(IRIS, classes=3)]) == [0.0]


def test_comparable_sets_are_of_one_modality_and_task():
    """A table of numbers to predict says nothing of one with classes."""
    assert IRIS.is_comparable(replace(IRIS, rows=7))
    assert not IRIS.is_comparable(replace(IRIS, task="regression"))
    assert not IRIS.is_comparable(replace(IRIS, modality="series"))
