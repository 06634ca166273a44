"""Hosts: the networks in which a component is put in and left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from search.components import CONTROL, Contrast
from search.phases.census import block_of
from search.trial import Trial
from search.turns import in_turns
from spaces import Architecture, SearchSpace


@dataclass(frozen=True)
class Host:
    """A census configuration and both arms of a contrast in it."""

    trial: Trial
    option: Architecture
    reference: Architecture


def choose_hosts(contrast: Contrast, census: Sequence[Trial], space: SearchSpace, count: int) -> list[Host]:
    """The best networks of all families in turn, best family first, whose two arms are networks of the space.

    Networks of a census block are twins that share learning rate, width, gate and more; so of a family that is next the
    best network counts of those blocks that have given the fewest hosts.

    They are uniform samples, not what the search has made fit for its own connections and gates. Even so the best of
    them owe something to the component they were drawn with; so those drawn with the option and those drawn with the
    reference are taken in equal numbers, give or take one, however much better the ones are than the others, and most
    were drawn with neither. No two hosts have an arm in common.

    Args:
        contrast: what is asked.
        census: finished trials; failed ones and the control are no hosts.
        space: that both arms must lie in.
        count: most hosts.
    """
    hosts: list[Host] = []
    surplus = 0  # of hosts drawn with the option over hosts drawn with the reference
    families, blocks = Counter[str](), Counter[int]()  # of the hosts
    waiting = [_Waiting(trial, trial.family, block_of(trial), _side(contrast, trial)) for trial in _in_turns(census)]
    while len(hosts) < count:
        found, tried = None, set[str]()
        for next_best in sorted(waiting, key=lambda other: (families[other.family], blocks[other.block])):
            trial = next_best.trial
            if abs(surplus + next_best.side) > 1:
                continue
            tried.add(trial.slot)
            arms = contrast.arms(trial.architecture, space)
            if arms is not None and all(host.option.fingerprint != arms[0].fingerprint for host in hosts):
                found = Host(trial, *arms)
                break
        if found is None:
            break
        hosts.append(found)
        surplus += next_best.side
        families[next_best.family] += 1
        blocks[next_best.block] += 1
        waiting = [other for other in waiting if other.trial.slot not in tried]
    return hosts


@dataclass(frozen=True)
class _Waiting:
    trial: Trial
    family: str
    block: int
    side: int


def _side(contrast: Contrast, trial: Trial) -> int:
    """1 for a network drawn with the option, -1 for one drawn with the reference, 0 for all others."""
    native = contrast.native(trial.architecture)
    return (native == contrast.option) - (native == contrast.reference)


def _in_turns(census: Sequence[Trial]) -> list[Trial]:
    """The best of each family, then the second best of each, …; families in the order of their best."""
    families: dict[str, list[Trial]] = {}
    for trial in sorted(census, key=lambda trial: (-(trial.search_score or 0.0), trial.slot)):
        if trial.search_score is not None and trial.family != CONTROL:
            families.setdefault(trial.family, []).append(trial)
    return in_turns(families.values())
