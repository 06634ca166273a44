"""The sampler contract, over every registered strategy."""

from dataclasses import replace

import numpy as np
import pytest

from search.samplers import SAMPLERS
from spaces import Architecture
from tests.search.made import SPACE, made_trial
from workers.outcome import Status

HISTORIES = {
    "nothing": [],
    "full trainings": [made_trial(n, scores={90: n / 30}) for n in range(30)],
    "every state": [
        made_trial(0, scores={90: 0.9}),
        made_trial(1, scores={10: 0.4}),
        made_trial(2),
        made_trial(3, failure=Status.DIVERGED),
        made_trial(4, scores={10: 0.5}, failure=Status.CRASHED),
    ],
    "failures alone": [made_trial(n, failure=Status.OUT_OF_MEMORY) for n in range(15)],
}


@pytest.fixture(params=SAMPLERS.names())
def sampler(request):
    return SAMPLERS[request.param](SPACE)


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_proposals_lie_in_the_space(sampler, history):
    """Whatever is known, a proposal is a valid candidate of the space with a recipe in its ranges."""
    for seed in range(5):
        candidate = sampler.propose(history, np.random.default_rng(seed))
        values, distributions = candidate.parameters(SPACE)
        assert values.keys() == distributions.keys() > {"stages", "recipe.learning_rate"}
        assert Architecture.from_json(candidate.architecture.to_json()) == candidate.architecture


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_a_proposal_follows_from_history_and_generator(sampler, history):
    """The same trials and generator state give the same proposal, another state another one."""
    again = SAMPLERS[next(name for name in SAMPLERS if SAMPLERS[name] is type(sampler))](SPACE)
    propose = [s.propose(history, np.random.default_rng(seed)) for s, seed in ((sampler, 1), (again, 1), (sampler, 2))]
    assert propose[0] == propose[1] != propose[2]


def test_a_smaller_space_is_respected(sampler):
    """Trials of the whole space in the history do not lead out of a space of one family."""
    inside = type(sampler)(SPACE.only(["recurrence"]))
    for seed in range(10):
        assert inside.propose(HISTORIES["full trainings"], np.random.default_rng(seed)).architecture.families == (
            "recurrence",
        )


def test_tpe_learns_what_is_good():
    """With residual networks good and plain ones bad, TPE proposes residual ones more often than at random.

    Of 60 proposals a fair coin gives more than 40 with probability .003 (binomial).
    """
    history = [made_trial(n, family="feedforward") for n in range(80)]
    scored = [
        made_trial(
            t.number, family="feedforward", scores={90: 0.9 if t.architecture["connection"] == "residual" else 0.3}
        )
        for t in history
    ]
    sampler = SAMPLERS["tpe"](SPACE)
    proposals = [sampler.propose(scored, np.random.default_rng(seed)) for seed in range(60)]
    assert sum(candidate.architecture["connection"] == "residual" for candidate in proposals) > 40


def test_a_trial_outside_a_space_has_no_parameters_in_it():
    """Also where the space leaves no choice: a network of two blocks lies outside a space of one-block networks."""
    two_blocks = next(t for t in map(made_trial, range(50)) if t.architecture["stage1.blocks"] == 2)
    assert two_blocks.candidate.parameters(SPACE)[0]
    assert two_blocks.candidate.parameters(replace(SPACE, blocks=(1, 1))) == ({}, {})
