import json
import re

import numpy as np
import pytest

from search.ledger import LedgerEntry, family_records, one_a_set, pooled
from search.specification import Specification
from search.storage.database import Database
from search.storage.studies import StudyStore
from search.verdict.document import VerdictDocument
from tests.search.storage.specification import SPECIFICATION
from tests.search.test_prior import studied
from tests.search.verdict.censuses import RMSE
from tests.search.verdict.test_document import CONTRACT


def specification(fingerprint: str, **changes) -> Specification:
    return SPECIFICATION.model_copy(update={"dataset_fingerprint": fingerprint, "modality": "series", **changes})


def document(study: str = "first", trials: int = 60, steps: int = 600, winner: str | None = "recurrence", **levels):
    """A verdict in which each family has an expected best; intervals are .04 wide."""
    levels = levels or {"recurrence": 0.9, "convolution": 0.8}
    row = {**CONTRACT["families"][0], "steps": steps}
    families = [
        {**row, "family": family, "expected_best": best, "interval": [best - 0.02, best + 0.02]}
        for family, best in levels.items()
    ]
    told = {"study": study, "winner": winner, "winner_set": [winner] if winner else list(levels)}
    budget = {**CONTRACT["budget"], "trials": trials}
    return VerdictDocument.model_validate({**CONTRACT, **told, "families": families, "budget": budget})


def test_advantages_are_over_the_mean_of_all_families():
    """In scores, with a deviation that knows that a family is part of the mean."""
    entry = LedgerEntry.of(specification("a"), document())
    assert entry.advantages == pytest.approx({"recurrence": 0.05, "convolution": -0.05})
    one = 0.04 / (2 * 1.96)
    assert entry.deviations["recurrence"] == pytest.approx(one / 2**0.5)  # half a difference of two
    assert (entry.modality, entry.steps, entry.winner) == ("series", 600, "recurrence")


def test_of_a_metric_where_less_is_better_the_smaller_value_is_the_advantage():
    """An RMSE of 1 is better than one of 2, whatever the size of the numbers that are predicted."""
    told = document(winner=None, recurrence=1.0, convolution=2.0)
    entry = LedgerEntry.of(specification("a", metric=RMSE), told)
    assert entry.advantages == pytest.approx({"recurrence": 0.1, "convolution": -0.1})  # of a worst value of 5


def test_a_set_counts_once_and_only_where_trainings_were_long_enough():
    """By its largest study; a study below 500 steps, or of one family, says nothing here."""
    entries = [
        LedgerEntry.of(specification("a"), document("small", trials=40)),
        LedgerEntry.of(specification("a"), document("large", trials=90)),
        LedgerEntry.of(specification("b"), document("short", steps=499)),
        LedgerEntry.of(specification("c"), document("alone", recurrence=0.9)),
    ]
    assert [entry.study for entry in one_a_set(entries)] == ["large"]


def test_families_are_counted_over_sets():
    """Won, may be best, of how many; a set on which nobody won alone counts for all that may be best."""
    entries = [LedgerEntry.of(specification(f"s{n}"), document(winner="recurrence" if n else None)) for n in range(3)]
    first, second = family_records(entries)
    assert (first.family, first.sets, first.won, first.may_be_best) == ("recurrence", 3, 2, 3)
    assert (second.family, second.sets, second.won, second.may_be_best) == ("convolution", 3, 0, 1)
    assert first.advantage == pytest.approx(0.05)
    assert first.interval[0] < 0.05 < first.interval[1]


def test_a_single_set_says_nothing_about_others():
    """Its estimate, and no interval."""
    assert pooled([0.1], [0.01]) == (0.1, None)


def test_sets_that_differ_weigh_nearly_alike():
    """However precisely one of them was measured; where they agree, the precise one counts more."""
    apart, _ = pooled([0.4, 0.0], [0.001, 0.05])
    assert apart == pytest.approx(0.2, abs=0.02)
    agreeing, _ = pooled([0.11, 0.10], [0.001, 0.05])
    assert agreeing == pytest.approx(0.11, abs=0.001)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Of 2,000 simulated ledgers each, 95 % within simulation error, whether sets differ or not; never much less."""
    rng = np.random.default_rng(0)
    for sets, between in ((3, 0.0), (3, 0.05), (8, 0.0), (8, 0.05)):
        covered = 0
        for _ in range(2000):
            deviations = rng.uniform(0.005, 0.04, sets)
            y = 0.02 + rng.normal(0, between, sets) + rng.normal(0, deviations)
            low, high = pooled(y, deviations)[1]
            covered += low <= 0.02 <= high
        assert covered >= 0.93 * 2000, (sets, between, covered)


def test_the_command_tells_what_was_learnt(penchant):
    """A line and a table a kind of data; studies that do not count are told; the same as JSON."""
    assert penchant("ledger")[1].startswith("no finished studies yet")
    store = StudyStore(here())
    for number in range(3):
        name = store.create(specification(f"set{number}"), f"study{number}", "x")
        store.save_verdict(name, document(name, winner="recurrence" if number else None).to_json())
    store.save_verdict("study1", store.verdict("study1"), studied("study1", prior=("study0", "study2"), from_prior=3))
    short = store.create(specification("set9"), "short", "x")
    store.save_verdict(short, document(short, steps=60).to_json())
    store.create(specification("set10"), "unfinished", "x")
    code, out, _ = penchant("ledger")
    assert code == 0
    assert "On 3 series sets recurrence won 2 (digits)." in out
    assert "advantage, pooled" in out
    assert "1 of 4 studies do not count" in out
    assert re.search(r"set of study1 +120 +1 +4 +3 +\.900", out)
    assert "study study1 took 3 proposals from study0 and study2" in out
    code, out, _ = penchant("ledger", "--json")
    told = json.loads(out)
    assert told["families"]["series"][0]["family"] == "recurrence"
    by_study = {each["study"]: each for each in told["sets"]}
    assert by_study["study1"]["meta_features"]["rows"] == 120
    assert len(by_study["study1"]["networks"]) == 2
    assert by_study["study0"]["networks"] is None  # as of a study that an earlier version ended


def here() -> Database:
    from search.settings import Settings

    return Database(Settings.resolve().storage)
