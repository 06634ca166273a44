import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spaces import InvalidInput
from spaces.choices import Categorical, Integer, Real

CHOICES = [Categorical(("a", "b", 3, False)), Integer(-2, 5), Real(0.5, 2.0), Real(1e-4, 1e-1, log=True)]


@pytest.mark.parametrize("choice", CHOICES, ids=str)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_sample_is_an_option(choice, seed: int):
    """What a choice samples passes its own check unchanged."""
    value = choice.sample(np.random.default_rng(seed))
    assert choice.check("name", value) == value


@pytest.mark.parametrize("choice", [*CHOICES, Categorical((0.0, 0.5, 1.0)), Integer(3, 3), Real(2.0, 2.0)], ids=str)
@pytest.mark.parametrize("value", ["a", "c", True, False, 0, 1, 3, 6, 0.0, 0.5, 1.0, 2.0, 0.05, 1e-4])
def test_what_is_offered_is_what_passes_the_check(choice, value):
    """Two ways to ask the same: one says whether, the other returns the option or says what is wrong."""
    try:
        choice.check("name", value)
    except InvalidInput:
        assert not choice.offers(value)
    else:
        assert choice.offers(value)


def test_log_uniform_samples_have_a_uniform_logarithm():
    """Half of the samples of [1e-4, 1e-2] lie below 1e-3; binomial with n = 2,000: sd .011, bound 4 sd."""
    rng = np.random.default_rng(0)
    share = np.mean([Real(1e-4, 1e-2, log=True).sample(rng) < 1e-3 for _ in range(2000)])
    assert abs(share - 0.5) < 4 * np.sqrt(0.25 / 2000)


@pytest.mark.parametrize(
    ("choice", "value"),
    [
        (Categorical(("a", "b")), "c"),
        (Categorical((1, 2)), True),
        (Integer(1, 3), 4),
        (Integer(1, 3), 2.0),
        (Integer(0, 3), True),
        (Real(0.0, 1.0), 1.5),
        (Real(0.0, 1.0), "0.5"),
    ],
)
def test_another_value_is_refused_by_name(choice, value):
    """The message says which choice, what was found and what was expected."""
    with pytest.raises(InvalidInput, match=r"^slot: found .*, expected "):
        choice.check("slot", value)


def test_a_long_list_is_told_by_its_ends():
    """Ten options are all named; of a thousand the first and the last are, so that the message stays one short line."""
    with pytest.raises(InvalidInput, match=r"^width: found 0, expected one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10$"):
        Categorical(tuple(range(1, 11))).check("width", 0)
    with pytest.raises(InvalidInput, match=r"^width: found 0, expected one of 1, 2, 3, …, 1000$"):
        Categorical(tuple(range(1, 1001))).check("width", 0)


def test_a_whole_number_stands_for_a_float():
    """JSON written elsewhere says 0 for 0.0; the option comes back, of its own type. True is no number here."""
    value = Categorical((0.0, 0.5, 1.0)).check("rate", 0)
    assert (value, type(value)) == (0.0, float)
    for refused in (False, True):
        with pytest.raises(InvalidInput):
            Categorical((0.0, 0.5, 1.0)).check("rate", refused)
