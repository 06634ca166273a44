"""A site in a folder, its application in this process, and callers with tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from search.service.application import create_application
from search.service.site import Site
from search.settings import Settings
from search.storage.studies import Submission
from search.storage.tokens import Scope
from tests.search.storage.specification import SPECIFICATION

Client = Callable[..., TestClient]


@pytest.fixture
def site(home: Path) -> Iterator[Site]:
    """A service that demands tokens and takes files of 100 kB."""
    made = Site(Settings.resolve(), home / "data", demands_tokens=True, most_upload_bytes=100_000)
    yield made
    made.database.engine.dispose()


@pytest.fixture
def client(site: Site) -> Client:
    """Makes a client with a token of this scope and owner, or of none."""
    application = create_application(site)

    def make(scope: Scope | None = Scope.WRITE, owner: str = "ann") -> TestClient:
        token = None if scope is None else site.tokens.create(owner, scope, timedelta(days=1))
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return TestClient(application, headers=headers, raise_server_exceptions=False, follow_redirects=False)

    return make


@pytest.fixture
def enter(site: Site) -> Callable[..., str]:
    """Enters a study that waits for a runner."""
    return lambda name, owner="ann": site.studies.create(SPECIFICATION, name, "digits", Submission(owner))
