"""What a new study may begin from, and what stays out of it."""

from dataclasses import replace

import numpy as np
import pytest

from search import Study
from search.candidate import CandidateDomain
from search.finalists import confirmed_finalists
from search.phases.adaptive import PRIOR_EVERY, PRIOR_FIRST, proposals_from_prior
from search.prior import MOST_SETS, Prior, influence
from search.samplers import SAMPLERS
from search.samplers.variation import realized
from search.storage.database import Database
from search.storage.ledger import LedgerStore
from search.storage.studies import StudyStore
from search.studied_set import MOST_NETWORKS, StudiedSet, TopNetwork
from tests.search.made import SPACE, made_trial
from tests.search.phases.running import run
from tests.search.phases.test_adaptive import adaptive
from tests.search.test_meta_features import IRIS
from workers.inline_engine import InlineEngine
from workers.outcome import Status

BLOBS = replace(IRIS, modality="image", rows=96, length=16, channels=1, classes=2)


def studied(study: str, rows: int = 120, *, family: str = "convolution", networks: int = 2, **changes) -> StudiedSet:
    """A set on record with so many rows and networks of a family."""
    first = sum(map(ord, study))
    trials = [made_trial(first + n, family=family, scores={90: 0.9 - n / 100}) for n in range(networks)]
    features = replace(IRIS, rows=rows)
    known = StudiedSet(study, f"set of {study}", study, 60, 600, features, tuple(map(TopNetwork.of, trials)))
    return replace(known, **changes)


def prior_of(*known: StudiedSet, fingerprint: str = "new", space=SPACE) -> Prior | None:
    return Prior.of(IRIS, fingerprint, known, space)


def test_a_prior_comes_from_the_most_similar_sets():
    """Three at most, the most similar first, whatever their order in the ledger."""
    prior = prior_of(studied("far", 9000), studied("near", 130), studied("middle", 500), studied("farthest", 10**6))
    assert [each.study for each in prior.sets] == ["near", "middle", "far"]
    assert len(prior.sets) == MOST_SETS
    apart = [each.distance for each in prior.sets]
    assert apart == sorted(apart)


def test_the_best_of_each_set_come_before_the_second_best():
    """The most similar set's first."""
    prior = prior_of(studied("near", 130, networks=3), studied("far", 9000, networks=1))
    assert [network.study for network in prior.networks] == ["near", "far", "near", "near"]
    best = studied("near", networks=3).networks[0]
    assert prior.networks[0].trial == best.trial
    assert prior.networks[0].choices.items() >= best.architecture.items()
    assert prior.networks[0].choices["recipe.learning_rate"] == best.recipe["learning_rate"]


@pytest.mark.parametrize(
    "of_no_use",
    [
        studied("same", fingerprint="new"),
        studied("short", steps=499),
        studied("series", meta_features=replace(IRIS, modality="series")),
        studied("numbers", meta_features=replace(IRIS, task="regression")),
        studied("nothing", networks=0),
    ],
    ids=lambda known: known.study,
)
def test_what_is_of_no_use_stays_out(of_no_use):
    """The same data, trainings too short to rank by, another modality or task."""
    assert prior_of(of_no_use) is None
    assert [each.study for each in prior_of(of_no_use, studied("good")).sets] == ["good"]


def test_a_set_is_told_by_its_largest_study():
    """Not by two."""
    small, large = (studied(name, trials=trials, fingerprint="a") for name, trials in (("small", 40), ("large", 90)))
    assert [each.study for each in prior_of(large, small).sets] == ["large"]


def test_networks_of_operations_that_are_not_searched_stay_out():
    """Also such as are not known here any more."""
    foreign = studied("foreign")
    gone = {**foreign.networks[0].architecture, "stage1.operation": "gone"}
    foreign = replace(foreign, networks=(replace(foreign.networks[0], architecture=gone),))
    assert prior_of(foreign) is None
    prior = prior_of(studied("images"), studied("texts", family="recurrence"), space=SPACE.only(["recurrence"]))
    assert [each.study for each in prior.sets] == ["texts"]


