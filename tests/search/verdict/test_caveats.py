from dataclasses import replace

from search.verdict.fairness import FairnessRows
from search.verdict.sentence import verdict_sentence
from tests.search.verdict.censuses import (
    ACCURACY,
    AGREED,
    APART,
    CHAMPION,
    RMSE,
    SMALL_ERROR,
    SMALL_GAIN,
    census,
    checked,
    compared,
    failing,
    planted,
    spread,
    verdict_on,
)


def test_short_training():
    """Nothing is preferred, and the steps needed are named."""
    verdict = verdict_on(planted(APART, steps=96))
    assert verdict.sentence.startswith("On digits, no family can be preferred yet (expected best of 8, accuracy: conv")
    assert verdict.sentence.endswith(
        "Training was short: 96 optimizer steps, at least 500 are needed before a ranking means anything, "
        "so no family is excluded."
    )
    assert "whether attention and recurrence are worse than convolution: training was too short" in verdict.undecided
    two = verdict_on(planted({"convolution": 0.9, "attention": 0.6}, steps=96))
    assert "Training was short" in two.sentence
    assert "whether attention is worse than convolution: training was too short" in two.undecided


def test_too_few_trials():
    """Three trials a family can decide nothing, whatever the scores, and six are named as the least."""
    verdict = verdict_on(planted(APART, blocks=3))
    assert "no family can be preferred yet" in verdict.sentence
    assert verdict.sentence.endswith("With 3 trials a family no test can tell families apart; at least 6 are needed.")
    assert "at least 6" not in verdict_on(planted(APART, blocks=6), resamples=2000).sentence
    assert "With 1 trial a family" in verdict_on(planted(APART, blocks=1)).sentence


def test_doubling_check_not_done():
    """Without the check the leader is ahead and nobody is excluded."""
    censuses = [census(family, spread(centre, 24, 0), doubled=None) for family, centre in APART.items()]
    verdict = verdict_on(censuses)
    assert "no single family wins: convolution is ahead" in verdict.sentence
    assert "No family was retrained for twice as long to check the ranking, so none is excluded." in verdict.sentence
    assert "is excluded;" not in verdict.sentence
    assert (
        "whether attention and recurrence are worse than convolution: the check with twice the training is missing"
        in (verdict.undecided)
    )


def test_doubling_check_missing_for_one():
    """The rival without the check is kept by name."""
    censuses = [checked("convolution", 0.9), checked("attention", 0.6)]
    verdict = verdict_on([*censuses, census("wavelet", spread(0.4, 24, 1), doubled=None)])
    assert "attention is excluded" in verdict.sentence
    assert "Wavelet is behind but not excluded: the check with twice the training is missing." in verdict.sentence
    assert "whether the ranking lasts with longer training: wavelet not trained twice as long" in verdict.undecided


def test_a_family_that_failed_throughout():
    """It is named, and what it could do is open; that it was not trained for longer is no news."""
    verdict = verdict_on([*planted({"convolution": 0.9}), failing("wavelet")], fairness=AGREED, champion=CHAMPION)
    assert "optimizer steps. All trials of wavelet failed. Sealed test" in verdict.sentence
    assert verdict.undecided == ["what wavelet could do: all of its 24 trials failed"]
    assert "failed" not in verdict_on([failing("wavelet")]).sentence.removeprefix("On digits, no verdict")


def test_still_learning():
    """The gain is named, with the length of training that could settle it."""
    censuses = [checked("convolution", 0.9), checked("wavelet", 0.6, at_double=0.7)]
    verdict = verdict_on([replace(family, steps=1200) for family in censuses])
    assert (
        "Wavelet is still learning: it gained +.10 when trained twice as long; "
        "a study with at least 2,400 steps could settle it."
    ) in verdict.sentence
    assert "whether wavelet is worse than convolution: still learning" in verdict.undecided


def test_still_learning_and_too_far_behind():
    """What is excluded all the same is told, with why."""
    rivals = [checked("wavelet", 0.6, at_double=0.63), checked("attention", 0.5, at_double=0.55)]
    verdict = verdict_on([checked("convolution", 0.9), rivals[0]])
    assert verdict.sentence.startswith("On digits, convolution wins")
    assert (
        "Wavelet is still learning: it gained +.03 when trained twice as long; "
        "4 more doublings like that one, or a little better, would leave it behind."
    ) in verdict.sentence
    assert "would leave them behind" in verdict_on([checked("convolution", 0.9), *rivals]).sentence


def test_what_is_learnt_of_an_error_is_a_fall():
    """A gain in score is told as how much less of the metric there is."""
    censuses = [checked("convolution", 0.9), checked("wavelet", 0.6, at_double=0.63)]
    assert "Wavelet is still learning: its RMSE fell by .15 when trained" in verdict_on(censuses, metric=RMSE).sentence
    censuses.append(checked("recurrence", 0.5, at_double=0.55))
    assert "their RMSE fell by .15 and .25 when trained" in verdict_on(censuses, metric=RMSE).sentence


