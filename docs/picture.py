"""Draws the verdict of a study as the terminal shows it, for the README: python docs/picture.py NAME FILE.svg."""

from __future__ import annotations

import io
import sys

from rich.console import Console

from search import Study
from search.terminal import print_verdict


def main() -> None:
    """Reads the study's name and the file from the command line."""
    name, path = sys.argv[1:]
    study = Study.load(name)
    console = Console(record=True, width=100, file=io.StringIO(), force_terminal=True)
    console.print(f"[green]$[/] penchant verdict {name}")
    print_verdict(console, study.verdict())
    console.save_svg(path, title="penchant")


if __name__ == "__main__":
    main()
