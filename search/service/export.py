"""Export over REST: a study's champion as files that need nothing of Penchant."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from search.export.formats import FORMATS
from search.export.found import of_study
from search.service.problems import documented
from search.service.studies import Existing
from search.study import Study

Format = Annotated[str, Query(json_schema_extra={"enum": list(FORMATS)})]

router = APIRouter(prefix="/v1/studies", tags=["studies"])

one_at_a_time = CapacityLimiter(1)
"""An export builds the network and compares outputs, which takes a core for seconds."""


@router.get(
    "/{name}/export",
    response_class=FileResponse,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        **documented(401, 403, 404, 422, 429),
    },
)
async def export(study: Existing, format: Format) -> FileResponse:
    """The champion with its weights, a file or a .zip of a folder; see `penchant export`."""
    folder = Path(tempfile.mkdtemp(prefix="penchant-export-"))
    try:
        written = await to_thread.run_sync(_write, study, format, folder, limiter=one_at_a_time)
    except BaseException:
        shutil.rmtree(folder)
        raise
    cleaning = BackgroundTask(shutil.rmtree, folder)
    return FileResponse(written, media_type="application/octet-stream", filename=written.name, background=cleaning)


def _write(study: Study, name: str, folder: Path) -> Path:
    """Writes the export below a folder and returns the file to send."""
    chosen = FORMATS[name]()
    place = folder / (study.name if chosen.is_folder else f"{study.name}.{name}")
    chosen.write(of_study(study), place)
    return Path(shutil.make_archive(str(place), "zip", place)) if chosen.is_folder else place
