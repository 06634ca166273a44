"""Sketches near others, in the space that studies search."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.candidate import CandidateDomain
from search.samplers.variation import asked, crossed, mutated, neighbour, other_answers, realized, sample, steps
from spaces.choices import Categorical, Integer, Real
from tests.search.made import SPACE

DOMAIN = CandidateDomain(SPACE)
SEEDS = st.integers(0, 2**32 - 1)


def drawn(seed: int) -> dict:
    return dict(sample(DOMAIN, np.random.default_rng(seed)).choices())


@given(seed=SEEDS)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_a_sketch_says_what_its_proposal_is(seed: int):
    """Without a band of parameters the proposal has the very choices of the sketch, mutated or crossed."""
    rng = np.random.default_rng(seed)
    parent, other = drawn(seed), drawn(seed + 1)
    for sketch in (parent, mutated(DOMAIN, parent, asked(DOMAIN, parent), rng), crossed(DOMAIN, parent, other, rng)):
        assert realized(DOMAIN, sketch, rng).choices() == sketch


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_neighbours_differ_in_one_answer(seed: int):
    """And in what comes into use or goes out of use with it; every answered question has some."""
    parent = drawn(seed)
    questions = asked(DOMAIN, parent)
    rng = np.random.default_rng(seed)
    around = [neighbour(DOMAIN, parent, step, rng) for step in steps(parent, questions)]
    assert all(sketch[name] == value for sketch, (name, value) in zip(around, steps(parent, questions), strict=True))
    changed = [{n for n in questions if n in sketch and sketch[n] != parent[n]} for sketch in around]
    assert set().union(*changed) == set(questions)
    lone = [names for names, sketch in zip(changed, around, strict=True) if sketch.keys() == parent.keys()]
    assert lone
    # an answer that rules others out changes them too, as a stem does with positions
    assert np.mean([len(names) == 1 for names in lone]) > 0.9


@pytest.mark.parametrize(
    ("choice", "value", "others"),
    [
        (Categorical(("a", "b", "c")), "b", ["a", "c"]),
        (Integer(1, 4), 2, [1, 3, 4]),
        (Integer(16, 64), 64, [63]),
        (Integer(16, 64), 20, [19, 21]),
        (Real(0.0, 1.0), 0.5, [0.4, 0.6]),
        (Real(1e-4, 1.0, log=True), 1.0, [10**-0.4]),
    ],
)
def test_the_answers_near_another(choice, value, others):
    """All options, all numbers of a short range, the next ones of a long, a tenth of the range up and down."""
    found = other_answers(choice, value)
    assert found == (pytest.approx(others) if isinstance(choice, Real) else others)


def test_of_what_lies_outside_the_domain_only_known_answers_have_steps():
    """A landmark of one stage in a space of two or three: what it was never asked has no neighbours."""
    narrow = CandidateDomain(replace(SPACE, stages=(2, 3)))
    outside = next(sketch for sketch in map(drawn, range(50)) if sketch["stages"] == 1)
    around = steps(outside, asked(narrow, outside))
    assert around
    assert {name for name, _ in around} <= outside.keys()
    for step in around:
        neighbour(narrow, outside, step, np.random.default_rng(0))


@given(share=st.floats(0, 1), log=st.booleans(), ends=st.sampled_from([(1e-4, 10.0), (0.03, 0.3), (0.1, 0.7)]))
@example(share=1.0, log=False, ends=(0.03, 0.3))
def test_a_real_number_and_its_share_of_the_range_tell_each_other(share: float, log: bool, ends: tuple[float, float]):
    """Linear or in the logarithm, and never outside, for an outcome outside could not be read back."""
    choice = Real(*ends, log)
    assert choice.share(choice.at(share)) == pytest.approx(share, abs=1e-9)
    assert choice.low <= choice.at(share) <= choice.high
