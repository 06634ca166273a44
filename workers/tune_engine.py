"""TuneEngine: work units as trials of Ray Tune, on this machine or a cluster. The only file that imports ray."""

from __future__ import annotations

import json
import os
import socket
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_NUM_REDIS_GET_RETRIES", "3")  # 40 s each where what answers is not Ray; else 20 of them
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # the coming default, asked for early: no warning
os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")  # Tune's own tables would run into our progress
os.environ.setdefault("TUNE_DISABLE_AUTO_CALLBACK_LOGGERS", "1")  # CSV, JSON and TensorBoard files: 9 of 10 ms a unit
os.environ.setdefault("TUNE_DISABLE_SIGINT_HANDLER", "1")  # Ctrl-C is the study's to handle

import ray
import torch
from ray import tune
from ray.tune.schedulers import FIFOScheduler
from ray.tune.search import Searcher

from spaces.errors import InvalidInput
from spaces.operation_file import OperationFile
from workers.checkpoint import Checkpoints
from workers.datasets import Dataset
from workers.engine import Engine, Signal, Source
from workers.limits import MemoryLimit, watchdog
from workers.outcome import Outcome, Status
from workers.work_unit import WorkUnit
from workers.worker import Worker

DEATHS_FORGIVEN = 1
"""A process that dies twice in the same unit, on nodes that live, most likely dies of it."""
LOSSES_FORGIVEN = 3
"""A lost node says nothing about the unit it was running."""
DEATH_OF_PROCESS = "its worker process has died"
"""What Ray says where a process ended alone, not with its node."""
SHORTEST_REST_SECONDS, LONGEST_REST_SECONDS = 0.05, 5.0


