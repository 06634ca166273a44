"""A study while 200 clients list and watch, beside the same study alone: `make load` (five minutes).

A real server with its runner, and real connections: half of the clients follow the study's events, the others list
studies and look at it by turns, each every five seconds, or as often as is said. Told are the times of the reads,
whether every follower heard every event once, and how much longer the study took.
Run from the root of the repository: python -m benchmarks.service_load [CLIENTS] [SECONDS]
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

import httpx2 as httpx
import numpy as np

CLIENTS, PAUSE_SECONDS = 200, 5.0
STUDY = {"data": "digits", "trials": 24, "epochs": 6, "workers": 1, "seed": 0}
MOST_MILLISECONDS, MOST_SLOWER = 300.0, 0.05


def main() -> int:
    """Prints what was seen; 1 where it is too slow or an event was lost."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else CLIENTS
    pause = float(sys.argv[2]) if len(sys.argv) > 2 else PAUSE_SECONDS
    with served() as address:
        alone = asyncio.run(study(address, "alone", 0, pause))
        together = asyncio.run(study(address, "watched", clients, pause))
    reads = 1000 * np.array(together.reads)
    slower = together.seconds / alone.seconds - 1
    late = float(np.quantile(reads, 0.99))
    print(f"{clients} clients: {len(reads)} reads, median {np.median(reads):.0f} ms, 99 of 100 within {late:.0f} ms")
    print(f"{together.whole} of {together.followers} followers heard each of {together.events} events once, in order")
    print(f"the study took {together.seconds:.0f} s, alone {alone.seconds:.0f} s: {slower:+.1%}")
    lost = together.whole < together.followers
    return int(late > MOST_MILLISECONDS or lost or slower > MOST_SLOWER)


class Seen:
    """What clients saw of a study."""

    def __init__(self) -> None:
        self.reads: list[float] = []
        self.heard: list[list[int]] = []
        self.seconds = 0.0
        self.ended = asyncio.Event()

    @property
    def followers(self) -> int:
        """Who followed its events."""
        return len(self.heard)

    @property
    def events(self) -> int:
        """How many there were, as far as anybody heard."""
        return max((numbers[-1] for numbers in self.heard if numbers), default=0)

    @property
    def whole(self) -> int:
        """Followers who heard each event once."""
        return sum(numbers == list(range(1, self.events + 1)) for numbers in self.heard)


@contextmanager
def served() -> Iterator[str]:
    """A server with a runner, on a database of its own; its address."""
    with tempfile.TemporaryDirectory(prefix="penchant-load-") as home:
        command = [sys.executable, "-m", "search.cli", "serve", "--port", "0"]
        environment = {**os.environ, "PENCHANT_HOME": home}
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
            assert server.stderr is not None
            address = re.search(r"http://\S+", server.stderr.readline())
            assert address is not None
            try:
                yield address[0]
            finally:
                server.terminate()


async def study(address: str, name: str, clients: int, pause: float) -> Seen:
    """Submits a study and follows it to its end, with so many clients at it."""
    seen = Seen()
    limits = httpx.Limits(max_connections=None, keepalive_expiry=2.5)  # before the server hangs up
    async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as client:
        (await client.post("/v1/studies", json={**STUDY, "name": name})).raise_for_status()
        readers = [asyncio.create_task(read(client, name, seen, pause)) for _ in range(clients // 2)]
        followers = [follow(client, name, seen) for _ in range(max(1, clients - len(readers)))]
        await asyncio.gather(*followers)
        seen.ended.set()
        await asyncio.gather(*readers)
        seen.seconds = (await client.get(f"/v1/studies/{name}")).json()["seconds"]
    return seen


async def follow(client: httpx.AsyncClient, name: str, seen: Seen) -> None:
    """Hears the study's events until it ends."""
    numbers: list[int] = []
    seen.heard.append(numbers)
    async with client.stream("GET", f"/v1/studies/{name}/events") as answer:
        async for line in answer.aiter_lines():
            if line.startswith("id:"):
                numbers.append(int(line.removeprefix("id:")))


async def read(client: httpx.AsyncClient, name: str, seen: Seen, pause: float) -> None:
    """Lists studies and looks at this one by turns, with a pause in between."""
    await asyncio.sleep(pause * random.random())  # not all at once
    for path in cycle(("/v1/studies", f"/v1/studies/{name}")):
        if seen.ended.is_set():
            return
        began = time.perf_counter()
        (await client.get(path)).raise_for_status()
        seen.reads.append(time.perf_counter() - began)
        await asyncio.sleep(pause)


if __name__ == "__main__":
    sys.exit(main())
