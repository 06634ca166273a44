"""Drives a study in this process alone: python -m benchmarks.faults.inline_driver NAME."""

from __future__ import annotations

import sys

from search import Study
from workers.inline_engine import InlineEngine

if __name__ == "__main__":
    Study.load(sys.argv[1]).run(InlineEngine())
