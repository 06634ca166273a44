"""Space files: a user's own search space in YAML or JSON."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spaces.built_in import built_in
from spaces.errors import InvalidInput
from spaces.search_space import SearchSpace

FORMATS = (".yaml", ".yml", ".json")
_FIELDS = tuple(f.name for f in dataclasses.fields(SearchSpace) if f.name not in ("task", "any_stem"))
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
        return space_from(_parsed(path))
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
    for key in document:
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise InvalidInput(f"unknown key {key!r}: expected some of {', '.join(_KEYS)}{hint}")
    space = built_in(str(document.get("extends", "everything")))
    changes = {name: _listed(name, document[name]) for name in _FIELDS if name in document and name != "options"}
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


def _parsed(path: Path) -> Mapping[str, Any]:
    """What stands in a file; JSON is YAML."""
    import yaml  # workers and Python users without files need none

    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InvalidInput("no such file: expected a search space in YAML or JSON") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot be read ({error}): expected a search space in YAML or JSON") from error
    except yaml.YAMLError as error:
        raise InvalidInput(
            f"not YAML ({' '.join(str(error).split())}): expected keys such as extends, operations"
        ) from error
    if not isinstance(document, Mapping):
        raise InvalidInput(f"found {type(document).__name__}, expected keys such as extends, operations or widths")
    return document
