"""Feed: the events of a study, asked for once for all who follow it."""

from __future__ import annotations

import math
import time
from collections import deque
from typing import TYPE_CHECKING

from anyio import Lock, to_thread

from search.storage.events import Event

if TYPE_CHECKING:
    from search.service.site import Site

POLL_SECONDS = 0.5
MOST_KEPT = 1000


class Feed:
    """What is new in a study, read from the record twice a second however many follow.

    Who is further behind than what is kept reads the record by himself, until he has come up.

    Args:
        site: with the record.
        study: its name.
    """

    def __init__(self, site: Site, study: str) -> None:
        self._site = site
        self._study = study
        self._kept: deque[Event] = deque(maxlen=MOST_KEPT)
        self._begins: int | None = None  # number of the event before the first kept
        self._is_leased = True
        self._asked = -math.inf
        self._asking = Lock()

    async def after(self, number: int) -> tuple[list[Event], bool]:
        """The events that follow one, at most a thousand, and whether a runner has the study.

        What its runner did before it gave the study up is among the events.
        """
        async with self._asking:
            if self._begins is None:
                self._begins = number
            if time.monotonic() - self._asked >= POLL_SECONDS:
                await self._ask(self._kept[-1].number if self._kept else self._begins)
                self._begins = self._kept[0].number - 1 if self._kept else self._begins
        if number < self._begins:
            return await to_thread.run_sync(self._site.events.after, self._study, number), self._is_leased
        return [event for event in self._kept if event.number > number], self._is_leased

    async def _ask(self, last: int) -> None:
        self._is_leased = await to_thread.run_sync(self._site.queue.is_leased, self._study)  # before the events
        self._kept.extend(await to_thread.run_sync(self._site.events.after, self._study, last))
        self._asked = time.monotonic()
