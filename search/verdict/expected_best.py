"""The expected score of the best of m configurations: what a family is judged by.

Trying more configurations finds a better one, so the best score seen is no property of a family unless it says how many
were tried (Dodge et al. 2019, "Show Your Work"). With N configurations sorted ascending by their search score and t(i)
the confirm score of the i-th,

    E_m = sum over i = m..N of  C(i-1, m-1) / C(N, m) * t(i)

is the mean, over all subsets of m configurations, of the confirm score of the subset's best by search score. It is
unbiased (Tang et al. 2020, "Showing Your Work Doesn't Always Work"); the plug-in estimator of 2019 is biased low. The
search score picks, the confirm score counts: a lucky division cannot reward itself.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

FloatArray = npt.NDArray[np.float64]


def best_of_weights(trials: int, best_of: int) -> FloatArray:
    """Returns the chance that the i-th of `trials` sorted configurations is the best of a random `best_of`.

    Args:
        trials: N, how many configurations there are.
        best_of: m, the size of the subset, between 1 and N.

    Returns:
        An array (N,), zero before the m-th entry, summing to one.

    Raises:
        ValueError: `best_of` is not between 1 and `trials`.
    """
    if not 1 <= best_of <= trials:
        raise ValueError(f"best_of is {best_of}, expected between 1 and the {trials} trials")
    rank = np.arange(best_of, trials + 1)
    weights = np.zeros(trials)
    weights[best_of - 1 :] = np.exp(_log_binomial(rank - 1, best_of - 1) - _log_binomial(trials, best_of))
    return weights / weights.sum()


def expected_best(search: npt.ArrayLike, confirm: npt.ArrayLike, best_of: int) -> float:
    """Returns E_m of one family; ties in the search score keep the order of the blocks.

    Args:
        search: Search scores (N,), which pick the best.
        confirm: Confirm scores (N,) of the same configurations, which are averaged.
        best_of: m.
    """
    return float(expected_best_rows(np.asarray(search, float), np.asarray(confirm, float), best_of))


def expected_best_rows(search: FloatArray, confirm: FloatArray, best_of: int) -> FloatArray:
    """Returns E_m along the last axis: (..., N) and (..., N) to (...)."""
    order = np.argsort(search, axis=-1, kind="stable")
    return np.asarray(np.take_along_axis(confirm, order, axis=-1) @ best_of_weights(search.shape[-1], best_of))


def expected_best_curve(search: npt.ArrayLike, confirm: npt.ArrayLike) -> FloatArray:
    """Returns E_1 ... E_N, the expected score against the number of configurations tried."""
    ascending = np.asarray(confirm, float)[np.argsort(np.asarray(search, float), kind="stable")]
    trials = len(ascending)
    return np.array([best_of_weights(trials, best_of) @ ascending for best_of in range(1, trials + 1)])


def _log_binomial(total: npt.ArrayLike, chosen: npt.ArrayLike) -> FloatArray:
    total, chosen = np.asarray(total, float), np.asarray(chosen, float)
    return np.asarray(gammaln(total + 1) - gammaln(chosen + 1) - gammaln(total - chosen + 1))
