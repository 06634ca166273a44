"""NumPy archives: what is read, and the line for each file that is not."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spaces.errors import InvalidInput
from spaces.shapes import Kind
from workers.datasets import load_npz

X = np.random.default_rng(0).normal(size=(16, 3)).astype(np.float32)
Y = np.arange(16) % 2


def archive(compressed: bool = False, **arrays: Any) -> bytes:
    buffer = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(buffer, **arrays)
    return buffer.getvalue()


def refusal(path: Path, content: bytes | None = None) -> str:
    """The line that refuses a file, without the path it begins with."""
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        load_npz(path)
    start, _, line = str(caught.value).partition(f"{path}: ")
    assert not start
    assert line
    assert "\n" not in line
    return line


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "flowers.npz"


@pytest.mark.parametrize("compressed", [False, True])
def test_an_archive_becomes_a_dataset_of_its_stem(path: Path, compressed: bool) -> None:
    """Four arrays are read as they are; other arrays in the file are left alone, which is noted."""
    path.write_bytes(archive(compressed, x_train=X, y_train=Y, x_test=X[:2], y_test=Y[:2], notes=np.array("hello")))
    dataset = load_npz(path)

    assert (dataset.name, dataset.modality) == ("flowers", "tabular")
    np.testing.assert_array_equal(dataset.x, X)
    np.testing.assert_array_equal(dataset.x_test, X[:2])
    assert dataset.notes == ("arrays left alone: 'notes'",)


@pytest.mark.parametrize(
    ("name", "meant"), [("X_test", "x_test"), ("ytest", "y_test"), ("lengths_train", "length_train")]
)
def test_a_name_that_is_nearly_right_is_refused(path: Path, name: str, meant: str) -> None:
    """Its array would be left out unnoticed."""
    line = f"found an array {name!r}: expected {meant!r}, or another name"
    assert refusal(path, archive(x_train=X, y_train=Y, **{name: X})) == line


def test_beside_the_array_that_was_meant_one_may_have_any_name(path: Path) -> None:
    """Such as rows as they were before something was done to them."""
    path.write_bytes(archive(x_train=X, y_train=Y, X_train=X, x_train0=X))
    assert load_npz(path).notes == ("arrays left alone: 'X_train', 'x_train0'",)


def test_an_archive_without_a_test_has_a_share_sealed(path: Path) -> None:
    """x_train and y_train are enough, and a path may be a string."""
    path.write_bytes(archive(x_train=X, y_train=Y))

    assert len(load_npz(str(path)).x_test) == 4


@pytest.mark.parametrize("dtype", [np.float32, np.int16])
def test_lengths_are_read_with_the_rows(path: Path, dtype: type) -> None:
    """length_train and length_test go with series and with tokens."""
    x = (X[:, :, None] if dtype is np.float32 else np.abs(X)).astype(dtype)
    lengths = (1 + np.arange(16) % 3).astype(np.int16)
    path.write_bytes(archive(x_train=x, y_train=Y, x_test=x, y_test=Y, length_train=lengths, length_test=lengths[::-1]))
    dataset = load_npz(path)

    assert dataset.modality == ("series" if dtype is np.float32 else "tokens")
    assert dataset.lengths.tolist() == lengths.tolist()
    assert dataset.lengths_test.tolist() == lengths[::-1].tolist()


def test_a_wanted_modality_is_passed_on(path: Path) -> None:
    """Integer columns are tokens, or a table where the user says so."""
    path.write_bytes(archive(x_train=np.abs(X).astype(np.int64), y_train=Y))

    assert load_npz(path).modality == "tokens"
    assert load_npz(path, "tabular").modality == "tabular"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"sepal,petal,species\n1,2,rose\n", "not a zip archive: expected an .npz file"),
        (b"", "the file is empty"),
        (b"PK\x05\x06" + bytes(18), "x_train and y_train missing, found no arrays"),
        (archive(x_train=X, y_train=Y)[:400], "the zip archive is truncated or damaged"),
        (archive(x_train=X, label=Y), "y_train missing, found 'x_train', 'label': expected x_train and y_train"),
        (
            archive(x_train=np.abs(X).astype(int), y=Y),
            "y_train missing, found 'x_train', 'y': expected x_train and y_train",
        ),
        (
            archive(x_train=X),
            "x_train is 2-D float32, modality 'tabular', without y_train: expected y_train, or integer",
        ),
        (archive(x_train=X * 0 + 2, y_train=Y), "every feature of x_train is constant: expected rows that differ"),
        (
            archive(x_train=np.where(X > 1.6, np.nan, X), y_train=Y),
            "1 value is NaN, infinite or beyond 1e+38, the first at",
        ),
        (archive(x_train=X, y_train=Y * 0), "y_train has one class only, '0': expected at least two classes"),
        (archive(x_train=X, y_train=Y[:0]), "x_train has 16 rows and y_train 0 labels: expected one label a row"),
        (archive(x_train=X.astype(str), y_train=Y), "x_train has dtype <U"),
        (archive(arr_0=X, arr_1=Y), "x_train and y_train missing, found 'arr_0', 'arr_1'"),
        (archive(x_train=X, y_train=Y, y_test=Y), "found y_test without x_test"),
        (archive(x_train=X.astype(object), y_train=Y), "x_train is an object array, which is never unpickled"),
        (archive(x_train=X, y_train=Y.astype(object)), "y_train is an object array, which is never unpickled"),
        (
            archive(x_train=X[:, :, None], y_train=Y, length_train=Y),
            "length_train[0] is 0: expected 1 to 3, the steps of a row",
        ),
        (archive(x_train=X, y_train=Y, length_test=Y), "found length_test without x_test: expected both or neither"),
        (archive(x_train=X, y_train=Y, length_train=Y), "found length_train with modality 'tabular': expected lengths"),
        (archive(x_train=X, y_train=Y[:15]), "x_train has 16 rows and y_train 15 labels"),
    ],
)
def test_files_that_hold_no_dataset_are_refused(path: Path, content: bytes, line: str) -> None:
    """The line begins with the path and says what was found there."""
    assert refusal(path, content).startswith(line)


def test_tokens_alone_are_predicted(path: Path) -> None:
    """An archive with nothing else, or one whose user says so."""
    ids = np.random.default_rng(0).integers(0, 5, (40, 6))
    path.write_bytes(archive(x_train=ids, x_test=ids[:9]))
    assert (load_npz(path).task.kind, len(load_npz(path).y_test)) == (Kind.NEXT_TOKEN, 9)

    path.write_bytes(archive(x_train=ids, names=Y))
    assert load_npz(path, task="next-token").task.kind is Kind.NEXT_TOKEN


def test_a_wanted_task_is_passed_on(path: Path) -> None:
    """Whole numbers are classes, or numbers where the user says so."""
    path.write_bytes(archive(x_train=np.tile(X, (2, 1)), y_train=np.tile(Y, 2)))

    assert load_npz(path).task.kind is Kind.CLASSIFICATION
    assert load_npz(path, task="regression").task.kind is Kind.REGRESSION


def test_a_single_array_is_refused(path: Path) -> None:
    """An .npy file that was renamed is recognized."""
    buffer = io.BytesIO()
    np.save(buffer, X)

    assert refusal(path, buffer.getvalue()).startswith("found a single array (.npy)")


def test_paths_that_are_no_files_are_refused(tmp_path: Path, path: Path) -> None:
    """A missing file, a folder and a name that the system does not take each have their line."""
    folder = tmp_path / "folder.npz"
    folder.mkdir()

    assert refusal(path) == "no such file: expected an .npz file"
    assert refusal(folder) == "found a folder: expected an .npz file"
    assert refusal(tmp_path / ("n" * 5000 + ".npz")).startswith("cannot be opened (File name too long)")


def test_a_strange_path_still_makes_one_line(tmp_path: Path) -> None:
    """A path with a line break or a null character is quoted."""
    for name in ("a\nb.npz", "a\0b.npz"):
        with pytest.raises(InvalidInput) as caught:
            load_npz(tmp_path / name)
        assert str(caught.value).isprintable()


def test_a_member_that_is_no_array_is_refused(path: Path) -> None:
    """A zip archive of text files has the right names and no arrays."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x_train", "1,2,3")
        file.writestr("y_train", "1")

    assert refusal(path).startswith("x_train is not an array")


