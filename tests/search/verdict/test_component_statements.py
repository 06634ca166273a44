from dataclasses import replace

import numpy as np
import pytest

from search.verdict.component_statements import ComponentFindings, component_gain, component_statements, question
from search.verdict.contrasts import ContrastRow, PairedScores, compare_contrasts
from tests.search.verdict.censuses import (
    ACCURACY,
    APART,
    PERPLEXITY,
    RMSE,
    SMALL_ERROR,
    SMALL_GAIN,
    planted,
    verdict_on,
)
from workers.metric import Metric

HELPS = [0.18, 0.2, 0.16, 0.19, 0.17, 0.18, 0.15, 0.21]
NONE = [0.002, -0.001, 0.001, -0.002, 0.0, 0.001, 0.0, 0.001]
DEPENDS = [0.2, 0.2, 0.2, 0.2, -0.2, -0.2, -0.2, -0.2]
OPEN = [0.02, -0.03, 0.03, 0.0, 0.02, 0.01, -0.02, 0.04]
LUCK = 0.03


def row(effects, component="connection", option="residual", reference="plain", luck=0.0) -> ContrastRow:
    gain = np.asarray(effects, float)[:, None] + luck * np.array([-1.0, 0.0, 1.0])
    scores = 0.6 + np.stack([gain, np.zeros_like(gain)])
    contrast = PairedScores(component, option, reference, scores, np.zeros(scores.shape, bool))
    return compare_contrasts([contrast], 0.01)[0]


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (row(HELPS), "residual connections help (+.18 [.16, .20], 8 of 8 hosts)."),
        (row(-np.array(HELPS)), "residual connections hurt (-.18 [-.20, -.16], 0 of 8 hosts)."),
        (row(NONE), "residual connections make no difference beyond .01."),
        (
            row(DEPENDS, "gate", "squeeze_excitation", "none"),
            "what squeeze excitation gates do depends on the host (+.000 [-.179, .179], 4 of 8 hosts).",
        ),
        (
            row(DEPENDS, "normalization", "layer", "none"),
            "what layer normalization does depends on the host (+.000 [-.179, .179], 4 of 8 hosts).",
        ),
        (
            row(HELPS, option="dense", reference="residual"),
            "dense connections do better than residual (+.18 [.16, .20], 8 of 8 hosts).",
        ),
        (row(HELPS, "gate", "context_gate", "none"), "context gates help (+.18 [.16, .20], 8 of 8 hosts)."),
        (row(HELPS, "normalization", "layer", "none"), "layer normalization helps (+.18 [.16, .20], 8 of 8 hosts)."),
        (
            row(HELPS, "initialization", "he", "glorot"),
            "he initialization does better than glorot (+.18 [.16, .20], 8 of 8 hosts).",
        ),
        (row(NONE, "initialization", "he", "glorot"), "he and glorot initialization are equivalent within .01."),
        (
            row(-np.array(HELPS), "attention kind", "linear_attention", "multi_head_attention"),
            "linear attention does worse than multi head attention (-.18 [-.20, -.16], 0 of 8 hosts).",
        ),
    ],
)
def test_what_is_decided_is_a_sentence_a_person_can_quote(told: ContrastRow, sentence: str):
    """Against nothing a component helps or hurts, against another it does better or worse."""
    assert component_statements([told], ACCURACY) == [sentence]


def test_what_is_open_is_told_with_the_hosts_that_would_decide():
    """In one sentence for all, of which the first three are named."""
    open_row = row(OPEN, luck=LUCK)
    (sentence,) = component_statements([open_row], ACCURACY)
    needed = open_row.hosts_needed
    assert sentence == (
        f"undecided: whether residual connections help (about {needed} hosts would decide, 8 were tested)."
    )
    assert component_statements([open_row] * 3, ACCURACY)[0].endswith(" 8 were tested).")
    several = component_statements([row(HELPS), *[open_row] * 5], ACCURACY)
    assert len(several) == 2
    assert several[1].endswith(" and 2 other contrasts.")
    hopeless = replace(open_row, hosts_needed=None)
    assert component_statements([hopeless], ACCURACY) == [
        "undecided: whether residual connections help (no affordable number of hosts would decide)."
    ]
    assert question(row(OPEN, "position", "rotary", "none", LUCK)) == "whether rotary positions help"
    assert question(row(OPEN, "recurrence kind", "gru", "lstm", LUCK)) == "whether gru does better than lstm"


def test_a_gain_is_told_in_the_unit_of_the_metric():
    """Of errors, by how much they are better; the interval's lower end first."""
    told = row(HELPS)
    difference, (low, high) = component_gain(told, RMSE)
    assert difference == pytest.approx(5 * told.difference)
    assert (low, high) == pytest.approx((5 * told.interval[0], 5 * told.interval[1]))
    assert component_statements([told], RMSE) == [
        "residual connections help (RMSE better by .90 [.82, .98], 8 of 8 hosts)."
    ]


def test_what_makes_no_difference_is_told_of_an_improvement():
    """A metric that is not linear in its score has steps of different sizes up and down; the smaller is told."""
    assert component_statements([row(NONE)], PERPLEXITY) == ["residual connections make no difference beyond 2.46."]


@pytest.mark.parametrize(
    ("metric", "evidence"),
    [
        (SMALL_GAIN, "(+.00072 [.00065, .00079], 8 of 8 hosts)"),
        (SMALL_ERROR, "(RMSE better by .00072 [.00065, .00079], 8 of 8 hosts)"),
    ],
    ids=lambda given: getattr(given, "name", ""),
)
def test_a_small_metric_is_told_with_more_decimals(metric: Metric, evidence: str):
    """Whichever way it goes."""
    assert component_statements([row(HELPS)], metric) == [f"residual connections help {evidence}."]


def test_the_verdict_tells_of_components():
    """After the families; what is open stands among the undecided questions too."""
    findings = ComponentFindings([row(HELPS), row(OPEN, "gate", "cbam", "none", LUCK)], ("position",), "more would")
    verdict = verdict_on(planted(APART), components=findings)
    assert "Residual connections help (+.18" in verdict.sentence
    assert "Undecided: whether cbam gates help (about" in verdict.sentence
    assert verdict.undecided[-2].startswith("whether cbam gates help: about ")
    assert verdict.undecided[-1] == "components (position) were not tested: more would"
