"""The page a person reads: its figures are the verdict's, whatever the study was like."""

import re
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import pytest

from search.judgement import Case, judge
from search.report import Record, report_page
from search.specification import Specification
from search.trial import TrialState
from search.verdict.document import BudgetSpent
from tests.search.made import made_trial
from tests.search.report.records import COMPONENTS, Page, changed, numbers, shown
from tests.search.test_judgement import HORIZON, made_study, space
from tests.search.verdict.censuses import ACCURACY, LOG_LOSS, PERPLEXITY, RMSE
from workers.outcome import Status

pytestmark = pytest.mark.xdist_group("report")  # one process, which runs the study of the record once

SPENT = BudgetSpent(trials=40, core_seconds=301.5, wall_seconds=9000.0, worker_busy_share=0.953)
NOT_TOLD = re.compile(r"schema|champion\.(runner_up\.)?architecture\..*|families\.0\.p_adjusted")
"""Told in another form: the document's version, choices of networks, and that the leader is the leader."""


@pytest.fixture
def made(blobs) -> Record:
    """A study by hand, that convolution wins and in which everything is known."""
    return record_of(made_study(), blobs, ACCURACY)


def record_of(trials, blobs, metric, **fields) -> Record:
    case = Case("made", blobs.name, metric, blobs.task, space(), seed=0, horizon=HORIZON)
    asked = Specification(
        request={"data": "blobs.npz", "budget": "5m"},
        dataset="/data/blobs.npz",
        dataset_fingerprint="00ff",
        space=space().fitted(blobs.task),
        metric=metric,
        strategy="penchant",
        seed=0,
        budget_seconds=300.0,
        tracking_uri="sqlite://",
    )
    document = judge(case, trials, SPENT)
    return changed(Record(asked, datetime(2026, 3, 1), trials, document), **fields)


def check_figures(record: Record) -> Page:
    """Every figure on the page is that of the verdict at the place it names, rounded; none is missing."""
    page = Page(report_page(record))
    document = dict(numbers(record.verdict.to_json()))
    for place, value, text in page.figures():
        assert value == document[place], place
        told, rounding = shown(text)
        assert told == pytest.approx(value, abs=rounding), (place, text)
    missing = document.keys() - {place for place, _, _ in page.figures()}
    assert not [place for place in missing if not NOT_TOLD.fullmatch(place)]
    return page


def test_every_number_is_the_verdicts(record):
    """Of a real study, from all its phases."""
    check_figures(record)


@pytest.mark.parametrize("metric", [ACCURACY, LOG_LOSS, RMSE, PERPLEXITY], ids=lambda metric: metric.name)
def test_every_number_is_the_verdicts_in_any_metric(blobs, metric):
    """Also where lower is better, and large; with components, too."""
    page = check_figures(record_of(made_study(), blobs, metric, components=COMPONENTS))
    assert ("lower is better" in page.text) is not metric.higher_is_better


def test_the_sentence_stands_first_and_whole(made):
    """Broken into lines, not a word is lost."""
    page = Page(report_page(made))
    (quote,) = page.of("blockquote")
    assert quote.text.split() == made.verdict.sentence.split()


def test_equal_records_make_equal_bytes(record):
    """Nothing but the record decides what is written: no clock, no order of a set, no random name."""
    assert report_page(record) == report_page(replace(record, trials=list(record.trials)))


def test_the_page_needs_nothing_else(record):
    """No address is fetched, no script runs; links lead to places on the page."""
    html = report_page(record)
    page = Page(html)
    assert len(html.encode()) < 2_000_000
    assert not page.of("script") + page.of("link") + page.of("img") + page.of("iframe")
    assert not re.findall(r"url\(|@import", html)
    places = {element.attributes.get("id") for element in page.elements}
    for link in page.of("a"):
        assert link.attributes["href"].removeprefix("#") in places


def test_names_from_outside_are_text(made):
    """A data set, a study or a reason that look like markup are shown as they are."""
    hostile = "<script>alert(1)</script> & \"quotes\" 'too'"
    failed = made_trial(70, failure=Status.CRASHED, horizon=HORIZON)
    failed.outcomes[-1] = replace(failed.outcomes[-1], reason=f"Traceback\n{hostile}")
    trials = [*made.trials, replace(failed, state=TrialState.FAILED)]
    page = Page(report_page(changed(replace(made, trials=trials), dataset=hostile, study=hostile, sentence=hostile)))
    assert not page.of("script")
    assert page.text.count(hostile) >= 4


