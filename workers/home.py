"""Home: the folder in which everything that is a file is kept."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """The folder that `PENCHANT_HOME` names, or `.penchant` here; absolute, perhaps not there yet."""
    return Path(os.environ.get("PENCHANT_HOME", ".penchant")).absolute()
