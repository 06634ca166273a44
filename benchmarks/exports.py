"""Exports very many sampled architectures as Python: `make exports`, result in docs/exported_code.md.

Every folder has to give the original's outputs in a process of an environment with torch, numpy and safetensors alone,
to load its weights strictly, to train two steps, and to pass ruff and mypy.
"""

from __future__ import annotations

import argparse
import ast
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors.torch import save_file

from benchmarks.bare_environment import bare_python
from search.export.exportable import ExportableNetwork
from search.export.formats.python import Python
from spaces import LANDMARKS, Architecture, SearchSpace, landmark
from spaces.landmarks import natural_landmarks
from spaces.operations import OPERATIONS
from spaces.shapes import Kind
from workers.augmentation import AUGMENTATIONS
from workers.datasets import Dataset, from_arrays, load_dataset
from workers.preprocessing import Preprocessing
from workers.recipe import Recipe

ROWS = 40
CHECK = Path(__file__).with_name("check_exports.py")
STRICT = ("--disallow-untyped-defs", "--check-untyped-defs", "--warn-unused-ignores", "--no-implicit-optional")


def datasets(folder: Path) -> dict[str, tuple[Dataset, dict[str, np.ndarray]]]:
    """A small data set of each kind, and the arrays of a file with such rows; a table's file lies in the folder."""
    rng = np.random.default_rng(0)
    y, numbers = np.arange(ROWS) % 3, rng.normal(5, 3, ROWS)
    lengths = rng.integers(1, 14, ROWS)
    given = {
        "image": {"x_train": rng.normal(2, 3, (ROWS, 2, 8, 7)), "y_train": y},
        "series": {"x_train": rng.normal(2, 3, (ROWS, 13, 3)), "y_train": y},
        "padded series": {"x_train": rng.normal(2, 3, (ROWS, 13, 3)), "y_train": y, "length_train": lengths},
        "tokens": {"x_train": rng.integers(0, 11, (ROWS, 13)), "y_train": y},
        "padded tokens": {"x_train": rng.integers(0, 11, (ROWS, 13)), "y_train": y, "length_train": lengths},
        "next token": {"x_train": rng.integers(0, 11, (ROWS, 13))},
        "tabular": {"x_train": rng.normal(2, 3, (ROWS, 9)), "y_train": y},
        "regression": {"x_train": rng.normal(2, 3, (ROWS, 9)), "y_train": numbers},
    }
    found = {name: (_dataset(name, arrays), arrays) for name, arrays in given.items()}
    found["table"] = _table(folder / "homes.csv", rng), {}
    return found


def _dataset(name: str, arrays: dict[str, np.ndarray]) -> Dataset:
    x = arrays["x_train"]
    return from_arrays(
        name,
        x.astype(np.float32) if x.dtype.kind == "f" else x,
        arrays.get("y_train"),
        lengths=arrays.get("length_train"),
        task="next_token" if "y_train" not in arrays else None,
    )


def _table(path: Path, rng: np.random.Generator) -> Dataset:
    """Numbers with gaps, texts, a column of one value with gaps, and truth values."""
    table = pd.DataFrame(
        {
            "rooms": np.where(rng.random(ROWS) < 0.2, np.nan, rng.integers(1, 9, ROWS)),
            "town": rng.choice(["north", "south", "east"], ROWS),
            "garage": np.where(rng.random(ROWS) < 0.5, None, "yes"),
            "old": rng.random(ROWS) < 0.5,
            "price_band": np.where(np.arange(ROWS) % 2, "high", "low"),
        }
    )
    table.to_csv(path, index=False)
    return load_dataset(str(path), target="price_band")


def covering(dataset: Dataset) -> Iterator[Architecture]:
    """The natural landmarks of the data, and each operation of its space once."""
    task = dataset.task
    space = SearchSpace.named("everything").fitted(task)
    yield from (landmark(name, task) for name in natural_landmarks(task))
    for number, operation in enumerate(space.operations):
        yield _of_operation(space, operation).sample(np.random.default_rng(number))


def _of_operation(space: SearchSpace, operation: str) -> SearchSpace:
    """The part of a space whose networks have this operation alone."""
    options = {name: each for name, each in space.options.items() if name.split(".")[0] in ("stem", operation)}
    return replace(space, operations=(operation,), options=options)


def sampled(dataset: Dataset, count: int, seed: int) -> Iterator[Architecture]:
    """Architectures of the whole space, by families in turn, hybrids among them; half as studies search them."""
    whole = SearchSpace.named("everything")
    fitted = whole.fitted(dataset.task)
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        must_fit = number % 2 == 0 or dataset.task.kind is Kind.NEXT_TOKEN
        space = fitted if must_fit else whole
        strata: list[Sequence[str] | None] = [None, *([family] for family in space.families)]
        yield space.sample(rng, strata[number % len(strata)])


