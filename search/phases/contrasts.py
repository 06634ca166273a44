"""Contrasts: networks of all families are trained with a component and without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from search.candidate import Candidate
from search.components import Contrast, contrasts_of
from search.phases import CONTRAST_SEEDS, SEEDS_A_STUDY, Phase, Segment
from search.phases.hosts import Host, choose_hosts
from search.plan import Plan
from search.trial import Trial
from search.verdict.contrasts import FEWEST_HOSTS
from spaces import Architecture, SearchSpace
from workers.engine import Signal

VERSUS = " vs "
FACTORS = (1.0, 0.5, 2.0)
"""Of the host's learning rate; its own comes first, and is kept where another is no better."""
TUNING = tuple(f"rate {factor:g}" for factor in FACTORS)


@dataclass(frozen=True)
class Arm:
    """One of the two networks that a host becomes.

    Attributes:
        slot: begins the slots of all its trainings: `connection/residual vs plain/convolution/3`. An arm with the
            reference, `connection/plain/convolution/3`, is trained once for all options of a component.
        architecture: with the option, or with the reference.
        host: the census trial it was made of.
    """

    slot: str
    architecture: Architecture
    host: Trial

    @property
    def learning_rate(self) -> float:
        """The host's own."""
        return self.host.candidate.recipe.learning_rate

    @cached_property
    def tuning(self) -> tuple[str, ...]:
        """Slots of the trainings that its learning rate is chosen from."""
        return tuple(f"{self.slot}/{name}" for name in TUNING)


