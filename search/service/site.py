"""Site: what an application serves, and within which limits."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from weakref import WeakValueDictionary

from search.service.feed import Feed
from search.settings import Settings
from search.storage.database import Database
from search.storage.events import EventStore
from search.storage.queue import Queue
from search.storage.studies import StudyStore
from search.storage.tokens import TokenStore
from search.study import Study

MEBIBYTE = 2**20


class Site:
    """The record and the data of one service.

    Args:
        settings: where studies are kept.
        data_root: the only folder whose files users may name; uploads go into it.
        demands_tokens: whether a user must show who he is.
        most_upload_bytes: size of an uploaded file; unpacked it may be four times as large.
        mlflow_url: where browsers reach MLflow; by default the tracking URI, if that is a server's.
    """

    def __init__(
        self,
        settings: Settings,
        data_root: Path,
        *,
        demands_tokens: bool,
        most_upload_bytes: int = 256 * MEBIBYTE,
        mlflow_url: str | None = None,
    ) -> None:
        self.settings = settings
        self.data_root = data_root.resolve()
        self.demands_tokens = demands_tokens
        self.most_upload_bytes = most_upload_bytes
        server = settings.tracking_uri if settings.tracking_uri.startswith("http") else None
        self.mlflow_url = (mlflow_url or server or "").rstrip("/") or None
        self.database = Database(settings.storage)
        self.studies = StudyStore(self.database)
        self.queue = Queue(self.database)
        self.events = EventStore(self.database)
        self.tokens = TokenStore(self.database)
        self.feeds: WeakValueDictionary[tuple[str, datetime], Feed] = WeakValueDictionary()

    def study(self, name: str) -> Study:
        """A recorded study.

        Raises:
            UnknownStudy: there is none of this name.
        """
        return Study(name, self.settings, self.database)
