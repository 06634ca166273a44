"""The page at `/`: what it asks of the database, and what it tells of each study."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from search.service.auth import COOKIE
from search.service.site import Site
from search.storage.tokens import Scope
from tests.search.service.conftest import Client


@pytest.fixture
def browser(client: Client) -> TestClient:
    """Signed in."""
    reader = client(Scope.READ)
    reader.cookies.set(COOKIE, reader.headers["Authorization"].removeprefix("Bearer "))
    return reader


def test_the_page_asks_no_more_of_the_database_for_more_studies(browser: TestClient, enter, site: Site):
    """A query a study would make a page of fifty slow on a database that is not on the same machine."""
    asked: list[str] = []
    event.listen(site.database.engine, "before_cursor_execute", lambda *details: asked.append(details[2]))

    def queries() -> int:
        asked.clear()
        assert browser.get("/").status_code == 200
        return len(asked)

    enter("s0")
    few = queries()
    for number in range(1, 6):
        enter(f"s{number}")
    assert queries() == few > 0


def test_the_page_tells_of_each_study_its_own_progress(browser: TestClient, enter, site: Site):
    """The last events of each kind, whatever other studies do and whatever came after."""
    told = {"metric": "accuracy", "phase": "census"}
    for name, ended in (("slow", 2), ("quick", 7)):
        enter(name)
        site.events.append(name, "phase", {"phase": "census", "expected": 9, "ended": 0})
        for number in range(ended):
            site.events.append(name, "trial", {**told, "ended": number + 1, "best": ended / 10}, trial=number)
    site.events.append("slow", "error", {"message": "the disk is full"})
    slow, quick = (browser.get("/").text.partition('data-study="slow"')[part] for part in (2, 0))
    assert "2 of 9 trials" in slow and "best 0.200" in slow and "the disk is full" in slow
    assert "7 of 9 trials" in quick and "best 0.700" in quick and "the disk" not in quick
