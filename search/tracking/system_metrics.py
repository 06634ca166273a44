"""System metrics of the driver's machine, measured by MLflow's own monitors and shown on the study's page."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from search.tracking.limits import Point

EVERY_SECONDS = 10.0
"""As MLflow's own thread has it."""


class SystemMetrics:
    """Measures CPU, memory, disk, network and, where MLflow can read it, the GPU.

    MLflow's own thread would ask the server by itself and end at its first silence. Here whoever writes trials takes a
    sample when it is at work anyway; the share of the CPU is the mean since the sample before.

    Args:
        began: when the run began that is measured, in seconds since 1970; steps are seconds since then.
    """

    def __init__(self, began: float) -> None:
        from mlflow.system_metrics.metrics.cpu_monitor import CPUMonitor
        from mlflow.system_metrics.metrics.disk_monitor import DiskMonitor
        from mlflow.system_metrics.metrics.gpu_monitor import GPUMonitor
        from mlflow.system_metrics.metrics.network_monitor import NetworkMonitor

        self._monitors: list[Any] = []
        for monitor in (CPUMonitor, DiskMonitor, NetworkMonitor, GPUMonitor):
            with contextlib.suppress(Exception):  # each raises something else where there is nothing for it to measure
                self._monitors.append(monitor())
        self._began = began
        self._last = time.time()
        self._measured()  # the CPU's share counts from here on

    def sample(self) -> list[Point]:
        """What was measured since the last sample; nothing where that was a moment ago."""
        now = time.time()
        if now - self._last < EVERY_SECONDS:
            return []
        self._last = now
        return [Point(f"system/{name}", value, int(now - self._began)) for name, value in self._measured().items()]

    def _measured(self) -> dict[str, float]:
        measured: dict[str, float] = {}
        for monitor in self._monitors:
            monitor.clear_metrics()
            monitor.collect_metrics()
            measured |= monitor.aggregate_metrics()
        return measured
