"""InlineEngine: one unit after the other in this very process, for tests, debugging and exact repetition."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Self

import torch

from workers.checkpoint import Checkpoints
from workers.datasets import Dataset
from workers.engine import Engine, Signal, Source
from workers.work_unit import WorkUnit
from workers.worker import Worker


class InlineEngine(Engine):
    """Runs units in the calling thread, on one torch thread like every worker."""

    slots = 1

    def run(self, source: Source, dataset: Dataset, checkpoints: Checkpoints) -> None:
        """See `Engine.run`."""
        worker = Worker(dataset, checkpoints, socket.gethostname())
        worker.warm_up()
        while isinstance(unit := source.propose(), WorkUnit):
            source.absorb(worker.run(unit))
        assert unit is Signal.DONE, "a source may wait only while a unit is in flight"

    def __enter__(self) -> Self:
        self._threads = torch.get_num_threads()
        torch.set_num_threads(1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        torch.set_num_threads(self._threads)
