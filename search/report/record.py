"""Record: what a report is made from, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from search.specification import Specification
from search.trial import Trial
from search.verdict.document import VerdictDocument


@dataclass(frozen=True)
class Record:
    """A finished study as it is recorded; equal records make equal reports, to the byte.

    Attributes:
        specification: what was asked for.
        created: when, in UTC.
        trials: all trials, in the order in which they began.
        verdict: what it ended in.
    """

    specification: Specification
    created: datetime
    trials: Sequence[Trial]
    verdict: VerdictDocument
