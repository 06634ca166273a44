"""Uploads: data that users send, kept below the data root under the hash of their content."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import AsyncIterator
from enum import StrEnum
from pathlib import Path
from typing import IO

import pyarrow.parquet
from anyio import to_thread
from fastapi import APIRouter, Request
from pydantic import BaseModel

from search.service.auth import TheSite, Writer
from search.service.problems import documented
from spaces.errors import InvalidInput

FOLDER = "uploads"
UNPACKED_FACTOR = 4
"""How much larger than the largest upload a file may be unpacked; a small archive may hold any size."""

router = APIRouter(prefix="/v1/data", tags=["data"])


class Format(StrEnum):
    """Kinds of file that may be sent."""

    NPZ = "npz"
    CSV = "csv"
    TSV = "tsv"
    PARQUET = "parquet"


class Upload(BaseModel):
    """A file that was kept.

    Attributes:
        data: what a study names it by.
        bytes: its size.
    """

    data: str
    bytes: int


@router.post(
    "",
    status_code=201,
    responses=documented(401, 403, 413, 422, 429),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def upload(request: Request, site: TheSite, caller: Writer, format: Format) -> Upload:
    """Keep a data file: the request's body, as it is. The answer's `data` is what a study then names.

    The same content is kept once. Arrays are read without unpickling anything.
    """
    folder = site.data_root / FOLDER
    await to_thread.run_sync(lambda: folder.mkdir(parents=True, exist_ok=True))
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".partial-", delete=False) as file:
        try:
            digest, size = await _receive(request.stream(), file)
            await to_thread.run_sync(_check, Path(file.name), format, UNPACKED_FACTOR * site.most_upload_bytes)
            name = f"{digest}.{format}"
            os.replace(file.name, folder / name)
        except BaseException:
            os.unlink(file.name)
            raise
    return Upload(data=f"{FOLDER}/{name}", bytes=size)


async def _receive(stream: AsyncIterator[bytes], file: IO[bytes]) -> tuple[str, int]:
    """Writes what comes, and returns its hash and size; the application ends a stream that is too long."""
    sha, size = hashlib.sha256(), 0
    async for part in stream:
        size += len(part)
        sha.update(part)
        file.write(part)
    file.flush()
    if size == 0:
        raise InvalidInput("found an empty body: expected the content of a file")
    return sha.hexdigest(), size


def _check(path: Path, kind: Format, most_bytes: int) -> None:
    """Looks whether a file is what it is said to be and not larger inside than it may be; reads none of its data.

    Raises:
        InvalidInput: it is not.
    """
    unpacked = 0
    try:
        if kind is Format.NPZ:
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(member.file_size for member in archive.infolist())
        elif kind is Format.PARQUET:
            metadata = pyarrow.parquet.read_metadata(path)
            unpacked = sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
    except Exception as error:  # the bytes are a stranger's; the libraries raise a dozen kinds of exception
        raise InvalidInput(f"found no {kind} file: {type(error).__name__}") from error
    if unpacked > most_bytes:
        raise InvalidInput(f"found {unpacked:,} bytes when unpacked, expected {most_bytes:,} at most")
