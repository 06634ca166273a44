"""Study files: a study in YAML or JSON, to be run again by whoever has the file and its data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from search.request import StudyRequest
from spaces import InvalidInput
from spaces.document import FORMATS, check_keys, read_document


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
        return _request({**_beside(path.absolute().parent, _without_rivals(document, given)), **given})
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from error


def _without_rivals(document: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The document without the other way to say how long the study is, where one is given."""
    exact = ("trials", "epochs")
    rivals = exact if "budget" in given else ("budget",) if any(key in given for key in exact) else ()
    return {key: value for key, value in document.items() if key not in rivals}


def _request(fields: Mapping[str, Any]) -> StudyRequest:
    try:
        return StudyRequest(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        key, wrong = ".".join(map(str, first["loc"][:1])), first["input"]
        if first["type"] == "missing":
            raise InvalidInput(f"{key} missing: expected a registered name or the path of an .npz file") from error
        said = "; ".join(dict.fromkeys(e["msg"].removeprefix("Input should be ") for e in error.errors()))
        raise InvalidInput(f"{key}: found {wrong!r}, expected {said}") from error


def _beside(folder: Path, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the paths in it as seen from the file's folder."""
    placed = dict(document)
    for key, endings in (("data", (".npz",)), ("space", FORMATS)):
        if isinstance(placed.get(key), str) and Path(placed[key]).suffix.lower() in endings:
            placed[key] = str(folder / placed[key])
    if isinstance(placed.get("operations"), list):
        placed["operations"] = [str(folder / str(name)) for name in placed["operations"]]
    return placed