class TuneEngine(Engine):
    """Runs units in reused actors, one torch thread and one CPU each.

    Args:
        workers: how many at a time; by default as many as the cluster has CPUs.
        address: a running Ray cluster. Without it the engine starts a Ray of its own and joins no other.
        operation_files: a user's own operations, which are registered in every worker.
        memory_bytes: what a worker may allocate for its units; by default its share of what Ray found available on
            its node, see `MemoryLimit`.
    """

    def __init__(
        self,
        workers: int | None = None,
        address: str | None = None,
        operation_files: Sequence[OperationFile] = (),
        memory_bytes: int | None = None,
    ) -> None:
        self._workers = workers
        self._address = address
        self._operation_files = tuple(operation_files)
        self._memory_bytes = memory_bytes

    @property
    def slots(self) -> int:
        """See `Engine.slots`."""
        cpus = int(ray.cluster_resources().get("CPU", 0))
        return max(1, min(self._workers or cpus, cpus))

    def run(self, source: Source, dataset: Dataset, checkpoints: Checkpoints) -> None:
        """See `Engine.run`."""
        searcher = _SourceSearcher(source, checkpoints.folder, lambda: self.slots)
        trainable = tune.with_parameters(
            _UnitTrainable,
            dataset=dataset,
            checkpoints=checkpoints,
            operation_files=self._operation_files,
            slots=self.slots,
            memory_bytes=self._memory_bytes,
        )
        with tempfile.TemporaryDirectory(prefix="penchant-tune-") as scratch:
            tune.Tuner(
                tune.with_resources(trainable, {"cpu": 1}),
                tune_config=tune.TuneConfig(
                    search_alg=searcher,
                    scheduler=_PatientScheduler(),
                    num_samples=-1,
                    reuse_actors=True,
                    max_concurrent_trials=self.slots,
                ),
                run_config=tune.RunConfig(
                    storage_path=scratch,
                    verbose=0,
                    checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
                    failure_config=tune.FailureConfig(max_failures=0),  # the searcher proposes a lost unit again
                    callbacks=[_Deaths(searcher)],
                ),
            ).fit()
        if searcher.error is not None:
            raise searcher.error

    def __enter__(self) -> Self:
        common: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
        if self._address is None:
            ray.init("local", num_cpus=self._workers or os.cpu_count(), include_dashboard=False, **common)
            return self
        try:
            ray.init(self._address, **common)
        except (ConnectionError, ValueError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[-1]  # a traceback may stand before it
            raise InvalidInput(f"--address {self._address}: cannot join a Ray cluster there ({reason})") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ray.shutdown()


def check_address(address: str) -> None:
    """Makes sure, before a study is created, that something listens where its Ray cluster should be.

    Ray itself would go on trying there for minutes.

    Args:
        address: of the cluster, host:port.

    Raises:
        InvalidInput: it is no such address, or nothing listens there.
    """
    expected = "expected host:port of a running Ray cluster, such as ray-head:6379"
    if "://" in address:
        raise InvalidInput(f"--address {address}: {expected}; Ray Client addresses (ray://) are not supported")
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise InvalidInput(f"--address {address}: {expected}")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
    except (OSError, OverflowError, ValueError) as error:
        raise InvalidInput(f"--address {address}: {expected}, found none ({error})") from error


class _UnitTrainable(tune.Trainable):
    """A Ray actor that runs one unit a trial and is reused for the next.

    Units and outcomes travel as JSON text: Tune would flatten nested objects into hundreds of columns.
    """

    def setup(self, config: dict[str, Any], **shared: Any) -> None:
        torch.set_num_threads(1)
        for file in shared["operation_files"]:
            file.register()
        self._worker = Worker(shared["dataset"], shared["checkpoints"], ray.get_runtime_context().get_node_id())
        self._worker.warm_up()
        self._notes: Path = shared["checkpoints"].folder
        self._memory = MemoryLimit(shared["memory_bytes"] or _memory_share(shared["slots"]))
        self._order = config

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self._order = new_config
        return True

    def step(self) -> dict[str, Any]:
        if "rest_seconds" in self._order:
            time.sleep(self._order["rest_seconds"])
            return {"done": True}
        unit = WorkUnit.from_json(json.loads(self._order["unit"]))
        with watchdog(unit.limit_seconds, _note(self._notes, unit)):
            outcome = self._worker.run(unit)
        if outcome.status is Status.OUT_OF_MEMORY:
            self._memory.arm()
        return {"outcome": json.dumps(outcome.to_json()), "done": True}


def _note(folder: Path, unit: WorkUnit) -> Path:
    """Where the watchdog of a unit's process leaves word for the driver."""
    return folder / f"{unit.trial}-{unit.start}.stuck"


def _memory_share(slots: int) -> int:
    """Bytes for each worker of this node: what Ray found available there, without the object store, divided evenly."""
    here = ray.get_runtime_context().get_node_id()
    (resources,) = (node["Resources"] for node in ray.nodes() if node["NodeID"] == here)
    return int(resources["memory"] / max(1, min(slots, resources["CPU"])))


class _PatientScheduler(FIFOScheduler):
    """Lets actors finish their start.

    Tune's own scheduler points at the first pending trial, and an actor that falls idle takes that trial over, even
    where another actor is starting for it: that one is dismissed, and on a cluster whose units are shorter than a start
    most actors never come to life. Where the scheduler points at none, idle actors take the trials that have no actor.
    """

    def choose_trial_to_run(self, tune_controller: Any) -> None:
        return None


@dataclass
class _Order:
    """A unit in flight, and how often it was lost before.

    Attributes:
        unit: to run.
        deaths: worker processes that ended in it, their nodes living on.
        losses: workers that went with their node, or never came to life.
    """

    unit: WorkUnit
    deaths: int = 0
    losses: int = 0


class _SourceSearcher(Searcher):
    """Shows a source to Tune as a search algorithm.

    Tune dismisses an actor for which it has no trial, and a new one imports torch for five seconds. So while the source
    waits, a free slot is given rests: trials that sleep, for a tenth of the time waited so far, and report nothing.

    A unit whose worker is lost is proposed again, as a new trial: Tune's own retries tell the loss of a node, which is
    nobody's fault, from the death of a process in no way.
    """

    def __init__(self, source: Source, notes: Path, slots: Callable[[], int]) -> None:
        super().__init__()
        self.error: BaseException | None = None
        self._source = source
        self._notes = notes
        self._slots = slots
        self._in_flight: dict[str, _Order] = {}
        self._lost: deque[_Order] = deque()
        self._is_done = False
        self._waiting_since: float | None = None

    def suggest(self, trial_id: str) -> Any:
        if self.error is not None:
            return Searcher.FINISHED
        if len(self._in_flight) >= self._slots():
            return None  # a node is gone: this slot's actor is dismissed, and a unit that has none gets its place
        try:
            order = self._next()
        except Exception as error:
            self.error = error
            return Searcher.FINISHED
        if order is None:
            if self._is_done and not self._in_flight:
                return Searcher.FINISHED
            return {"rest_seconds": self._rest_seconds()}
        self._waiting_since = None
        self._in_flight[trial_id] = order
        return {"unit": json.dumps(order.unit.to_json())}

    def _next(self) -> _Order | None:
        """What to run: a lost unit before new ones, and nothing where the source waits or is done."""
        if self._lost:
            return self._lost.popleft()
        proposal = Signal.DONE if self._is_done else self._source.propose()
        self._is_done = proposal is Signal.DONE
        return _Order(proposal) if isinstance(proposal, WorkUnit) else None

    def _rest_seconds(self) -> float:
        now = time.monotonic()
        self._waiting_since = self._waiting_since or now
        return min(LONGEST_REST_SECONDS, max(SHORTEST_REST_SECONDS, 0.1 * (now - self._waiting_since)))

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        if error or trial_id not in self._in_flight:
            return  # a lost worker, see `on_loss`, or a rest
        del self._in_flight[trial_id]
        assert result is not None
        self._absorb(Outcome.from_json(json.loads(result["outcome"])))

    def on_loss(self, trial_id: str, account: str) -> None:
        """Takes the loss of a trial's worker.

        Args:
            trial_id: Tune's.
            account: Ray's own words.
        """
        order = self._in_flight.pop(trial_id, None)
        if order is None:
            return  # a rest
        is_death = DEATH_OF_PROCESS in account
        order.deaths += is_death
        order.losses += not is_death
        unit, stuck = order.unit, _read(_note(self._notes, order.unit))
        if stuck:
            reason = f"hung far beyond {unit.limit_seconds:g} s, so its process was ended; it was here:\n{stuck}"
            self._absorb(Outcome(unit.trial, unit.start, unit.stop, Status.TIMED_OUT, reason))
        elif order.deaths > DEATHS_FORGIVEN or order.losses > LOSSES_FORGIVEN:
            reason = f"its worker was lost {order.deaths + order.losses} times in this unit, at last:\n{account}"
            self._absorb(Outcome(unit.trial, unit.start, unit.stop, Status.CRASHED, reason))
        else:
            self._lost.append(order)

    def _absorb(self, outcome: Outcome) -> None:
        try:
            if self.error is None:
                self._source.absorb(outcome)
        except Exception as failure:
            self.error = failure

    def __getstate__(self) -> dict[str, Any]:
        """Tune pickles its search algorithm to restore it some day; we never do, and a source holds connections."""
        return {}

    def save(self, checkpoint_path: str) -> None:
        """The study's storage is the record to resume from, not Tune's."""

    def restore(self, checkpoint_path: str) -> None:
        """See `save`."""


class _Deaths(tune.Callback):
    """Tells the searcher of lost workers; Tune itself tells it no reason."""

    def __init__(self, searcher: _SourceSearcher) -> None:
        self._searcher = searcher

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self._searcher.on_loss(trial.trial_id, Path(trial.error_file).read_text())


def _read(note: Path) -> str:
    """What stands in a note, which is removed; nothing where there is none."""
    try:
        text = note.read_text()
    except FileNotFoundError:
        return ""
    note.unlink(missing_ok=True)
    return text
