"""The sampler contract, over every registered strategy."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.candidate import Candidate, CandidateDomain
from search.phases.adaptive import record_of
from search.samplers import OPTUNA, SAMPLERS, strategy
from search.samplers.domain import Record
from search.samplers.history import History
from spaces import LANDMARKS, Architecture, Grid, InvalidInput, SearchSpace, Task, landmark
from spaces.cost import flops
from spaces.limits import Limits, limited
from spaces.network import parameter_count
from tests.search.made import SPACE, made_trial
from workers.outcome import Status
from workers.recipe import Recipe

RUNGS = (10, 30, 90)
TASK = Task(Grid((8, 8), 1), 10)
LIMITS = ((20_000, None), (2_000, None), (700, None), (None, 60_000), (1_500, 90_000))
LIMITED = [limited(SPACE.fitted(TASK), Limits(*most, TASK)) for most in LIMITS]
"""The space under limits of parameters and of operations."""
TRIALS = {
    "nothing": [],
    "full trainings": [made_trial(n, scores={90: n / 40}) for n in range(40)],
    "every state": [
        made_trial(0, scores={90: 0.9}),
        made_trial(1, scores={10: 0.4}),
        made_trial(2),
        made_trial(3, failure=Status.DIVERGED),
        made_trial(4, scores={10: 0.5}, failure=Status.CRASHED),
        made_trial(5, scores={10: 0.6, 30: 0.5}),
        made_trial(6, scores={10: 0.6}),
    ],
    "failures alone": [made_trial(n, failure=Status.OUT_OF_MEMORY) for n in range(40)],
    "one score for all": [made_trial(n, scores={90: 0.5}) for n in range(40)],
}
HISTORIES = {name: History(record_of(trial, RUNGS) for trial in trials) for name, trials in TRIALS.items()}
on_every_history = pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)


def made(name: str, space: SearchSpace = SPACE):
    return strategy(name)(CandidateDomain(space))


@pytest.fixture(params=[*SAMPLERS.names(), f"{OPTUNA}RandomSampler"])
def name(request) -> str:
    return request.param


@on_every_history
def test_proposals_lie_in_the_space(name: str, history):
    """Whatever is known, a proposal is a valid candidate of the space with a recipe in its ranges."""
    for seed in range(5):
        candidate = made(name).propose(history, np.random.default_rng(seed))
        values, distributions = candidate.parameters(SPACE)
        assert values.keys() == distributions.keys() > {"stages", "recipe.learning_rate"}
        assert Architecture.from_json(candidate.architecture.to_json()) == candidate.architecture


@on_every_history
def test_a_proposal_follows_from_history_and_generator(name: str, history):
    """The same records and generator state give the same proposal, whatever else the sampler was asked before."""
    asked_before = made(name)
    for other in HISTORIES.values():
        asked_before.propose(other, np.random.default_rng(7))
    first, second = (s.propose(history, np.random.default_rng(1)) for s in (made(name), asked_before))
    assert first == second


@on_every_history
def test_other_random_numbers_give_another_proposal(name: str, history):
    """But for the grid, in which nothing is random, and where one network is clearly the best to try next."""
    proposals = {made(name).propose(history, np.random.default_rng(seed)) for seed in range(8)}
    assert len(proposals) == 1 if name == "grid" else len(proposals) > 1


def test_landmarks_outside_the_space_do_no_harm(name: str):
    """A study knows them although its space may hold none: networks of one stage, where two at least are asked for."""
    outside = History(Record(Candidate(landmark(n), Recipe()), {1.0: 0.9 + k / 100}) for k, n in enumerate(LANDMARKS))
    deep = replace(SPACE, stages=(2, 3))
    assert made(name, deep).propose(outside, np.random.default_rng(0)).lies_in(deep)


def test_a_smaller_space_is_respected(name: str):
    """Trials of the whole space in the history do not lead out of a space of one family."""
    inside = made(name, SPACE.only(["recurrence"]))
    for seed in range(10):
        proposal = inside.propose(HISTORIES["full trainings"], np.random.default_rng(seed))
        assert proposal.architecture.families == ("recurrence",)


def test_a_band_of_parameters_is_respected(name: str):
    """Every proposal lies in it, whatever size the best had."""
    banded = replace(SPACE, parameters=(3_000, 6_000)).fitted(Task(Grid((8, 8), 1), 10))
    sampler = made(name, banded)
    for seed in range(3):
        proposal = sampler.propose(HISTORIES["full trainings"], np.random.default_rng(seed))
        assert proposal.lies_in(banded)


@given(space=st.sampled_from(LIMITED), history=st.sampled_from(sorted(HISTORIES)), seed=st.integers(0, 10**6))
@settings(max_examples=10, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_proposal_is_larger_than_allowed(name: str, space: SearchSpace, history: str, seed: int):
    """Whatever is known and however tight the limits, the network that is built keeps within."""
    proposal = made(name, space).propose(HISTORIES[history], np.random.default_rng(seed))
    assert proposal.lies_in(space)
    built = proposal.architecture.build(TASK)
    assert space.max_parameters is None or parameter_count(built) <= space.max_parameters
    assert space.max_flops is None or flops(proposal.architecture, TASK) <= space.max_flops


@pytest.mark.parametrize("learner", ["penchant", "tpe", "regularized_evolution", "local_search"])
def test_what_is_good_is_learnt(learner: str):
    """With residual networks good and others bad, residual ones are proposed more often than at random.

    A residual connection is one of four at least; of 30 proposals at random more than 15 have one with probability .001
    (binomial).
    """
    assert len(SPACE.connections) >= 4
    trials = [made_trial(n, family="feedforward") for n in range(80)]
    history = History(
        Record(t.candidate, {1.0: (0.9 if t.architecture["connection"] == "residual" else 0.3) + n / 1e4})
        for n, t in enumerate(trials)
    )
    proposals = [made(learner).propose(history, np.random.default_rng(seed)) for seed in range(30)]
    assert sum(candidate.architecture["connection"] == "residual" for candidate in proposals) > 15


@pytest.mark.parametrize("name", ["luck", "penchantt", "optuna:Luck", "optuna:QMCSampler", "optuna:"])
def test_an_unknown_strategy_is_wrong_input(name: str):
    """The message names those that there are; one of Optuna's that does not decide from trials alone is none."""
    with pytest.raises(InvalidInput, match=r"unknown strategy '(optuna:)?\w*': expected .*(penchant|RandomSampler)"):
        strategy(name)


def test_optunas_own_model_can_be_asked():
    """Its Gaussian process proposes in a conditional space too."""
    proposal = made("optuna:GPSampler").propose(HISTORIES["full trainings"], np.random.default_rng(0))
    assert proposal.lies_in(SPACE)


def test_a_trial_outside_a_space_has_no_parameters_in_it():
    """Also where the space leaves no choice: a network of two blocks lies outside a space of one-block networks."""
    two_blocks = next(t for t in map(made_trial, range(50)) if t.architecture["stage1.blocks"] == 2)
    assert two_blocks.candidate.parameters(SPACE)[0]
    assert two_blocks.candidate.parameters(replace(SPACE, blocks=(1, 1))) == ({}, {})
