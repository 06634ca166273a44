"""Study files: a study in YAML or JSON, to be run again by whoever has the file and its data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from search.request import StudyRequest, requested
from spaces import InvalidInput
from spaces.document import FORMATS, check_keys, read_document
from workers.datasets import located


def is_study_file(source: str) -> bool:
    """Whether a path ends as study files do."""
    return Path(source).suffix.lower() in FORMATS


def read_study_file(path: str | Path, **given: Any) -> StudyRequest:
    """The study that a file asks for.

    Args:
        path: of a file that ends in .yaml, .yml or .json. Paths in it are relative to its folder.
        given: what stands here counts more than what stands in the file.

    Raises:
        InvalidInput: the file cannot be read, or something in it is wrong.
    """
    path = Path(path)
    try:
        document = read_document(path, "a study", "data and budget")
        check_keys(document, tuple(StudyRequest.model_fields))
        return requested({**_beside(path.absolute().parent, _without_rivals(document, given)), **given})
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from error


def _without_rivals(document: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The document without the other way to say how long the study is, where one is given."""
    exact = ("trials", "epochs")
    rivals = exact if "budget" in given else ("budget",) if any(key in given for key in exact) else ()
    return {key: value for key, value in document.items() if key not in rivals}


def _beside(folder: Path, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the paths in it as seen from the file's folder."""
    placed = dict(document)
    if isinstance(placed.get("data"), str):
        placed["data"] = located(placed["data"], folder)
    if isinstance(placed.get("space"), str) and is_study_file(placed["space"]):
        placed["space"] = str(folder / placed["space"])
    if isinstance(placed.get("operations"), list):
        placed["operations"] = [str(folder / str(name)) for name in placed["operations"]]
    return placed