def test_what_is_learnt_of_a_small_metric_has_more_decimals():
    """Whichever way the metric goes."""
    censuses = [checked("convolution", 0.9), checked("wavelet", 0.6, at_double=0.63)]
    assert "it gained +.00012 when trained" in verdict_on(censuses, metric=SMALL_GAIN).sentence
    assert "its RMSE fell by .00012 when trained" in verdict_on(censuses, metric=SMALL_ERROR).sentence


def test_two_families_still_learning():
    """Several families share one sentence."""
    learning = {"wavelet": 0.63, "recurrence": 0.64}
    rivals = [checked(family, 0.6, at_double=at_double) for family, at_double in learning.items()]
    verdict = verdict_on([checked("convolution", 0.9), *rivals])
    assert "are still learning: they gained +.0" in verdict.sentence
    assert (
        verdict_on([checked("convolution", 0.9, at_double=0.99), checked("wavelet", 0.6)]).sentence.count("learning")
        == 0
    )


def test_caught_up():
    """A rival that is level at twice the length is kept for that reason."""
    verdict = verdict_on([checked("convolution", 0.9), checked("wavelet", 0.6, at_horizon=0.9, at_double=0.9)])
    assert "Wavelet is not excluded: trained twice as long, no longer behind." in verdict.sentence


def test_sealed_test():
    """The champion's score on the sealed test has its spread and its seeds."""
    verdict = verdict_on(planted(APART), champion=CHAMPION, fairness=AGREED)
    assert verdict.sentence.endswith("Sealed test .884 ± .006 (10 seeds), better than the hand-designed networks.")
    once = verdict_on(planted(APART), champion=replace(CHAMPION, sealed_sd=None, seeds=1), fairness=AGREED)
    assert "Sealed test .884 (1 seed)" in once.sentence
    small = replace(CHAMPION, sealed_mean=0.0021, sealed_sd=0.0003)
    assert "Sealed test .00210 ± .00030 (10" in verdict_on(planted(APART), champion=small, metric=SMALL_ERROR).sentence


def test_champion_that_does_not_beat_the_landmarks():
    """The sentence says so; if they were not compared it claims nothing either way."""
    beaten = verdict_on(planted(APART), champion=replace(CHAMPION, beats_landmarks=False))
    assert beaten.sentence.endswith("The best network found is not shown to beat the hand-designed networks.")
    unknown = verdict_on(planted(APART), champion=replace(CHAMPION, beats_landmarks=None))
    assert "hand-designed" not in unknown.sentence
    assert "whether the champion beats the hand-designed networks" in unknown.undecided


def test_champion_outside_the_winner_set():
    """A hybrid with an excluded family, or with one that was never compared, is said to be one."""
    hybrid = replace(CHAMPION, families=("convolution", "recurrence"))
    assert (
        "The best single network found is made of convolution and recurrence; recurrence is outside the winner set."
    ) in verdict_on(planted(APART), champion=hybrid).sentence
    control = replace(CHAMPION, families=("control", "convolution"))
    told = verdict_on(planted(APART), champion=control, fairness=AGREED).sentence
    assert " is made of control and convolution; control is not among the families compared. Sealed test" in told
    assert "made of" not in verdict_on(planted(APART), champion=CHAMPION).sentence


def test_other_budgets():
    """Another winner changes the verdict, no winner weakens it, and a row that was not computed is undecided."""
    other = FairnessRows("convolution", None, "attention", agree=False)
    verdict = verdict_on(planted(APART), fairness=other)
    assert "The verdict may depend on the budget: at equal parameter counts no family wins." in verdict.sentence
    assert "The verdict depends on the budget: at equal compute time attention wins." in verdict.sentence
    assert verdict.sentence.startswith("On digits, convolution wins")
    half = verdict_on(planted(APART), fairness=replace(other, not_computed=("equal_parameters",)))
    assert "steps. The verdict depends on the budget: at equal compute time attention wins." in half.sentence
    missing = verdict_on(
        planted(APART), fairness=replace(other, equal_time="convolution", not_computed=("equal_parameters",))
    )
    assert "budget" not in missing.sentence
    assert "whether the verdict holds at equal parameter counts" in missing.undecided
    assert "whether the verdict holds at equal compute time" not in missing.undecided


def test_small_networks_are_named():
    """Whoever reads that a family is behind is told of which networks that is said."""
    comparison = compared(planted(APART))
    text = verdict_sentence(comparison, dataset="digits", metric=ACCURACY, networks="1 stage, at most 32 wide").sentence
    assert "Families were compared by small networks: 1 stage, at most 32 wide." in text
    assert "small networks" not in verdict_on(planted(APART)).sentence
