"""The very same training is not done twice."""

from dataclasses import replace

import pytest

from search import Study
from search.known_trainings import KnownTrainings
from search.phases import Segment
from tests.search.made import made_trial
from workers import maker as makers
from workers.inline_engine import InlineEngine
from workers.outcome import Status


def trained(number: int = 3, maker: str = "here", **changes):
    """A trial whose outcome says what made it."""
    trial = made_trial(number, scores={90: 0.7})
    trial.outcomes[0] = replace(trial.outcomes[0], maker=maker, **changes)
    return trial


FIRST = trained(1)
"""Of the study itself: tells that its trainings are made `here`."""


def served(earlier, wanted, own=(FIRST,), measures_latency=False, **segment):
    known = KnownTrainings({"digits": [earlier]}, list(own))
    return known.outcome_of(wanted, Segment(wanted, 90, **segment), measures_latency)


WANTED = replace(made_trial(3), number=12)


def test_the_same_training_is_served_with_its_source():
    """As an outcome of the trial that wanted it."""
    outcome = served(trained(), WANTED)
    assert (outcome.trial, outcome.search_score, outcome.seconds) == (12, 0.7, 1.0)
    assert outcome.served_from == "study digits, trial 3"


def test_divergence_repeats_and_lack_of_memory_need_not():
    """A network that diverged would do so again; one that met a limit might not."""
    failing = made_trial(3, failure=Status.DIVERGED)
    failing.outcomes[0] = replace(failing.outcomes[0], maker="here")
    assert served(failing, WANTED).status is Status.DIVERGED
    for status in (Status.OUT_OF_MEMORY, Status.TIMED_OUT, Status.CRASHED):
        failing.outcomes[0] = replace(failing.outcomes[0], status=status)
        assert served(failing, WANTED) is None


@pytest.mark.parametrize(
    "other",
    [
        {"division": 1},
        {"seed": 1},
        {"horizon": 180},
        {"candidate": made_trial(4).candidate},
        {"candidate": replace(WANTED.candidate, recipe=replace(WANTED.candidate.recipe, label_smoothing=0.33))},
        {"phase": "timing"},
    ],
    ids=["division", "seed", "horizon", "architecture", "recipe", "timing"],
)
def test_any_other_training_is_done(other):
    """Also one that only differs in the length to which its learning rate is annealed; timing is what it measures."""
    assert served(trained(), replace(WANTED, **other)) is None


def test_what_is_made_otherwise_is_done():
    """By other code or another machine; by nobody knows what; or while nobody knows what makes those of the study."""
    assert served(trained(), WANTED, own=[trained(1, maker="elsewhere")]) is None
    assert served(made_trial(3, scores={90: 0.7}), WANTED, own=[made_trial(1, scores={90: 0.1})]) is None
    assert served(trained(), WANTED, own=[]) is None


def test_a_network_that_must_be_kept_is_trained():
    """The record has scores, not weights; nor has it scores on a test that was not opened, or unmeasured latencies."""
    assert served(trained(), WANTED, keeps_checkpoint=True) is None
    assert served(trained(), WANTED, opens_test=True) is None
    assert served(trained(), WANTED, measures_latency=True) is None
    assert served(trained(latency_seconds=0.1), WANTED, measures_latency=True) is not None


def test_what_this_study_did_is_known_too():
    """An exact duplicate within a study is served from its own record, and what was served is no source itself."""
    known = KnownTrainings({}, [FIRST])
    again = replace(made_trial(1), number=5)
    assert known.outcome_of(again, Segment(again, 90), False).served_from == "trial 1"
    copied = trained(3, served_from="study digits, trial 3")
    known.add(copied)
    assert known.outcome_of(WANTED, Segment(WANTED, 90), False) is None


def test_a_maker_is_the_same_within_a_process():
    """Sixteen hexadecimal digits."""
    assert int(makers.maker(), 16) >= 0
    assert len(makers.maker()) == 16
    assert makers.maker() == makers.maker()


class Counting(InlineEngine):
    """Counts the units that were trained."""

    trained = 0

    def run(self, source, dataset, checkpoints):
        absorb = source.absorb

        def counting(outcome):
            self.trained += not outcome.served_from
            absorb(outcome)

        source.absorb = counting
        super().run(source, dataset, checkpoints)


def test_a_second_study_is_served_from_the_record(blobs_file):
    """The same but for its strategy: landmarks and census come from the record, with the same scores, at no cost.

    Without `reuse` everything is trained.
    """
    asked = {"trials": 14, "epochs": 1, "seed": 3}
    first, second, third = (
        Study.create(str(blobs_file), name=name, strategy=strategy, reuse=reuse, **asked)
        for name, strategy, reuse in (("first", "random", False), ("second", "grid", True), ("third", "random", False))
    )
    engines = [Counting(), Counting(), Counting()]
    for study, engine in zip((first, second, third), engines, strict=True):
        study.run(engine, [])
    before, after = (study.trials().query("phase in ('landmarks', 'census')") for study in (first, second))
    columns = ["phase", "slot", "fingerprint", "search_score", "confirm_score"]
    assert before[columns].equals(after[columns])
    assert after["served_from"].tolist()[1:] == [f"study first, trial {n}" for n in before["number"]][1:]
    assert after["served_from"].iloc[0] == ""  # the first of a study tells what makes its trainings
    assert second.verdict().budget.core_seconds < sum(second.trials()["seconds"])
    assert (third.trials()["served_from"] == "").all()
    assert engines[1].trained < engines[0].trained == engines[2].trained
