"""Versions of what a study's figures depend on, so that a record says what made it."""

from __future__ import annotations

import platform
from importlib.metadata import version

LIBRARIES = ("penchant", "torch", "numpy", "scipy", "optuna", "ray")


def versions() -> dict[str, str]:
    """Name -> version, of Python and of the libraries that train, sample and test."""
    return {"python": platform.python_version(), **{library: version(library) for library in LIBRARIES}}
