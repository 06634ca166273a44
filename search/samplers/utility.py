"""Utility: one number for each record, from scores after trainings of different lengths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from search.samplers.domain import P, Record


def utilities(records: Sequence[Record[P]]) -> NDArray[np.float64]:
    """Normal scores of the records by rank; a failed one is worst. Every record must have a score or have failed.

    Ranks, since scores pile up below a ceiling and fall off a cliff above some learning rate. Records are ranked by
    their first scores; then those that trained on are ranked among themselves, by the later score, into the places that
    they hold together, and so on. So whoever was stopped early is compared by what everybody had at that time.
    """
    levels = sorted({share for record in records for share in record.scores})
    order = np.argsort([_first(record, levels) for record in records], kind="stable")
    for level in levels[1:]:
        places = [place for place, index in enumerate(order) if _reaches(records[index], level)]
        held = order[places]
        scores = [records[index].scores[level] for index in held]
        order[places] = held[np.argsort(scores, kind="stable")]
    normal = np.empty(len(records))
    normal[order] = ndtri((np.arange(len(records)) + 0.5) / len(records))
    return normal


def _reaches(record: Record[P], level: float) -> bool:
    return not record.failed and level in record.scores


def _first(record: Record[P], levels: Sequence[float]) -> float:
    if record.failed or not record.scores:
        return -np.inf
    return next(record.scores[level] for level in levels if level in record.scores)
