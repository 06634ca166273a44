"""Settings: where studies live, from the command line or the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    return re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:***@", url)


@dataclass(frozen=True)
class Settings:
    """Where a study's records are kept.

    Attributes:
        home: folder for everything that is a file; `.penchant` here, or `PENCHANT_HOME`.
        storage: SQLAlchemy URL of the database with studies and trials; SQLite in `home` by default.
        tracking_uri: MLflow's; SQLite in `home` by default.
    """

    home: Path
    storage: str
    tracking_uri: str

    @classmethod
    def resolve(cls, storage: str | None = None, tracking_uri: str | None = None) -> Settings:
        """Takes what is given, then `PENCHANT_STORAGE` and `PENCHANT_TRACKING_URI`, then files in `home`."""
        home = Path(os.environ.get("PENCHANT_HOME", ".penchant")).absolute()
        return cls(
            home,
            storage or os.environ.get("PENCHANT_STORAGE") or f"sqlite:///{home / 'penchant.db'}",
            tracking_uri or os.environ.get("PENCHANT_TRACKING_URI") or f"sqlite:///{home / 'mlflow.db'}",
        )
