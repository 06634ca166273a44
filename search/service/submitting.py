"""Submitting: a study file as a server takes it, with its data sent along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from search.service.client import Client
from search.study_file import is_study_file, read_study_file
from spaces.document import read_document
from workers.datasets.location import FILE_ENDINGS


def submission_of(source: str, client: Client) -> dict[str, Any]:
    """What to submit: a study file with its space written out and its data on the server, or a data set alone.

    Args:
        source: path of a study file, or a registered data set.
        client: the server, which is sent the data file, if there is one.

    Raises:
        InvalidInput: the file is wrong, or the server refuses the data.
    """
    asked: dict[str, Any] = {"data": source}
    if is_study_file(source):
        asked = read_study_file(source).model_dump(exclude_unset=True)
    data = Path(asked["data"])
    if data.suffix.lower() in FILE_ENDINGS and data.is_file():
        asked["data"] = client.upload(data)
    if isinstance(asked.get("space"), str) and is_study_file(asked["space"]):
        asked["space"] = dict(read_document(Path(asked["space"]), "a search space", "extends or operations"))
    return asked
