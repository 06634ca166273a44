"""Plan: how a budget is shared between the phases of a study."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

from search.verdict.contrasts import FEWEST_HOSTS
from search.verdict.exclusion import MINIMUM_BLOCKS
from spaces.errors import InvalidInput

SHORTEST_MEANINGFUL_HORIZON = 500
"""Optimizer steps below which a ranking means nothing: on digits 100 steps name a false winner, 500 a tie."""
LONGEST_HORIZON = 2000
TIMING_SHARE = 0.05
START_SECONDS = 10.0
"""That Ray takes to start on a laptop."""
LANDMARK_COST = 1.5
"""Of a landmark, in networks of a small budget's census."""
FEWEST_LANDMARKS = 3
NEARLY = 0.8
"""Of 500 steps: the timing errs by as much, and with 420 steps nothing could be claimed in any case."""
DOUBLED = 3
SHORTLISTED, REPLICATES = 5, 3
REPLICATES_OF_A_SMALL_BUDGET = 2
LANDMARK_BASELINES = 3
FINALISTS = 2 + LANDMARK_BASELINES
MOST_SEEDS = 10
FEWEST_SEEDS = 3
SMALL_BUDGET_SECONDS = 1200
SEEDS_OF_A_SMALL_BUDGET = 5
POSITIONS_OF_A_SMALL_BUDGET = 100
"""That stems leave at most: four times the positions cost a convolution four times the time and attention more."""
POSITIONS_OF_A_SMALL_CENSUS, WIDEST_OF_A_SMALL_CENSUS = 64, 32
"""Of one stage, too: half the time of a step, which is twice the blocks; see docs/decisions.md."""
HOSTS, CONTRAST_SEEDS = 8, 3
HOSTS_OF_A_SMALL_BUDGET, CONTRAST_SEEDS_OF_A_SMALL_BUDGET = 6, 2
TUNED_RATES = 3
"""Learning rates that each arm of a contrast is tried with."""
ROOM_USED = 0.8
"""Of the time for contrasts by one of them, as reckoned: one that does not fit in the end would not begin at all."""
STEPS_BESIDE_CONTRASTS = 1000
"""A horizon of more steps than these gives way to the first contrast."""
LARGE_BUDGET_SECONDS = 7200
BUDGETS = ("5m", "10m", "20m", "30m", "45m", "1h", "1.5h", "2h", "3h", "4h", "6h", "8h", "12h", "24h", "48h")
"""That are thought of when a person is told what would suffice."""
LONGEST_CONFIRMATION = 4
"""Horizons that a final training may take."""


class Ends(NamedTuple):
    """Shares of a budget of time at which its phases end."""

    census: float
    doubling: float
    contrasts: float
    adaptive: float
    shortlist: float


LONG_ENDS = Ends(0.36, 0.50, 0.62, 0.71, 0.77)
"""From twenty minutes on, where components can be asked about; what families are judged by stays the same."""
USUAL_ENDS = Ends(0.36, 0.50, 0.50, 0.60, 0.70)
SHORT_ENDS = Ends(0.58, 0.74, 0.74, 0.77, 0.81)
"""Where five minutes must hold the blocks that a test needs, the search and the champion's final trainings give way."""
ONE_FAMILY_ENDS = Ends(0.25, 0.25, 0.82, 0.86, 0.89)
"""Where there is no family to compare with, the census is for hosts alone and components can be asked about at once."""
CENSUS_BLOCKS = 12
TELLING_BLOCKS = 8
"""With six a rival is told from the leader only if it was behind in all; with eight it may have been ahead in one."""
CENSUS_OF_ONE_FAMILY = 24
"""So many that of both kinds, drawn with a component and without it, there are good ones to choose hosts from."""
SHORT_BUDGET_SECONDS = 450


@dataclass(frozen=True)
class Plan:
    """Sizes of the phases; a time-boxed phase also ends when the study's clock passes its end.

    Attributes:
        horizon: optimizer steps of a full training.
        landmarks: how many landmarks are trained.
        blocks: most census configurations a family.
        doubled: most census configurations a family that are trained again for twice the horizon.
        adaptive: most trials of the adaptive search.
        shortlisted: networks that are trained again on fresh divisions, before the best of them is the champion.
        replicates: most fresh divisions of each.
        finalists: networks that are confirmed: champion, runner-up and landmarks.
        seeds: fresh seeds a finalist that time is kept for; all of them where trials are counted.
        contrasted: most trainings of contrasts; 0 where none is tested.
        hosts: most hosts a contrast.
        contrast_seeds: fresh seeds an arm of a contrast.
        census_ends, doubling_ends, contrasts_ends, adaptive_ends, shortlist_ends, confirmation_ends: seconds of the
            study's clock after which nothing new starts.
    """

    horizon: int
    landmarks: int
    blocks: int
    doubled: int
    adaptive: int
    shortlisted: int
    replicates: int
    finalists: int
    seeds: int
    contrasted: int = 0
    hosts: int = HOSTS
    contrast_seeds: int = CONTRAST_SEEDS
    census_ends: float = math.inf
    doubling_ends: float = math.inf
    contrasts_ends: float = math.inf
    adaptive_ends: float = math.inf
    shortlist_ends: float = math.inf
    confirmation_ends: float = math.inf

    @property
    def is_timed(self) -> bool:
        """Whether the clock ends its phases."""
        return math.isfinite(self.confirmation_ends)


