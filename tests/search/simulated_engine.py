"""SimulatedEngine: any number of workers that train nothing, and the real driver's real time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from types import TracebackType
from typing import Self

import numpy as np

from workers.checkpoint import Checkpoints
from workers.datasets import Dataset
from workers.engine import Engine, Signal, Source
from workers.outcome import CurvePoint, Outcome, Status
from workers.rungs import rungs
from workers.work_unit import WorkUnit

CURVE_POINTS = 20
PAUSE_SECONDS = 0.002


@dataclass
class Activity:
    """What workers and driver did, in seconds of the simulated clock.

    Attributes:
        units: when each training began and ended.
        proposing: how long the driver took for each proposal, and
        absorbing: for each outcome.
        waits: from when to when so many workers had nothing to do, since a phase waited for outcomes or was the last.
    """

    units: list[tuple[float, float]] = field(default_factory=list)
    proposing: list[float] = field(default_factory=list)
    absorbing: list[float] = field(default_factory=list)
    waits: list[tuple[float, float, int]] = field(default_factory=list)

    def busy_seconds(self, begins: float, ends: float) -> float:
        """Worker time in which something was trained."""
        return sum(max(0.0, min(ends, stop) - max(begins, start)) for start, stop in self.units)

    def waiting_seconds(self, begins: float, ends: float) -> float:
        """Worker time without anything that might have been trained."""
        return sum(free * max(0.0, min(ends, stop) - max(begins, start)) for start, stop, free in self.waits)


class SimulatedEngine(Engine):
    """Runs units for as long as it is told, on a clock that leaves out the time in which the driver has nothing to do.

    What the driver takes, and the threads that write its record beside it, counts as it would with real workers; the
    trainings themselves take no time.

    Args:
        slots: workers.
        seconds_of: how long a unit takes.
        writes: whether threads of the driver still write; their time is not left out.
    """

    slots = 0

    def __init__(
        self, slots: int, seconds_of: Callable[[WorkUnit], float], writes: Callable[[], bool] = lambda: False
    ) -> None:
        self.slots = slots
        self.activity = Activity()
        self._seconds_of = seconds_of
        self._writes = writes
        self._began = time.perf_counter()
        self._left_out = 0.0
        self._waiting: tuple[float, int] | None = None  # since when so many workers wait for what a phase waits for

    def seconds(self) -> float:
        """The simulated clock."""
        return time.perf_counter() - self._began + self._left_out

    def run(self, source: Source, dataset: Dataset, checkpoints: Checkpoints) -> None:
        """See `Engine.run`."""
        in_flight: list[tuple[float, int, WorkUnit]] = []
        self._began, self._left_out = time.perf_counter(), 0.0
        while True:
            step = self._start(source, in_flight)
            if not in_flight:
                assert step is Signal.DONE, "a source may wait only while a unit is in flight"
                return
            ends, _, unit = heappop(in_flight)
            self._wait_until(ends)
            outcome = simulated_outcome(unit, self._seconds_of(unit))
            asked = self.seconds()
            source.absorb(outcome)
            self.activity.absorbing.append(self.seconds() - asked)

    def _start(self, source: Source, in_flight: list[tuple[float, int, WorkUnit]]) -> Signal:
        """Gives every free worker a unit, as far as there are any."""
        while len(in_flight) < self.slots:
            asked, free = self.seconds(), self.slots - len(in_flight)
            if self._waiting is not None:
                since, waited = self._waiting
                self.activity.waits.append((since, asked, waited))
                self._waiting = None
            step = source.propose()
            begins = self.seconds()
            if not isinstance(step, WorkUnit):
                self._waiting = asked, free
                return step
            self.activity.proposing.append(begins - asked)
            ends = begins + self._seconds_of(step)
            self.activity.units.append((begins, ends))
            heappush(in_flight, (ends, len(self.activity.units), step))
        return Signal.WAIT

    def _wait_until(self, ends: float) -> None:
        while (left := ends - self.seconds()) > 0:
            if self._writes():
                time.sleep(min(left, PAUSE_SECONDS))
            else:
                self._left_out += left

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


def simulated_outcome(unit: WorkUnit, seconds: float) -> Outcome:
    """What a training might have come to: better with more steps, and a matter of luck."""
    rng = np.random.default_rng([unit.trial, unit.stop])
    steps = {*np.linspace(unit.start, unit.stop, CURVE_POINTS + 1, dtype=int)[1:].tolist(), *rungs(unit.horizon)}
    learnt = float(np.clip(rng.normal(0.6, 0.1), 0.1, 0.8))
    curve = [
        CurvePoint(step, unit.horizon / step, learnt + 0.1 * step / unit.horizon)
        for step in sorted(steps)
        if unit.start < step <= unit.stop
    ]
    score = curve[-1].search_score
    return Outcome(
        unit.trial,
        unit.start,
        unit.stop,
        Status.TRAINED,
        search_score=score,
        confirm_score=score + float(rng.normal(0, 0.01)),
        test_score=score if unit.opens_test else None,
        curve=tuple(curve),
        seconds=seconds,
        step_seconds=seconds / max(1, unit.stop - unit.start),
        parameters=int(rng.integers(1_000, 100_000)),
        flops=int(rng.integers(10_000, 10_000_000)) if unit.start == 0 else None,
        maker="simulated",
        node=f"node{unit.trial % 100}",
    )
