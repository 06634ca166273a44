"""Contrasts: what a component (a connection, say) does to networks of all kinds, each compared with its own twin.

The host is the unit: a network in which the component is put in and left out. Seeds of one host are no independent
witnesses of what the component does elsewhere; their mean is one observation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from search.verdict.bootstrap import LEVEL, Interval
from search.verdict.depth_interaction import DECLARED, DepthEffect, depth_effect, depth_p_value
from search.verdict.disagreement import disagreement_p_value
from search.verdict.equivalence import equivalence_p_value
from search.verdict.exclusion import SIGNIFICANCE
from search.verdict.expected_best import FloatArray
from search.verdict.holm import holm_adjusted
from search.verdict.sample_size import hosts_needed

FEWEST_HOSTS = 4
"""Below that nothing is decided: a mean of two or three numbers has no spread to speak of."""


class Decision(StrEnum):
    """What is known of a contrast."""

    HELPS = "helps"
    HURTS = "hurts"
    EQUIVALENT = "equivalent"
    DEPENDS = "depends"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class PairedScores:
    """The scores of both arms of a contrast, in the same hosts with the same seeds.

    Attributes:
        component: What is varied, e.g. `connection`.
        option: What is put in, e.g. `residual`.
        reference: What stands there otherwise, e.g. `plain`.
        scores: Of hosts with the option and with the reference (2, hosts, seeds); of those that failed the worst score.
        failed: Which of them failed (2, hosts, seeds).
        depths: Blocks of the hosts' networks (hosts,); None where they are not known.
    """

    component: str
    option: str
    reference: str
    scores: FloatArray
    failed: npt.NDArray[np.bool_]
    depths: npt.NDArray[np.int_] | None = None

    @property
    def differences(self) -> FloatArray:
        """By how much the option is better (hosts, seeds)."""
        return self.scores[0] - self.scores[1]

    @property
    def seed_deviation(self) -> float:
        """The standard deviation of a network's score over seeds: the median over arms and hosts; 0 with one seed.

        The median, and without failures, since a few networks that collapse under some seeds would otherwise make
        differences of any size look like luck.
        """
        if self.scores.shape[-1] < 2:
            return 0.0
        sound = np.std(self.scores, axis=-1, ddof=1)[~self.failed.any(axis=-1)]
        return float(np.median(sound)) if sound.size else 0.0


@dataclass(frozen=True)
class ContrastRow:
    """What the hosts say of a contrast, in scores.

    Attributes:
        component, option, reference: See `PairedScores`.
        reference_score: Mean score with the reference.
        difference: By how much the option is better, the mean over hosts.
        interval: Its 95 % interval, not adjusted.
        effect_size: Difference over standard deviation of the hosts' differences (Cohen's d_z); None where they are all
            the same.
        hosts: How many.
        hosts_positive: In how many the option is better.
        epsilon: From which on a difference matters.
        p_adjusted: Of no difference, after Holm.
        equivalence_p_adjusted: Of a difference that matters, after Holm.
        disagreement_p_adjusted: Of effects that spread by no more than epsilon, after Holm.
        decision: What follows.
        hosts_needed: How many would decide, None where it is decided or none would.
        depth: What deep and shallow networks gain, where they are shown to differ.
    """

    component: str
    option: str
    reference: str
    reference_score: float
    difference: float
    interval: Interval
    effect_size: float | None
    hosts: int
    hosts_positive: int
    epsilon: float
    p_adjusted: float
    equivalence_p_adjusted: float
    disagreement_p_adjusted: float
    decision: Decision
    hosts_needed: int | None
    depth: DepthEffect | None = None


def compare_contrasts(contrasts: Sequence[PairedScores], epsilon: float) -> list[ContrastRow]:
    """Returns a row a contrast, in the order given.

    The t-test on host means, the test for equivalence and the one for disagreement are each adjusted over all
    contrasts by Holm's method. Where something is shown of a declared component that is not that it does nothing,
    its interaction with depth is tested too, adjusted over those so tested.

    Args:
        contrasts: each with at least two hosts and one seed.
        epsilon: the user's; half the deviation over seeds takes its place where that is more.
    """
    margins = [max(epsilon, contrast.seed_deviation / 2) for contrast in contrasts]
    means = [contrast.differences.mean(axis=1) for contrast in contrasts]
    pairs = list(zip(contrasts, means, margins, strict=True))
    p_values = holm_adjusted([difference_p_value(effects) for effects in means])
    equivalent = holm_adjusted([equivalence_p_value(effects, margin) for _, effects, margin in pairs])
    disagree = holm_adjusted([disagreement_p_value(c.differences, margin) for c, _, margin in pairs])
    tests = zip(p_values.tolist(), equivalent.tolist(), disagree.tolist(), strict=True)
    level = SIGNIFICANCE / max(1, len(contrasts))
    rows = [_row(*pair, AdjustedTests(*test), level) for pair, test in zip(pairs, tests, strict=True)]
    return _with_depth(rows, contrasts, means)


def _with_depth(
    rows: list[ContrastRow], contrasts: Sequence[PairedScores], means: Sequence[FloatArray]
) -> list[ContrastRow]:
    """The rows, with what is shown of depth."""
    found = {}
    for place, (row, contrast, effects) in enumerate(zip(rows, contrasts, means, strict=True)):
        shown = row.decision not in (Decision.EQUIVALENT, Decision.UNDECIDED)
        if shown and row.component in DECLARED and contrast.depths is not None:
            p_value = depth_p_value(effects, contrast.depths)
            if p_value is not None:
                found[place] = (effects, contrast.depths, p_value)
    adjusted = holm_adjusted([p_value for *_, p_value in found.values()])
    told = list(rows)
    for (place, (effects, depths, _)), p_adjusted in zip(found.items(), adjusted.tolist(), strict=True):
        told[place] = replace(rows[place], depth=depth_effect(effects, depths, p_adjusted))
    return told


@dataclass(frozen=True)
class AdjustedTests:
    """The adjusted p-values of one contrast."""

    difference: float
    equivalence: float
    disagreement: float


def difference_p_value(effects: FloatArray) -> float:
    """Returns the two-sided p-value of Student's t-test that the mean of host effects (n,), n >= 2, is zero."""
    mean, error = float(np.mean(effects)), _standard_error(effects)
    if error == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * student.sf(abs(mean) / error, len(effects) - 1))


