"""TuneEngine: work units as trials of Ray Tune, on this machine or a cluster. The only file that imports ray."""

from __future__ import annotations

import json
import os
import socket
import tempfile
import time
from collections.abc import Sequence
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
from workers.outcome import Outcome, Status
from workers.work_unit import WorkUnit
from workers.worker import Worker

WORKER_DEATHS_FORGIVEN = 3
SHORTEST_REST_SECONDS, LONGEST_REST_SECONDS = 0.05, 5.0


class TuneEngine(Engine):
    """Runs units in reused actors, one torch thread and one CPU each.

    Args:
        workers: how many at a time; by default as many as the cluster has CPUs.
        address: a running Ray cluster. Without it the engine starts a Ray of its own and joins no other.
        operation_files: a user's own operations, which are registered in every worker.
    """

    def __init__(
        self, workers: int | None = None, address: str | None = None, operation_files: Sequence[OperationFile] = ()
    ) -> None:
        self._workers = workers
        self._address = address
        self._operation_files = tuple(operation_files)

    @property
    def slots(self) -> int:
        """See `Engine.slots`."""
        cpus = int(ray.cluster_resources().get("CPU", 0))
        return max(1, min(self._workers or cpus, cpus))

    def run(self, source: Source, dataset: Dataset, checkpoints: Checkpoints) -> None:
        """See `Engine.run`."""
        searcher = _SourceSearcher(source)
        trainable = tune.with_parameters(
            _UnitTrainable, dataset=dataset, checkpoints=checkpoints, operation_files=self._operation_files
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
                    failure_config=tune.FailureConfig(max_failures=WORKER_DEATHS_FORGIVEN),
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
        self._order = config

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self._order = new_config
        return True

    def step(self) -> dict[str, Any]:
        if "rest_seconds" in self._order:
            time.sleep(self._order["rest_seconds"])
            return {"done": True}
        unit = WorkUnit.from_json(json.loads(self._order["unit"]))
        return {"outcome": json.dumps(self._worker.run(unit).to_json()), "done": True}

    def load_checkpoint(self, checkpoint: dict[str, Any] | None) -> None:
        """A retried unit starts from its own rung's checkpoint; Tune keeps none."""


class _PatientScheduler(FIFOScheduler):
    """Lets actors finish their start.

    Tune's own scheduler points at the first pending trial, and an actor that falls idle takes that trial over, even
    where another actor is starting for it: that one is dismissed, and on a cluster whose units are shorter than a start
    most actors never come to life. Where the scheduler points at none, idle actors take the trials that have no actor.
    """

    def choose_trial_to_run(self, tune_controller: Any) -> None:
        return None


class _SourceSearcher(Searcher):
    """Shows a source to Tune as a search algorithm.

    Tune dismisses an actor for which it has no trial, and a new one imports torch for five seconds. So while the source
    waits, a free slot is given rests: trials that sleep, for a tenth of the time waited so far, and report nothing.
    """

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.error: BaseException | None = None
        self._source = source
        self._in_flight: dict[str, WorkUnit] = {}
        self._waiting_since: float | None = None

    def suggest(self, trial_id: str) -> Any:
        if self.error is not None:
            return Searcher.FINISHED
        try:
            proposal = self._source.propose()
        except Exception as error:
            self.error = error
            return Searcher.FINISHED
        if proposal is Signal.WAIT:
            return {"rest_seconds": self._rest_seconds()}
        self._waiting_since = None
        if proposal is Signal.DONE:
            return Searcher.FINISHED
        assert isinstance(proposal, WorkUnit)
        self._in_flight[trial_id] = proposal
        return {"unit": json.dumps(proposal.to_json())}

    def _rest_seconds(self) -> float:
        now = time.monotonic()
        self._waiting_since = self._waiting_since or now
        return min(LONGEST_REST_SECONDS, max(SHORTEST_REST_SECONDS, 0.1 * (now - self._waiting_since)))

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        unit = self._in_flight.pop(trial_id, None)
        if unit is None:
            return  # a rest
        if error or not result or "outcome" not in result:
            reason = f"the worker process died {WORKER_DEATHS_FORGIVEN + 1} times in this unit"
            outcome = Outcome(unit.trial, unit.start, unit.stop, Status.CRASHED, reason)
        else:
            outcome = Outcome.from_json(json.loads(result["outcome"]))
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
