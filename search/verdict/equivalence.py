"""Equivalence: two one-sided tests (TOST) that a mean difference is too small to matter.

Schuirmann 1987. A test for a difference that does not reject shows nothing; to show that there is no difference in
practice, "it is at least ε" and "it is at most -ε" must both be rejected.
"""

import numpy as np
from scipy.special import gammaincinv, ndtr
from scipy.stats import t as student

from search.verdict.expected_best import FloatArray

_QUANTILES = (np.arange(100) + 0.5) / 100


def equivalence_p_value(differences: FloatArray, epsilon: float) -> float:
    """Returns the larger p-value of the two one-sided t-tests of |mean| >= ε, which is that of the whole.

    Args:
        differences: One a host (n,), n >= 2, independent of each other.
        epsilon: From which on a mean difference matters, above 0.
    """
    mean, n = float(np.mean(differences)), len(differences)
    error = float(np.std(differences, ddof=1)) / np.sqrt(n)
    if error == 0:
        return 0.0 if abs(mean) < epsilon else 1.0
    return float(student.sf((epsilon - abs(mean)) / error, n - 1))


def equivalence_power(mean: float, sd: float, epsilon: float, n: int, significance: float) -> float:
    """Returns how probably n differences show equivalence.

    Both tests reject where |m| < ε - t s / √n, with m the mean of the sample, s its standard deviation and t Student's
    quantile. Given s, m is normal; s² (n - 1) / sd² is chi-squared, and the mean over 100 of its quantiles
    stands for the integral (Phillips 1990 gives it by Owen's Q).

    Args:
        mean: True mean difference.
        sd: True standard deviation of a difference, above 0.
        epsilon: From which on a mean difference matters.
        n: Number of differences, at least 2.
        significance: Level of each one-sided test.
    """
    error = sd / np.sqrt(n)
    ratios = np.sqrt(gammaincinv((n - 1) / 2, _QUANTILES) * 2 / (n - 1))  # of the sample's deviation to the true one
    reach = epsilon - student.isf(significance, n - 1) * error * ratios
    held = ndtr((reach - mean) / error) - ndtr((-reach - mean) / error)
    return float(np.mean(np.maximum(held, 0.0)))
