"""What can be built: inductive biases as choices, architectures made of them, and the networks they describe."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spaces.architecture import Architecture
    from spaces.errors import InvalidInput
    from spaces.landmarks import LANDMARKS, landmark, natural_landmarks
    from spaces.search_space import SearchSpace
    from spaces.shapes import Grid, Task

__all__ = ["LANDMARKS", "Architecture", "Grid", "InvalidInput", "SearchSpace", "Task", "landmark", "natural_landmarks"]

_HOMES = {
    "Architecture": "architecture",
    "InvalidInput": "errors",
    "LANDMARKS": "landmarks",
    "landmark": "landmarks",
    "natural_landmarks": "landmarks",
    "SearchSpace": "search_space",
    "Grid": "shapes",
    "Task": "shapes",
}


def __getattr__(name: str) -> Any:
    """Imports a name when it is asked for, and torch with it: the command line answers `--help` without."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"spaces.{_HOMES[name]}"), name)