def test_headings_are_in_order(record):
    """One h1, and no level left out, for whoever jumps from heading to heading."""
    levels = [int(e.tag[1]) for e in Page(report_page(record)).elements if re.fullmatch(r"h\d", e.tag)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_pictures_can_be_heard(made):
    """Each has a name, those of many marks a description too; what one shows a table tells."""
    page = Page(report_page(changed(made, components=COMPONENTS)))
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    pictures = [svg for svg in page.of("svg") if svg.attributes.get("role") == "img"]
    assert len(pictures) >= 10
    for picture in pictures:
        named = picture.attributes.get("aria-labelledby", "").split()
        assert set(named) <= set(ids)
        assert named or picture.attributes["aria-label"]
    assert len(page.of("figure")) <= len(page.of("table"))


def test_dots_stand_where_their_figures_say(made):
    """Read off the ruler below them, the families' dots are their expected bests."""
    elements = Page(report_page(made)).elements
    ruler = next(n for n, element in enumerate(elements) if element.attributes.get("class") == "plot ruler")
    first, second = elements[ruler + 1 : ruler + 3]
    (low, left), (high, right) = ((shown(tick.text)[0], percent(tick.attributes["x"])) for tick in (first, second))
    dots = [percent(e.attributes["cx"]) for e in elements[:ruler] if e.attributes.get("class") == "estimate"]
    read = [low + (at - left) / (right - left) * (high - low) for at in dots]
    assert read == pytest.approx([row.expected_best for row in made.verdict.families], abs=0.001)


def percent(text: str) -> float:
    return float(text.removesuffix("%"))


def test_components_are_told_with_decisions(made):
    """A row each; where there are none the report says so."""
    assert "Not tested in this study" in Page(report_page(made)).text
    text = Page(report_page(changed(made, components=COMPONENTS))).text
    assert "Not tested" not in text
    for words in ("residual vs plain helps", "he vs glorot no practical difference", "undecided"):
        assert words in re.sub(r"\s+", " ", text)
    assert "multi head attention vs context attention" in text
    assert "about 14" in text


def test_a_study_without_a_champion(made):
    """Nothing trained to the end: the report says so and has no picture of it."""
    failed = [made_trial(n, phase="census", slot=f"{f}/0", family=f, failure=Status.DIVERGED, horizon=HORIZON)
              for n, f in enumerate(space().families)]  # fmt: skip
    page = Page(report_page(changed(replace(made, trials=failed), champion=None)))
    assert "no network trained to the end" in page.text
    assert "diverged" in page.text


def test_a_study_of_nothing(made):
    """No family compared, no trial at all."""
    empty = changed(replace(made, trials=[]), champion=None, families=[], winner=None, winner_set=[], undecided=[])
    text = Page(report_page(empty)).text
    assert "No family was compared" in text
    assert "Nothing that this study asked" in text


def test_a_single_family(made):
    """There is nothing to compare it with, and the report is whole all the same."""
    check_figures(changed(made, families=made.verdict.families[:1]))


def test_a_champion_that_was_not_confirmed(made):
    """The sealed test stayed closed."""
    champion = made.verdict.champion.model_copy(update={"sealed_test": None, "landmarks": (), "runner_up": None})
    text = Page(report_page(changed(made, champion=champion.model_dump()))).text
    assert "The sealed test was not opened" in text


def test_failures_are_told_by_kind(made):
    """How many, of which families, and what their reasons end in."""
    failed = [
        made_trial(70 + n, family=family, failure=kind, horizon=HORIZON)
        for n, (family, kind) in enumerate(
            [("wavelet", Status.DIVERGED), ("wavelet", Status.DIVERGED), ("attention", Status.TIMED_OUT)]
        )
    ]
    text = re.sub(r"\s+", " ", Page(report_page(replace(made, trials=[*made.trials, *failed]))).text)
    assert "diverged 2 wavelet 2 because (2)" in text
    assert "timed out 1 attention 1 because (1)" in text


def test_a_family_of_the_users_own(made):
    """It has a colour and a line, though nobody here knows what it is."""
    family = made.verdict.families[0].model_copy(update={"family": "capsules"})
    text = Page(report_page(changed(made, families=[family.model_dump()]))).text
    assert "capsules: operations of this study's own" in text


def test_how_to_do_it_again(made):
    """The command is what was asked for with the budget written out; an earlier version did not record it."""
    assert "penchant run blobs.npz --budget 5m --seed 0" in Page(report_page(made)).text
    earlier = replace(made, specification=made.specification.model_copy(update={"request": {}}))
    assert "did not record what was asked for" in Page(report_page(earlier)).text
    written = made.specification.model_copy(update={"request": {"data": "x.npz", "space": {"widths": [8, 16]}}})
    text = Page(report_page(replace(made, specification=written))).text
    assert "penchant run study.yaml" in text
    assert "widths:" in text


def test_secrets_stay_out(record):
    """Where the records go is nobody's business: a password may stand there."""
    private = record.specification.model_copy(update={"tracking_uri": "http://me:hunter2@mlflow:5000"})
    assert "hunter2" not in report_page(replace(record, specification=private))
