"""TuneEngine: work units as trials of Ray Tune, on this machine or a cluster. The only file that imports ray."""

from __future__ import annotations

import json
import logging
import math
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from unittest.mock import patch

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_NUM_REDIS_GET_RETRIES", "3")  # 40 s each where what answers is not Ray; else 20 of them
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # the coming default, asked for early: no warning
os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")  # Tune's own tables would run into our progress
os.environ.setdefault("TUNE_DISABLE_AUTO_CALLBACK_LOGGERS", "1")  # CSV, JSON and TensorBoard files: 9 of 10 ms a unit
os.environ.setdefault("TUNE_GLOBAL_CHECKPOINT_S", "86400")  # snapshots of all trials, which nobody would restore
os.environ.setdefault("TUNE_DISABLE_SIGINT_HANDLER", "1")  # Ctrl-C is the study's to handle

import ray
import torch
from ray import tune
from ray.tune.experiment import Trial
from ray.tune.registry import _global_registry
from ray.tune.schedulers import FIFOScheduler
from ray.tune.search import Searcher

import spaces
import workers
from spaces.errors import InvalidInput, Unavailable
from spaces.operation_file import OperationFile
from workers.checkpoint import Checkpoints
from workers.datasets import Dataset
from workers.device import limit_device_memory, release_device_memory
from workers.dispatch import Dispatch, note_of
from workers.engine import Engine, Signal, Source
from workers.limits import MemoryLimit, watchdog
from workers.outcome import Outcome, Status
from workers.share import Share, even_share
from workers.unit_checkpoint import NotKept
from workers.work_unit import WorkUnit
from workers.worker import Worker

DEATH_OF_PROCESS = "its worker process has died"
"""What Ray says where a process ended alone, not with its node."""
SHORTEST_REST_SECONDS, LONGEST_REST_SECONDS = 0.05, 5.0
PATIENCE_SECONDS = 30.0
"""Longer than an actor's start on a busy machine: after that its CPU is most likely another study's."""
COUNT_SECONDS = 1.0
"""Nodes are counted no more often: the question costs a millisecond, and is asked several times a unit."""


logger = logging.getLogger(__name__)
QUIET: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}


