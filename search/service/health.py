"""Whether the service works, and its figures for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from search.service.auth import Reader, TheSite
from search.service.problems import documented

router = APIRouter(tags=["service"])


class Health(BaseModel):
    """Whether the service works.

    Attributes:
        status: `ok`; otherwise the answer is a problem.
    """

    status: str = "ok"


@router.get("/healthz")
def healthz() -> Health:
    """The process answers."""
    return Health()


@router.get("/readyz", responses=documented(500))
def readyz(site: TheSite) -> Health:
    """The database answers too."""
    site.studies.counts()
    return Health()


@router.get("/metrics", response_class=PlainTextResponse, responses=documented(401, 403, 429))
def metrics(site: TheSite, caller: Reader) -> PlainTextResponse:
    """Figures in Prometheus' text format."""
    counts, queue = site.studies.counts(), site.queue.figures()
    lines = ["# HELP penchant_studies Studies by state.", "# TYPE penchant_studies gauge"]
    lines += [f'penchant_studies{{state="{state}"}} {count}' for state, count in counts.items()]
    for name, help_text, value in (
        ("penchant_runners", "Runners that have a study.", queue.runners),
        ("penchant_oldest_waiting_seconds", "How long the oldest waiting study has waited.", queue.oldest_seconds),
    ):
        lines += [f"# HELP {name} {help_text}", f"# TYPE {name} gauge", f"{name} {value:g}"]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")
