"""Runs exported folders where nothing of ours is installed: outputs, strict loading, two steps of training.

Called by exports.py with a folder of folders; prints one JSON object.
"""

import importlib
import json
import sys
import traceback
from pathlib import Path

import torch
from safetensors.torch import load_file

TOLERANCE = 1e-6


def check(folder: Path) -> float:
    """Raises whatever is wrong in one folder; returns how far outputs are from the expected ones."""
    for name in ("model", "data", "train", "predict"):
        sys.modules.pop(name, None)
    sys.path.insert(0, str(folder))
    try:
        network = importlib.import_module("predict").load()  # strictly
        expected = load_file(folder / "expected.safetensors")
        inputs = tuple(expected[name] for name in sorted(expected) if name.startswith("input_"))
        with torch.no_grad():
            outputs = network(*inputs)
        difference = ((outputs - expected["outputs"]).abs() / (1 + expected["outputs"].abs())).max().item()
        assert difference <= TOLERANCE, f"outputs differ by {difference}"
        check_files(folder, inputs)
    finally:
        sys.path.remove(str(folder))
    return difference


def check_files(folder: Path, inputs: tuple[torch.Tensor, ...]) -> None:
    """Rows of a file are prepared as those of the training were, and two steps of training change the network."""
    train, data, predict = (importlib.import_module(name) for name in ("train", "data", "predict"))
    table = folder.parent / "homes.csv"
    if (folder / "data.npz").exists():
        path, arguments = folder / "data.npz", ("x_train",)
    else:
        path, arguments = table, ()
    prepared = data.read_inputs(path, *arguments)
    given = {row.numpy().tobytes() for row in prepared[0][:, : inputs[0].shape[1]]}
    if len(inputs) == 1:  # in padding anything may stand
        assert all(row.numpy().tobytes() in given for row in inputs[0]), "rows are prepared otherwise"
    if hasattr(train, "read_next"):
        prepared, targets = train.read_next(path)
    else:
        targets = data.read_targets(path, *(() if arguments else ("price_band",)))
    trained = train.train(prepared, targets, 2)
    assert all(bool(each.isfinite().all()) for each in trained.state_dict().values())
    if not hasattr(train, "read_next"):
        assert len(predict.predict(trained.eval(), prepared)) == len(targets)


def main() -> None:
    """Prints what was found."""
    assert not {"spaces", "workers", "search"} & sys.modules.keys()
    torch.set_num_threads(1)
    sys.stdout, out = sys.stderr, sys.stdout  # what trainings print
    differences, failed = [0.0], []
    for folder in sorted(each for each in Path(sys.argv[1]).iterdir() if (each / "model.py").exists()):
        try:
            differences.append(check(folder))
        except Exception:
            failed.append(f"{folder.name}: {traceback.format_exc(limit=-2)}")
    report = {"trained": len(differences) - 1, "largest_difference": max(differences), "failed": failed}
    print(json.dumps(report), file=out)


if __name__ == "__main__":
    main()