def test_a_header_that_promises_too_much_is_refused(path: Path) -> None:
    """A member whose header declares terabytes is refused, not allocated."""
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (4000000000, 1000), }\n"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x_train.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(64))
        file.writestr("y_train.npy", b"")

    assert refusal(path).startswith("x_train is damaged")


def test_a_zip_bomb_is_refused_unopened(path: Path) -> None:
    """An archive that declares more than 4 GiB is refused from its directory, before a byte is unpacked."""
    content = bytearray(archive(x_train=X, y_train=Y))
    entry = content.find(b"PK\x01\x02")
    while entry >= 0:
        struct.pack_into("<I", content, entry + 24, 0xF000_0000)  # uncompressed size in the central directory
        entry = content.find(b"PK\x01\x02", entry + 1)

    assert refusal(path, bytes(content)) == "declares 8,053,063,680 bytes uncompressed: expected at most 4,294,967,296"


@pytest.mark.parametrize("compressed", [False, True])
def test_a_truncated_archive_is_always_refused(path: Path, compressed: bool) -> None:
    """Wherever a download broke off, the file gives one line and nothing else."""
    content = archive(compressed, x_train=X, y_train=Y, x_test=X, y_test=Y)
    for size in range(0, len(content), 7):
        assert "zip archive" in refusal(path, content[:size]) or size < 4


@pytest.mark.filterwarnings("ignore")  # NumPy warns of odd headers; here only the outcome matters
@pytest.mark.parametrize("compressed", [False, True])
def test_a_damaged_archive_never_crashes(path: Path, compressed: bool) -> None:
    """Whatever byte is changed, the file is either read or refused in one line."""
    content = archive(compressed, x_train=X, y_train=Y, x_test=X, y_test=Y)
    chance, refusals = random.Random(0), []
    for _ in range(500):
        damaged = bytearray(content)
        damaged[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            load_npz(path)
        except InvalidInput as error:
            refusals.append(str(error))
    assert len(refusals) > 250
    assert not any("\n" in line for line in refusals)
