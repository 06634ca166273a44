"""Hugging Face's sets, written to disk by the library itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
from datasets import Array2D, ClassLabel, Features, Image, List, Value

from spaces.errors import InvalidInput
from spaces.shapes import Grid, Kind
from tests.workers.datasets.drawn import noise
from workers.datasets import images, load_dataset
from workers.datasets.dataset import Dataset
from workers.datasets.huggingface_columns import Splits, read_columns

PETS = ClassLabel(names=["dog", "cat"])
LABELS = [0, 1] * 8


@pytest.fixture(autouse=True)
def _silent_and_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    datasets.disable_progress_bars()
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)


def rows(label: list[Any] = LABELS, kind: Any = PETS, **columns: tuple[Any, list[Any]]) -> datasets.Dataset:
    """A set of these columns, each its feature and values, and a label."""
    features = Features({name: feature for name, (feature, _) in columns.items()} | {"label": kind})
    return datasets.Dataset.from_dict(
        {name: values for name, (_, values) in columns.items()} | {"label": label}, features
    )


def loaded(folder: Path, given: Any, *options: Any, **named: Any) -> Dataset:
    (datasets.DatasetDict(given) if isinstance(given, dict) else given).save_to_disk(folder / "pets")
    return load_dataset(f"huggingface:{folder / 'pets'}", *options, **named)


def pictures(count: int = 16, mode: str = "RGB") -> tuple[Any, list[Any]]:
    return Image(), [noise(4, 6, mode, seed) for seed in range(count)]


def test_a_column_of_images_makes_images(tmp_path: Path) -> None:
    """Classes by their names, validation rows joined to train, other columns left out."""
    train = rows(picture=pictures(), size=(Value("int64"), list(range(16))))
    test = rows([1, 0, 1], picture=pictures(3), size=(Value("int64"), [0, 1, 2]))
    dataset = loaded(tmp_path, {"train": train, "validation": train, "test": test, "extra": test})

    assert (dataset.name, dataset.modality, dataset.labels) == ("pets", "image", ("cat", "dog"))
    assert dataset.task.grid == Grid((4, 6), 3)
    np.testing.assert_array_equal(dataset.x, np.tile([np.asarray(image) for image in pictures()[1]], (2, 1, 1, 1)))
    assert dataset.y.tolist() == [1, 0] * 16
    assert dataset.y_test.tolist() == [0, 1, 0]
    assert dataset.notes == (
        "the rows of split 'validation' were joined to those of 'train'",
        "split 'extra' was left out",
        "columns left out: 'size'",
    )


def test_images_too_large_to_hold_stay_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set without a test has a fifth sealed; its pixels are decoded once."""
    held = loaded(tmp_path, rows(picture=pictures(mode="L")))
    monkeypatch.setattr(images, "LIMIT_BYTES", 0)
    dataset = load_dataset(f"huggingface:{tmp_path / 'pets'}")

    assert isinstance(dataset.x, np.memmap)
    assert dataset.x.shape == (12, 4, 6, 1)
    np.testing.assert_array_equal(dataset.x, held.x)
    np.testing.assert_array_equal(dataset.x_test, held.x_test)
    monkeypatch.setattr("workers.datasets.images.write_images", None)
    assert load_dataset(f"huggingface:{tmp_path / 'pets'}").fingerprint == dataset.fingerprint


def test_a_damaged_image_is_named_by_its_row(tmp_path: Path) -> None:
    """Bytes are decoded here, with the limits that files have."""
    given = rows(picture=(Image(decode=False), [{"bytes": b"none", "path": None}] * 16))
    with pytest.raises(InvalidInput, match=r"^huggingface:.*pets, train row 1: found no image: expected an image"):
        loaded(tmp_path, given)


@pytest.mark.parametrize("feature", [Array2D((3, 2), "float32"), List(List(Value("float64")))])
def test_arrays_make_series(tmp_path: Path, feature: Any) -> None:
    """Steps and channels in the order they are stored in."""
    x = np.random.default_rng(0).normal(size=(16, 3, 2)).astype(np.float32)
    test = rows([0, 1], motion=(feature, x[:2].tolist()))
    dataset = loaded(tmp_path, {"train": rows(motion=(feature, x.tolist())), "test": test})

    assert dataset.modality == "series"
    np.testing.assert_array_equal(dataset.x, x)
    np.testing.assert_array_equal(dataset.x_test, x[:2])
    assert dataset.lengths is None


