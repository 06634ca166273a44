"""The front of a study, exported: a folder with each of its networks and an index."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from search.export.appearing import FRONT_MARK
from search.export.formats import FORMATS
from search.export.found import of_retrained
from search.retraining.together import front_trials, trained_together
from search.study import Study
from search.verdict.unit import title

_TITLES = {
    "epochs": "epochs of this training",
    "parameters": "parameters",
    "flops": "flops a row",
    "latency": "seconds a row",
    "seconds": "seconds of training in the study",
}


def write_front(study: Study, form: str, place: Path) -> dict[str, Any]:
    """Writes every network of the front, as it was trained again, and README.md and front.json, which tell of each.

    Args:
        study: whose front it is.
        form: name of the format.
        place: folder that is not there yet.

    Returns:
        What stands in front.json.

    Raises:
        InvalidInput: some networks were not trained again, or one cannot leave in this format.
        OSError: there is no room for it.
    """
    chosen = FORMATS[form]()
    trials = front_trials(study)
    retrained = trained_together(study, trials, "--front")
    place.mkdir()
    networks = []
    for row, again in zip(study.front().to_dict("records"), retrained, strict=True):
        name = f"trial-{again.trial}" if chosen.is_folder else f"trial-{again.trial}.{form}"
        exportable = of_retrained(study, again)
        difference = chosen.write(exportable, place / name)
        networks.append(
            {
                "file": name,
                **_plain(row),
                "origin": exportable.origin,
                "epochs": again.epochs,
                "held_out": again.score,
                "largest_difference": difference,
            }
        )
    index = {
        "schema": 1,
        "study": study.name,
        "objectives": _objectives(study),
        "metric": study.dataset.metric.name,
        "networks": networks,
    }
    (place / FRONT_MARK).write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")
    (place / "README.md").write_text("\n".join(_readme(index, study)) + "\n", encoding="utf-8")
    return index


def _objectives(study: Study) -> list[str]:
    """What its networks are compared by: the score and, where nothing else was asked for, the parameters."""
    asked = study.specification.objectives
    return [*asked] if len(asked) > 1 else [*asked, "parameters"]


def _plain(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    """A row of the table as JSON: missing numbers are null."""
    found = {str(name): value.item() if isinstance(value, np.generic) else value for name, value in row.items()}
    return {name: None if value != value else value for name, value in found.items()}


def _readme(index: Mapping[str, Any], study: Study) -> Iterator[str]:
    networks, metric = index["networks"], title(index["metric"])
    yield f"# The front of {index['study']}"
    yield f"\nThe networks of which no other is better in one of {' and '.join(index['objectives'])} and no worse in"
    yield "the others, best score first."
    if len(study.specification.objectives) == 1:
        yield "The study looked for the score alone: smaller networks were not sought, only found on the way."
    yield "\nWhat put a network on the front was measured in the study, on the rows that the search read. The weights"
    yield "here come from another training, of all on the same 19 of 20 development rows, and were scored on those held"
    yield "out. The sealed test stays shut, since a study opens it once.\n"
    costs = [name for name in _TITLES if any(each[name] is not None for each in networks)]
    yield from _table(
        ["network", "families", f"{metric}, search rows", f"{metric}, rows held out", *(_TITLES[c] for c in costs)],
        [
            [f"`{each['file']}`", each["family"], *(_figure(each[k]) for k in ("value", "held_out", *costs))]
            for each in networks
        ],
    )
    yield "\n`front.json` holds the same."


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _figure(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:,.0f}" if number >= 1000 else f"{number:.4g}"
