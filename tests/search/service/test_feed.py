"""Many follow a study, and its record is read as if it were one."""

from __future__ import annotations

import asyncio

import pytest

from search.service.events import follow
from search.service.site import Site
from search.storage.studies import StudyState

FOLLOWERS, EVENTS = 50, 30


@pytest.fixture
def running(enter, site: Site) -> str:
    """A study that a process drives, with some events."""
    name = enter("mine")
    site.studies.claim(name)
    for number in range(EVENTS):
        site.events.append(name, "trial", {"ended": number}, trial=number)
    return name


def test_everybody_is_told_everything_once(running: str, site: Site, monkeypatch):
    """From wherever he begins, in order; the record is not read by each of them again and again."""
    read = []
    after = site.events.after
    monkeypatch.setattr(site.events, "after", lambda *named: read.append(named) or after(*named))

    async def told(begins: int) -> list[int]:
        return [event.number async for event in follow(site, running, begins)]

    async def all_told() -> list[list[int]]:
        asyncio.get_running_loop().call_later(1.2, site.studies.release, running, StudyState.FINISHED, 1.0)
        return await asyncio.gather(*(told(begins) for begins in seen))

    seen = [follower % EVENTS for follower in range(FOLLOWERS)]
    last = EVENTS + 3  # it was queued, ran and finished
    assert asyncio.run(all_told()) == [list(range(begins + 1, last + 1)) for begins in seen]
    assert len(read) < FOLLOWERS / 2
    assert not site.feeds


def test_who_is_far_behind_reads_for_himself(running: str, site: Site):
    """The feed of somebody who began later does not hold what he has missed."""

    async def both() -> list[list[int]]:
        late = follow(site, running, EVENTS)
        found = [[(await anext(late)).number]]
        early = follow(site, running, 0)
        found.append([(await anext(early)).number for _ in range(3)])
        await late.aclose()
        await early.aclose()
        return found

    assert asyncio.run(both()) == [[EVENTS + 1], [1, 2, 3]]
