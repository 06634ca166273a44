"""Files of tables: .csv, .tsv and .parquet as they are read, before anything is made of their columns.

The bytes are a stranger's: whatever a parser raises on them is the file's fault.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from spaces.errors import InvalidInput
from workers.datasets.npz import LIMIT_BYTES

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_VALUE_BYTES = 8  # of a number, or of the reference to a text
_UNNAMED = "__index_level_"  # what pandas calls row labels without a name when it writes Parquet


def read_table(path: Path) -> pd.DataFrame:
    """The table in a file, with its columns' own names.

    Args:
        path: a file that ends in .csv (commas), .tsv (tabs) or .parquet; text is UTF-8 with a header.

    Raises:
        InvalidInput: there is no such file, or it holds no table; the line does not name the file.
    """
    _check_file(path)
    separator = _SEPARATORS.get(path.suffix.lower())
    table = _read_parquet(path) if separator is None else _read_text(path, separator)
    if len(table) == 0:
        raise InvalidInput("found column names and no rows: expected one row an example")
    return table


def _check_file(path: Path) -> None:
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise InvalidInput("no such file: expected a table") from error
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        raise InvalidInput(
            f"cannot be opened ({getattr(error, 'strerror', None) or error}): expected a table"
        ) from error
    if not path.is_file():
        raise InvalidInput(f"found {'a folder' if path.is_dir() else 'no regular file'}: expected a table")
    if size == 0:
        raise InvalidInput("the file is empty: expected a table")
    if size > LIMIT_BYTES:
        raise InvalidInput(f"holds {size:,} bytes: expected at most {LIMIT_BYTES:,}")


def _read_text(path: Path, separator: str) -> pd.DataFrame:
    try:
        names = _checked_names(path, separator)
        return pd.read_csv(path, sep=separator, header=0, names=names, index_col=False, low_memory=False)
    except InvalidInput:
        raise
    except UnicodeDecodeError as error:
        found = error.object[error.start]
        raise InvalidInput(f"found byte 0x{found:02x}, which is not UTF-8: expected text in UTF-8") from error
    except Exception as error:
        raise InvalidInput(f"cannot be read ({_line(error)}): expected a table of text") from error


def _checked_names(path: Path, separator: str) -> list[str]:
    """The header; every row has as many fields, since pandas would fill short ones without a word."""
    with path.open("rb") as start:
        if b"\0" in start.read(4096):
            raise InvalidInput("found a binary file: expected text in UTF-8")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=separator)
        names = next((row for row in rows if row), [])
        if not names:
            raise InvalidInput("found empty lines only: expected a table")
        _check_distinct(names)
        for row in rows:
            if row and len(row) != len(names):
                raise InvalidInput(
                    f"line {rows.line_num} has {_counted(len(row), 'field')}: expected {len(names)}, as the header has"
                )
    return names


def _read_parquet(path: Path) -> pd.DataFrame:
    from pyarrow.parquet import ParquetFile  # here: a table of text need not wait for it

    try:
        with ParquetFile(path) as file:
            metadata = file.metadata
            encoded = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
            # a column that repeats itself is encoded in a few bytes, whatever it unpacks to
            _check_declared(max(encoded, _VALUE_BYTES * metadata.num_rows * metadata.num_columns))
            names = [name for name in file.schema_arrow.names if not name.startswith(_UNNAMED)]
            _check_distinct(names)
            # pandas' own notes in the file are left alone, so that its row labels are a column like any other
            return file.read(columns=names).to_pandas(ignore_metadata=True)
    except InvalidInput:
        raise
    except Exception as error:
        raise InvalidInput(f"cannot be read ({_line(error)}): expected a Parquet file") from error


def _check_declared(size: int) -> None:
    if size > LIMIT_BYTES:
        raise InvalidInput(f"declares {size:,} bytes uncompressed: expected at most {LIMIT_BYTES:,}")


def _check_distinct(names: Sequence[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InvalidInput(f"found {_counted(Counter(names)[twice[0]], 'column')} named {twice[0]!r}: expected one")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _line(error: Exception) -> str:
    """The first line of what a parser said."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
