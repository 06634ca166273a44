"""Formatting: code becomes as it would stand in a well-kept repository, by ruff."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LINE_LENGTH = 100
_BESIDE = 'lint.isort.known-first-party = ["data", "ensemble", "model"]'  # modules that lie beside each other
_COMMANDS = (
    ("check", "--select", "I", "--fix", "--config", f"line-length={LINE_LENGTH}", "--config", _BESIDE),
    ("format", "--line-length", str(LINE_LENGTH)),
)


def format_folder(folder: Path) -> None:
    """Puts the imports of all Python files in order, and breaks their lines at `LINE_LENGTH`."""
    for command in _COMMANDS:
        _ruff(*command, ".", folder=folder)  # from there ruff sees that folders of members are no packages of others


def formatted(text: str) -> str:
    """The text of a file so."""
    for command in _COMMANDS:
        text = _ruff(*command, "-", text=text)
    return text


def _ruff(*arguments: str, text: str | None = None, folder: Path | None = None) -> str:
    command = [sys.executable, "-m", "ruff", arguments[0], "--isolated", "--no-cache", "--quiet", *arguments[1:]]
    return subprocess.run(command, input=text, cwd=folder, capture_output=True, text=True, check=True).stdout
