"""Malformed data and options that do not go with them: one clear line and exit code 2, and nothing is left behind."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import ClassLabel, Value
from PIL import Image

from tests.end_to_end.data_files import CLASSES, ROWS, archive, image_folder, noise, saved_set, table, tokens

X = noise(4)
LABEL = {"a": Value("float32"), "label": ClassLabel(names=["no", "yes"])}


@dataclass(frozen=True)
class Malformed:
    """Data that cannot be used.

    Attributes:
        make: writes them to a path and returns what the command is given.
        line: regular expression of what standard error says behind the name of the file.
        options: of the command.
    """

    make: Callable[[Path], str]
    line: str
    options: tuple[str, ...] = ()


def changed(at: tuple[int, ...], value: float, x: np.ndarray = X) -> np.ndarray:
    """The rows with one other value."""
    x = x.astype(np.result_type(x, type(value)))
    x[at] = value
    return x


def npz(line: str, *options: str, **arrays: object) -> Malformed:
    """An archive of sound rows of a table but for these arrays."""
    given = {"x_train": X, "y_train": CLASSES, **arrays}
    kept = {name: array for name, array in given.items() if array is not None}
    return Malformed(lambda path: archive(path.with_suffix(".npz"), **kept), line, options)


def zip_bomb(path: Path) -> str:
    """A small archive whose directory declares 2 x (4 GiB - 2)."""
    source = archive(path.with_suffix(".npz"), x_train=X, y_train=CLASSES)
    content = bytearray(Path(source).read_bytes())
    for entry in re.finditer(rb"PK\x01\x02", bytes(content)):
        struct.pack_into("<I", content, entry.start() + 24, 2**32 - 2)
    Path(source).write_bytes(content)
    return source


def damaged(path: Path) -> str:
    """An archive that broke off."""
    source = archive(path.with_suffix(".npz"), x_train=X, y_train=CLASSES)
    Path(source).write_bytes(Path(source).read_bytes()[:300])
    return source


ARCHIVES = {
    "text": npz("x_train has dtype <U1: expected real numbers", x_train=np.full((ROWS, 4), "a")),
    "complex": npz("x_train has dtype complex64: expected real numbers", x_train=X.astype(np.complex64)),
    "complex_labels": npz("y_train has dtype complex128: expected integer, str", y_train=CLASSES.astype(complex)),
    "dates": npz(r"x_train has dtype datetime64\[s\]: expected real", x_train=np.zeros((ROWS, 4), "datetime64[s]")),
    "date_labels": npz(r"y_train has dtype datetime64\[D\]: expected integer", y_train=CLASSES.astype("datetime64[D]")),
    "durations": npz(r"x_train has dtype timedelta64\[s\]: expected real", x_train=np.zeros((ROWS, 4), "m8[s]")),
    "structures": npz(r"x_train has dtype \[.*\]: expected real", x_train=np.zeros(ROWS, [("a", "f4"), ("b", "i4")])),
    "booleans": npz("x_train is 2-D bool, .*: expected integers for tokens .* or float for a table", x_train=X > 0),
    "objects": npz("x_train is an object array, which is never unpickled: expected numbers", x_train=X.astype(object)),
    "object_labels": npz("y_train is an object array, .*: expected numbers", y_train=CLASSES.astype(object)),
    "blank_class": npz(
        r"y_train\[2\] is blank: expected a class label in every row", y_train=np.resize(["a", "b", ""], ROWS)
    ),
    "small_class": npz(
        "y_train has 1 rows of class '7': expected at least 7 rows a class", y_train=changed((3,), 7, CLASSES)
    ),
    "one_class": npz("y_train has one class only, '0': expected at least two", y_train=CLASSES * 0),
    "one_number": npz("y_train is 0.5 in every row: expected numbers that differ", y_train=CLASSES * 0 + 0.5),
    "fewer_labels": npz("x_train has 60 rows and y_train 59 labels: expected one label a row", y_train=CLASSES[1:]),
    "fewer_numbers": npz("x_train has 60 rows and y_train 59 numbers: expected one number a row", y_train=X[1:, 0]),
    "label_table": npz(r"y_train is 2-D, shape \(60, 2\): expected 1-D", y_train=np.eye(2, dtype=int)[CLASSES]),
    "number_table": npz(r"y_train is 2-D, shape \(60, 2\): expected 1-D, one number a row", y_train=X[:, :2]),
    "nan": npz(
        r"1 value is NaN, .*, the first at x_train\[3, 1\] \(nan\): expected finite", x_train=changed((3, 1), np.nan)
    ),
    "infinity": npz(
        r"1 value is .*infinite .* x_train\[3, 1\] \(-inf\): expected finite", x_train=changed((3, 1), -np.inf)
    ),
    "beyond_float32": npz(r"x_train\[0, 0\] \(1e\+200\): expected finite", x_train=changed((0, 0), 1e200, X * 1.0)),
    "nan_number": npz(r"y_train\[3\] is nan: expected finite numbers", y_train=changed((3,), np.nan, X[:, 0])),
    "infinite_number": npz(r"y_train\[3\] is inf: expected finite numbers", y_train=changed((3,), np.inf, X[:, 0])),
    "nan_label": npz(r"y_train\[3\] is nan: expected whole numbers", y_train=changed((3,), np.nan, CLASSES)),
    "nan_in_test": npz(r"x_test\[3, 1\] \(nan\): expected", x_test=changed((3, 1), np.nan), y_test=CLASSES),
    "all_constant": npz("every feature of x_train is constant: expected rows that differ", x_train=X * 0 + 1),
    "constant_padded": npz(
        "every feature of x_train is constant", x_train=noise(5, 2) * 0 + 1, length_train=np.full(ROWS, 3)
    ),
    "constant_tokens": npz("every feature of x_train is constant", x_train=tokens(6) * 0, y_train=None),
    "no_rows": npz(r"x_train is empty, shape \(0, 4\): expected at least one row", x_train=X[:0], y_train=CLASSES[:0]),
    "no_features": npz(r"x_train is empty, shape \(60, 0\): expected at least", x_train=X[:, :0]),
    "few_numbers": npz("y_train has 20 rows: expected at least 25", x_train=X[:20], y_train=X[:20, 0]),
    "no_x": npz("x_train missing, found 'y_train': expected x_train and y_train", x_train=None),
    "no_y": npz("x_train is 2-D float32, .*, without y_train: expected y_train, or integer tokens", y_train=None),
    "misspelt_y": npz("found an array 'Y_train': expected 'y_train'", y_train=None, Y_train=CLASSES),
    "test_without_labels": npz("found x_test without y_test: expected both or neither", x_test=X),
    "test_of_other_shape": npz(r"x_test has shape \(60, 3\): expected \(n, 4\)", x_test=X[:, 1:], y_test=CLASSES),
    "test_of_other_classes": npz(
        r"y_test\[0\] is '5', and 60 of 60 rows .*: expected one", x_test=X, y_test=CLASSES + 5
    ),
    "one_dimension": npz("x_train is 1-D, .*: expected 4-D image .* or 2-D tokens", x_train=X[:, 0]),
    "five_dimensions": npz("x_train is 5-D, .*: expected 4-D image", x_train=noise(1, 2, 2, 2)),
    "no_channels": npz(
        "x_train is 3-D uint8, .*: expected float for series .* or 4-D for images",
        x_train=noise(28, 28).astype(np.uint8),
    ),
    "grey_channel_last": npz(
        r"x_train has shape \(60, 28, 28, 1\), .*: expected \(n, channels, height, width\), as np.moveaxis",
        x_train=noise(28, 28, 1),
    ),
    "colours_last": npz(r"x_train has shape \(60, 9, 8, 3\), .*: expected \(n, channels", x_train=noise(9, 8, 3)),
    "negative_token": npz(r"x_train\[2, 1\] is -1: expected token ids from 0", x_train=changed((2, 1), -1, tokens(6))),
    "huge_token": npz(
        r"x_train\[2, 1\] is 70000: expected token ids .*, or modality 'tabular'",
        x_train=changed((2, 1), 70_000, tokens(6)),
    ),
    "unsigned_token": npz(
        r"x_train\[0, 0\] is 18446744073709551615: expected token", x_train=np.full((ROWS, 4), 2**64 - 1, np.uint64)
    ),
    "one_token": npz("x_train has one token a row: expected at least two", x_train=tokens(1), y_train=None),
    "no_length": npz(
        r"length_train\[3\] is 0: expected 1 to 5, the steps of a row",
        x_train=noise(5, 2),
        length_train=changed((3,), 0, np.full(ROWS, 5)),
    ),
    "long_length": npz(
        r"length_train\[3\] is 7: expected 1 to 6", x_train=tokens(6), length_train=changed((3,), 7, np.full(ROWS, 6))
    ),
    "fractional_length": npz(
        "length_train has dtype float64: expected integers", x_train=noise(5, 2), length_train=np.full(ROWS, 2.0)
    ),
    "fewer_lengths": npz(r"length_train has shape \(9,\): expected \(60,\)", x_train=tokens(6), length_train=[3] * 9),
    "lengths_of_images": npz(
        "found length_train with modality 'image': expected", x_train=noise(1, 5, 5), length_train=[3] * ROWS
    ),
    "zip_bomb": Malformed(zip_bomb, r"declares 8,589,934,588 bytes uncompressed: expected at most 4,294,967,296"),
    "damaged": Malformed(damaged, "the zip archive is truncated or damaged: expected an .npz file"),
    "metric_of_another_task": npz(
        "metric: found 'rmse', expected one of accuracy, .* for classification", "--metric", "rmse"
    ),
    "text_as_numbers": npz(
        "y_train has dtype <U3: expected numbers for task 'regression'",
        *("--task", "regression"),
        y_train=np.resize(["yes", "no"], ROWS),
    ),
    "next_tokens_with_labels": npz("found y_train with task 'next_token': expected x_train", "--task", "next-token"),
    "other_modality": npz(r"x_train is 2-D, .*: expected 4-D image", "--modality", "image"),
    "target": npz(r"expected one with \.csv, \.tsv and \.parquet files and Hugging", "--target", "y"),
}


def columns(line: str, *options: str, ending: str = ".csv", **changes: object) -> Malformed:
    """A table that is sound but for these columns; `y` is predicted."""
    given = {"y": np.resize(["good", "bad"], ROWS), **changes}
    return Malformed(lambda path: table(path.with_suffix(ending), **given), line, options or ("--target", "y"))


def text(content: bytes, line: str, ending: str = ".csv") -> Malformed:
    """A table of these bytes."""

    def make(path: Path) -> str:
        path.with_suffix(ending).write_bytes(content)
        return str(path.with_suffix(ending))

    return Malformed(make, line, ("--target", "y"))


def parquet_bomb(path: Path) -> str:
    """A megabyte that unpacks to more than 4 GiB: 545 million gaps."""
    gaps = pa.table([pa.nulls(2**20)] * 520, names=[f"column {number}" for number in range(520)])
    pq.write_table(gaps, path.with_suffix(".parquet"), write_statistics=False)
    return str(path.with_suffix(".parquet"))


TABLES = {
    "no_target": Malformed(
        lambda path: table(path.with_suffix(".csv"), y=CLASSES), "without a target: expected the na"
    ),
    "unknown_target": columns(
        r"unknown column 'yy': expected one of 'size', .* \(did you mean 'y'\?\)", "--target", "yy"
    ),
    "missing": columns("target 'y' is missing in row 4: expected it", y=["a", "b", "a", None] + ["a", "b"] * 28),
    "blank_class": columns(r"target 'y'\[0\] is blank: expected a class", y=[" ", *["a", "b"] * 29, "a"]),
    "long_class": columns(r"target 'y'\[0\] has 9,000 characters: exp", y=["x" * 9_000, *["a", "b"] * 29, "a"]),
    "one_class": columns("target 'y' has one class only, 'a': expected", y="a"),
    "small_class": columns("target 'y' has 1 rows of class 'c': expected at least 7", y=["c", *["a", "b"] * 29, "a"]),
    "text_as_numbers": columns("target 'y' holds text: expected numbers", "--target", "y", "--task", "regression"),
    "next_tokens": columns("found task 'next_token': expected", "--target", "y", "--task", "next-token"),
    "images": columns("found modality 'image' .*expected 'tabular'", "--target", "y", "--modality", "image"),
    "metric": columns("metric: found 'r2', expected one of accuracy", "--target", "y", "--metric", "r2"),
    "dates": columns("target 'y' holds dates: expected classes", y="2020-01-01"),
    "infinity": columns("column 'size' holds inf in row 1: expected finite", size=[np.inf, *range(ROWS - 1)]),
    "infinite_target": columns("target 'y' is inf in row 1: expected", y=[np.inf, *np.linspace(0.5, 9, ROWS - 1)]),
    "all_constant": columns("no column beside the target is of use .*has one value only", size=1, age=2, town="here"),
    "target_alone": columns("no column beside the target is of use", size=None, age=None, town=None),
    "lists": columns("column 'size' holds mixed values: expected", ending=".parquet", size=[[1, 2]] * ROWS),
    "bytes": columns("column 'size' holds bytes values: expected", ending=".parquet", size=[b"a", b"b"] * 30),
    "blank_parquet": columns(r"target 'y'\[0\] is blank", ending=".parquet", y=["", *["a", "b"] * 29, "a"]),
    "ragged": text(b"a,y\n1,2\n1\n", "line 3 has 1 field: expected 2"),
    "two_names": text(b"a,a,y\n1,2,3\n", "found 2 columns named 'a': expected one"),
    "encoding": text(b"a,y\n1,\xe9\n", "found byte 0xe9, which is not UTF-8: expected text in UTF-8"),
    "binary": text(b"\x89PNG\r\n\x1a\n\0\0", "found a binary file: expected text"),
    "empty": text(b"", "the file is empty: expected a table", ".tsv"),
    "header": text(b"a\ty\n", "found column names and no rows: expected", ".tsv"),
    "bomb": Malformed(parquet_bomb, "declares 4,362,076,160 bytes uncompressed: expected at most", ("--target", "y")),
    "gone": Malformed(lambda path: str(path.with_suffix(".csv")), "no such file: expected a table", ("--target", "y")),
    "no_parquet": text(b"a,y\n1,2\n", r"cannot be read \(.*\): expected a Parquet file", ".parquet"),
}


def drawn(line: str, *options: str, then: Callable[[Path], object] | None = None, **classes: int) -> Malformed:
    """A folder of so many images a class, 16 of cats and dogs by default, then changed."""

    def make(path: Path) -> str:
        source = image_folder(path, classes or {"cat": 16, "dog": 16})
        if then is not None:
            then(path)
        return source

    return Malformed(make, line, options)


def flat(path: Path) -> str:
    """Images beside each other, in no folders of classes."""
    image_folder(path.parent / "all", {path.name: 9})
    return str(path.parent / "all" / path.name)


def image_bomb(path: Path) -> None:
    """A small file of 900 million pixels."""
    Image.new("1", (30_000, 30_000)).save(path / "cat" / "000.png")


def as_train_beside_other_test(path: Path) -> None:
    """Moves the classes into `train`; `test` has another one."""
    classes = list(path.iterdir())
    (path / "train").mkdir()
    for folder in classes:
        folder.rename(path / "train" / folder.name)
    image_folder(path / "test", {"bird": 5})


FOLDERS = {
    "empty_class": drawn(
        "/bird: found no images: expected at least one of this class", then=lambda path: (path / "bird").mkdir()
    ),
    "one_class": drawn(": y_train has one class only, 'cat': expected at least two", cat=9),
    "small_class": drawn(": y_train has 2 rows of class 'dog': expected at least 7 rows", cat=9, dog=2),
    "flat": Malformed(flat, ": found no folders of classes: expected FOLDER/CLASS/IMAGE"),
    "no_image": drawn(
        "/cat/003.png: found no image: expected an image", then=lambda path: (path / "cat/003.png").write_text("no")
    ),
    "truncated": drawn(
        r"/cat/003.png: cannot be decoded \(.*\): expected an image",
        then=lambda path: (path / "cat/003.png").write_bytes((path / "cat/002.png").read_bytes()[:60]),
    ),
    "image_bomb": drawn("/cat/000.png: declares more than 89,478,485 pixels: expected", then=image_bomb),
    "all_constant": drawn(
        ": every feature of x_train is constant: expected",
        then=lambda path: [Image.new("L", (5, 5), 7).save(file) for file in path.glob("*/*.png")],
    ),
    "test_of_other_classes": drawn(
        r": y_test.* of 5 rows have a class that y_train has not: expected one of \['cat', 'dog'\]",
        then=as_train_beside_other_test,
    ),
    "regression": drawn(": y_train has dtype <U3: expected numbers for task 'regr", "--task", "regression"),
    "tabular": drawn(": found modality 'tabular': expected 'image'", "--modality", "tabular"),
}


def saved(line: str, *options: str, **changes: object) -> Malformed:
    """A saved set that is sound but for these columns."""
    columns = {"a": X[:, 0].tolist(), "label": CLASSES.tolist(), **changes}
    return Malformed(lambda path: saved_set(path, LABEL, **columns), line, options)


def saved_lists(line: str, first: list[float] | None, dtype: str = "int64") -> Malformed:
    """A saved set of lists, the first of them this one."""
    features = {**LABEL, "a": datasets.List(Value(dtype))}
    rows = [first, *[[1, 2, row % 5] for row in range(1, ROWS)]]
    return Malformed(lambda path: saved_set(path, features, a=rows, label=CLASSES.tolist()), line)


def saved_without_train(path: Path) -> str:
    """A set whose only split is another."""
    datasets.disable_progress_bars()
    rows = datasets.Dataset.from_dict({"a": [1.0, 2.0], "label": [0, 1]}, datasets.Features(LABEL))
    datasets.DatasetDict(test=rows).save_to_disk(path)
    return f"huggingface:{path}"


def saved_with_other_test(path: Path) -> str:
    """A set whose test lacks the column of the rows."""
    datasets.disable_progress_bars()
    rows = datasets.Dataset.from_dict({"a": X[:, 0].tolist(), "label": CLASSES.tolist()}, datasets.Features(LABEL))
    datasets.DatasetDict(train=rows, test=rows.rename_column("a", "b")).save_to_disk(path)
    return f"huggingface:{path}"


SETS = {
    "gone": Malformed(lambda path: f"huggingface:{path}", r": cannot be read \(.*\): expected a folder that save_to"),
    "unknown_target": saved(": unknown column 'b': expected one of 'a', 'label'", "--target", "b"),
    "missing": saved(": 'label' is missing in row 4 of train: expected it", label=[0, 1, 0, None] + [0, 1] * 28),
    "one_class": saved(": y_train has one class only, 'no': expected", label=[0] * ROWS),
    "infinity": saved(": column 'a' holds inf in row 1: expected finite", a=[np.inf, *range(ROWS - 1)]),
    "all_constant": saved(": no column beside the target is of use", a=[1.0] * ROWS),
    "all_missing": saved(": no column beside the target is of use .*has no value", a=[None] * ROWS),
    "regression": saved(": y_train has dtype <U3: expected numbers", "--task", "regression"),
    "images": saved(r": x_train is 2-D, .*: expected 4-D image", "--modality", "image"),
    "metric": saved(": metric: found 'r2', expected one of accuracy", "--metric", "r2"),
    "negative_token": saved_lists(r": x_train\[0, 1\] is -1: expected token ids", [1, -1, 2]),
    "empty_list": saved_lists(r": length_train\[0\] is 0: expected 1 to 3", []),
    "no_list": saved_lists(r": column 'a' in row 1 of train \(.*\): expected numbers", None),
    "nan": saved_lists(r": 1 value is NaN.* x_train\[0, 1, 0\] \(nan\): expected", [1.0, np.nan, 2.0], "float32"),
    "no_train": Malformed(saved_without_train, ": found splits 'test': expected 'train'"),
    "other_test": Malformed(saved_with_other_test, ": split 'test' has no column 'a': expected a Value, as in 'train'"),
}

REGISTERED = {
    "unknown": Malformed(lambda path: "irises", r"irises.* \(did you mean 'iris'\?\)"),
    "task": Malformed(lambda path: "iris", "iris: expected 'classification'", ("--task", "regression")),
    "metric": Malformed(
        lambda path: "diabetes",
        "metric: found 'accuracy', expected one of r2, rmse for regression",
        ("--metric", "accuracy"),
    ),
    "unknown_metric": Malformed(lambda path: "copy", "metric: found 'f1', expected one of perplex", ("--metric", "f1")),
    "modality": Malformed(lambda path: "iris", "'image' for iris: expected 'tabular'", ("--modality", "image")),
    "unknown_modality": Malformed(lambda path: "iris", "'graph' for iris: expected 'tabular'", ("--modality", "graph")),
    "target": Malformed(lambda path: "iris", "'y' for 'iris': expected one with .csv", ("--target", "y")),
}
KINDS = {"npz": ARCHIVES, "table": TABLES, "folder": FOLDERS, "huggingface": SETS, "registered": REGISTERED}
CASES = {f"{kind}-{name}": case for kind, cases in KINDS.items() for name, case in cases.items()}


@pytest.mark.parametrize("name", CASES)
def test_malformed_data_are_one_line_and_code_two(name, penchant, tmp_path, home):
    """The line names the source and says what was found and expected; no study, database or cache is left behind."""
    case = CASES[name]
    source = case.make(tmp_path / "mine")
    code, output, error = penchant("run", source, "--trials", "8", "--epochs", "2", *case.options)

    assert (code, output, error.count("\n")) == (2, "", 1), error
    assert error.startswith("penchant: ")
    assert re.search(case.line, error), error
    assert source in error
    assert "expected" in error
    assert not home.exists()


def test_an_unknown_task_is_one_line_and_code_two(penchant, home):
    """Whatever the data are."""
    code, output, error = penchant("run", "iris", "--task", "ranking")
    assert (code, output) == (2, "")
    assert error == "penchant: task: found 'ranking', expected one of classification, regression, next_token\n"
    assert not home.exists()
