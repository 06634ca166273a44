"""README.md of an export: what the network is, how good it is, and how to use it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from search.export.exportable import Exportable, ExportableNetwork
from search.export.python.data_file import given_shape
from spaces.shapes import Kind

_FILES = """
| file | what it is |
|---|---|
| `model.py` | the network, plain PyTorch |
| `weights.safetensors` | its weights |
| `preprocessing.json` | the constants with which rows are prepared |
| `data.py` | reads rows and prepares them |
| `predict.py` | prints what the network predicts |
| `train.py` | trains the network from scratch, with the recipe that was found |
"""

_LICENCE = """
The code was written by Penchant for this one network. It is yours: use it, change it and pass it on as you like. The
weights were trained on your data, whose licence may bind them.
"""


def readme(exportable: ExportableNetwork) -> str:
    """The text of the file."""
    return "\n".join(_lines(exportable)) + "\n"


def _lines(exportable: ExportableNetwork) -> Iterator[str]:
    results = exportable.results
    yield f"# {exportable.name}"
    yield f"\n{exportable.architecture}."
    yield f"\n{exportable.origin[0].upper()}{exportable.origin[1:]}."
    if "sentence" in results:
        yield f"\n> {results['sentence']}"
    if not exportable.trained:
        yield "\n**Its weights are fresh: train it before you use it.**"
    yield _FILES
    yield "## Use\n"
    yield "```bash\npip install numpy safetensors torch"
    yield from _commands(exportable)
    yield "```\n"
    yield from rows_of(exportable)
    yield "\n## Results\n"
    yield from _results(exportable)
    yield "\n## Recipe\n"
    yield f"AdamW for {exportable.steps:,} steps; {_listed(exportable.recipe.to_json())}."
    yield "A linear warm-up over the first twentieth of the steps, then half a cosine down to zero; gradients are"
    yield "clipped to a norm of 1."
    yield "\n## Architecture\n"
    yield f"```json\n{json.dumps(exportable.architecture.to_json(), indent=1)}\n```"
    yield f"\nFingerprint `{exportable.architecture.fingerprint}`."
    yield "\n## Licence and versions"
    yield from versions(exportable)


def versions(exportable: Exportable) -> Iterator[str]:
    """Whose the code is, and what wrote it."""
    yield _LICENCE
    yield f"Written by {_listed(exportable.to_json()['versions'], ' ')}."


def _commands(exportable: Exportable) -> Iterator[str]:
    if exportable.preprocessing.columns:
        yield "python predict.py rows.csv"
        yield "python train.py rows.csv --target COLUMN --output weights.safetensors"
        return
    yield "python predict.py rows.npz"
    yield "python train.py data.npz --output weights.safetensors"


def rows_of(exportable: Exportable) -> Iterator[str]:
    """What the files hold that are read."""
    preprocessing, dataset = exportable.preprocessing, exportable.dataset
    shape, kind = given_shape(preprocessing), preprocessing.task.kind
    if preprocessing.columns:
        names = ", ".join(f"`{column.name}`" for column in preprocessing.columns)
        yield f"Rows are lines of a .csv file with the columns {names}; to train, also with the one that is predicted."
        return
    with_lengths = ", and `length` `(n,)`, how many steps of each row hold data" if preprocessing.padded else ""
    yield f"`rows.npz` holds the array `x`, {preprocessing.modality} rows `({shape})`{with_lengths}."
    length = ", `length_train`" if preprocessing.padded else ""
    if kind is Kind.NEXT_TOKEN:
        yield f"`data.npz` holds `x_train`{length}: rows of one token more, each predicted from those before it."
    else:
        labels = f"; labels are {_some(preprocessing.labels)}" if preprocessing.labels else ""
        yield f"`data.npz` holds `x_train`, `y_train`{length}{labels}."
    yield f"\nOf {dataset.name}:\n"
    yield f"- {dataset.summary}"
    yield from (f"- {note}" for note in dataset.notes)


def _results(exportable: Exportable) -> Iterator[str]:
    metric = exportable.dataset.metric.name
    names = {
        "search": "rows that the search read",
        "confirm": "rows held out",
        "sealed_test": "the sealed test",
        "held_out": "rows held out",
    }
    found = {names[name]: value for name, value in exportable.results.items() if name in names}
    if not found:
        yield "None is known: nothing was trained."
        return
    yield from results_table("rows", metric, found)


def results_table(rows: str, metric: str, values: Mapping[str, float]) -> Iterator[str]:
    """Values of a metric by name, which `rows` tells of."""
    yield f"| {rows} | {metric} |\n|---|---|"
    yield from (f"| {name} | {value:.4g} |" for name, value in values.items())


def _some(labels: tuple[str, ...]) -> str:
    shown = ", ".join(f"`{label}`" for label in labels[:10])
    return shown if len(labels) <= 10 else f"{shown} and {len(labels) - 10} more (see `preprocessing.json`)"


def _listed(values: Mapping[str, object], between: str = " ") -> str:
    return ", ".join(f"{name.replace('_', ' ')}{between}{_short(value)}" for name, value in values.items())


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
