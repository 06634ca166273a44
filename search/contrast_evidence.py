"""Contrast evidence: from the recorded trainings of contrasts to what the verdict reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from search.components import KIND, contrasts_of
from search.phases.contrasts import TUNING, VERSUS, Contrasts
from search.plan import SHORTEST_MEANINGFUL_HORIZON, budget_for_contrasts, trials_for_contrasts
from search.trial import Trial
from search.verdict.component_statements import ComponentFindings
from search.verdict.contrasts import PairedScores, compare_contrasts
from search.verdict.document import BudgetSpent
from spaces import SearchSpace
from workers.metric import WORST_SCORE

LARGER = 2.0
"""What a network of a large budget's census costs, in those of a small one's; see `search.plan`."""


class _Slot(NamedTuple):
    """The parts of a slot: `connection/residual vs plain/convolution/3/seed 1`."""

    component: str
    label: str
    host: str
    training: str

    @classmethod
    def of(cls, trial: Trial) -> _Slot:
        rest, family, block, training = trial.slot.rsplit("/", 3)
        component, _, label = rest.partition("/")
        return cls(component, label, f"{family}/{block}", training)


_Arm = dict[str, Trial]  # its finished trainings by what each is for


def paired_scores(trials: Sequence[Trial]) -> list[PairedScores]:
    """What the trials tell of each contrast, in the order in which they were begun.

    Everything is read off their slots, so a record is judged alike whatever the space, and the version that made it.
    Hosts count whose two arms were trained with all seeds that most hosts were; a contrast with fewer than two such
    hosts tells nothing.
    """
    arms: dict[tuple[str, str], dict[str, _Arm]] = {}
    for trial in trials:
        if trial.phase == Contrasts.name and trial.finished:
            slot = _Slot.of(trial)
            arms.setdefault((slot.component, slot.label), {}).setdefault(slot.host, {})[slot.training] = trial
    found = []
    for (component, label), options in arms.items():
        option, versus, reference = label.rpartition(VERSUS)
        if versus:
            pairs = [(arm, arms.get((component, reference), {}).get(host, {})) for host, arm in options.items()]
            found.append(_paired(component, option, reference, pairs))
    return [contrast for contrast in found if contrast is not None]


def _paired(component: str, option: str, reference: str, hosts: Sequence[tuple[_Arm, _Arm]]) -> PairedScores | None:
    seeds = [_seeds(*arms) for arms in hosts]
    most = max(seeds, key=len)
    kept = [arms for arms, own in zip(hosts, seeds, strict=True) if own == most]
    if len(kept) < 2 or not most:
        return None
    trained = [[[arm.get(seed) for seed in most] for arm in side] for side in zip(*kept, strict=True)]
    scores = [[[_score(trial) for trial in arm] for arm in side] for side in trained]
    failed = [[[trial is None or trial.failed for trial in arm] for arm in side] for side in trained]
    depths = np.array([_blocks(next(iter(option_arm.values()))) for option_arm, _ in kept])
    return PairedScores(component, option, reference, np.array(scores), np.array(failed), depths)


def _blocks(trial: Trial) -> int:
    """How deep its network is."""
    return sum(stage.blocks for stage in trial.architecture.stages)


def _seeds(option: _Arm, reference: _Arm) -> tuple[str, ...]:
    """The paired trainings that both arms had; an arm that no learning rate could train fails them all."""
    sides = [arm.keys() - set(TUNING) for arm in (option, reference) if not _is_hopeless(arm)]
    return tuple(sorted(set.intersection(*map(set, sides)))) if sides else ()


def _is_hopeless(arm: _Arm) -> bool:
    return all(name in arm and arm[name].failed for name in TUNING)


def _score(trial: Trial | None) -> float:
    return WORST_SCORE if trial is None or trial.confirm_score is None else trial.confirm_score


def component_findings(
    trials: Sequence[Trial],
    space: SearchSpace,
    families: int,
    epsilon: float,
    spent: BudgetSpent,
    *,
    small_networks: bool = False,
) -> ComponentFindings:
    """What the trials tell of components, and of those they tell nothing of, what budget would.

    Args:
        trials: all trials of the study.
        space: what it could try.
        families: how many took part.
        epsilon: from which on a difference of scores matters.
        spent: what the study spent.
        small_networks: whether the census had smaller networks than a larger budget's has.
    """
    rows = compare_contrasts(paired_scores(trials), epsilon)
    tested = {_kind_of_component(row.component) for row in rows}
    asked = dict.fromkeys(_kind_of_component(contrast.component) for contrast in contrasts_of(space))
    untested = [component for component in asked if component not in tested]
    advice = (
        "a larger budget would test more"
        if rows
        else _advice(trials, families, spent, LARGER if small_networks else 1.0)
    )
    return ComponentFindings(rows, tuple(untested), advice)


def _kind_of_component(component: str) -> str:
    """A component, or what the kinds within all families are called together."""
    return "kind of operation" if component.endswith(KIND) else component


def _advice(trials: Sequence[Trial], families: int, spent: BudgetSpent, larger: float) -> str:
    """What budget would test a first contrast; that of time is estimated from the census, times `larger`."""
    census = [trial for trial in trials if trial.phase == "census" and not trial.failed and trial.reached]
    if not any(trial.phase == "timing" for trial in trials):
        least = f"at least {trials_for_contrasts(families):,} trials of {SHORTEST_MEANINGFUL_HORIZON} steps"
        return f"a study with {least} would begin to"
    if not census:
        return "a larger budget would begin to"
    step_seconds = larger * sum(trial.seconds / trial.reached for trial in census) / len(census)
    budget = budget_for_contrasts(step_seconds, families, _slots(spent), spent.wall_seconds)
    return f"a budget of about {budget} would begin to"


def _slots(spent: BudgetSpent) -> int:
    """Trainings at a time, as the document tells them."""
    busy_seconds = (spent.worker_busy_share or 0.0) * spent.wall_seconds
    return max(1, round(spent.core_seconds / busy_seconds)) if busy_seconds else 1