def test_a_tenth_of_the_proposals_are_the_priors():
    """The second of each ten, in the prior's order; uniform proposals are what they would be without it."""
    prior = prior_of(studied("near", 130), studied("far", 9000))
    trials, _, _ = run(adaptive(prior=prior.networks, adaptive=25))
    taken = {int(trial.slot): trial for trial in proposals_from_prior(trials)}
    assert list(taken) == list(range(PRIOR_FIRST, 25, PRIOR_EVERY))
    assert [trial.from_prior for trial in taken.values()] == [network.origin for network in prior.networks[:3]]
    assert [trial.candidate.choices() for trial in taken.values()] == [n.choices for n in prior.networks[:3]]
    without = run(adaptive(adaptive=25))[0]
    assert all(a.candidate == b.candidate for a, b in zip(trials, without, strict=True) if int(a.slot) not in taken)


def test_a_prior_that_is_used_up_leaves_the_search_alone():
    """As does one whose networks were tried, or are known to fail."""
    prior = prior_of(studied("near", networks=2))
    first, second = (
        realized(CandidateDomain(SPACE), network.choices, np.random.default_rng(0)) for network in prior.networks
    )
    tried = made_trial(0, phase="census", candidate=first, scores={90: 0.5})
    failing = made_trial(1, phase="census", candidate=second, failure=Status.DIVERGED)
    trials, _, _ = run(adaptive([tried, failing], prior=prior.networks, adaptive=12))
    assert proposals_from_prior(trials) == []
    assert len(run(adaptive(prior=prior.networks, adaptive=45))[0]) == 45


def test_published_methods_take_no_prior():
    """Random search is random; the default alone takes one."""
    assert [name for name in SAMPLERS.names() if SAMPLERS[name].takes_prior] == ["penchant"]


def test_the_record_says_what_came_of_it():
    """How many proposals, and from which sets."""
    prior = prior_of(studied("near", 130))
    assert influence(None, ["", ""]) == "Nothing from earlier studies went into the search."
    told = influence(prior, ["", prior.networks[0].origin])
    assert told.startswith("1 of the search's 2 proposals came from what did best on the most similar data sets")
    assert "set of near (study near, distance " in told


def entered(known: StudiedSet) -> None:
    """Puts a study that has ended into the database here."""
    from search.settings import Settings
    from tests.search.storage.specification import SPECIFICATION

    store = StudyStore(Database(Settings.resolve().storage))
    store.create(SPECIFICATION, known.study, "x")
    store.save_verdict(known.study, {}, known)


def test_a_study_begins_from_similar_sets_on_record(blobs_file, penchant):
    """What it begins from is recorded with it, tagged on its trials, and off where it is not wanted or not fit."""
    entered(studied("before", networks=3, meta_features=BLOBS))
    asked = {"trials": 30, "epochs": 1, "seed": 3}
    study = Study.create(str(blobs_file), name="warm", **asked)
    assert [each.study for each in study.specification.prior.sets] == ["before"]
    for name, changes in {"cold": {"prior": False}, "blind": {"strategy": "random"}}.items():
        assert Study.create(str(blobs_file), name=name, **asked, **changes).specification.prior is None
    entered(studied("later", networks=3, meta_features=BLOBS))
    study = Study.load("warm")
    study.run(InlineEngine(), [])
    frame = study.trials()
    taken = frame[(frame["phase"] == "adaptive") & (frame["from_prior"] != "")]
    assert taken["slot"].tolist() == ["1", "11"]
    assert taken["from_prior"].str.startswith("study before, trial ").all()
    assert (frame[frame["phase"].isin(["landmarks", "census"])]["from_prior"] == "").all()
    assert "came from what did best on the most similar data sets on record: set of before" in study.report()
    assert "2 of the search's" in penchant("show", "warm")[1]


def test_a_study_leaves_its_best_networks_whatever_the_sealed_test_said(blobs_file):
    """As it ranked them when it picked its champion; scores of the sealed test change nothing."""
    study = Study.create(str(blobs_file), trials=32, epochs=2, seed=3)
    study.run(InlineEngine(), [])
    left = LedgerStore(study._database).all()[study.name]
    assert (left.fingerprint, left.trials) == (study.dataset.fingerprint, 32)
    assert 1 <= len(left.networks) <= MOST_NETWORKS
    trials = [study.trial(number) for number in range(32)]
    champion = confirmed_finalists(trials, study.space)["champion"]
    assert left.networks[0].architecture == champion.architecture.to_json()
    opened = [replace(t, outcomes=[replace(o, test_score=1 - t.number / 99) for o in t.outcomes]) for t in trials]
    assert StudiedSet.of(study.name, study.dataset, opened, study.space) == left
    assert StudiedSet.from_json(left.to_json()) == left
    study.delete()
    assert LedgerStore(study._database).all() == {}