def decide(effects: FloatArray, epsilon: float, tests: AdjustedTests) -> Decision:
    """Returns what is known of a contrast.

    A difference that makes none in practice is no finding, however significant. Where hosts disagree the mean speaks
    for them only if it is shown to differ from zero, and then not where some gain and others lose in practice.

    Args:
        effects: Of hosts (n,).
        epsilon: From which on a difference matters.
        tests: The adjusted p-values.
    """
    mean = float(np.mean(effects))
    if len(effects) < FEWEST_HOSTS:
        return Decision.UNDECIDED
    if tests.equivalence < SIGNIFICANCE:
        return Decision.EQUIVALENT
    differs = tests.difference < SIGNIFICANCE
    opposed = effects.min() < -epsilon and effects.max() > epsilon
    if tests.disagreement < SIGNIFICANCE and (opposed or not differs):
        return Decision.DEPENDS
    if differs:
        return Decision.HELPS if mean > 0 else Decision.HURTS
    return Decision.UNDECIDED


def _row(
    contrast: PairedScores, effects: FloatArray, epsilon: float, tests: AdjustedTests, level: float
) -> ContrastRow:
    mean, deviation, hosts = float(effects.mean()), float(np.std(effects, ddof=1)), len(effects)
    margin = float(student.isf((1 - LEVEL) / 2, hosts - 1)) * _standard_error(effects)
    decision = decide(effects, epsilon, tests)
    undecided = decision is Decision.UNDECIDED
    needed = hosts_needed(mean, deviation, epsilon, level) if undecided else None
    return ContrastRow(
        component=contrast.component,
        option=contrast.option,
        reference=contrast.reference,
        reference_score=float(contrast.scores[1].mean()),
        difference=mean,
        interval=(mean - margin, mean + margin),
        effect_size=mean / deviation if deviation > 0 else None,
        hosts=hosts,
        hosts_positive=int((effects > 0).sum()),
        epsilon=epsilon,
        p_adjusted=tests.difference,
        equivalence_p_adjusted=tests.equivalence,
        disagreement_p_adjusted=tests.disagreement,
        decision=decision,
        hosts_needed=None if needed is None else max(needed, FEWEST_HOSTS),
    )


def _standard_error(effects: FloatArray) -> float:
    return float(np.std(effects, ddof=1) / np.sqrt(len(effects)))
