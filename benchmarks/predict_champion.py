"""Run where torch and MLflow alone are: loads registered champions and keeps what they answer; see bare_champions.py.

The folder named on the command line holds `rows.npz`, an array a model. `found.npz` gets, for each, its outputs as a
module and as pyfunc, one above the other.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import mlflow
import numpy as np
import torch

uri, folder = sys.argv[1], Path(sys.argv[2])
present = [name for name in ("search", "spaces", "workers", "ray", "optuna") if importlib.util.find_spec(name)]
assert not present, f"found {present}: this is no bare environment"
mlflow.set_tracking_uri(uri)
torch.set_num_threads(1)  # as whoever compares: more of them sum in another order
found = {}
for name, rows in np.load(folder / "rows.npz").items():
    address = f"models:/{name}@champion"
    with torch.no_grad():
        outputs = mlflow.pytorch.load_model(address)(torch.from_numpy(rows)).numpy()
    found[name] = np.stack([outputs, mlflow.pyfunc.load_model(address).predict(rows)])
np.savez(folder / "found.npz", **found)
