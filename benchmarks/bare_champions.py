"""Registered champions in an environment with torch and MLflow alone: `make bare`, result in docs/record.md.

A small study of each kind of data records in MLflow. Then a new environment gets torch, MLflow and numpy in the
versions installed here and nothing else, and a process of it loads each champion by its alias, as a module and as
pyfunc. Its outputs must be those of the study's own champion to 1e-6 of the largest, or of 1. Run from the root of the
repository: python -m benchmarks.bare_champions [PYTHON of such an environment, made before]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

from benchmarks.bare_environment import bare_python
from benchmarks.exports import datasets
from search import Study
from search.export.found import of_study
from search.tracking.model import one_input
from workers.inline_engine import InlineEngine

LARGEST_DIFFERENCE = 1e-6
PREDICT = Path(__file__).with_name("predict_champion.py")


def main() -> None:
    """Runs the studies, makes the environment, compares, and prints what was found."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(prefix="penchant-bare-") as temporary:
        folder = Path(temporary)
        os.environ["PENCHANT_HOME"] = str(folder / "home")
        studies = [finished(*asked) for asked in sources(folder).items()]
        rows, expected = {}, {}
        for study in studies:
            champion = of_study(study)
            inputs = champion.rows(20)
            rows[study.name] = one_input(inputs).numpy()
            with torch.no_grad():
                expected[study.name] = champion.predictor()(*inputs).numpy()
        np.savez(folder / "rows.npz", **rows)
        python = sys.argv[1] if sys.argv[1:] else bare_python(folder / "environment", "torch", "numpy", "mlflow")
        uri = studies[0].specification.tracking_uri
        subprocess.run([python, "-I", PREDICT, uri, str(folder)], cwd=folder, check=True)
        for name, found in np.load(folder / "found.npz").items():
            assert found.shape[1:] == expected[name].shape, name
            difference = float(np.abs(found - expected[name]).max())
            largest = float(np.abs(expected[name]).max())
            print(f"{name}: module and pyfunc within {difference:.1e}, outputs up to {largest:.3g}", flush=True)
            assert difference <= LARGEST_DIFFERENCE * max(1.0, largest), name


def sources(folder: Path) -> dict[str, dict[str, str]]:
    """Name of a study -> what is asked: a file of data of each kind, and the target of a table."""
    asked = {}
    for kind, (_, arrays) in datasets(folder).items():
        name = kind.replace(" ", "-")
        path = folder / ("homes.csv" if not arrays else f"{name}.npz")
        if arrays:
            np.savez(path, **{key: x.astype(np.float32) if x.dtype.kind == "f" else x for key, x in arrays.items()})
        asked[name] = {"data": str(path)} if arrays else {"data": str(path), "target": "price_band"}
    return asked


def finished(name: str, asked: dict[str, str]) -> Study:
    """A study of eight trials that recorded in MLflow, and no word of its progress."""
    study = Study.create(asked["data"], target=asked.get("target"), name=name, trials=8, epochs=2)
    study.run(InlineEngine(), study.observers()[-1:])
    return study


if __name__ == "__main__":
    main()
