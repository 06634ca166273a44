"""Sample size: how many hosts would decide what these do not."""

from collections.abc import Callable

import numpy as np
from scipy.stats import nct
from scipy.stats import t as student

from search.verdict.equivalence import equivalence_power

POWER = 0.8
MOST_HOSTS = 1000
"""More than that is no plan."""
_ROUNDING = 1e-9


def difference_power(mean: float, sd: float, n: int, significance: float) -> float:
    """Returns how probably a two-sided t-test on n differences rejects.

    The statistic is noncentral t with n - 1 degrees of freedom and noncentrality mean · √n / sd (Cohen 1988, ch. 2).
    The far tail, a rejection in the wrong direction, does not count.

    Args:
        mean: True mean difference.
        sd: True standard deviation of a difference, above 0.
        n: Number of differences, at least 2.
        significance: Level of the test.
    """
    critical = student.isf(significance / 2, n - 1)
    return float(nct.sf(critical, n - 1, abs(mean) * np.sqrt(n) / sd))


def hosts_needed(mean: float, sd: float, epsilon: float, significance: float) -> int | None:
    """Returns the fewest hosts that would show, with a power of 80 %, a difference or that there is none in practice.

    Were the truth what these hosts say, either question would be decided by enough hosts; the one that needs fewer
    counts. A figure to plan with: the estimate that it starts from is itself uncertain (Hoenig and Heisey 2001).

    Args:
        mean: Mean difference over hosts.
        sd: Standard deviation of the hosts' differences.
        epsilon: From which on a mean difference matters.
        significance: Level of the tests, after the adjustment for their number.

    Returns:
        At least 2; None where more than a thousand hosts would be needed.
    """
    if sd < _ROUNDING:
        return 2
    needed = [_fewest(lambda n: difference_power(mean, sd, n, significance))]
    if abs(mean) < epsilon:
        needed.append(_fewest(lambda n: equivalence_power(mean, sd, epsilon, n, significance)))
    return min((n for n in needed if n is not None), default=None)


def _fewest(power: Callable[[int], float]) -> int | None:
    """Returns the least n whose power suffices, by bisection, since power grows with n."""
    low, high = 1, MOST_HOSTS
    if power(high) < POWER:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle) >= POWER else (middle, high)
    return high
