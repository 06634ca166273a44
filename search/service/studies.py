"""Studies over REST: submit, list, look, stop, resume, delete."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from search.service.auth import Caller, Reader, TheSite, Writer
from search.service.problems import documented
from search.service.site import Site
from search.service.submission import StudySubmission
from search.storage.events import Event
from search.storage.studies import StudyState, StudySummary, Submission
from search.study import Study
from search.verdict.document import VerdictDocument

router = APIRouter(prefix="/v1/studies", tags=["studies"])

one_at_a_time = CapacityLimiter(1)
"""A submission loads its data to see whether they are usable, and the registries are filled by the first that asks."""

REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'unsafe-inline'; sandbox allow-scripts"
)
"""A report brings its own style and may reach nothing else."""

Name = Annotated[str, Path(pattern=r"^\w[\w.-]{0,99}$", examples=["digits"])]


class StudyView(BaseModel):
    """A study in a list.

    Attributes:
        name: of the study.
        state: where it stands.
        dataset: what it was asked of.
        created: when, in UTC.
        seconds: wall-clock time it has run.
        owner: who submitted it; null where it was started by hand.
        winner: the family that wins, and
        sentence: of the verdict, both null without one.
    """

    name: str
    state: StudyState
    dataset: str
    created: datetime
    seconds: float
    owner: str | None
    winner: str | None
    sentence: str | None


class StudyPage(BaseModel):
    """A part of the list of studies, newest first.

    Attributes:
        studies: of this part.
        next: what `after` is for the next part; null where this is the last.
    """

    studies: list[StudyView]
    next: str | None


class Progress(BaseModel):
    """How far a study is.

    Attributes:
        phase: that started last.
        expected: its trials, where their number is known.
        ended: how many of them have ended.
        best: value of the metric that the best full training reached on the search rows.
        metric: what values are told in.
    """

    phase: str | None
    expected: int | None
    ended: int
    best: float | None
    metric: str


class StudyDetail(StudyView):
    """A study with what it was asked to do.

    Attributes:
        progress: how far it is.
        error: why its last run ended without a verdict; null where it did not.
        budget_seconds: of wall-clock time; or else
        trials: exact number of trials.
        strategy: sampler of the adaptive search.
        seed: fixes everything that is drawn.
        notes: how the data were read.
    """

    progress: Progress
    error: str | None
    budget_seconds: float | None
    trials: int | None
    strategy: str
    seed: int
    notes: list[str]


class TrialPage(BaseModel):
    """A part of a study's trials, in the order in which they started.

    Attributes:
        trials: phase, family, state, scores, cost and choices of each.
        next: what `after` is for the next part; null where this is the last.
    """

    trials: list[dict[str, Any]]
    next: int | None


class Standing(BaseModel):
    """Where a study stands after what was asked.

    Attributes:
        name: of the study.
        state: it is in now.
    """

    name: str
    state: StudyState


def existing(name: Name, site: TheSite, caller: Reader) -> Study:
    """The study of the path."""
    return site.study(name)


def changeable(name: Name, site: TheSite, caller: Writer) -> Study:
    """The study of the path, which the caller may change."""
    study = site.study(name)
    if not caller.may_change(site.studies.owner(name)):
        raise HTTPException(403, "this study is another owner's: expected a token of his or of scope admin")
    return study


Existing = Annotated[Study, Depends(existing)]
Changeable = Annotated[Study, Depends(changeable)]


@router.post("", status_code=201, responses=documented(400, 401, 403, 409, 413, 422, 429))
async def submit(
    submission: StudySubmission,
    site: TheSite,
    caller: Writer,
    response: Response,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> Standing:
    """Enter a study, which then waits for a runner.

    Sent again with the same `Idempotency-Key`, it is the same study.
    """
    name = await to_thread.run_sync(enter, site, caller, submission, idempotency_key, limiter=one_at_a_time)
    response.headers["Location"] = f"/v1/studies/{name}"
    return Standing(name=name, state=StudyState(site.studies.get(name).state))


def enter(site: Site, caller: Caller, asked: StudySubmission, key: str | None = None) -> str:
    """Enters a study and returns its name.

    Raises:
        InvalidInput: something in it is wrong, or its name or key is taken.
    """
    submission = Submission(caller.owner, asked.priority, key, asked.digest())
    earlier = site.studies.submitted(submission)
    return earlier or Study.requested(asked.request(site), submission).name


@router.get("", responses=documented(401, 403, 404, 422, 429))
def list_studies(
    site: TheSite,
    caller: Reader,
    state: StudyState | None = None,
    after: Annotated[str | None, Query(pattern=r"^\w[\w.-]{0,99}$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> StudyPage:
    """List studies, newest first."""
    summaries, are_more = site.studies.summaries(state, after, limit)
    views = [_view(summary, site) for summary in summaries]
    return StudyPage(studies=views, next=views[-1].name if are_more else None)


@router.get("/{name}", responses=documented(401, 403, 404, 422, 429))
def show(study: Existing, site: TheSite) -> StudyDetail:
    """Tell where a study stands."""
    (told,) = details([site.studies.summary(study.name)], site)
    return told


def details(summaries: Sequence[StudySummary], site: Site) -> list[StudyDetail]:
    """What is told of each of these studies; asks three queries, however many they are."""
    names = [summary.name for summary in summaries]
    phases, trials, errors = (site.events.latest(kind, names) for kind in ("phase", "trial", "error"))
    return [
        _detail(summary, phases.get(summary.name), trials.get(summary.name), errors.get(summary.name), site)
        for summary in summaries
    ]


def _detail(
    summary: StudySummary, phase: Event | None, trial: Event | None, error: Event | None, site: Site
) -> StudyDetail:
    """What is told of a study whose last events of these kinds are known."""
    asked = summary.asked
    return StudyDetail(
        **_view(summary, site).model_dump(),
        progress=_progress(asked, phase, trial),
        error=error.data["message"] if error is not None and summary.state != StudyState.FINISHED else None,
        budget_seconds=asked.get("budget_seconds"),
        trials=asked.get("trials"),
        strategy=asked["strategy"],
        seed=asked["seed"],
        notes=list(asked.get("dataset_notes", ())),
    )


@router.get("/{name}/trials", responses=documented(401, 403, 404, 422, 429))
def trials(
    study: Existing,
    after: Annotated[int, Query(ge=-1, le=2**31)] = -1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> TrialPage:
    """List a study's trials with their choices and scores."""
    part, are_more = study.trial_page(after, limit)
    rows = [{key: value for key, value in trial.summary().items() if value is not None} for trial in part]
    return TrialPage(trials=rows, next=part[-1].number if are_more else None)


