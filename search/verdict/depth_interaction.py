"""Interaction with depth: does what a connection does to a network depend on how deep that is?

Declared before any result is seen, for connections alone: what they were invented for is depth (He et al. 2016).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import linregress

from search.verdict.exclusion import SIGNIFICANCE
from search.verdict.expected_best import FloatArray

DECLARED = ("connection",)
"""Components whose interaction with depth is tested."""
FEWEST_HOSTS = 6
"""Below that a slope is the work of one or two networks."""


@dataclass(frozen=True)
class DepthEffect:
    """What a component does to shallow and to deep networks, where that is shown to differ.

    Attributes:
        border: Blocks of the deepest of the shallow networks.
        shallow: Mean difference in networks of up to so many blocks.
        deep: The same in deeper ones.
        p_adjusted: Of no slope, after Holm.
    """

    border: int
    shallow: float
    deep: float
    p_adjusted: float


def depth_p_value(effects: FloatArray, depths: npt.NDArray[np.int_]) -> float | None:
    """Returns the two-sided p-value of "the effect does not change with depth"; None where that cannot be told.

    Student's t-test of the slope of a least-squares line of the hosts' effects over the logarithm of their depths: what
    the second block brings weighs as much as the third and the fourth together.

    Args:
        effects: Of hosts (n,).
        depths: Their blocks (n,).
    """
    if len(effects) < FEWEST_HOSTS or np.ptp(depths) == 0 or np.ptp(effects) == 0:
        return None
    return float(linregress(np.log(depths), effects).pvalue)


def depth_effect(effects: FloatArray, depths: npt.NDArray[np.int_], p_adjusted: float) -> DepthEffect | None:
    """Returns what shallow and deep networks gain, None where the slope is not shown; the halves are the most even."""
    if p_adjusted >= SIGNIFICANCE:
        return None
    borders = np.unique(depths)[:-1]
    border = min(borders.tolist(), key=lambda blocks: abs(int((depths <= blocks).sum()) - len(depths) / 2))
    shallow = depths <= border
    return DepthEffect(border, float(effects[shallow].mean()), float(effects[~shallow].mean()), p_adjusted)
