"""Disagreement: does a component do different things to different hosts, beyond what the luck of the seeds does?"""

import numpy as np
from scipy.stats import f as fisher

from search.verdict.expected_best import FloatArray


def disagreement_p_value(differences: FloatArray, epsilon: float) -> float:
    """Returns the p-value of "the effects of the hosts spread by no more than ε".

    Host i's effect is normal with variance τ² around the mean effect, and each of its k paired seeds shows it with a
    noise of variance σ². Then k · var(host means) / (σ² + k τ²) is chi-squared over its degrees of freedom, n - 1, and
    so is the pooled variance within hosts, s² / σ², with n (k - 1). With τ = 0 their ratio is the F of a one-way
    analysis of variance (Fisher 1925), which is Cochran's Q (1954) over its degrees of freedom with the variance
    estimated. Here the null hypothesis is τ <= ε: hosts always differ a little, and what matters is whether they do so
    in practice. So k ε² is added to s²; since that part of the denominator does not vary, F's quantile is on the safe
    side.

    Args:
        differences: A row a host, a column a paired seed (n, k).
        epsilon: From which on a difference matters, 0 or more.

    Returns:
        From 0 to 1; 1 where there are not two hosts and two seeds to tell from.
    """
    hosts, seeds = differences.shape
    if hosts < 2 or seeds < 2:
        return 1.0
    between = seeds * float(np.var(differences.mean(axis=1), ddof=1))
    within = float(np.var(differences, axis=1, ddof=1).mean()) + seeds * epsilon**2
    if within == 0:
        return 0.0 if between > 0 else 1.0
    return float(fisher.sf(between / within, hosts - 1, hosts * (seeds - 1)))
