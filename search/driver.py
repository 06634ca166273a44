"""Driver: hands the phases' trainings to an engine and records every outcome."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from search.known_trainings import KnownTrainings
from search.observer import Observer
from search.phases import Phase, Segment
from search.storage.trials import TrialStore
from search.trial import Trial, TrialState
from workers.engine import Signal, Source
from workers.outcome import Outcome
from workers.work_unit import WorkUnit


class Driver(Source):
    """Runs phases in order; where a phase lets it, the next begins while its last trainings run, or while it waits.

    A phase that waited has its turn before those that overtook it, as soon as it wants something. What was in training
    when a study was interrupted comes first in its phase, whatever the phase wants by now, and goes as far as it was to
    go. No trial that has ended is looked at again for a proposal, as far as the driver goes.

    Args:
        phases: yields the phases in order; may read `trials` to make the next.
        trials: all trials of the study, also those of earlier runs; the driver appends to it.
        store: where they are recorded.
        observers: who is told.
        limit_seconds: tells the longest time of a work unit, from the seconds of the slowest trial so far.
        ensure_held: raises when the study is another process's now.
        clock: seconds the study has run, earlier runs included.
        measures_latency: whether trainings tell how long their network takes for one row.
        earlier: trials of other studies by the study's name, whose trainings are not done again.
    """

    def __init__(
        self,
        phases: Iterator[Phase],
        trials: list[Trial],
        store: TrialStore,
        observers: Sequence[Observer],
        limit_seconds: Callable[[float], float],
        ensure_held: Callable[[], None],
        clock: Callable[[], float],
        measures_latency: bool = False,
        earlier: Mapping[str, Sequence[Trial]] = MappingProxyType({}),
    ) -> None:
        self._phases = phases
        self._trials = trials
        self._store = store
        self._observers = observers
        self._limit_seconds = limit_seconds
        self._ensure_held = ensure_held
        self._clock = clock
        self._measures_latency = measures_latency
        self._known = KnownTrainings(earlier, trials)
        self._open: list[Phase] = []  # in their order
        self._ending: list[Phase] = []  # these start nothing more, but have trainings in flight
        self._drains = False  # whether all of both must end before the next phase begins
        self._entered_last: Phase | None = None
        # a phase that has ended stays so, even where a resumed study's clock lags behind the one that ended it
        self._resumed_in = trials[-1].phase if trials else None
        self._closed: set[str] = set()
        self._of_phase: dict[str, list[Trial]] = defaultdict(list)
        for trial in trials:
            self._of_phase[trial.phase].append(trial)
        self._in_flight: Counter[str] = Counter()  # by phase
        self._interrupted: dict[str, list[Trial]] = {}  # by phase
        self._slowest = max((trial.seconds for trial in trials if not trial.failed), default=0.0)

    def propose(self) -> WorkUnit | Signal:
        """See `Source.propose`."""
        self._ensure_held()
        while isinstance(step := self._next_step(), Segment):
            unit = self._start(step)
            known = self._known.outcome_of(step.trial, step, self._measures_latency)
            if known is None:
                return unit
            self.absorb(known)
        return step

    def absorb(self, outcome: Outcome) -> None:
        """See `Source.absorb`."""
        trial = self._trials[outcome.trial]
        trial.outcomes.append(replace(outcome, ended=self._clock()))
        trial.in_flight = False
        self._in_flight[trial.phase] -= 1
        if not trial.failed:
            self._slowest = max(self._slowest, trial.seconds)
        self._store.report(trial)
        self._known.add(trial)
        for observer in self._observers:
            observer.segment_ends(trial)
        if trial.finished:
            self._end(trial, TrialState.FAILED if trial.failed else TrialState.COMPLETE)

    def _next_step(self) -> Segment | Signal:
        """The first training that a phase wants."""
        self._leave_ended_phases()
        place = 0
        while place < len(self._open) or self._enter_next_phase():
            phase = self._open[place]
            step = self._next_of(phase)
            if isinstance(step, Segment) or (step is Signal.WAIT and not phase.overtaken_by):
                return step
            if step is Signal.WAIT:
                place += 1
            else:
                self._ending.append(self._open.pop(place))
                self._leave_ended_phases()
        return Signal.WAIT if self._open or self._ending else Signal.DONE

    def _next_of(self, phase: Phase) -> Segment | Signal:
        if interrupted := self._interrupted[phase.name]:
            trial = interrupted.pop(0)
            return replace(phase.segment(trial), stop=trial.stop)
        return Signal.DONE if phase.name in self._closed else phase.next(self._of_phase[phase.name])

    def _start(self, segment: Segment) -> WorkUnit:
        trial = segment.trial
        trial.stop = segment.stop
        if trial.number >= 0:
            self._store.begin(trial)
        else:
            self._store.create(trial)
            assert trial.number == len(self._trials), "trials are numbered in the order they start"
            self._trials.append(trial)
            self._of_phase[trial.phase].append(trial)
        trial.in_flight = True
        self._in_flight[trial.phase] += 1
        return WorkUnit(
            trial=trial.number,
            architecture=trial.candidate.architecture,
            recipe=trial.candidate.recipe,
            division=trial.division,
            seed=trial.seed,
            start=trial.reached,
            stop=segment.stop,
            horizon=trial.horizon,
            keeps_checkpoint=segment.keeps_checkpoint,
            opens_test=segment.opens_test,
            measures_latency=self._measures_latency,
            limit_seconds=self._limit_seconds(self._slowest),
        )

    def _enter_next_phase(self) -> bool:
        """Opens the next phase, unless there is none or it may not begin yet."""
        waited_for = self._open and self._open[-1] is not self._entered_last
        if waited_for or (self._drains and (self._open or self._ending)):
            return False
        phase = self._entered_last = next(self._phases, None)
        if phase is None:
            return False
        self._open.append(phase)
        self._drains = not phase.lets_next_start
        known = self._of_phase[phase.name]
        self._interrupted[phase.name] = [t for t in known if t.state is TrialState.RUNNING and t.was_interrupted]
        if self._resumed_in == phase.name:
            self._resumed_in = None
        if self._resumed_in not in (None, *phase.overtaken_by):
            self._closed.add(phase.name)
        elif self._resumed_in is None or not known:
            for observer in self._observers:
                observer.phase_starts(phase.name, phase.expected())
        return True

    def _leave_ended_phases(self) -> None:
        for phase in [phase for phase in self._ending if not self._in_flight[phase.name]]:
            self._ending.remove(phase)
            self._leave_phase(phase)

    def _leave_phase(self, phase: Phase) -> None:
        """Ends what a phase left half-way: trials never promoted are pruned, those done but not yet ended end."""
        for trial in self._of_phase[phase.name]:
            if trial.state is TrialState.RUNNING:
                ended = TrialState.FAILED if trial.failed else TrialState.COMPLETE
                self._end(trial, ended if trial.finished else TrialState.PRUNED)

    def _end(self, trial: Trial, state: TrialState) -> None:
        trial.state, trial.ended_at = state, time.time()
        self._store.finish(trial)
        for observer in self._observers:
            observer.trial_ends(trial)
