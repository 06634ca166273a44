"""Shortlist: the networks that looked best once are trained again, and the champion is the best of these trainings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from search.phases import SEEDS_A_STUDY, SHORTLIST_SEEDS, Phase, Segment, longest_first, next_slot
from search.phases.final_length import final_length
from search.phases.ranking import COMPARABLE_PHASES, baselines, distinct, shortlisted
from search.plan import Plan
from search.trial import Trial, TrialState
from spaces import SearchSpace
from workers.engine import Signal


class Shortlist(Phase):
    """Trains the best networks of the phases before again, each on the same fresh divisions of the rows.

    The best of a hundred scores on a few rows is more luck than merit, and on small sets dozens share it; the mean over
    fresh divisions and seeds is neither. They are trained for about as long as the champion will be, since what is best
    after short trainings need not be after long ones. What is sure to be in the list starts while the last trainings
    before still run.

    Args:
        before: all trials of the study, as they come.
        space: what the study may try.
        plan: horizon, length of the list, most replicates, and when the last may start.
        seed: the study's seed.
        slots: trainings at a time.
        clock: seconds the study has run.
    """

    name = "shortlist"

    def __init__(
        self, before: Sequence[Trial], space: SearchSpace, plan: Plan, seed: int, slots: int, clock: Callable[[], float]
    ) -> None:
        self._before = before
        self._space = space
        self._plan = plan
        self._seed = seed
        self._slots = slots
        self._clock = clock
        self._length = 0

    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """See `Phase.next`."""
        unknown = [trial for trial in self._before if trial.in_flight and trial.phase in COMPARABLE_PHASES]
        best = shortlisted(self._before, self._plan.horizon, self._space)
        open_prints = {trial.architecture.fingerprint for trial in unknown}  # a better recipe may come
        sure = [
            trial
            for trial in best[: max(0, self._plan.shortlisted - len(unknown))]
            if trial.architecture.fingerprint not in open_prints
        ]
        if trials:
            self._length = trials[0].horizon
        elif sure:
            self._length = self._final_length(best[: self._plan.shortlisted])
        replicates = 1 + max((replicate_of(trial) for trial in trials), default=0)
        trial = next_slot(self._wanted(sure, range(replicates)), trials)
        if trial is None and unknown:
            return Signal.WAIT
        if trial is None and replicates < self._plan.replicates and self._clock() < self._plan.shortlist_ends:
            trial = next_slot(self._wanted(sure, range(replicates, replicates + 1)), trials)
        return Signal.DONE if trial is None else self.segment(trial)

    def expected(self) -> int | None:
        """See `Phase.expected`."""
        return None if self._plan.is_timed else self._plan.shortlisted * self._plan.replicates

    def _final_length(self, listed: Sequence[Trial]) -> int:
        """What leaves time for all of this phase and for the confirmation of the two that take longest."""
        slowest = sorted(listed, key=lambda trial: -trial.seconds)
        finalists = distinct([*slowest[:2], *baselines(self._before, self._plan.horizon), *slowest])
        finalists = finalists[: self._plan.finalists]
        trainings = [*listed] * self._plan.replicates + finalists * self._plan.seeds
        return final_length(self._plan, trainings, self._slots, self._clock(), stages=2)

    def _wanted(self, networks: Sequence[Trial], replicates: range) -> list[Trial]:
        """Within a replicate the longest first."""
        order = longest_first(networks, self._plan)
        return [self._trial(network, number) for number in replicates for network in order]

    def _trial(self, network: Trial, number: int) -> Trial:
        fresh = self._seed * SEEDS_A_STUDY + SHORTLIST_SEEDS + number
        return replace(
            network,
            phase=self.name,
            slot=f"{network.architecture.fingerprint}/{number}",
            division=fresh,
            seed=fresh,
            horizon=self._length,
            number=-1,
            state=TrialState.RUNNING,
            outcomes=[],
        )


def replicate_of(trial: Trial) -> int:
    """The number of the fresh division of a trial of the shortlist."""
    return int(trial.slot.rpartition("/")[2])
