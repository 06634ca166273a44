"""Preprocessing: the constants that leave with a network do to rows what its training did."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workers.datasets import Dataset, from_arrays, load_dataset
from workers.preprocessing import Preprocessing
from workers.rows import Rows

Y = np.arange(60) % 2
NUMBERS = np.random.default_rng(0)


def document(dataset: Dataset, division: int = 1, is_final: bool = False) -> dict[str, Any]:
    return json.loads(json.dumps(Preprocessing.of(dataset, division, is_final).to_json()))


@pytest.mark.parametrize("is_final", [False, True])
def test_channels_are_standardized_as_in_the_training(is_final: bool):
    """Mean and deviation are those of the division's train rows, images are told to come channels first."""
    x = NUMBERS.normal(3, 5, (60, 2, 4, 3)).astype(np.float32)
    dataset = from_arrays("images", x, Y)
    told = document(dataset, is_final=is_final)
    standardized = (dataset.x - np.float32(told["standardization"]["mean"])) / np.float32(
        told["standardization"]["deviation"]
    )
    expected = Rows.of(dataset, 1, is_final).train.x
    trained = {row.tobytes() for row in np.asarray(expected)}
    assert sum(row.tobytes() in trained for row in standardized) == len(expected)
    assert told["row"] == [4, 3, 2]
    assert told["given"] == "(n, channels, height, width)"
    assert told["labels"] == ["0", "1"]


def test_tokens_are_read_as_they_are():
    """They have a vocabulary instead of moments, and padded ones lengths."""
    lengths = NUMBERS.integers(1, 6, 60)
    told = document(from_arrays("tokens", NUMBERS.integers(0, 9, (60, 5)), Y, lengths=lengths))
    assert (told["standardization"], told["vocabulary"], told["lengths"], told["dtype"]) == (None, 9, True, "int64")


def test_numbers_to_predict_come_back_in_their_unit():
    """Mean and deviation are those of the train rows."""
    dataset = from_arrays("numbers", NUMBERS.normal(size=(60, 3)), NUMBERS.normal(50, 9, 60))
    scale = Rows.of(dataset, 1).train.scale
    assert document(dataset)["target"] == {"mean": scale.mean, "deviation": scale.deviation}
    assert document(dataset)["labels"] is None


def test_the_columns_of_a_table_are_told_in_the_order_of_their_features(tmp_path):
    """Numbers, values of texts, gaps: what they say of a row is what the data set holds of it."""
    town = NUMBERS.choice(["north", "south", "east"], 60)
    garage = [None if row % 3 else "yes" for row in range(60)]
    rooms = [np.nan if row % 7 == 0 else float(row % 5) for row in range(60)]
    table = pd.DataFrame({"rooms": rooms, "town": town, "garage": garage, "price": Y})
    table.to_csv(tmp_path / "homes.csv", index=False)
    dataset = load_dataset(str(tmp_path / "homes.csv"), target="price")
    told = document(dataset)["columns"]
    assert [(column["kind"], column["name"]) for column in told] == [
        ("number", "rooms"),
        ("text", "town"),
        ("gaps", "garage"),
    ]
    assert told[0]["tells_missing"]
    assert sorted(told[1]["values"]) == ["east", "north", "south"]
    assert len(document(dataset)["standardization"]["mean"]) == 2 + 3 + 1


def test_a_table_without_names_has_no_columns():
    """An .npz of numbers: features are known by their place alone."""
    assert document(from_arrays("table", NUMBERS.normal(size=(60, 3)), Y))["columns"] is None
