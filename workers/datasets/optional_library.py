"""Optional libraries: packages that a source of data needs and that are installed where somebody wants it."""

from __future__ import annotations

import importlib
from typing import Any

from spaces.errors import InvalidInput


def optional_library(module: str, package: str, extra: str, source: str) -> Any:
    """The module of this name.

    Args:
        module: dotted name.
        package: that holds it.
        extra: of penchant, by which it is installed.
        source: the data that need it, for the message.

    Raises:
        InvalidInput: it is not installed, or cannot be imported.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        expected = f"expected the package {package!r} (pip install penchant[{extra}])"
        raise InvalidInput(f"found {source}: {expected}") from error
    except Exception as error:  # torchvision built for another torch raises RuntimeError
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        expected = f"expected a version that works with the others installed (pip install penchant[{extra}])"
        raise InvalidInput(
            f"found {source}: the package {package!r} cannot be imported ({reason}): {expected}"
        ) from error
