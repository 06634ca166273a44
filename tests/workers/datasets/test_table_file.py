"""Files of tables: what is read, and the line for each file that is not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spaces.errors import InvalidInput
from workers.datasets import table_file
from workers.datasets.table_file import read_table

TABLE = pd.DataFrame({"size": [1, 2, 3], "colour": ["red", None, "a, b"], "kind": [0.5, np.nan, 2.0]})


def refusal(path: Path) -> str:
    with pytest.raises(InvalidInput) as caught:
        read_table(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["a.csv", "a.CSV", "a.tsv", "a.parquet"])
def test_a_table_reads_as_it_was_written(tmp_path: Path, name: str) -> None:
    """Commas, tabs and Parquet, missing values included."""
    path = tmp_path / name
    if name.endswith("parquet"):
        TABLE.to_parquet(path)
    else:
        TABLE.to_csv(path, index=False, sep="\t" if name.endswith("tsv") else ",")
    pd.testing.assert_frame_equal(read_table(path), TABLE, check_dtype=False)


def test_text_of_any_habit_is_read(tmp_path: Path) -> None:
    """A byte order mark, other line ends, empty lines, quoted line breaks and a last line without an end."""
    path = tmp_path / "a.csv"
    path.write_bytes('\ufeffa,é\r\n\r\n1,"x\ny"\r\n\r\n2,ü'.encode())
    table = read_table(path)
    assert list(table.columns) == ["a", "é"]
    assert table.values.tolist() == [[1, "x\ny"], [2, "ü"]]


def test_long_columns_of_both_kinds_are_read_whole(tmp_path: Path) -> None:
    """A text after many numbers makes the whole column text, without a warning."""
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 300_000 + "x,2\n")
    assert set(read_table(path)["a"]) == {"1", "x"}


def test_row_labels_in_parquet_are_a_column_if_they_have_a_name(tmp_path: Path) -> None:
    """Unnamed ones are no part of the table."""
    path = tmp_path / "a.parquet"
    TABLE.set_index("colour").to_parquet(path)
    assert set(read_table(path).columns) == set(TABLE.columns)
    TABLE.iloc[[2, 0]].to_parquet(path)
    assert list(read_table(path).columns) == list(TABLE.columns)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "the file is empty: expected a table"),
        (b"\n\n\n", "found empty lines only: expected a table"),
        (b"a,b\n", "found column names and no rows: expected one row an example"),
        (b"a,b,a\n1,2,3\n", "found 2 columns named 'a': expected one"),
        (b"a,b\n1,2\n1\n", "line 3 has 1 field: expected 2, as the header has"),
        (b"a,b\n1,2,3\n1,2,3\n", "line 2 has 3 fields: expected 2, as the header has"),
        (b"a,b\n\xe9t\xe9,2\n", "found byte 0xe9, which is not UTF-8: expected text in UTF-8"),
        (b"\xff\xfea\x00,\x00b\x00\n\x00", "found a binary file: expected text in UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "found a binary file: expected text in UTF-8"),
        (b'a,b\n1,"2\n', "cannot be read ("),
    ],
)
def test_text_that_is_no_table_is_refused(tmp_path: Path, content: bytes, line: str) -> None:
    """The line says what was found and what was expected."""
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert refusal(path).startswith(line)


def parquet(**columns: Any) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"PAR1PAR1", parquet(a=[1, 2])[:-20], parquet(a=[1, 2])[20:]])
def test_parquet_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    """A text with the wrong ending, a file that broke off, one that lost its beginning."""
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    assert refusal(path).startswith("cannot be read (")
    assert refusal(path).endswith("): expected a Parquet file")


def test_parquet_with_a_name_twice_is_refused(tmp_path: Path) -> None:
    """Parquet allows what a table with names cannot mean."""
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), tmp_path / "a.parquet")
    assert refusal(tmp_path / "a.parquet") == "found 2 columns named 'a': expected one"


def test_parquet_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file may declare any size; it is refused before a row is read."""
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": np.arange(10_000)}), path, use_dictionary=False, compression="zstd")
    assert os.path.getsize(path) < 60_000
    monkeypatch.setattr(table_file, "LIMIT_BYTES", 70_000)
    assert refusal(path).startswith("declares 80,")


def test_parquet_that_repeats_itself_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of one value are encoded in a few bytes; what they unpack to counts."""
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": np.zeros(10_000), "b": ["rose"] * 10_000}), path)
    assert os.path.getsize(path) < 2_000
    monkeypatch.setattr(table_file, "LIMIT_BYTES", 160_000)
    assert len(read_table(path)) == 10_000
    monkeypatch.setattr(table_file, "LIMIT_BYTES", 159_999)
    assert refusal(path) == "declares 160,000 bytes uncompressed: expected at most 159,999"


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.parquet"])
def test_paths_that_are_no_files_are_refused(tmp_path: Path, name: str) -> None:
    """A missing file, a folder, a pipe and a name that the system does not take each have their line."""
    path = tmp_path / name
    assert refusal(path) == "no such file: expected a table"
    path.mkdir()
    assert refusal(path) == "found a folder: expected a table"
    path.rmdir()
    os.mkfifo(path)
    assert refusal(path) == "found no regular file: expected a table"
    assert refusal(tmp_path / ("n" * 5000 + name)).startswith("cannot be opened (File name too long)")
    assert refusal(tmp_path / f"\0{name}").startswith("cannot be opened (")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    """More than 4 GiB by its size alone; this one takes no room."""
    path = tmp_path / "a.csv"
    path.touch()
    os.truncate(path, 2**32 + 1)
    assert refusal(path) == "holds 4,294,967,297 bytes: expected at most 4,294,967,296"