def export(
    architecture: Architecture, dataset: Dataset, arrays: dict[str, np.ndarray], number: int, place: Path
) -> None:
    """Writes one folder, with rows as a person gives them, inputs of the network and its outputs beside it."""
    torch.manual_seed(number)
    network = architecture.build(dataset.task)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))  # so that none stays where it starts, at zero say
    exportable = ExportableNetwork(
        name=f"network {number}",
        origin="a sampled network",
        trained=False,
        dataset=dataset,
        preprocessing=Preprocessing.of(dataset, 0),
        results={},
        architecture=architecture,
        module=network.eval(),
        recipe=_recipe(dataset, number),
        steps=100,
    )
    Python().write(exportable, place)
    lengths = dataset.lengths[:6] if dataset.lengths is not None else None
    moments = exportable.preprocessing.standardization
    x = dataset.x[:6] if moments is None else moments.apply(np.asarray(dataset.x[:6], np.float32), lengths)
    inputs = [torch.from_numpy(x), *([] if lengths is None else [torch.from_numpy(lengths)])]
    with torch.no_grad():
        outputs = network(*inputs)
    expected = {f"input_{index}": each.contiguous() for index, each in enumerate(inputs)} | {"outputs": outputs}
    save_file(expected, place / "expected.safetensors")
    if arrays:
        np.savez(place / "data.npz", **arrays)
    (place / "architecture.json").write_text(json.dumps(architecture.to_json()))


def _recipe(dataset: Dataset, number: int) -> Recipe:
    """Recipes in turn, of what is offered for such data."""
    if dataset.task.kind is not Kind.CLASSIFICATION:
        return Recipe()
    offered = {1: ("none", "jitter", "scale"), 2: ("none", "shift", "shift_flip")}.get(
        dataset.task.grid.rank, ("none",)
    )
    augmentation = offered[number % len(offered)] if dataset.task.vocabulary is None else "none"
    assert augmentation == "none" or augmentation in AUGMENTATIONS
    return Recipe(label_smoothing=0.1 * (number % 2), augmentation=augmentation)


def checked(python: Path | str, folder: Path) -> dict[str, Any]:
    """What a process of that interpreter finds in the folders, see check_exports.py."""
    run = subprocess.run([python, "-I", CHECK, folder], cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(run.stderr)
    return json.loads(run.stdout)


def complaints(folder: Path, *, types: bool = True) -> list[str]:
    """What ruff and mypy have to say of the files."""
    found = []
    line_length = ["--line-length", "100"]
    beside = ["--config", 'lint.isort.known-first-party = ["data", "model"]']
    rules = ["--select", "E,F,I,B,UP,C4,SIM,RET,PIE"]
    for command in (["check", *rules, *beside], ["format", "--check"]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", command[0], "--isolated", *line_length, *command[1:], "."],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        found += [run.stdout[-3000:]] if run.returncode else []
    return [*found, *(_mistyped(folder) if types else [])]


def _mistyped(folder: Path) -> list[str]:
    """What mypy says of every model.py, and of the other files of the first folder of each kind of rows."""
    models, others = folder / "types", {}
    models.mkdir(exist_ok=True)
    for place in sorted(folder.glob("*/model.py")):
        (models / f"model_{place.parent.name}.py").write_text(place.read_text())
        others.setdefault((place.parent / "data.py").read_text(), place.parent)
    cache = ["--cache-dir", folder / ".types"]
    found = []
    for place in (models, *others.values()):
        run = subprocess.run(
            [sys.executable, "-m", "mypy", "--no-error-summary", *STRICT, *cache, "."],
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )
        found += [f"{place.name}/{line}" for line in run.stdout.splitlines()] if run.returncode else []
    return found


def function_lengths(folder: Path) -> list[int]:
    """Lines of every function of every model.py, docstring included."""
    return [
        node.end_lineno - node.lineno + 1
        for place in folder.glob("*/model.py")
        for node in ast.walk(ast.parse(place.read_text()))
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None
    ]


def main() -> None:
    """Prints the figures and fails if anything did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="sampled architectures, beside landmarks and operations")
    parser.add_argument("--sampled-alone", action="store_true", help="leave landmarks and operations out")
    parser.add_argument("--keep", type=Path, help="folder to write them into")
    parser.add_argument("--python", type=Path, help="interpreter of the bare environment; a new one by default")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary) / "exports"
        folder.mkdir(parents=True, exist_ok=True)
        began, number = time.perf_counter(), 0
        failed = []
        found = datasets(folder)
        share = -(-arguments.count // len(found))
        for kind, (dataset, arrays) in found.items():
            covered = [] if arguments.sampled_alone else covering(dataset)
            for architecture in [*covered, *sampled(dataset, share, seed=0)]:
                number += 1
                try:
                    export(architecture, dataset, arrays, number, folder / f"{number:04d}")
                except Exception as error:
                    failed.append(f"{kind}: {type(error).__name__}: {error}: {architecture.to_json()}")
        print(
            f"{number} networks, of {len(LANDMARKS)} landmarks and {len(list(OPERATIONS))} operations among others, "
            f"written in {time.perf_counter() - began:,.0f} s; {len(failed)} failed",
            flush=True,
        )
        report = checked(
            arguments.python or bare_python(Path(temporary) / "bare", "torch", "numpy", "safetensors"), folder
        )
        print(
            f"outputs differ by at most {report['largest_difference']:.2g}; {report['trained']} trained two steps; "
            f"{len(report['failed'])} failed",
            flush=True,
        )
        lengths = function_lengths(folder)
        print(
            f"functions of model.py have {statistics.median(lengths):g} lines (median), "
            f"{np.percentile(lengths, 90):g} (90th percentile), {max(lengths)} (longest)",
            flush=True,
        )
        told = complaints(folder)
        print(f"ruff and mypy have {len(told)} complaints", flush=True)
        for line in [*failed, *report["failed"], *told][:40]:
            print(f"  {line[:1500]}")
        sys.exit(bool(failed or report["failed"] or told))


if __name__ == "__main__":
    main()
