"""The model behind the default strategy."""

import numpy as np
import pytest

from search.samplers.surrogate import NOWHERE, Kernel, Surrogate, differences, distances, encoded
from spaces.choices import Categorical, Integer, Real

CHOICES = {
    "operation": Categorical(("lstm", "gru", "rnn")),
    "blocks": Integer(1, 5),
    "rate": Real(1e-4, 1e-2, log=True),
    "fixed": Categorical(("a", "b")),
}
SKETCHES = [
    {"operation": "lstm", "blocks": 1, "rate": 1e-4, "fixed": "a"},
    {"operation": "rnn", "blocks": 3, "rate": 1e-3, "fixed": "a"},
    {"operation": "rnn", "blocks": 5, "fixed": "a"},
]


def test_answers_differ_by_their_distance_or_altogether():
    """Options by 1, numbers by their share of the range, and no answer from any by 1; what is alike is left out."""
    rows = encoded(CHOICES, SKETCHES)
    assert rows.shape == (3, 3)
    blocks, operation, rate = np.moveaxis(differences(rows[:, None], rows), -1, 0).astype(float)  # by name
    assert blocks[0] == pytest.approx([0, 0.5, 1])
    assert operation[0] == pytest.approx([0, 1, 1])
    assert operation[1, 2] == 0
    assert rate[0] == pytest.approx([0, 0.5, 1])
    assert rate[2] == pytest.approx([1, 1, 0])


def test_an_option_that_no_longer_exists_is_nowhere():
    """As in a study whose space is narrower than that of the records."""
    rows = encoded({"operation": Categorical(("lstm", "gru"))}, SKETCHES)
    assert list(rows[:, 0]) == [0.0, NOWHERE, NOWHERE]


@pytest.mark.parametrize("additive", [0.0, 0.4, 1.0])
def test_likenesses_are_a_covariance(additive: float):
    """One on the diagonal, symmetric, without negative eigenvalues, whatever is compared."""
    rng = np.random.default_rng(0)
    rows = np.where(rng.random((60, 5)) < 0.2, NOWHERE, rng.choice([0.0, 0.25, 0.5, 1.0, 2.0], (60, 5)))
    relevances = rng.uniform(0.1, 2, 5)
    likeness = Kernel(relevances, 2.0, additive)(distances(rows, rows, relevances))
    assert np.diag(likeness) == pytest.approx(1)
    assert likeness == pytest.approx(likeness.T)
    assert np.linalg.eigvalsh(likeness).min() > -1e-9


def planted(count: int, seed: int):
    """Rows of six binary choices of which three matter, one by itself and two by being equal, with noise of a tenth."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 2, (count, 6)).astype(float)
    truth = rows[:, 0] + 1.0 * (rows[:, 1] == rows[:, 2])
    return rows, truth, truth + rng.normal(0, 0.1, count)


def test_it_predicts_what_it_has_not_seen():
    """From 60 records more of new rows is explained than a sum over choices could, in each of five draws.

    The sum explains one half in the limit, since that two choices are equal says nothing of either; no skill is 0.
    """
    for seed in range(5):
        rows, _, scores = planted(60, seed)
        new, truth, _ = planted(300, 100 + seed)
        model = Surrogate(rows, scores, np.zeros(60))
        mean, deviation = model.predict(model.likeness(new))
        assert np.mean((mean - truth) ** 2) < 0.4 * truth.var()
        assert (deviation > 0).all()


def test_noise_of_early_scores_counts_for_less():
    """Two records of the same sketch: the prediction lies nearer to the less noisy one."""
    rows = np.array([[0.0], [0.0], [1.0], [1.0]])
    utilities = np.array([1.0, -1.0, 0.0, 0.0])
    model = Surrogate(rows, utilities, np.array([0.0, 5.0, 0.0, 0.0]))
    mean, _ = model.predict(model.likeness(np.array([[0.0]])))
    assert mean[0] > 0


def test_it_expects_other_quantities_by_the_same_likenesses():
    """From 60 records more is explained of the time that new rows take, which follows from one of their choices."""
    rows, _, scores = planted(60, 0)
    new, _, _ = planted(300, 1)
    model = Surrogate(rows, scores, np.zeros(60))
    expected = model.expected(3 * rows[:, 0], model.likeness(new))
    assert np.mean((expected - 3 * new[:, 0]) ** 2) < 0.4 * (3 * new[:, 0]).var()


def test_what_is_in_training_is_less_uncertain():
    """All expectations stay, deviations shrink, most there, so that the next proposal lies elsewhere."""
    rows, _, scores = planted(30, 0)
    new = planted(40, 1)[0]
    alone = Surrogate(rows, scores, np.zeros(30))
    believing = alone.believing(new[:2])
    expected, deviation = alone.predict(alone.likeness(new))
    same, less = believing.predict(believing.likeness(new))
    assert same == pytest.approx(expected)
    assert (less < deviation).all()
    assert (less / deviation)[:2].max() < np.median(less / deviation)
    assert believing.fitted == pytest.approx([*alone.fitted, *expected[:2]])


def test_it_believes_in_nothing_where_nothing_is_in_training():
    """The same predictions."""
    rows, _, scores = planted(30, 0)
    alone = Surrogate(rows, scores, np.zeros(30))
    idle = alone.believing(rows[:0])
    for told, before in zip(idle.predict(idle.likeness(rows)), alone.predict(alone.likeness(rows)), strict=True):
        assert told == pytest.approx(before)
