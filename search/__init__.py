"""Which candidate next, and what was learnt: studies from a budget to a verdict."""

from search.study import Study

__all__ = ["Study"]
