"""Outage: a database that is away for a while comes back, and hears then what it could not be told."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from optuna.exceptions import StorageInternalError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 600.0
"""How long a database is waited for; whoever needs it longer is to begin again when it is back."""
PAUSE_SECONDS = 1.0


def is_outage(error: BaseException) -> bool:
    """Whether a database did not answer, was full or locked, and so may yet take the same words."""
    found = error.__cause__ if isinstance(error, StorageInternalError) else error
    if isinstance(found, OperationalError | InterfaceError):
        return True
    return isinstance(found, DBAPIError) and found.connection_invalidated


def outlast(do: Callable[..., object], *arguments: Any, given_up: threading.Event | None = None) -> None:
    """Calls `do` again and again until no outage keeps it; it must bear to be done twice.

    A connection that breaks does not tell whether the database has done what it was asked.

    Args:
        do: to be called,
        arguments: with these.
        given_up: ends the waiting when it is set.

    Raises:
        BaseException: what is no outage, or an outage that lasted too long.
    """
    given_up, began = given_up or threading.Event(), time.monotonic()
    has_told = False
    while True:
        try:
            do(*arguments)
            return
        except Exception as error:
            is_over = given_up.is_set() or time.monotonic() - began >= PATIENCE_SECONDS
            if is_over or not is_outage(error):
                raise
            if not has_told:
                logger.warning("the database does not take the record, it is waited for: %s", _first_line(error))
                has_told = True
        given_up.wait(PAUSE_SECONDS)


def _first_line(error: Exception) -> str:
    return str(getattr(error.__cause__ or error, "orig", None) or error).splitlines()[0]