@pytest.mark.parametrize(("dtype", "modality"), [("float32", "series"), ("int32", "tokens")])
def test_lists_of_many_lengths_are_padded(tmp_path: Path, dtype: str, modality: str) -> None:
    """To the longest of either part; lists of integers are tokens."""
    lists = [[1] * (1 + row % 3) for row in range(16)]
    test = rows([0, 1], word=(List(Value(dtype)), [[2] * 5, [2]]))
    dataset = loaded(tmp_path, {"train": rows(word=(List(Value(dtype)), lists)), "test": test})

    assert dataset.modality == modality
    assert dataset.x.shape[:2] == (16, 5)
    assert dataset.lengths.tolist() == [len(row) for row in lists]
    assert dataset.lengths_test.tolist() == [5, 1]
    assert dataset.x[:, :, 0].sum() if modality == "series" else dataset.x.sum() == sum(dataset.lengths)


def test_values_make_a_table(tmp_path: Path) -> None:
    """Numbers, texts and classes as in a table from a file; a test split is the sealed test."""
    columns = {
        "size": (Value("float32"), [*np.linspace(0, 1, 15) ** 2, None]),
        "colour": (Value("string"), ["red", "blue"] * 8),
        "home": (ClassLabel(names=["house", "barn"]), [0, 0, 1, 1] * 4),
    }
    test = rows([1, 0, 1], **{name: (feature, values[:3]) for name, (feature, values) in columns.items()})
    dataset = loaded(tmp_path, {"train": rows(**columns), "test": test}, target="label")

    assert dataset.modality == "tabular"
    assert dataset.x.shape == (16, 6)  # size and whether it is missing, two colours, two homes
    assert len(dataset.x_test) == 3
    assert np.isnan(dataset.x[15, 0])
    assert dataset.notes == (
        "column 'size': a number; with 'size is missing'",
        "column 'colour': one-hot, 2 values",
        "column 'home': one-hot, 2 values",
    )


def test_a_target_may_be_any_column(tmp_path: Path) -> None:
    """Numbers with fractions are predicted as numbers, here from a sealed fifth on."""
    x = np.random.default_rng(0).normal(size=(40, 2))
    columns = {"a": (Value("float64"), x[:, 0].tolist()), "price": (Value("float64"), x[:, 1].tolist())}
    dataset = loaded(tmp_path, rows([0, 1] * 20, **columns), target="price")

    assert dataset.task.kind is Kind.REGRESSION
    known = dict(zip(x[:, 0].astype(np.float32), x[:, 1].astype(np.float32), strict=True))
    for part, y in ((dataset.x, dataset.y), (dataset.x_test, dataset.y_test)):
        assert [known[row[0]] for row in part] == y.tolist()


def test_a_test_without_labels_is_left_out(tmp_path: Path) -> None:
    """As competitions have them: -1 in every row. One such row among others is refused."""
    train, numbers = rows(a=(Value("int64"), [row**2 for row in range(16)])), (Value("int64"), [1, 2, 3])
    dataset = loaded(tmp_path, {"train": train, "test": rows([-1, -1, -1], a=numbers)})

    assert "split 'test' has no labels and was left out" in dataset.notes
    assert len(dataset.x) + len(dataset.x_test) == 16
    with pytest.raises(InvalidInput, match=r"'label' is missing in row 2 of test: expected it"):
        loaded(tmp_path / "other", {"train": train, "test": rows([0, -1, 1], a=numbers)})


def test_a_test_without_the_column_of_labels_is_left_out(tmp_path: Path) -> None:
    """It is as unlabelled as one whose labels are -1."""
    train = rows(a=(Value("int64"), [row**2 for row in range(16)]))
    dataset = loaded(tmp_path, {"train": train, "test": train.remove_columns("label")}, target="label")

    assert "split 'test' has no labels and was left out" in dataset.notes


NUMBERS = (Value("int64"), [row**2 for row in range(16)])


