"""The standard error of E_m from leaving out one block at a time."""

import numpy as np

from search.verdict.expected_best import FloatArray, best_of_weights


def leave_one_out(search: FloatArray, confirm: FloatArray, best_of: int) -> FloatArray:
    """Returns E_m without each configuration in turn, along the last axis.

    Where m = N, the best of the N - 1 that are left takes its place. Needs N >= 2.

    Args:
        search: Search scores (..., N).
        confirm: Confirm scores (..., N).
        best_of: m.

    Returns:
        An array (..., N): entry i is E_m with configuration i left out.
    """
    trials = search.shape[-1]
    weights = best_of_weights(trials - 1, min(best_of, trials - 1))
    order = np.argsort(search, axis=-1, kind="stable")
    ascending = np.take_along_axis(confirm, order, axis=-1)
    # Those below the one left out keep their rank, those above it move down by one.
    below = np.zeros_like(ascending)
    below[..., 1:] = np.cumsum(weights * ascending[..., :-1], axis=-1)
    above = np.zeros_like(ascending)
    above[..., :-1] = np.cumsum((weights * ascending[..., 1:])[..., ::-1], axis=-1)[..., ::-1]
    without = np.empty_like(ascending)
    np.put_along_axis(without, order, below + above, axis=-1)
    return without


def jackknife_error(without: FloatArray) -> FloatArray:
    """Returns the jackknife standard error, (..., N) leave-one-out estimates to (...)."""
    trials = without.shape[-1]
    return np.sqrt((trials - 1) * np.var(without, axis=-1))
