"""Functions: plain functions of ours with what they need, as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from spaces.export.source.library import Library
from spaces.export.source.module import functions_module


def functions_text(function: Callable[..., Any], known: Mapping[str, Any]) -> str:
    """A function, those of ours that it calls, and their constants; badly formatted and without imports.

    Args:
        function: at the top level of a module of ours.
        known: parameters that it does without, and the values that these have.
    """
    library = Library()
    library.use(function, known)
    return functions_module(library)
