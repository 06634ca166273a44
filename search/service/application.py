"""The application: its parts put together."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from search.service import events, export, health, page, studies, uploads
from search.service.auth import Failures
from search.service.body_limit import BodyLimit
from search.service.events import NothingMore
from search.service.problems import Problem, tell_problems
from search.service.same_origin import SameOrigin
from search.service.site import MEBIBYTE, Site

MOST_BODY_BYTES = MEBIBYTE
"""Of everything but uploads, whose limit is the site's."""


def create_application(site: Site) -> FastAPI:
    """The application that serves a site."""
    application = FastAPI(
        title="Penchant",
        version=version("penchant"),
        summary="Which inductive biases win on your data, and how sure is it?",
        docs_url=None,  # its scripts would come from another site
        redoc_url=None,
    )
    application.state.site = site
    application.state.failures = Failures()
    tell_problems(application, str(site.data_root))

    @application.exception_handler(page.NotSignedIn)
    def not_signed_in(_: Request, __: page.NotSignedIn) -> Response:
        return RedirectResponse("/sign-in", 303)

    @application.exception_handler(NothingMore)
    def nothing_more(_: Request, __: NothingMore) -> Response:
        return Response(status_code=204)

    for part in (studies, events, export, uploads, health, page):
        application.include_router(part.router)
    application.add_middleware(
        BodyLimit, most_bytes=MOST_BODY_BYTES, exceptions={uploads.router.prefix: site.most_upload_bytes}
    )
    application.add_middleware(SameOrigin, loopback_only=not site.demands_tokens)
    _describe_problems(application)
    return application


def _describe_problems(application: FastAPI) -> None:
    """Every 422 of ours is a problem, not what FastAPI would have sent; OpenAPI says so."""
    describe = application.openapi

    def openapi() -> dict:
        schema = describe()
        schemas = schema["components"]["schemas"]
        if "Problem" not in schemas:
            described = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(described.pop("$defs"), Problem=described)
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
        return schema

    application.openapi = openapi  # type: ignore[method-assign]
