"""Trial: one candidate of a study and everything known of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from search.candidate import Candidate
from spaces import Architecture
from workers.outcome import CurvePoint, Outcome


class TrialState(StrEnum):
    """Where a trial stands."""

    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"


@dataclass
class Trial:
    """One candidate, trained in segments.

    Attributes:
        phase: name of the phase that wanted it.
        slot: what it is within the phase, e.g. `convolution/3`; a slot is never filled twice.
        candidate: architecture and recipe.
        division: number of the division of the rows.
        seed: seed of initialization, order and dropout.
        horizon: optimizer steps of its full training.
        number: its number in the study; -1 until it is stored.
        state: where it stands.
        outcomes: what became of its segments so far, in order.
        stop: optimizer steps that the segment started last was to reach.
        from_prior: the study and trial on record that the network was taken from; empty where there is no such.
        in_flight: whether this process has a segment of it at work.
        ended_at: when it ended, in seconds since 1970; 0 before.
    """

    phase: str
    slot: str
    candidate: Candidate
    division: int
    seed: int
    horizon: int
    number: int = -1
    state: TrialState = TrialState.RUNNING
    outcomes: list[Outcome] = field(default_factory=list)
    stop: int = 0
    from_prior: str = ""
    in_flight: bool = False
    ended_at: float = field(default=0.0, compare=False)

    @property
    def architecture(self) -> Architecture:
        """The candidate's architecture."""
        return self.candidate.architecture

    @property
    def family(self) -> str:
        """Its family, or its families joined by `+`."""
        return "+".join(self.architecture.families)

    @property
    def reached(self) -> int:
        """Optimizer steps done and scored."""
        return self.outcomes[-1].stop if self.outcomes and not self.outcomes[-1].failed else 0

    @property
    def failed(self) -> bool:
        """Whether a segment failed."""
        return bool(self.outcomes) and self.outcomes[-1].failed

    @property
    def finished(self) -> bool:
        """Whether no segment will follow by itself: it failed or its full training is done."""
        return self.failed or self.reached >= self.horizon

    @property
    def was_interrupted(self) -> bool:
        """Whether a segment was started whose outcome nobody will bring."""
        return not self.in_flight and not self.failed and self.reached < self.stop

    @property
    def search_score(self) -> float | None:
        """Latest score on the search rows."""
        return self.outcomes[-1].search_score if self.outcomes else None

    @property
    def confirm_score(self) -> float | None:
        """Latest score on the confirm rows."""
        return self.outcomes[-1].confirm_score if self.outcomes else None

    @property
    def test_score(self) -> float | None:
        """Score on the sealed test rows, where it was opened for this trial."""
        return self.outcomes[-1].test_score if self.outcomes else None

    @property
    def curve(self) -> list[CurvePoint]:
        """The learning curve over all segments."""
        return [point for outcome in self.outcomes for point in outcome.curve]

    @property
    def seconds(self) -> float:
        """Worker time of all segments."""
        return sum(outcome.seconds for outcome in self.outcomes)

    @property
    def parameter_count(self) -> int:
        """Number of trained parameters; 0 where it could not be built."""
        return self.outcomes[-1].parameters if self.outcomes else 0

    @property
    def flops(self) -> int | None:
        """Operations of the forward pass of one row; None where they are not known, as in earlier versions' records."""
        return next((outcome.flops for outcome in self.outcomes if outcome.flops is not None), None)

    @property
    def latency_seconds(self) -> float | None:
        """Time of one row, where it was measured."""
        return self.outcomes[-1].latency_seconds if self.outcomes else None

    @property
    def served_from(self) -> str:
        """The study and trial on record whose outcomes these are; empty where it was trained."""
        return self.outcomes[-1].served_from if self.outcomes else ""

    @property
    def full_seconds(self) -> float | None:
        """Worker time of the whole training, also where a part of it is known; None where nothing is."""
        return self.seconds * self.horizon / self.reached if self.reached else None

    @property
    def trained_seconds(self) -> float:
        """Worker time of all segments that were trained for this trial."""
        return sum(outcome.seconds for outcome in self.outcomes if not outcome.served_from)

    @property
    def size(self) -> int:
        """Parameters times rows a step: which of two trials takes longer, told without a clock, so that it repeats."""
        return self.parameter_count * self.candidate.recipe.batch_size

    def score_at(self, step: int) -> float | None:
        """The search score of the segment that ended at `step`."""
        return next((outcome.search_score for outcome in self.outcomes if outcome.stop == step), None)

    def score_after(self, step: int) -> float | None:
        """The search score after `step` optimizer steps, where it was taken, be it in passing."""
        passed = (point.search_score for point in self.curve if point.step == step)
        return next(passed, self.score_at(step))

    def summary(self) -> dict[str, Any]:
        """What a row of a table of trials says: where it stands, scores, cost and choices."""
        return {
            "number": self.number,
            "phase": self.phase,
            "slot": self.slot,
            "family": self.family,
            "state": self.state.value,
            "reason": self.outcomes[-1].reason if self.failed else "",
            "search_score": self.search_score,
            "confirm_score": self.confirm_score,
            "test_score": self.test_score,
            "steps": self.reached,
            "seconds": self.seconds,
            "parameters": self.parameter_count,
            "fingerprint": self.architecture.fingerprint,
            "served_from": self.served_from,
            "from_prior": self.from_prior,
            **self.candidate.choices(),
        }
