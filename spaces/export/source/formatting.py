"""Formatting: text becomes as it would stand in a well-kept repository, by ruff."""

from __future__ import annotations

import subprocess
import sys

LINE_LENGTH = 100
_BESIDE = 'lint.isort.known-first-party = ["data", "model"]'  # modules that lie beside the file


def formatted(text: str) -> str:
    """The text with imports in order and lines of at most `LINE_LENGTH` characters."""
    options = ["--isolated", "--quiet", "-"]
    sorting = ["check", "--select", "I", "--fix", "--config", f"line-length={LINE_LENGTH}", "--config", _BESIDE]
    for command in (sorting, ["format", "--line-length", str(LINE_LENGTH)]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *options], input=text, capture_output=True, text=True, check=True
        )
        text = run.stdout
    return text
