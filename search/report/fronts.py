"""Score against cost: the networks that are best in all objectives; in score and size where no cost was asked for."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search.objectives import COSTS, front
from search.phases.ranking import best_on_search_rows
from search.report.best_so_far import Cloud
from search.report.families import color_key
from search.report.record import Record
from search.report.scale import Plot, Scale
from search.trial import Trial

NAMES: Mapping[str, str] = {
    "parameters": "trained numbers (parameters)",
    "flops": "floating-point operations a row",
    "latency": "seconds for one row",
    "seconds": "seconds to train",
}
"""The costs as an axis calls them."""


@dataclass(frozen=True)
class Front:
    """One picture of score against a cost.

    Attributes:
        name: of the cost, as an axis calls it.
        plot: cost, and value on the search rows.
        families: a cloud a family, of all networks.
        path: through the front's networks where only two objectives make it, dots on them otherwise.
        is_line: whether it is the first of these.
    """

    name: str
    plot: Plot
    families: list[Cloud]
    path: str
    is_line: bool


@dataclass(frozen=True)
class Fronts:
    """The front of a study.

    Attributes:
        pictures: one a cost.
        costs: names of the costs that were weighed.
        table: a row a network of the front, best score first.
        networks: how many it was picked from.
        was_asked: whether the study looked for it; it is worth a look in any case.
    """

    pictures: list[Front]
    costs: tuple[str, ...]
    table: list[dict[Hashable, Any]]
    networks: int
    was_asked: bool


def fronts(record: Record) -> Fronts | None:
    """None where fewer than two networks trained to the end."""
    asked, task = record.specification.objectives, record.task
    networks = best_on_search_rows(record.trials, record.horizon, record.space) if record.horizon and task else []
    if len(networks) < 2 or task is None:
        return None
    costs = asked[1:] or ("parameters",)
    table = front(networks, asked, task, record.specification.metric).to_dict("records")
    pictures = [_picture(record, networks, name, table, len(costs) == 1) for name in costs]
    return Fronts([each for each in pictures if each], costs, table, len(networks), len(asked) > 1)


def _picture(
    record: Record, networks: Sequence[Trial], name: str, best: list[dict[Hashable, Any]], is_line: bool
) -> Front | None:
    assert record.task is not None
    known = [(COSTS[name](trial, record.task), trial) for trial in networks]
    points = [(float(cost), record.value(t.search_score or 0.0), color_key(t.family)) for cost, t in known if cost]
    if len(points) < 2:
        return None
    plot = Plot(
        Scale.around([cost for cost, _, _ in points], is_logarithmic=True),
        Scale.around([value for _, value, _ in points], *record.value_range),
    )
    clouds = []
    for key in sorted({key for _, _, key in points}):
        own = [(cost, value) for cost, value, family in points if family == key]
        clouds.append(Cloud(key, key, len(own), plot.dots(own)))
    corners = sorted((float(row[name]), row["value"]) for row in best)
    path = plot.steps([*corners, (plot.x.high, corners[-1][1])]) if is_line else plot.dots(corners)
    return Front(NAMES[name], plot, clouds, path, is_line)
