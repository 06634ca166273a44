"""Every operation, landmark and slot leaves as torch's program and as ONNX, and gives what the network gives.

Operations with all values of their sub-choices, on padded series, and with the first ones on images; landmarks on all
kinds of data that they are natural for; each option of each slot; an ensemble of two landmarks on each kind of data, as
Python too. Weights are off their initialization. Each format
reads its own file back and compares outputs on few and many rows, short and long ones; here the largest difference is
told. `make formats`; with words, such as `landmark` or `lstm`, only the networks whose name has one of them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from search.export.exportable import Exportable, ExportableEnsemble
from search.export.formats import FORMATS
from search.export.found import freshly_initialized
from search.export.gain import Gain
from spaces import Architecture, landmark
from spaces.connections import CONNECTIONS
from spaces.contract import architecture_with, every_pick
from spaces.gates import GATES
from spaces.heads import HEADS
from spaces.landmarks import natural_landmarks
from spaces.normalizations import NORMALIZATIONS
from spaces.operations import OPERATIONS
from spaces.positions import POSITIONS
from workers.datasets import Dataset, from_arrays

ROWS, WIDTH = 40, 8
FORMS = ("pt2", "onnx")
SLOTS = {
    "connection": CONNECTIONS,
    "gate": GATES,
    "head": HEADS,
    "normalization": NORMALIZATIONS,
    "position": POSITIONS,
}


def main() -> None:
    """Writes all of them; ends with 1 where one does not leave or is not the same."""
    torch.set_num_threads(1)
    wanted = set(sys.argv[1:])
    worst, failed, count, began = dict.fromkeys((*FORMS, "python"), 0.0), 0, 0, time.perf_counter()
    for name, architectures, dataset in cases():
        if wanted and not wanted & set(name.split()):
            continue
        count += 1
        try:
            differences = written(perturbed(exportable_of(name, architectures, dataset)))
        except Exception as error:  # told, and the others go on
            failed += 1
            print(f"{name:58} {dataset.name:14} FAILED {str(error).splitlines()[0]}", flush=True)
            continue
        told = "  ".join(f"{form} {difference:.0e}" for form, difference in differences.items())
        print(f"{name:58} {dataset.name:14} {told}", flush=True)
        worst |= {form: max(worst[form], difference) for form, difference in differences.items()}
    told = ", ".join(f"{form} {difference:.1e}" for form, difference in worst.items())
    print(f"{count} networks in {time.perf_counter() - began:.0f} s, {failed} failed; largest differences: {told}")
    sys.exit(1 if failed else 0)


def cases() -> Iterator[tuple[str, Sequence[Architecture], Dataset]]:
    """Names, the data that they read, and architectures, one or those of an ensemble."""
    for name, architecture, dataset in networks():
        yield name, [architecture], dataset
    for dataset in datasets().values():
        first, *_, last = natural_landmarks(dataset.task)
        pair = [landmark(name, dataset.task) for name in (first, last)]
        yield "ensemble", pair, dataset


def exportable_of(name: str, architectures: Sequence[Architecture], dataset: Dataset) -> Exportable:
    """Freshly initialized networks, a single one or an ensemble."""
    single = [freshly_initialized(name, architecture, dataset) for architecture in architectures]
    first = single[0]
    if len(single) == 1:
        return first
    members = {f"member_{number}": each for number, each in enumerate(single)}
    alone = dict.fromkeys(members, 0.0)
    results = Gain(rows=1, members=alone, together=0.0, difference=0.0, interval=(0.0, 0.0)).to_json()
    return ExportableEnsemble(name, name, True, dataset, first.preprocessing, results, members)


def networks() -> Iterator[tuple[str, Architecture, Dataset]]:
    """Names, architectures and the data they read."""
    data = datasets()
    for name in OPERATIONS:
        for number, picks in enumerate(every_pick(OPERATIONS[name].choices)):
            for kind in ("padded series",) if number else ("padded series", "images"):
                told = " ".join(str(value) for value in picks.values())
                yield f"operation {name} {told}".strip(), architecture_with(name, picks, WIDTH), data[kind]
    for dataset in data.values():
        for name in natural_landmarks(dataset.task):
            yield f"landmark {name}", landmark(name, dataset.task), dataset
    for slot, registry in SLOTS.items():
        for option in registry:
            for kind in ("padded series", "images"):
                yield f"{slot} {option}", with_slot(slot, option), data[kind]


def with_slot(slot: str, option: str) -> Architecture:
    """Two stages of attention with down-sampling between, and one slot filled otherwise."""
    beside = {"stages": 2, "downsampling": True, "normalization_placement": "before", "normalization": "layer"}
    heads = {"heads": 2, "causal": False}
    return architecture_with("multi_head_attention", heads, WIDTH, **{**beside, slot: option})  # type: ignore[arg-type]


def datasets() -> dict[str, Dataset]:
    """One of each kind; channels are neither centred nor of variance one."""
    rng = np.random.default_rng(0)
    y, lengths = np.arange(ROWS) % 3, rng.integers(1, 12, ROWS)
    series, images = rng.normal(2, 3, (ROWS, 11, 3)), rng.normal(2, 3, (ROWS, 2, 7, 6))
    tokens = rng.integers(0, 9, (ROWS, 11))
    made = [
        from_arrays("padded series", series, y, lengths=lengths),
        from_arrays("series", series, y),
        from_arrays("images", images, y),
        from_arrays("table", rng.normal(2, 3, (ROWS, 5)), rng.normal(50, 9, ROWS)),
        from_arrays("padded tokens", tokens, y, lengths=lengths),
        from_arrays("next tokens", tokens, None),
    ]
    return {dataset.name: dataset for dataset in made}


def perturbed(exportable: Exportable) -> Exportable:
    """Weights that start at zero or one are moved, so that what they do is seen."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in exportable.network.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return exportable


def written(exportable: Exportable) -> dict[str, float]:
    """The largest difference of each format."""
    forms = (*FORMS, "python") if isinstance(exportable, ExportableEnsemble) else FORMS
    with tempfile.TemporaryDirectory() as folder:
        return {form: FORMATS[form]().write(exportable, Path(folder) / form) for form in forms}


if __name__ == "__main__":
    main()
