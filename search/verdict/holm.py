"""Holm's step-down adjustment for testing several hypotheses at once (Holm 1979)."""

import numpy as np
import numpy.typing as npt


def holm_adjusted(p_values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Returns the adjusted p-values in the order given.

    Rejecting where the adjusted value is below .05 makes even one false rejection happen in at most 5 % of cases,
    however the tests depend on each other. The k-th smallest of n is multiplied by n - k + 1, is never smaller than
    the one before it, and never above 1.

    Raises:
        ValueError: A p-value is not between 0 and 1.
    """
    p = np.asarray(p_values, float)
    if not bool(((p >= 0) & (p <= 1)).all()):
        raise ValueError(f"p-values are {p.tolist()}, expected numbers between 0 and 1")
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
