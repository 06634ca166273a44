"""Submission: what a user may ask of a server, and where the data may lie that he names."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import ConfigDict, Field

from search.request import StudyQuestion, StudyRequest, requested
from search.service.site import Site
from spaces import InvalidInput
from spaces.built_in import BUILT_IN
from workers.datasets import DATASETS


class StudySubmission(StudyQuestion):
    """A study file as JSON, without what the server decides.

    `data` is a registered name, a path below the server's data root, or what an upload was answered with. A space is
    the name of a built-in one or is written out.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"data": "digits", "budget": "5m"},
                {"data": "uploads/0123abcd.csv", "target": "price_band", "trials": 100, "epochs": 20, "priority": 5},
            ]
        }
    )

    priority: int = Field(0, ge=-100, le=100)

    def digest(self) -> str:
        """Tells whether two submissions ask the same."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def request(self, site: Site) -> StudyRequest:
        """The study that is asked for, with its data where they are on the server.

        Raises:
            InvalidInput: something in it is not for users of a server.
        """
        if isinstance(self.space, str) and self.space not in BUILT_IN:
            raise InvalidInput(
                f"space: found {self.space!r}, expected one of {', '.join(BUILT_IN)}, or one written out"
            )
        fields = self.model_dump(exclude={"priority", "data"})
        uri = site.settings.tracking_uri
        return requested(
            {**fields, "data": placed(self.data, site.data_root), "storage": site.settings.storage, "tracking_uri": uri}
        )


def placed(data: str, root: Path) -> str:
    """Where the data lie that a user named: a registered name stays as it is, a path is one below the root.

    Raises:
        InvalidInput: it is neither, or a link leads out of the root.
    """
    if data in DATASETS:
        return data
    expected = f"expected a registered name ({', '.join(DATASETS)}) or a path below the server's data root"
    try:
        path = (root / data).resolve()
        is_inside, exists = path.is_relative_to(root) and path != root, path.exists()
    except (OSError, ValueError, RuntimeError):  # too long, a null byte, a loop of links
        is_inside = exists = False
    if not is_inside or not exists:
        raise InvalidInput(f"data: found {data!r}, {expected}")
    return str(path)
