"""Space files: a user's own search space in YAML or JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spaces.built_in import built_in
from spaces.document import FORMATS, check_keys, read_document
from spaces.errors import InvalidInput
from spaces.search_space import SearchSpace

_NOT_WRITTEN = ("task", "any_stem", "max_parameters", "max_flops")
"""What a study decides."""
_FIELDS = tuple(f.name for f in dataclasses.fields(SearchSpace) if f.name not in _NOT_WRITTEN)
_KEYS = ("extends", "families", *_FIELDS)


def load_space(source: str | Path | Mapping[str, Any]) -> SearchSpace:
    """The search space that a user named or wrote.

    Args:
        source: name of a built-in space, path of a file that ends in .yaml, .yml or .json, or what stands in one.

    Raises:
        InvalidInput: there is no such space, or something in it is wrong.
    """
    if isinstance(source, Mapping):
        return space_from(source)
    path = Path(source)
    if path.suffix.lower() not in FORMATS:
        return built_in(str(source))
    try:
        return space_from(read_document(path, "a search space", "extends, operations or widths"))
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from error


def space_from(document: Mapping[str, Any]) -> SearchSpace:
    """The space that a document describes: a built-in one, `everything` unless `extends` names another, and changes.

    Lists name what is allowed in a slot (`operations: [lstm, gru]`, `widths: [16, 32]`), `families` narrows the
    operations, `stages`, `blocks` and `parameters` hold the ends of a range, and `options` allows some options of a
    sub-choice (`convolution.kernel_size: [3]`).

    Raises:
        InvalidInput: a key is unknown or a value is wrong.
    """
    check_keys(document, _KEYS)
    space = built_in(str(document.get("extends", "everything")))
    changes: dict[str, Any] = {
        name: _listed(name, document[name]) for name in _FIELDS if name in document and name != "options"
    }
    if "options" in document:
        changes["options"] = _options(document["options"])
    changed = dataclasses.replace(space, **changes)
    return changed.only(_listed("families", document["families"])) if "families" in document else changed


def _listed(name: str, value: Any) -> tuple[Any, ...]:
    if isinstance(value, list | tuple) and all(isinstance(item, str | int | float) for item in value):
        return tuple(value)
    raise InvalidInput(f"{name}: found {value!r}, expected a list such as [{_EXAMPLES.get(name, 'a, b')}]")


_EXAMPLES = {"widths": "16, 32", "stages": "1, 2", "blocks": "1, 2", "parameters": "1000, 50000", "dropouts": "0, 0.1"}


def _options(value: Any) -> dict[str, tuple[Any, ...]]:
    if not isinstance(value, Mapping):
        raise InvalidInput(f"options: found {value!r}, expected a mapping such as {{convolution.kernel_size: [3, 5]}}")
    return {str(name): _listed(f"options: {name}", allowed) for name, allowed in value.items()}
