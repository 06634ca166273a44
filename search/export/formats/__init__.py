"""Formats: as what a network leaves, one a file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from search.export.exportable import Exportable
from spaces.registry import Registry

FORMATS: Registry[type[Format]] = Registry("export format", "search.export.formats")


class Format(ABC):
    """Writes a network so that it runs without us.

    Attributes:
        is_folder: whether it is a folder, in which `preprocessing.json` lies, or a single file.
        tolerance: how far outputs may be from the network's, absolutely and relative to them.
    """

    is_folder: ClassVar[bool]
    tolerance: ClassVar[float]

    @abstractmethod
    def write(self, exportable: Exportable, place: Path) -> float:
        """Writes it and reads it back.

        Args:
            exportable: what leaves.
            place: where nothing is yet; it gets its name when it is whole.

        Returns:
            The largest difference that outputs of what was written had from the network's.

        Raises:
            InvalidInput: it cannot leave so; the line names the operation or the library that is missing.
            OSError: there is no room for it.
        """
