"""What one would write by hand, after Ray Tune's and MLflow's own guides: a function trainable under OptunaSearch.

It trains given candidates, the same as `benchmarks/overhead.py` has our engine train, and reports once an epoch.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ray
from ray import tune
from ray.air.integrations.mlflow import MLflowLoggerCallback
from ray.tune.search.optuna import OptunaSearch

from workers.work_unit import WorkUnit


def train(config: dict[str, Any]) -> None:
    """Trains one candidate on digits, as a function trainable does: everything is loaded and built in it."""
    import torch

    from workers.datasets import load_dataset
    from workers.metrics import evaluate
    from workers.rows import Rows
    from workers.trainer import Trainer

    torch.set_num_threads(1)
    began = time.perf_counter()
    unit = WorkUnit.from_json(json.loads(config["units"][config["number"]]))
    dataset = load_dataset("digits")
    rows = Rows.of(dataset, unit.division)
    torch.manual_seed(unit.seed)
    network = unit.architecture.build(dataset.task)
    trainer = Trainer(network, unit.recipe, rows, unit.horizon, unit.seed)
    for step in [*range(trainer.steps_per_epoch, unit.stop, trainer.steps_per_epoch), unit.stop]:
        trainer.run(step)
        if step == unit.stop:
            evaluate(network, rows.confirm, rows.metric)
        tune.report({"accuracy": trainer.curve[-1].search_score, "seconds": time.perf_counter() - began})


def run(units: Sequence[WorkUnit], workers: int) -> tuple[float, float]:
    """Trains the units.

    Returns:
        Wall-clock seconds from Tune's start to its end, and the seconds that were spent in training.
    """
    ray.init("local", num_cpus=workers, include_dashboard=False, log_to_driver=False, logging_level="error")
    scratch = Path(tempfile.mkdtemp(prefix="naive-"))
    began = time.monotonic()
    results = tune.Tuner(
        train,
        param_space={
            "number": tune.choice(list(range(len(units)))),
            "units": [json.dumps(unit.to_json()) for unit in units],
        },
        tune_config=tune.TuneConfig(
            metric="accuracy",
            mode="max",
            num_samples=len(units),
            search_alg=OptunaSearch(points_to_evaluate=[{"number": number} for number in range(len(units))]),
        ),
        run_config=tune.RunConfig(
            name="naive",
            storage_path=str(scratch),
            callbacks=[MLflowLoggerCallback(f"sqlite:///{scratch / 'mlflow.db'}", experiment_name="naive")],
        ),
    ).fit()
    span = time.monotonic() - began
    ray.shutdown()
    assert not results.errors, results.errors
    return span, sum(result.metrics["seconds"] for result in results)