@router.get("/{name}/verdict", responses=documented(401, 403, 404, 422, 429))
def verdict(study: Existing, site: TheSite) -> VerdictDocument:
    """The verdict that a study ended in."""
    return _verdict(study, site)


@router.get("/{name}/report", response_class=HTMLResponse, responses=documented(401, 403, 404, 422, 429))
def report(study: Existing, site: TheSite) -> HTMLResponse:
    """The verdict as a page for people who were not there; it needs no other file."""
    _verdict(study, site)
    return HTMLResponse(study.report(), headers={"Content-Security-Policy": REPORT_POLICY})


@router.post("/{name}/stop", status_code=202, responses=documented(401, 403, 404, 409, 422, 429))
def stop(study: Changeable, site: TheSite) -> Standing:
    """Stop a study: it keeps all that it recorded and can be resumed. It is `stopping` until its driver has heard."""
    return Standing(name=study.name, state=site.studies.stop(study.name))


@router.post("/{name}/resume", status_code=202, responses=documented(401, 403, 404, 409, 422, 429))
def resume(study: Changeable, site: TheSite, caller: Writer) -> Standing:
    """Let a study that was stopped or failed wait for a runner, which goes on with it."""
    site.queue.enter(study.name, Submission(site.studies.owner(study.name) or caller.owner))
    return Standing(name=study.name, state=StudyState.QUEUED)


@router.delete("/{name}", status_code=204, responses=documented(401, 403, 404, 409, 422, 429))
def delete(study: Changeable) -> None:
    """Delete a study that does not run, with its trials and its champion's weights; its MLflow runs stay."""
    study.delete()


def _verdict(study: Study, site: Site) -> VerdictDocument:
    document = site.studies.verdict(study.name)
    if document is None:
        raise HTTPException(404, f"the study is {study.state} and has no verdict yet")
    return VerdictDocument.model_validate(document)


def _view(summary: StudySummary, site: Site) -> StudyView:
    told = {
        "dataset": summary.asked["dataset"].removeprefix(f"{site.data_root}/"),
        "created": summary.created.replace(tzinfo=UTC),
    }
    return StudyView(**{**vars(summary), **told})


def _progress(asked: dict[str, Any], phase: Event | None, trial: Event | None) -> Progress:
    in_phase: dict[str, Any] = phase.data if phase is not None else {"phase": None, "expected": None, "ended": 0}
    ended = in_phase["ended"]
    if trial is not None and trial.data["phase"] == in_phase["phase"]:
        ended = max(ended, trial.data["ended"])
    return Progress(
        phase=in_phase["phase"],
        expected=in_phase["expected"],
        ended=ended,
        best=trial.data["best"] if trial is not None else None,
        metric=asked.get("metric", {}).get("name", "accuracy"),
    )
