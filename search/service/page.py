"""The page at `/`: studies with their live progress, and a form for the next; rendered here, without a build step."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs

from anyio import sleep, to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from jinja2 import Environment, FileSystemLoader, select_autoescape
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from search.service.auth import COOKIE, Caller, TheSite, identify, needs
from search.service.events import AT_REST
from search.service.site import Site
from search.service.studies import StudyDetail, details, enter, one_at_a_time
from search.service.submission import StudySubmission
from search.storage.studies import StudyState, StudySummary, Submission
from search.storage.tokens import Scope
from search.tracking.address import experiment_page
from spaces.errors import InvalidInput
from workers.datasets import DATASETS

SHOWN = 50
REFRESH_SECONDS = 1.0
AT_WORK = (StudyState.RUNNING, StudyState.STOPPING)
FORM_FIELDS = ("data", "target", "budget", "name")

router = APIRouter(include_in_schema=False)
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=select_autoescape(),
    trim_blocks=True,
    lstrip_blocks=True,
)


class NotSignedIn(Exception):
    """A page was asked for by somebody unknown."""


def visitor(request: Request, site: TheSite) -> Caller:
    """Who looks at the page.

    Raises:
        NotSignedIn: he has shown no valid token.
    """
    try:
        return needs(Scope.READ)(request)
    except HTTPException as error:
        if error.status_code == 401:
            raise NotSignedIn from error
        raise


Visitor = Annotated[Caller, Depends(visitor)]


@router.get("/")
def index(request: Request, site: TheSite, caller: Visitor) -> HTMLResponse:
    """The page."""
    return _index(site, caller)


@router.get("/static/{name}")
def static(name: str) -> Response:
    """The page's style and script."""
    kinds = {"page.css": "text/css", "page.js": "text/javascript"}
    if name not in kinds:
        raise HTTPException(404, "no such file")
    text = Path(__file__).with_name("static").joinpath(name).read_bytes()
    return Response(text, media_type=kinds[name], headers={"Cache-Control": "no-cache"})


@router.get("/live", response_class=EventSourceResponse)
async def live(site: TheSite, caller: Visitor) -> AsyncIterator[ServerSentEvent]:
    """What changed on the page, a study an event; one stream serves all, since browsers open six at most."""
    cards = Cards(site, caller)
    shown: dict[str, str] = {}
    while True:
        now = await to_thread.run_sync(cards.render)
        if list(now) != list(shown):
            yield ServerSentEvent(event="studies", data=list(now))
        for name, card in now.items():
            if shown.get(name) != card:
                yield ServerSentEvent(event="study", data={"name": name, "card": card})
        shown = now
        await sleep(REFRESH_SECONDS)


@router.post("/submit")
async def submit(request: Request, site: TheSite, caller: Visitor) -> Response:
    """Enters the study that the form asks for."""
    form = await _form(request)
    asked = {key: form[key] for key in FORM_FIELDS if form.get(key)}
    try:
        if caller.scope < Scope.WRITE:
            raise InvalidInput("this token may only read: expected one of scope write")
        submission = StudySubmission.model_validate(asked)
        await to_thread.run_sync(enter, site, caller, submission, limiter=one_at_a_time)
    except (InvalidInput, ValidationError) as error:
        message = "data: expected the name of a data set" if isinstance(error, ValidationError) else str(error)
        return await to_thread.run_sync(lambda: _index(site, caller, form, message.replace(f"{site.data_root}/", "")))
    return RedirectResponse("/", 303)


@router.post("/studies/{name}/{action}")
def act(name: str, action: str, site: TheSite, caller: Visitor) -> Response:
    """Stops a study or lets it go on."""
    owner = site.studies.owner(name)
    if not caller.may_change(owner):
        raise HTTPException(403, "this study is another owner's")
    if action == "stop":
        site.studies.stop(name)
    elif action == "resume":
        site.queue.enter(name, Submission(owner or caller.owner))
    else:
        raise HTTPException(404, "no such action")
    return RedirectResponse("/", 303)


@router.get("/studies/{name}/mlflow")
def mlflow(name: str, site: TheSite, caller: Visitor) -> Response:
    """Leads to the study's runs in MLflow."""
    if site.mlflow_url is None:
        raise HTTPException(404, "this server's MLflow has no address for browsers")
    study = site.study(name)
    page = experiment_page(study.specification.tracking_uri, study.name)
    return RedirectResponse(f"{site.mlflow_url}{page}", 303)


@router.get("/sign-in")
def ask_token() -> HTMLResponse:
    """Asks for a token."""
    return _rendered("sign_in.html", 200, message=None)


@router.post("/sign-in")
async def sign_in(request: Request, site: TheSite) -> Response:
    """Keeps a valid token in a cookie that scripts cannot read and other sites cannot use."""
    token = (await _form(request)).get("token", "").strip()
    address = request.client.host if request.client is not None else "unknown"
    try:
        await to_thread.run_sync(identify, site, request.app.state.failures, address, token)
    except HTTPException as error:
        return _rendered("sign_in.html", error.status_code, message=error.detail)
    response = RedirectResponse("/", 303)
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return response


@router.post("/sign-out")
def sign_out() -> Response:
    """Forgets the token."""
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(COOKIE)
    return response


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form; the last of those that are there twice."""
    text = (await request.body()).decode("utf-8", "replace")
    return {name: values[-1].strip() for name, values in parse_qs(text, max_num_fields=20).items()}


def _index(site: Site, caller: Caller, form: dict[str, str] | None = None, message: str | None = None) -> HTMLResponse:
    return _rendered(
        "index.html",
        200 if message is None else 422,
        cards=Cards(site, caller).render(),
        datasets=list(DATASETS),
        form=form or {},
        message=message,
        caller=caller,
        may_write=caller.scope >= Scope.WRITE,
        signed_in=site.demands_tokens,
    )


class Cards:
    """The studies shown, newest first, rendered for a caller; those that do not run are rendered when they change."""

    def __init__(self, site: Site, caller: Caller) -> None:
        self._site = site
        self._caller = caller
        self._kept: dict[StudySummary, str] = {}

    def render(self) -> dict[str, str]:
        """Name -> HTML."""
        summaries, _ = self._site.studies.summaries(limit=SHOWN)
        changed = [one for one in summaries if one not in self._kept]
        drawn = {study.name: self._card(study) for study in details(changed, self._site)}
        cards = {one: drawn.get(one.name) or self._kept[one] for one in summaries}
        self._kept = {one: card for one, card in cards.items() if one.state not in AT_WORK}
        return {one.name: card for one, card in cards.items()}

    def _card(self, study: StudyDetail) -> str:
        return _templates.get_template("study.html").render(
            study=study,
            may_change=self._caller.may_change(study.owner),
            at_rest=study.state in AT_REST,
            has_mlflow=self._site.mlflow_url is not None,
        )


def _rendered(template: str, status: int, **values: Any) -> HTMLResponse:
    return HTMLResponse(_templates.get_template(template).render(**values), status)