@pytest.mark.parametrize(
    ("given", "options", "line"),
    [
        (rows(a=NUMBERS), {"target": "b"}, r"unknown column 'b': expected one of 'a', 'label'$"),
        (rows(a=NUMBERS, kind=Value("int64")), {}, r"found no ClassLabel column among 'a', 'label': expected the name"),
        (rows(a=(PETS, LABELS)), {}, r"found ClassLabel columns 'a', 'label' among"),
        (rows(), {}, r"found no column of images, lists, numbers or texts beside 'label'$"),
        (rows(a=pictures(), b=pictures()), {}, r"found columns 'a', 'b' of images: expected one$"),
        (rows(a=(List(Value("float32")), [[1.0], [None]] * 8)), {}, r"x_train\[1, 0, 0\] \(nan\): expected finite"),
        (
            rows(a=(List(List(Value("int8"))), [[[1], [1, 2]]] * 16)),
            {},
            r"column 'a' in row 1 of train \(.*\): expected",
        ),
        (rows(a=(List(List(Value("float32"))), [[[1]], [[1, 2]]] * 8)), {}, r"column 'a' differs in numbers a step"),
        (
            rows(a=(Value("string"), [f"20{row:02}-01-01" for row in range(16)])),
            {},
            r"column 'a' holds dates: expected numbers",
        ),
        (
            rows(a=(List({"role": Value("string")}), [[{"role": "x"}]] * 16)),
            {},
            r"column 'a' in row 1 of train \(.*dict",
        ),
        (
            rows(a=(List(Value("uint64")), [np.full(2, 2**63, np.uint64)] * 16)),
            {},
            r"column 'a' in row 1 of train \(.*too large.*\): expected",
        ),
        (
            rows(a=NUMBERS, b=(List(Value("int64")), [[1] * (1 + row % 2) for row in range(16)])),
            {"target": "b"},
            r"'b' of train is ragged: expected one label or number a row$",
        ),
        (rows(a=NUMBERS), {"modality": "image"}, r"x_train is 2-D.*: expected 4-D image"),
        (
            rows(["x" * 300, "y"] * 8, Value("string"), a=NUMBERS),
            {"target": "label"},
            r"has 300 characters: expected cl",
        ),
        ({"train": rows(a=NUMBERS), "test": rows(b=NUMBERS)}, {}, r"'test' has no column 'a': expected a Value, as in"),
        (
            {"train": rows(a=NUMBERS), "test": rows(a=(PETS, LABELS))},
            {"target": "label"},
            r"split 'test' has a ClassLabel as column 'a': expected a Value, as in 'train'",
        ),
        ({"test": rows(a=NUMBERS)}, {}, r"found splits 'test': expected 'train'"),
        (
            {"train": rows(a=NUMBERS), "validation": rows(b=NUMBERS)},
            {},
            r"splits 'train' and 'validation' cannot be joined: found columns 'b', 'label', expected 'a', 'label'",
        ),
    ],
)
def test_sets_that_are_not_usable_are_refused(tmp_path: Path, given: Any, options: dict[str, str], line: str) -> None:
    """One line that begins with the source."""
    with pytest.raises(InvalidInput, match=rf"^huggingface:{tmp_path}/pets.*{line}") as caught:
        loaded(tmp_path, given, **options)
    assert "\n" not in str(caught.value)


def test_row_numbers_of_each_split_are_left_out(tmp_path: Path) -> None:
    """The hub's sets have a column `idx` that begins anew in each."""

    def split(count: int) -> datasets.Dataset:
        idx, a = (Value("int32"), list(range(count))), (Value("int64"), [row**2 for row in range(count)])
        return rows([0, 1] * (count // 2), idx=idx, a=a)

    dataset = loaded(tmp_path, {"train": split(16), "validation": split(4), "test": split(6)})
    assert dataset.x.shape == (20, 1)
    assert "column 'idx': left out, it numbers the rows" in dataset.notes


def test_a_set_without_rows_is_refused() -> None:
    """As the hub may have one; save_to_disk writes none that can be read."""
    with pytest.raises(InvalidInput, match=r"^here: split 'train' has no rows: expected some to develop on$"):
        read_columns(Splits("pets", "here", rows([], a=(Value("int64"), []))), "label")


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (
            "huggingface:./none",
            r"^huggingface:\./none: cannot be read \(.*\): expected a folder that save_to_disk wrote",
        ),
        ("huggingface:nobody/none", r"^huggingface:nobody/none: cannot be loaded \(.*\): expected the name of a set"),
        ("huggingface:nobody/none:en", r"^huggingface:nobody/none:en: cannot be loaded"),
        ("huggingface:", r"^huggingface:: cannot be loaded"),
    ],
)
def test_sets_that_cannot_be_loaded_are_refused(source: str, line: str) -> None:
    """A folder that is none, a set that is not here while there is no connection."""
    with pytest.raises(InvalidInput, match=line) as caught:
        load_dataset(source)
    assert "\n" not in str(caught.value)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(InvalidInput) as caught:
        load_dataset("huggingface:mnist")
    assert str(caught.value) == (
        "found huggingface:mnist: expected the package 'datasets' (pip install penchant[huggingface])"
    )
