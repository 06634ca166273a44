"""Events of a study as server-sent events, from the record, so that a reader goes on where he stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from anyio import sleep, to_thread
from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent

from search.service.auth import TheSite
from search.service.feed import POLL_SECONDS, Feed
from search.service.problems import documented
from search.service.site import Site
from search.service.studies import Existing
from search.storage.events import Event
from search.storage.studies import StudyState

AT_REST = (StudyState.INTERRUPTED, StudyState.FINISHED, StudyState.FAILED)
"""States in which nothing happens any more until somebody asks for it, unless a runner has the study still: one that
failed or was interrupted with its driver goes on. A stream that told of one ends when no runner has it."""

router = APIRouter(prefix="/v1/studies", tags=["studies"])


class NothingMore(Exception):
    """A reader has seen everything that will happen; the answer makes browsers stop asking."""


def seen(study: Existing, site: TheSite, last_event_id: Annotated[int, Header(ge=0, le=2**62)] = 0) -> int:
    """The number of the last event that the reader has seen.

    Raises:
        NothingMore: the study is at rest, and no event follows.
    """
    is_over = last_event_id > 0 and study.state in AT_REST and not site.queue.is_leased(study.name)
    if is_over and not site.events.after(study.name, last_event_id, 1):
        raise NothingMore
    return last_event_id


@router.get(
    "/{name}/events",
    response_class=EventSourceResponse,
    responses={
        204: {"description": "The study is at rest, and no event follows."},
        **documented(401, 403, 404, 422, 429),
    },
)
async def events(
    study: Existing, site: TheSite, number: Annotated[int, Depends(seen)]
) -> AsyncIterator[ServerSentEvent]:
    """Follow a study: `state`, `phase`, `trial`, `error` and `verdict` events, numbered without a gap.

    With `Last-Event-ID` the stream goes on after that event. It ends when the study is interrupted, finished or failed.
    """
    async for event in follow(site, study.name, number):
        yield ServerSentEvent(
            id=str(event.number), event=event.kind, data={**event.data, "at": f"{event.created.isoformat()}Z"}
        )


async def follow(site: Site, study: str, number: int) -> AsyncIterator[Event]:
    """The events after one, as they happen, until the study is at rest."""
    created = (await to_thread.run_sync(site.studies.get, study)).created  # tells it from a deleted one of its name
    feed = site.feeds.setdefault((study, created), Feed(site, study))  # lives as long as somebody follows
    state = None
    while True:
        found, is_leased = await feed.after(number)
        for event in found:
            number = event.number
            state = event.data["state"] if event.kind == "state" else state
            yield event
        if not found:
            if state in AT_REST and not is_leased:
                return
            await sleep(POLL_SECONDS)