class TuneEngine(Engine):
    """Runs units in reused actors of one torch thread.

    Args:
        workers: how many at a time; by default as many as the cluster has room for.
        address: a running Ray cluster, to which our packages are sent as they are here. Without it the engine starts a
            Ray of its own and joins no other.
        operation_files: a user's own operations, which are registered in every worker.
        memory_bytes: what a worker may allocate for its units; by default its share of what Ray found available on
            its node, see `MemoryLimit`.
        cpus_per_worker: of its node; several workers share a CPU where it is a fraction.
        gpus_per_worker: of its node; by default all GPUs that there are, shared evenly, see `even_share`.
    """

    def __init__(
        self,
        workers: int | None = None,
        address: str | None = None,
        operation_files: Sequence[OperationFile] = (),
        memory_bytes: int | None = None,
        cpus_per_worker: float = 1.0,
        gpus_per_worker: float | None = None,
    ) -> None:
        if cpus_per_worker <= 0 or (gpus_per_worker or 0) < 0:
            raise InvalidInput(
                f"found {cpus_per_worker:g} CPUs and {gpus_per_worker or 0:g} GPUs a worker, "
                "expected more than no CPU and not less than no GPU"
            )
        self._workers = workers
        self._address = address
        self._operation_files = tuple(operation_files)
        self._memory_bytes = memory_bytes
        self._cpus_per_worker = cpus_per_worker
        self._gpus_per_worker = gpus_per_worker
        self._counted_at = -math.inf

    @property
    def slots(self) -> int:
        """See `Engine.slots`."""
        if time.monotonic() > self._counted_at + COUNT_SECONDS:
            room = sum(map(self._share.workers_on, _nodes()))
            self._slots = max(1, min(self._workers or room, room))
            self._counted_at = time.monotonic()
        return self._slots

    def run(self, source: Source, dataset: Dataset, checkpoints: Checkpoints) -> None:
        """See `Engine.run`."""
        dispatch = Dispatch(source, checkpoints.notes)
        searcher = _SourceSearcher(dispatch, lambda: self.slots)
        trainable = tune.with_parameters(
            _UnitTrainable,
            dataset=dataset,
            checkpoints=checkpoints,
            operation_files=self._operation_files,
            slots=self.slots,
            share=self._share,
            memory_bytes=self._memory_bytes,
        )
        with tempfile.TemporaryDirectory(prefix="penchant-tune-") as scratch, _registry_read_once():
            tune.Tuner(
                tune.with_resources(trainable, {"cpu": self._share.cpus, "gpu": self._share.gpus}),
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
        if dispatch.error is not None:
            raise dispatch.error

    def __enter__(self) -> Self:
        with _kept_signals():
            if self._address is None:
                self._start()
            else:
                self._join(self._address)
        try:
            self._share = self._shared_evenly()
        except BaseException:
            ray.shutdown()
            raise
        return self

    def _start(self) -> None:
        cpus = math.ceil(self._workers * self._cpus_per_worker) if self._workers else os.cpu_count()
        ray.init("local", num_cpus=cpus, include_dashboard=False, **QUIET)

    def _join(self, address: str) -> None:
        packages = [str(Path(package.__path__[0])) for package in (spaces, workers)]
        try:
            ray.init(address, runtime_env={"py_modules": packages, "excludes": ["__pycache__"]}, **QUIET)
        except (ConnectionError, ValueError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[-1]  # a traceback may stand before it
            raise Unavailable(f"--address {address}: cannot join a Ray cluster there ({reason})") from error

    def _shared_evenly(self) -> Share:
        """What each worker takes, which at least one node must hold."""
        nodes, cpus = _nodes(), self._cpus_per_worker
        given = self._gpus_per_worker
        share = even_share(nodes, cpus, self._workers) if given is None else Share(cpus, given)
        if not any(map(share.workers_on, nodes)):
            held = "; ".join(f"{node.get('CPU', 0):g} CPU, {node.get('GPU', 0):g} GPU" for node in nodes)
            raise Unavailable(f"no Ray node holds a worker of {share}: found nodes of {held}; expected a larger one")
        return share

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ray.shutdown()


@contextmanager
def _kept_signals() -> Iterator[None]:
    """Leaves SIGTERM to the program, where it handles that; Ray would end the process itself and print its stacks."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    if callable(before) and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _registry_read_once() -> Iterator[None]:
    """Keeps the trainable at hand, which Tune looks up three times a trial in Ray's store.

    That is 6 ms each where the workers hold all cores of the machine, half of what a trial costs beside its training.
    """
    contains, get = _global_registry.contains, cache(_global_registry.get)
    known: set[tuple[str, str]] = set()

    def contains_once(category: str, key: str) -> bool:
        if (category, key) not in known and contains(category, key):
            known.add((category, key))
        return (category, key) in known

    with patch.multiple(_global_registry, contains=contains_once, get=get):
        yield


def _nodes() -> list[dict[str, float]]:
    """Resources of every node that lives."""
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]


def check_address(address: str) -> None:
    """Makes sure, before a study is created, that something listens where its Ray cluster should be.

    Ray itself would go on trying there for minutes.

    Args:
        address: of the cluster, host:port.

    Raises:
        InvalidInput: it is no such address.
        Unavailable: nothing listens there.
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
        raise Unavailable(f"--address {address}: {expected}, found none ({error})") from error


class _UnitTrainable(tune.Trainable):
    """A Ray actor that runs one unit a trial and is reused for the next.

    Units and outcomes travel as JSON text: Tune would flatten nested objects into hundreds of columns.
    """

    def setup(self, config: dict[str, Any], **shared: Any) -> None:
        torch.set_num_threads(1)
        if not ray.get_gpu_ids():
            os.environ["CUDA_VISIBLE_DEVICES"] = ""  # none is ours, though the node may have some
        limit_device_memory(shared["share"].gpus)
        for file in shared["operation_files"]:
            file.register()
        self._worker = Worker(shared["dataset"], shared["checkpoints"], ray.get_runtime_context().get_node_id())
        self._worker.warm_up()
        self._notes: Path = shared["checkpoints"].notes
        self._memory = MemoryLimit(shared["memory_bytes"] or _memory_bytes(shared["slots"], shared["share"]))
        self._order = config

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self._order = new_config
        return True

    def step(self) -> dict[str, Any]:
        if "rest_seconds" in self._order:
            time.sleep(self._order["rest_seconds"])
            return {"done": True}
        unit = WorkUnit.from_json(json.loads(self._order["unit"]))
        try:
            with watchdog(unit.limit_seconds, note_of(self._notes, unit)):
                outcome = self._worker.run(unit)
        except NotKept as error:
            return {"not_kept": str(error), "done": True}
        if outcome.status is Status.OUT_OF_MEMORY:
            release_device_memory()
            self._memory.arm()
        return {"outcome": json.dumps(outcome.to_json()), "done": True}


def _memory_bytes(slots: int, share: Share) -> int:
    """For each worker of this node: what Ray found available there, without the object store, divided evenly."""
    here = ray.get_runtime_context().get_node_id()
    (resources,) = (node["Resources"] for node in ray.nodes() if node["NodeID"] == here)
    return int(resources["memory"] / max(1, min(slots, share.workers_on(resources))))


class _PatientScheduler(FIFOScheduler):
    """Lets actors finish their start.

    Tune's own scheduler points at the first pending trial, and an actor that falls idle takes that trial over, even
    where another actor is starting for it: that one is dismissed, and on a cluster whose units are shorter than a start
    most actors never come to life. Where the scheduler points at none, idle actors take the trials that have no actor.

    Only a trial whose actor does not come is pointed at: where studies share a cluster, each may hold the CPU that the
    other waits for, and both would wait for ever.
    """

    def __init__(self) -> None:
        super().__init__()
        self._pending_since: dict[str, float] = {}
        self._has_told = False

    def on_trial_add(self, tune_controller: Any, trial: Any) -> None:
        self._pending_since[trial.trial_id] = time.monotonic()

    def choose_trial_to_run(self, tune_controller: Any) -> Any:
        live = tune_controller.get_live_trials()
        waiting = {trial.trial_id: trial for trial in live if trial.status == Trial.PENDING}
        self._pending_since = {name: since for name, since in self._pending_since.items() if name in waiting}
        first, since = min(self._pending_since.items(), key=lambda item: item[1], default=("", math.inf))
        if time.monotonic() < since + PATIENCE_SECONDS:
            return None
        if not self._has_told:
            logger.warning("a training has waited %g s for a CPU: others seem to use the cluster", PATIENCE_SECONDS)
            self._has_told = True
        return waiting[first]


class _SourceSearcher(Searcher):
    """Shows a dispatch to Tune as a search algorithm.

    Tune dismisses an actor for which it has no trial, and a new one imports torch for five seconds. So while the source
    waits, a free slot is given rests: trials that sleep, for a tenth of the time waited so far, and report nothing.

    A unit whose worker is lost is proposed again, as a new trial: Tune's own retries tell the loss of a node, which is
    nobody's fault, from the death of a process in no way.
    """

    def __init__(self, dispatch: Dispatch, slots: Callable[[], int]) -> None:
        super().__init__()
        self._dispatch = dispatch
        self._slots = slots
        self._waiting_since: float | None = None

    def suggest(self, trial_id: str) -> Any:
        if self._dispatch.in_flight >= self._slots():
            return None  # a node is gone: this slot's actor is dismissed, and a unit that has none gets its place
        unit = self._dispatch.hand_out(trial_id)
        if unit is Signal.DONE:
            return Searcher.FINISHED
        if unit is Signal.WAIT:
            return {"rest_seconds": self._rest_seconds()}
        self._waiting_since = None
        return {"unit": json.dumps(unit.to_json())}

    def _rest_seconds(self) -> float:
        now = time.monotonic()
        self._waiting_since = self._waiting_since or now
        return min(LONGEST_REST_SECONDS, max(SHORTEST_REST_SECONDS, 0.1 * (now - self._waiting_since)))

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        if result is None or error:
            return  # a loss
        if "outcome" in result:
            self._dispatch.take_back(trial_id, Outcome.from_json(json.loads(result["outcome"])))
        elif "not_kept" in result:
            self._dispatch.fail(trial_id, NotKept(result["not_kept"]))

    def on_loss(self, trial_id: str, account: str) -> None:
        """Takes the loss of a trial's worker, in Ray's own words."""
        self._dispatch.lose(trial_id, account, is_death=DEATH_OF_PROCESS in account)

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