class Contrasts(Phase):
    """Trains both arms of each host, host after host, contrast after contrast, while there is room for a whole one.

    Both arms get the same re-tuning: three learning rates around the host's own, on one seed, of which the best on the
    search rows is kept. Then they are trained with the same fresh seeds, on whose confirm rows the verdict rests: one
    division, one seed for weights, order and augmentation.

    Args:
        before: all trials of the study, as they come; the hosts are of its census.
        space: what both arms must lie in.
        plan: hosts, seeds, most trainings and when the last contrast may end.
        seed: the study's seed.
        slots: trainings at a time.
        clock: seconds the study has run.
    """

    name = "contrasts"
    lets_next_start = True
    overtaken_by = frozenset({"adaptive"})

    def __init__(
        self,
        before: Sequence[Trial],
        space: SearchSpace,
        plan: Plan,
        seed: int,
        slots: int,
        clock: Callable[[], float],
    ) -> None:
        self._before = before
        self._space = space
        self._plan = plan
        self._seed = seed
        self._slots = slots
        self._clock = clock
        self._arms: dict[Contrast, list[Arm]] = {}
        self._census: list[Trial] = []  # once it is over
        self._known: dict[str, Trial] = {}
        self._over: set[Contrast] = set()  # of these nothing will start any more
        self._slots_of_those: set[str] = set()
        self._begun: set[str] = set()  # arms of which everything has
        self._is_over = False

    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """See `Phase.next`."""
        if self._clock() > self._plan.adaptive_ends:
            return Signal.DONE
        self._census = self._census or [trial for trial in self._before if trial.phase == "census"]
        if any(trial.in_flight for trial in self._census):
            self._census = []
            return Signal.WAIT
        self._known |= {trial.slot: trial for trial in trials[len(self._known) :]}
        known, open_arms, waits = self._known, list[Arm](), False
        for contrast, arms in self._contrasts():
            if contrast in self._over:
                continue
            if arms[0].tuning[0] not in known and not self._fits([*open_arms, *arms]):
                break
            open_arms += arms
            if trial := self._ready(arms):
                return self.segment(trial)
            untuned = (arm for arm in arms if arm.slot not in self._begun)
            if any(known[slot].in_flight for arm in untuned for slot in arm.tuning if slot in known):
                waits = True
            else:
                self._over.add(contrast)
                self._slots_of_those.update(self._slots_of(arms))
        self._is_over = not waits
        return Signal.WAIT if waits else Signal.DONE

    def expected(self) -> int | None:
        """See `Phase.expected`."""
        return None  # the room is known, not how much of it whole contrasts take

    def room_left(self) -> int | None:
        """Trainings of the plan that nothing will take any more; None as long as that is open.

        Where time is planned and not trials, there is nothing to leave.
        """
        if self._plan.is_timed or not self._plan.contrasted:
            return 0
        return self._plan.contrasted - len(self._known) if self._is_over else None

    def _contrasts(self) -> Iterator[tuple[Contrast, list[Arm]]]:
        """Each contrast with the arms of its hosts, the option's first; none with too few hosts."""
        for contrast in contrasts_of(self._space):
            if contrast not in self._arms:  # the census is over: the hosts stay what they are
                hosts = choose_hosts(contrast, self._census, self._space, self._plan.hosts)
                self._arms[contrast] = [arm for host in hosts for arm in _arms(contrast, host)]
            if len(self._arms[contrast]) >= 2 * FEWEST_HOSTS:
                yield contrast, self._arms[contrast]

    def _ready(self, arms: Sequence[Arm]) -> Trial | None:
        """What can be trained of a contrast: first what a tuned host is tuned for, then the tuning of the next."""
        known = self._known
        for arm in arms:
            if arm.slot in self._begun:
                continue
            best = _best_rate([known[slot] for slot in arm.tuning if slot in known])
            if best is not None:
                for number, slot in enumerate(self._pairs(arm), start=1):
                    if slot not in known:
                        return self._trial(arm, slot, best, number)
                self._begun.add(arm.slot)
        for arm in arms:
            for slot, factor in zip(arm.tuning, FACTORS, strict=True):
                if slot not in known:
                    return self._trial(arm, slot, factor * arm.learning_rate, 0)
        return None

    def _fits(self, arms: Sequence[Arm]) -> bool:
        """Whether there is room for all trainings of these arms too, and time for those that have not begun."""
        owners = self._slots_of(arms)
        seconds = sum(arm.host.seconds for slot, arm in owners.items() if slot not in self._known)
        in_time = self._clock() + seconds / self._slots <= self._plan.contrasts_ends
        return len(self._slots_of_those | owners.keys()) <= self._plan.contrasted and in_time

    def _slots_of(self, arms: Sequence[Arm]) -> dict[str, Arm]:
        """The arm that each training is of."""
        return {slot: arm for arm in arms for slot in (*arm.tuning, *self._pairs(arm))}

    def _pairs(self, arm: Arm) -> list[str]:
        """Slots of the trainings with fresh seeds."""
        return [f"{arm.slot}/seed {number}" for number in range(1, self._plan.contrast_seeds + 1)]

    def _trial(self, arm: Arm, slot: str, learning_rate: float, number: int) -> Trial:
        fresh = self._seed * SEEDS_A_STUDY + CONTRAST_SEEDS + number
        recipe = replace(arm.host.candidate.recipe, learning_rate=learning_rate)
        return Trial(self.name, slot, Candidate(arm.architecture, recipe), fresh, fresh, self._plan.horizon)


def _arms(contrast: Contrast, host: Host) -> tuple[Arm, Arm]:
    labels = (f"{contrast.option}{VERSUS}{contrast.reference}", contrast.reference)
    first, second = (f"{contrast.component}/{label}/{host.trial.slot}" for label in labels)
    return Arm(first, host.option, host.trial), Arm(second, host.reference, host.trial)


def _best_rate(tuned: Sequence[Trial]) -> float | None:
    """The learning rate best on the search rows, the first of equals; None while it is open, or where all failed."""
    sound = [trial for trial in tuned if trial.finished and not trial.failed]
    if len(tuned) < len(TUNING) or not all(trial.finished for trial in tuned) or not sound:
        return None
    return max(sound, key=lambda trial: trial.search_score or 0.0).candidate.recipe.learning_rate
