"""data.py: reads rows from a file and prepares them as the network was trained to read them."""

from __future__ import annotations

from spaces.shapes import Kind
from workers.preprocessing import Preprocessing

_HEAD = '''
"""Rows from a file, prepared as the network was trained to read them, by preprocessing.json."""

{imports}
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

CONSTANTS = json.loads((Path(__file__).parent / "preprocessing.json").read_text(encoding="utf-8"))
'''

_MOMENTS = """MEAN = np.float32(CONSTANTS["standardization"]["mean"])
DEVIATION = np.float32(CONSTANTS["standardization"]["deviation"])
"""

_PREPARED = {
    "image": '''
def prepared(x: np.ndarray) -> tuple[Tensor, ...]:
    """Images `({shape})`, standardized, with their channels last."""
    x = np.moveaxis(x, 1, -1).astype(np.float32)
    return (torch.from_numpy((x - MEAN) / DEVIATION),)
''',
    "series": '''
def prepared(x: np.ndarray) -> tuple[Tensor, ...]:
    """Series `({shape})`, standardized."""
    return (torch.from_numpy((x.astype(np.float32) - MEAN) / DEVIATION),)
''',
    "padded series": '''
def prepared(x: np.ndarray, lengths: np.ndarray) -> tuple[Tensor, ...]:
    """Series `({shape})`, standardized, and how many steps of each hold data."""
    x = (x.astype(np.float32) - MEAN) / DEVIATION
    return torch.from_numpy(x), torch.from_numpy(lengths.astype(np.int64))
''',
    "tokens": '''
def prepared(x: np.ndarray) -> tuple[Tensor, ...]:
    """Token ids `({shape})` as they are."""
    return (torch.from_numpy(x.astype(np.int64)),)
''',
    "padded tokens": '''
def prepared(x: np.ndarray, lengths: np.ndarray) -> tuple[Tensor, ...]:
    """Token ids `({shape})` as they are, and how many of each row are data."""
    return torch.from_numpy(x.astype(np.int64)), torch.from_numpy(lengths.astype(np.int64))
''',
    "tabular": '''
def prepared(x: np.ndarray) -> tuple[Tensor, ...]:
    """Features `({shape})`, standardized; the mean stands for what is missing."""
    x = (x.astype(np.float32) - MEAN) / DEVIATION
    return (torch.from_numpy(np.nan_to_num(x, nan=0.0)),)
''',
}

_ARRAYS = '''
def read_inputs(path: str, array: str = "x") -> tuple[Tensor, ...]:
    """What the network is called with, from {arrays} of an .npz file."""
    with np.load(path, allow_pickle=False) as arrays:
        return prepared({given})
'''

_CLASSES = '''
def read_targets(path: str) -> Tensor:
    """The class numbers `(n,)` of the labels `y_train` of an .npz file."""
    with np.load(path, allow_pickle=False) as arrays:
        return torch.tensor([LABELS.index(str(label)) for label in arrays["y_train"].tolist()])
'''

_NUMBERS = '''
def read_targets(path: str) -> Tensor:
    """The numbers `(n,)` of the array `y_train` of an .npz file, standardized."""
    with np.load(path, allow_pickle=False) as arrays:
        return standardized(arrays["y_train"].reshape(-1))


def standardized(numbers: np.ndarray) -> Tensor:
    """What the network is to give for numbers."""
    mean, deviation = CONSTANTS["target"]["mean"], CONSTANTS["target"]["deviation"]
    return torch.from_numpy(((numbers - mean) / deviation).astype(np.float32))
'''

_TABLE = '''
MISSING = {missing}
"""Texts that stand for a missing value."""


def read_inputs(path: str) -> tuple[Tensor, ...]:
    """The features of a .csv file's rows, in the order of the columns in preprocessing.json."""
    table = read_table(path)
    features = [feature for column in CONSTANTS["columns"] for feature in FEATURES[column["kind"]](column, table)]
    return prepared(np.stack(features, axis=1))


def read_table(path: str) -> dict[str, list[str]]:
    """The columns of a .csv file by name."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return {{name: [row[name] for row in rows] for name in rows[0]}}
'''

