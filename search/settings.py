"""Settings: where studies live, from the command line or the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from workers.home import home


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
        checkpoints: folder or URI for training states, which every worker must reach; in `home` by default.
    """

    home: Path
    storage: str
    tracking_uri: str
    checkpoints: str

    @classmethod
    def resolve(cls, storage: str | None = None, tracking_uri: str | None = None) -> Settings:
        """Takes what is given, then what `PENCHANT_STORAGE` and so on say, then files in `home`."""
        folder = home()
        return cls(
            folder,
            storage or os.environ.get("PENCHANT_STORAGE") or f"sqlite:///{folder / 'penchant.db'}",
            tracking_uri or os.environ.get("PENCHANT_TRACKING_URI") or f"sqlite:///{folder / 'mlflow.db'}",
            os.environ.get("PENCHANT_CHECKPOINTS") or str(folder / "checkpoints"),
        )
