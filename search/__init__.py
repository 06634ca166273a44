"""Which candidate next, and what was learnt: studies from a budget to a verdict."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from search.study import Study

__all__ = ["Study"]


def __getattr__(name: str) -> Any:
    """Imports `Study` when it is asked for: the command line answers `--help` without torch."""
    if name == "Study":
        from search.study import Study

        return Study
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