_COLUMNS = {
    "number": '''
def number_features(column: dict[str, Any], table: dict[str, list[str]]) -> list[np.ndarray]:
    """A column of numbers, NaN where one is missing, and perhaps whether it is."""
    numbers = np.array([number(text) for text in table[column["name"]]])
    missing = [np.isnan(numbers)] if column["tells_missing"] else []
    return [(numbers - column["offset"]).astype(np.float32), *missing]


def number(text: str) -> float:
    """A number, 0 or 1 for a truth value, NaN for nothing."""
    if text in MISSING:
        return float("nan")
    return float({"True": 1, "False": 0}.get(text, text))
''',
    "text": '''
def text_features(column: dict[str, Any], table: dict[str, list[str]]) -> list[np.ndarray]:
    """A column of texts: for each value whether it stands there, and perhaps whether none does."""
    texts = table[column["name"]]
    missing = [np.array([text in MISSING for text in texts])] if column["tells_missing"] else []
    return [*(np.array([text == value for text in texts]) for value in column["values"]), *missing]
''',
    "gaps": '''
def gap_features(column: dict[str, Any], table: dict[str, list[str]]) -> list[np.ndarray]:
    """A column of which all that counts is where it is missing."""
    return [np.array([text in MISSING for text in table[column["name"]]])]
''',
}
_FEATURES = {"number": "number_features", "text": "text_features", "gaps": "gap_features"}

_TABLE_CLASSES = '''
def read_targets(path: str, target: str) -> Tensor:
    """The class numbers `(n,)` of the column `target` of a .csv file."""
    return torch.tensor([LABELS.index(label) for label in read_table(path)[target]])
'''

_TABLE_NUMBERS = '''
def read_targets(path: str, target: str) -> Tensor:
    """The numbers `(n,)` of the column `target` of a .csv file, standardized."""
    return standardized(np.array([float(text) for text in read_table(path)[target]]))
'''

MISSING = (
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A"),
    *("NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
)
"""Texts that pandas reads as missing."""


def data_file(preprocessing: Preprocessing) -> str:
    """The text of the file, not formatted yet."""
    constants = "" if preprocessing.standardization is None else _MOMENTS
    if preprocessing.labels:
        constants += 'LABELS = CONSTANTS["labels"]\n'
    padded = "padded " if preprocessing.padded else ""
    prepared = _PREPARED[padded + preprocessing.modality].format(shape=given_shape(preprocessing))
    if preprocessing.columns:
        return _of_table(preprocessing, constants, prepared)
    named = "the arrays `x` and `length`" if padded else "the array `x`"
    given = 'arrays[array], arrays[array.replace("x", "length", 1)]' if padded else "arrays[array]"
    targets = {Kind.CLASSIFICATION: _CLASSES, Kind.REGRESSION: _NUMBERS, Kind.NEXT_TOKEN: ""}
    head = _HEAD.format(imports="")
    return head + constants + _ARRAYS.format(arrays=named, given=given) + prepared + targets[preprocessing.task.kind]


def given_shape(preprocessing: Preprocessing) -> str:
    """The shape in which a person gives rows, with the numbers of this network."""
    if preprocessing.modality == "image":
        *positions, channels = preprocessing.task.row_shape
        return ", ".join(map(str, ("n", channels, *positions)))
    return ", ".join(map(str, ("n", *preprocessing.task.row_shape)))


def _of_table(preprocessing: Preprocessing, constants: str, prepared: str) -> str:
    kinds = dict.fromkeys(column.kind for column in preprocessing.columns)
    features = ", ".join(f'"{kind}": {_FEATURES[kind]}' for kind in kinds)
    targets = _TABLE_CLASSES
    if preprocessing.task.kind is Kind.REGRESSION:
        targets = _TABLE_NUMBERS + _NUMBERS[_NUMBERS.index("\n\ndef standardized") :]
    parts = [
        _HEAD.format(imports="import csv\nfrom typing import Any\n"),
        constants,
        _TABLE.format(missing=MISSING),
        prepared,
        *(_COLUMNS[kind] for kind in kinds),
        f"FEATURES = {{{features}}}\n",
        targets,
    ]
    return "".join(parts)
