"""Share: what each worker takes of its node's CPUs and GPUs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SMALLEST_SHARES_TO_ONE = 10_000
"""Ray counts resources in ten-thousandths."""
ROUNDING = 1e-9


@dataclass(frozen=True)
class Share:
    """What each worker takes; fractions let several of them share one.

    Attributes:
        cpus: CPUs a worker.
        gpus: GPUs a worker.
    """

    cpus: float = 1.0
    gpus: float = 0.0

    def workers_on(self, node: Mapping[str, float]) -> int:
        """How many workers a node holds.

        Args:
            node: its resources by Ray's names, `CPU` and `GPU`.
        """
        by_cpus = int(node.get("CPU", 0) / self.cpus + ROUNDING)
        return min(by_cpus, self._workers_by_gpus(int(node.get("GPU", 0)))) if self.gpus else by_cpus

    def _workers_by_gpus(self, gpus: int) -> int:
        """A fraction lies on one GPU: two workers of .6 do not fit on one, nor three on two."""
        return gpus * int(1 / self.gpus + ROUNDING) if self.gpus < 1 else int(gpus / self.gpus + ROUNDING)

    def __str__(self) -> str:
        return f"{self.cpus:g} CPU" + (f" and {self.gpus:g} GPU" if self.gpus else "")


def even_share(nodes: Iterable[Mapping[str, float]], cpus: float = 1.0, workers: int | None = None) -> Share:
    """The share by which as many workers as there are CPUs for find room on the GPUs; none where there is no GPU.

    Args:
        nodes: resources of each.
        cpus: CPUs a worker.
        workers: in all, where fewer are wanted than there are CPUs for.
    """
    with_gpus = [node for node in nodes if node.get("GPU", 0) >= 1]
    if not with_gpus:
        return Share(cpus)
    sharers = max(math.ceil(Share(cpus).workers_on(node) / int(node["GPU"])) for node in with_gpus)
    if workers is not None:
        sharers = min(sharers, math.ceil(workers / sum(int(node["GPU"]) for node in with_gpus)))
    return Share(cpus, SMALLEST_SHARES_TO_ONE // max(1, sharers) / SMALLEST_SHARES_TO_ONE)
