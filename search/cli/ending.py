"""How a command ends: exit codes, and the one line that says why."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

EXIT_FAILED, EXIT_WRONG_INPUT, EXIT_INTERRUPTED = 1, 2, 130
EXIT_UNAVAILABLE = 75
"""Of a driver: something that a study needs is away or full, for now. EX_TEMPFAIL of sysexits.h."""


def last_line(reason: str) -> str:
    """What a reason or a traceback ends in."""
    return reason.strip().splitlines()[-1] if reason.strip() else "no reason is known"


def end(code: int, message: str) -> NoReturn:
    """Prints one line on standard error and ends."""
    click.echo(f"penchant: {message}", err=True)
    sys.exit(code)
