"""Documents: what stands in a user's file of YAML or JSON."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from spaces.errors import InvalidInput

FORMATS = (".yaml", ".yml", ".json")
"""Endings of the files that hold documents."""


def read_document(path: Path, what: str, keys: str) -> Mapping[str, Any]:
    """What stands in a file of YAML; JSON is YAML.

    Args:
        path: of the file.
        what: what messages call it, e.g. `"a search space"`.
        keys: keys that messages name as examples.

    Raises:
        InvalidInput: it cannot be read, says something twice, or holds no mapping.
    """
    import yaml  # workers and Python users without files need none

    from spaces import strict_yaml

    try:
        document = strict_yaml.load(path.read_text(encoding="utf-8"))
    except InvalidInput:
        raise
    except FileNotFoundError as error:
        raise InvalidInput(f"no such file: expected {what} in YAML or JSON") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot be read ({error}): expected {what} in YAML or JSON") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a date that is none, a number without end, …
        raise InvalidInput(f"not YAML ({' '.join(str(error).split())}): expected keys such as {keys}") from error
    if not isinstance(document, Mapping):
        raise InvalidInput(f"found {type(document).__name__}, expected keys such as {keys}")
    return document


def check_keys(document: Mapping[str, Any], known: Collection[str], expected: str | None = None) -> None:
    """Refuses a key that means nothing.

    Args:
        document: whose keys they are.
        known: keys that mean something.
        expected: what messages say instead of listing them.

    Raises:
        InvalidInput: the message names the nearest key that does.
    """
    expected = expected or f"some of {', '.join(known)}"
    for key in document:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise InvalidInput(f"unknown key {key!r}: expected {expected}{hint}")
