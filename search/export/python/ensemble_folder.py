"""The folder of an ensemble: that of each member, the code that asks them together, and a script to use it."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from torch import nn

from search.export.exportable import ExportableEnsemble
from search.export.python.data_file import data_file
from search.export.python.ensemble_file import ensemble_file
from search.export.python.network_folder import difference, write_network
from search.export.python.predict_file import predict_file
from search.export.python.readme import results_table, rows_of, versions
from search.verdict.figures import interval_figure, signed_figure
from search.verdict.unit import figure_scale, title
from spaces.export.source.formatting import format_folder


def write_ensemble(exportable: ExportableEnsemble, place: Path, tolerance: float) -> float:
    """Writes the folder and runs what it wrote; see `search.export.formats.Format.write`."""
    place.mkdir()
    for family, member in exportable.members.items():
        write_network(member, place / family, tolerance)
    preprocessing = exportable.preprocessing
    texts = {
        "ensemble.py": ensemble_file(preprocessing, list(exportable.members)),
        "data.py": data_file(preprocessing),
        "predict.py": predict_file(preprocessing, is_ensemble=True),
        "preprocessing.json": json.dumps(preprocessing.to_json(), indent=1) + "\n",
        "README.md": "\n".join(_readme(exportable)) + "\n",
    }
    for name, text in texts.items():
        (place / name).write_text(text, encoding="utf-8")
    format_folder(place)
    return difference(exportable, _written_ensemble(place, exportable.members), tolerance)


def _written_ensemble(place: Path, families: Collection[str]) -> nn.Module:
    """The ensemble in a folder, with its weights, in evaluation mode; what was imported for it is forgotten again."""
    modules = {"ensemble", *families, *(f"{family}.model" for family in families)}
    before = {name: sys.modules.pop(name) for name in modules if name in sys.modules}
    writes_none, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # no __pycache__ among what leaves
    sys.path.insert(0, str(place.absolute()))
    try:
        importlib.invalidate_caches()
        ensemble: nn.Module = importlib.import_module("ensemble").load()
    finally:
        sys.path.remove(str(place.absolute()))
        sys.dont_write_bytecode = writes_none
        for name in modules:
            sys.modules.pop(name, None)
        sys.modules.update(before)
    return ensemble


def _readme(exportable: ExportableEnsemble) -> Iterator[str]:
    results, metric = exportable.results, exportable.dataset.metric
    rows = "rows.csv" if exportable.preprocessing.columns else "rows.npz"
    yield f"# {exportable.name}: an ensemble of {len(exportable.members)} families"
    yield f"\n{exportable.origin[0].upper()}{exportable.origin[1:]}.\n"
    yield "| file | what it is |"
    yield "|---|---|"
    yield "| `ensemble.py` | asks the members together |"
    yield from (f"| `{family}/` | {member.architecture} |" for family, member in exportable.members.items())
    yield "| `data.py`, `preprocessing.json` | read rows and prepare them, for all members alike |"
    yield "| `predict.py` | prints what the ensemble predicts |"
    yield "\nThe folder of each member stands by itself: it has code, weights and a script to train it."
    yield "\n## Use\n"
    yield f"```bash\npip install numpy safetensors torch\npython predict.py {rows}\n```\n"
    yield from rows_of(exportable)
    yield "\n## Results\n"
    values = {f"{family} alone": value for family, value in results["members_held_out"].items()}
    values["**ensemble**"] = results["held_out"]
    yield from results_table(f"{results['held_out_rows']:,} rows held out", title(metric.name), values)
    scale = figure_scale(metric)
    gain, interval = results["gain"], tuple(results["gain_interval"])
    yield f"\nGain over the champion alone ({results['gain_over']}): {signed_figure(gain, scale)} {title(metric.name)},"
    yield f"95 % interval {interval_figure(interval, gain, scale)}; above 0 the ensemble is better."
    yield from (f"\n{note}" for note in results["notes"])
    yield "\n## Licence and versions"
    yield from versions(exportable)
