"""Where an architecture comes from that a user named."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

from spaces import LANDMARKS, Architecture, InvalidInput, SearchSpace, Task, landmark
from spaces.document import FORMATS, check_keys, read_document


def read_architecture(source: str, task: Task | None) -> Architecture:
    """The architecture that a user named.

    Args:
        source: a landmark, or the path of a file as `Architecture.to_json` describes it, by itself or under the key
            `architecture`.
        task: what a landmark is for, see `spaces.landmark`.

    Raises:
        InvalidInput: it is neither, or what the file describes is no architecture.
    """
    if source in LANDMARKS:
        return landmark(source, task)
    path = Path(source)
    if path.suffix.lower() not in FORMATS:
        near = difflib.get_close_matches(source, LANDMARKS, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        landmarks = ", ".join(LANDMARKS)
        raise InvalidInput(f"unknown architecture {source!r}: expected one of {landmarks}{hint}, or a .json file")
    try:
        document = read_document(path, "an architecture", "stages, stem and width")
        inner = document.get("architecture", document)
        if not isinstance(inner, Mapping):
            raise InvalidInput(f"architecture: found {type(inner).__name__}, expected keys such as stages and width")
        # from_json drops what is not in use, and so what is misspelt
        check_keys(inner, SearchSpace.universe().names, "names as `penchant show resnet --json` prints them")
        return Architecture.from_json(inner)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from error
