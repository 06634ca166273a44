"""Problems: errors as RFC 9457 describes them."""

from __future__ import annotations

import difflib
import http
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from search.service.submission import StudySubmission
from search.storage.studies import UnknownStudy, WrongState
from spaces.errors import InvalidInput

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
MEANT_FOR_STUDY_FILES = {
    "operations": "code of your own runs on a server only where its operator installed it "
    "(entry point penchant.operations)",
    "address": "the server's runners know their cluster",
    "storage": "the server has a database of its own",
    "tracking_uri": "the server has an MLflow of its own",
}
"""Keys of study files that a server refuses, and why."""


class WrongKey(BaseModel):
    """One thing that is wrong in what was sent.

    Attributes:
        where: the key, or the name of the parameter.
        detail: what was found and expected.
    """

    where: str
    detail: str


class Problem(BaseModel):
    """What went wrong (RFC 9457).

    Attributes:
        type: of the problem; `about:blank` means that the status says it all.
        title: the status in words.
        status: of HTTP.
        detail: what was found, what was expected, and where.
        errors: each thing that is wrong in what was sent.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[WrongKey] = []


def problem(
    status: int, detail: str, errors: Sequence[WrongKey] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """The response that tells of a problem."""
    told = Problem(title=http.HTTPStatus(status).phrase, status=status, detail=detail, errors=list(errors))
    return JSONResponse(told.model_dump(), status, headers, media_type=MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of an endpoint's problems."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": http.HTTPStatus(status).phrase, "content": content} for status in statuses}


def tell_problems(application: FastAPI, data_root: str) -> None:
    """Makes an application answer with problems wherever something goes wrong.

    Args:
        application: that is being made.
        data_root: folder that messages on data do not tell.
    """

    @application.exception_handler(InvalidInput)
    def invalid_input(_: Request, error: InvalidInput) -> Response:
        status = 404 if isinstance(error, UnknownStudy) else 409 if isinstance(error, WrongState) else 422
        detail = "no study of this name" if status == 404 else " ".join(str(error).split())
        return problem(status, detail.replace(f"{data_root}/", ""))

    @application.exception_handler(RequestValidationError)
    def invalid_request(_: Request, error: RequestValidationError) -> Response:
        wrong = [_wrong_key(found) for found in error.errors()]
        return problem(422, "; ".join(f"{one.where}: {one.detail}" for one in wrong), wrong)

    @application.exception_handler(HTTPException)
    def http_exception(_: Request, error: HTTPException) -> Response:
        return problem(error.status_code, str(error.detail), headers=error.headers)

    @application.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> Response:
        logger.error("%s %s", request.method, request.url.path, exc_info=error)
        return problem(500, "the server failed; its log tells why")


def _wrong_key(found: dict[str, Any]) -> WrongKey:
    where = ".".join(str(part) for part in found["loc"][1:]) or str(found["loc"][0])
    if found["type"] != "extra_forbidden":
        return WrongKey(where=where, detail=found["msg"])
    if where in MEANT_FOR_STUDY_FILES:
        return WrongKey(where=where, detail=MEANT_FOR_STUDY_FILES[where])
    near = difflib.get_close_matches(where, StudySubmission.model_fields, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return WrongKey(
        where=where, detail=f"unknown key: expected some of {', '.join(StudySubmission.model_fields)}{hint}"
    )
