"""What each strategy is known for, on a table small enough to see all of it."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from search.samplers import SAMPLERS, penchant
from search.samplers.domain import Record
from search.samplers.history import History
from search.samplers.local_search import LocalSearchSampler
from search.samplers.penchant import PenchantSampler
from search.samplers.random import RandomSampler
from search.samplers.regularized_evolution import POPULATION
from search.samplers.surrogate import Surrogate
from spaces.choices import Categorical, Choose, Value, sampling

COLUMNS = {f"layer{n}": Categorical(("none", "skip", "small", "large")) for n in range(6)}
WORTH = {"none": 0.0, "skip": 0.2, "small": 0.7, "large": 1.0}


class Layers(tuple):
    """Six operations in a row."""

    def choices(self) -> dict[str, Value]:
        """By the names of the layers."""
        return dict(zip(COLUMNS, self, strict=True))


class Chains:
    """4,096 networks, told by six choices."""

    def decide(self, choose: Choose) -> Layers:
        return Layers(choose(name, choice) for name, choice in COLUMNS.items())

    def sketch(self, choose: Choose) -> dict[str, Value]:
        return self.decide(choose).choices()


def score(proposal: Layers) -> float:
    """Larger layers are better, and a skip behind a large one is better still."""
    return sum(WORTH[operation] for operation in proposal) + 1.2 * (("large", "skip") in pairwise(proposal))


BEST = max(score(Layers(("large", "skip", *rest))) for rest in [("large",) * 4])


def searched(strategy: str, evaluations: int, seed: int = 0) -> History[Layers]:
    """So many evaluations, with a noise of a twentieth of the range."""
    rng, history = np.random.default_rng(seed), History[Layers]()
    sampler = SAMPLERS[strategy](Chains())
    for _ in range(evaluations):
        proposal = sampler.propose(history, rng)
        history.add(Record(proposal, {1.0: score(proposal) + rng.normal(0, 0.3)}))
    return history


def best(history: History[Layers]) -> float:
    return max(score(history[index].proposal) for index in range(len(history)))


@pytest.mark.parametrize(
    ("strategy", "evaluations"), [("penchant", 60), ("local_search", 60), ("regularized_evolution", 120)]
)
def test_it_finds_better_networks_than_chance(strategy: str, evaluations: int):
    """In at least nine of ten searches; among equals that has probability .011 (binomial).

    Evolution begins with a random population, and so takes longer.
    """
    pairs = [(best(searched(s, evaluations, seed)) for s in (strategy, "random")) for seed in range(10)]
    wins = sum(found > by_chance for found, by_chance in pairs)
    assert wins >= 9


def test_the_default_finds_the_best_network():
    """One of five of 4,096, noise and interplay notwithstanding, within 80 evaluations in most of ten searches.

    At random 80 evaluations hold one with probability .09, six times of ten with 1e-4.
    """
    assert sum(best(searched("penchant", 80, seed)) == BEST for seed in range(10)) >= 6


def test_nothing_is_proposed_twice_while_there_is_something_new():
    """Of strategies that look before they propose."""
    for strategy in ("penchant", "local_search", "grid"):
        history = searched(strategy, 100)
        assert len({history[index].proposal for index in range(100)}) == 100


def spread(seed: int) -> float:
    """Mean number of layers in which two of sixteen proposals differ, made without a result between them."""
    history, rng = searched("penchant", 40, seed), np.random.default_rng(seed)
    sampler = PenchantSampler(Chains())
    for _ in range(16):
        history.add(Record(sampler.propose(history, rng)))
    pairs = combinations([record.proposal for record in history.running], 2)
    return float(np.mean([sum(a != b for a, b in zip(*pair, strict=True)) for pair in pairs]))


def test_trainings_at_a_time_are_diverse(monkeypatch):
    """What is in training moves the next proposal away; without that they crowd around the expected best.

    In the mean of 24 histories by more than twice its standard error, which by chance alone has probability .03 (t).
    """
    diverse = [spread(seed) for seed in range(24)]
    monkeypatch.setattr(Surrogate, "believing", lambda model, running: model)
    wider = np.array(diverse) - [spread(seed) for seed in range(24)]
    assert wider.mean() > 2 * wider.std(ddof=1) / np.sqrt(24)


def test_what_a_proposal_costs_does_not_grow_with_the_trainings_at_a_time(monkeypatch):
    """The model, whose cost grows with the cube of what it believes in, believes in the latest of them alone."""
    history, believed = searched("random", 20), []
    rng = np.random.default_rng(0)
    for _ in range(3 * penchant.LATEST_RUNNING):
        history.add(Record(Chains().decide(sampling(rng))))
    monkeypatch.setattr(Surrogate, "believing", lambda model, running: believed.append(running) or model)
    PenchantSampler(Chains()).propose(history, rng)
    (running,) = believed
    assert len(running) == penchant.LATEST_RUNNING


def proposed_after_timed(seed: int, *, slow_seconds: float) -> Layers:
    """What is proposed after 40 random networks, of which those that do not end in "none" take so many seconds.

    The last layer adds nothing to the score.
    """
    rng, history = np.random.default_rng(seed), History[Layers]()
    for _ in range(40):
        proposal = Chains().decide(sampling(rng))
        worth = sum(WORTH[operation] for operation in proposal[:-1]) + rng.normal(0, 0.3)
        history.add(Record(proposal, {1.0: worth}, seconds=1.0 if proposal[-1] == "none" else slow_seconds))
    return PenchantSampler(Chains()).propose(history, rng)


def test_where_time_is_short_what_trains_fast_is_tried_first():
    """Of networks that are expected to be as good. Seven of ten end in one of four layers by chance with .004."""
    proposals = [proposed_after_timed(seed, slow_seconds=8.0) for seed in range(10)]
    assert sum(proposal[-1] == "none" for proposal in proposals) >= 7
    worths = [sum(WORTH[operation] for operation in proposal[:-1]) for proposal in proposals]
    assert np.mean(worths) > 4.0  # of 5 at most, 2.4 in the mean of all
    untimed = [proposed_after_timed(seed, slow_seconds=1.0) for seed in range(10)]
    assert sum(proposal[-1] == "none" for proposal in untimed) < 7


def test_times_that_are_known_of_some_records_alone_count():
    """A candidate that could not be built took none, and one in training none yet."""
    rows = np.eye(6)
    model = Surrogate(rows, np.arange(6.0), np.zeros(6))
    likeness = model.likeness(rows)
    expected = penchant._seconds(model, [2.0, 8.0, np.nan, 2.0], likeness)  # the last two are in training
    assert np.isfinite(expected).all()
    assert expected[1] > expected[2] > expected[0]
    assert (penchant._seconds(model, [np.nan] * 4, likeness) == 1).all()


def test_local_search_tries_the_neighbours_of_the_best():
    """Each proposal differs from the best one in one layer."""
    history = History([Record(Layers(("small",) * 6), {1.0: 5.0}), Record(Layers(("none",) * 6), {1.0: 0.0})])
    proposal = LocalSearchSampler(Chains()).propose(history, np.random.default_rng(0))
    assert sum(operation != "small" for operation in proposal) == 1


def test_regularized_evolution_lets_the_old_die():
    """Of a good network older than the population nothing is inherited."""
    old = Record(Layers(("large",) * 6), {1.0: 9.0})
    young = [Record(Layers(("none",) * 6), {1.0: n / 100}) for n in range(POPULATION)]
    sampler = SAMPLERS["regularized_evolution"](Chains())
    for seed in range(20):
        proposal = sampler.propose(History([old, *young]), np.random.default_rng(seed))
        assert proposal.count("none") >= 3


def test_the_grid_counts_through():
    """The first choice varies first and nothing is left out but what others have tried before."""
    others = [Layers(("large",) * 6), Layers(("skip", "skip", "none", "none", "none", "none"))]
    history = History[Layers](Record(proposal, {1.0: 0.0}) for proposal in others)
    proposals = []
    for _ in range(40):
        proposals.append(SAMPLERS["grid"](Chains()).propose(history, np.random.default_rng(0)))
        history.add(Record(proposals[-1], {1.0: 0.0}))
    assert [proposal[0] for proposal in proposals[:4]] == ["none", "skip", "small", "large"]
    assert [proposal[1] for proposal in proposals[:8]] == ["none"] * 4 + ["skip"] * 3 + ["small"]
    assert len({*proposals, *others}) == 42


def test_random_search_is_uniform():
    """Each operation of a layer comes in a quarter of 400 proposals, within four standard deviations (35)."""
    rng, sampler = np.random.default_rng(0), RandomSampler(Chains())
    proposals = [sampler.propose(History(), rng) for _ in range(400)]
    for layer in range(6):
        for operation in WORTH:
            assert sum(proposal[layer] == operation for proposal in proposals) == pytest.approx(100, abs=35)


def width(proposal: Layers) -> float:
    """What the layers cost; skipping costs nothing."""
    return sum({"none": 0.0, "skip": 0.0, "small": 1.0, "large": 4.0}[operation] for operation in proposal)


def dominated_area(strategy: str, evaluations: int, seed: int) -> float:
    """How much of the plane of score and cost the networks tried dominate; each proposal looks for a compromise."""
    rng, history, tried = np.random.default_rng(seed), History[Layers](), []
    sampler = SAMPLERS[strategy](Chains())
    for _ in range(evaluations):
        proposal = sampler.propose(history.weighing(rng), rng)
        history.add(Record(proposal, {1.0: score(proposal)}, costs=(width(proposal),)))
        tried.append((score(proposal), width(proposal)))
    area, cheapest = 0.0, 24.0
    for reached, cost in sorted(tried, reverse=True):
        area, cheapest = area + reached * max(0.0, cheapest - cost), min(cheapest, cost)
    return area


@pytest.mark.parametrize(("strategy", "evaluations", "searches"), [("nsga2", 150, 20), ("penchant", 60, 4)])
def test_a_front_is_found_sooner_than_at_random(strategy: str, evaluations: int, searches: int):
    """Of score against cost, in the mean of several searches."""
    found, by_luck = (
        np.array([dominated_area(s, evaluations, seed) for seed in range(searches)]) for s in (strategy, "random")
    )
    assert found.mean() > by_luck.mean() + 2 * by_luck.std() / np.sqrt(searches)