def plan_trials(trials: int, horizon: int, families: int, landmarks: int, components: bool = True) -> Plan:
    """Shares out an exact number of trials: 35 % census, 30 % for all checks and the confirmation, the rest search.

    Where the thirty percent hold a doubling check, five seeds a finalist and a whole contrast, what is left of them is
    for contrasts; otherwise for seeds. Of the search's trials a quarter at most are the shortlist's.

    Args:
        trials: how many trials the study has in all.
        horizon: optimizer steps of a full training.
        families: how many families take part.
        landmarks: how many landmarks there are.
        components: whether there are contrasts to test.
    """
    blocks = max(int(0.35 * trials / families), min(1, trials // (2 * families)))
    doubled = DOUBLED if blocks >= MINIMUM_BLOCKS and horizon >= SHORTEST_MEANINGFUL_HORIZON else 0
    to_confirm = int(0.3 * trials) - doubled * families
    finalists = max(0, min(FINALISTS, to_confirm))
    seeds = min(MOST_SEEDS, to_confirm // finalists) if finalists else 0
    hosts, pairs, contrasted = _room_for_contrasts(to_confirm - finalists * SEEDS_OF_A_SMALL_BUDGET)
    if contrasted and components and doubled:
        seeds = SEEDS_OF_A_SMALL_BUDGET
    else:
        contrasted = 0
    first = min(landmarks, max(1, round(0.1 * trials)))
    left = trials - first - (blocks + doubled) * families - contrasted - finalists * seeds
    shortlisted = min(SHORTLISTED, left // (4 * REPLICATES))
    shortlisted = shortlisted if shortlisted > 1 else 0  # one alone is the champion anyhow
    search = left - shortlisted * REPLICATES
    sizes = (horizon, first, blocks, doubled, search, shortlisted, REPLICATES, finalists, seeds)
    return Plan(*sizes, contrasted=contrasted, hosts=hosts, contrast_seeds=pairs)


def _room_for_contrasts(trainings: int) -> tuple[int, int, int]:
    """Hosts and seeds of a contrast, and how many trainings of contrasts there will be."""
    for hosts, seeds in ((HOSTS, CONTRAST_SEEDS), (HOSTS_OF_A_SMALL_BUDGET, CONTRAST_SEEDS_OF_A_SMALL_BUDGET)):
        if trainings >= trainings_of_a_contrast(hosts, seeds):
            return hosts, seeds, trainings
    return HOSTS, CONTRAST_SEEDS, 0


def trainings_of_a_contrast(hosts: int, seeds: int) -> int:
    """Both arms of each host with three learning rates, then with all seeds."""
    return 2 * hosts * (TUNED_RATES + seeds)


def plan_time(
    budget_seconds: float,
    slots: int,
    step_seconds: float,
    families: int,
    landmarks: int,
    components: bool = True,
) -> Plan:
    """Shares out a time budget.

    Census until 36 % (start, timing and landmarks included), doubling check until 50 % with as many configurations a
    family as fit, adaptive search until 60 %, shortlist until 70 %, confirmation the rest, which below twenty minutes
    keeps time for five seeds a finalist; see `SHORT_ENDS` for the shortest budgets. From twenty minutes on contrasts
    have until 62 %, if a whole one fits, and the phases after them less; see `LONG_ENDS`. With one family there is no
    doubling check, and contrasts have most of any budget; see `ONE_FAMILY_ENDS`.

    Args:
        budget_seconds: wall-clock time of the whole study.
        slots: trainings at a time.
        step_seconds: worker time of one optimizer step of a network of the census, on average.
        families: how many families take part.
        landmarks: how many landmarks there are.
        components: whether there are contrasts to test.
    """
    alone, small, large = families == 1, is_small(budget_seconds), budget_seconds >= LARGE_BUDGET_SECONDS
    asks = components and (alone or not small)
    ends = SHORT_ENDS if budget_seconds < SHORT_BUDGET_SECONDS else USUAL_ENDS
    if asks:
        ends = ONE_FAMILY_ENDS if alone else LONG_ENDS
    hosts, pairs = (HOSTS, CONTRAST_SEEDS) if large else (HOSTS_OF_A_SMALL_BUDGET, CONTRAST_SEEDS_OF_A_SMALL_BUDGET)
    steps_a_second, until_census = slots / step_seconds, ends.census * budget_seconds
    before = min(START_SECONDS + TIMING_SHARE * budget_seconds, until_census / 2)
    weight = LANDMARK_COST if small else 1.0
    blocks = CENSUS_OF_ONE_FAMILY if asks and alone else CENSUS_BLOCKS
    horizon, landmarks = _horizon(steps_a_second * (until_census - before), families, blocks, landmarks, weight)
    if asks:
        steps = ROOM_USED * (ends.contrasts - ends.doubling) * budget_seconds * steps_a_second
        if alone:
            hosts = _fitting_hosts(steps, hosts, pairs)
        horizon = _beside_a_contrast(horizon, steps / trainings_of_a_contrast(hosts, pairs), alone)
    return Plan(
        horizon=max(20, 20 * int(horizon / 20)),
        landmarks=landmarks,
        blocks=40,
        doubled=0 if alone else DOUBLED,
        adaptive=10_000,
        shortlisted=SHORTLISTED,
        replicates=REPLICATES_OF_A_SMALL_BUDGET if small else REPLICATES,
        finalists=FINALISTS,
        seeds=SEEDS_OF_A_SMALL_BUDGET if small else MOST_SEEDS,
        contrasted=10_000 if asks else 0,
        hosts=hosts,
        contrast_seeds=pairs,
        census_ends=ends.census * budget_seconds,
        doubling_ends=ends.doubling * budget_seconds,
        contrasts_ends=ends.contrasts * budget_seconds,
        adaptive_ends=ends.adaptive * budget_seconds,
        shortlist_ends=ends.shortlist * budget_seconds,
        confirmation_ends=0.97 * budget_seconds,
    )


def _horizon(steps: float, families: int, blocks: int, landmarks: int, weight: float) -> tuple[float, int]:
    """Steps of a full training, and how many landmarks are trained.

    The horizon is the longest that leaves the census its blocks, within [500, 2000]. Where eight blocks of 500 steps
    do not fit beside all landmarks, fewer landmarks are trained; where not even six nearly fit, without which no test
    can tell anything, the horizon is what fits, and the verdict says that this is too short.

    Args:
        steps: that there is time for, of landmarks and census together.
        families: how many families take part.
        blocks: that the census is to have.
        landmarks: how many landmarks there are.
        weight: what a landmark costs, in networks of the census.
    """
    horizon = min(steps / (blocks * families + weight * landmarks), LONGEST_HORIZON)
    if horizon < SHORTEST_MEANINGFUL_HORIZON:
        steps *= 1.15  # by so much the timing overrates a step
        room = (steps / SHORTEST_MEANINGFUL_HORIZON - TELLING_BLOCKS * families) / weight
        landmarks = min(landmarks, max(FEWEST_LANDMARKS, int(room)))
        horizon = steps / (MINIMUM_BLOCKS * families + weight * landmarks)
        if horizon > NEARLY * SHORTEST_MEANINGFUL_HORIZON:
            horizon = SHORTEST_MEANINGFUL_HORIZON
    return horizon, landmarks


def _fitting_hosts(steps: float, most: int, seeds: int) -> int:
    """So many hosts as get 500 steps a training of a contrast, which all in all has so many, but enough to decide."""
    fitting = int(steps / trainings_of_a_contrast(1, seeds) / SHORTEST_MEANINGFUL_HORIZON)
    return min(most, max(fitting, FEWEST_HOSTS))


def _beside_a_contrast(horizon: float, longest: float, alone: bool) -> float:
    """A horizon shortened so that a contrast fits, whose trainings may have `longest` steps.

    To 500 steps with one family, where there is nothing else to tell; otherwise to a thousand, if it fits then.
    """
    if alone or longest >= STEPS_BESIDE_CONTRASTS:
        return min(horizon, max(longest, SHORTEST_MEANINGFUL_HORIZON))
    return horizon


def trials_for_contrasts(families: int) -> int:
    """The fewest trials of which a contrast is tested."""
    trials = 1
    while not plan_trials(trials, SHORTEST_MEANINGFUL_HORIZON, families, landmarks=0).contrasted:
        trials += 1
    return trials


def budget_for_contrasts(step_seconds: float, families: int, slots: int, more_than: float) -> str:
    """About what time a study needs for the first contrast to fit, as `--budget` takes it.

    Args:
        step_seconds: worker time of an optimizer step of a typical candidate.
        families: how many families take part.
        slots: trainings at a time.
        more_than: seconds that have not sufficed.
    """
    for budget in BUDGETS:
        seconds = parse_duration(budget)
        plan = plan_time(seconds, slots, step_seconds, families, landmarks=0)
        trainings = trainings_of_a_contrast(plan.hosts, plan.contrast_seeds)
        needed = trainings * plan.horizon * step_seconds / slots
        if seconds > more_than and plan.contrasted and plan.doubling_ends + needed <= plan.contrasts_ends:
            return budget
    return f"{BUDGETS[-1]} or more"


def is_small(budget_seconds: float | None) -> bool:
    """Whether so little time is searched on a coarse grid, and families are compared by small networks."""
    return budget_seconds is not None and budget_seconds < SMALL_BUDGET_SECONDS


def parse_duration(text: str) -> float:
    """Seconds of `90s`, `5m` or `1.5h`.

    Raises:
        InvalidInput: it is none of these, or less than ten seconds.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh])", text.strip())
    if match is None:
        raise InvalidInput(f"budget: found {text!r}, expected a duration such as 90s, 5m or 1.5h")
    seconds = float(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]]
    if seconds < 10:
        raise InvalidInput(f"budget: found {text!r}, expected at least 10s")
    return seconds
