"""Who asks, and whether he may: bearer tokens, and a pause for those who guess."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from search.service.site import Site
from search.storage.tokens import Scope

logger = logging.getLogger(__name__)

COOKIE = "penchant_token"
MOST_FAILURES, WINDOW_SECONDS = 10, 60.0
MOST_ADDRESSES = 10_000
LOCAL_USER = "local"

bearer = HTTPBearer(auto_error=False, description="A token that `penchant token create` made.")


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes:
        owner: of the token.
        scope: what he may do.
    """

    owner: str
    scope: Scope

    def may_change(self, owner: str | None) -> bool:
        """Whether he may stop, resume or delete a study of that owner."""
        return self.scope is Scope.ADMIN or (self.scope is Scope.WRITE and self.owner == owner)


class Failures:
    """Wrong tokens by address; whoever sent too many within a minute has to wait."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_seconds(self, address: str) -> float:
        """How long an address has to wait; 0 for those that need not."""
        times = self._times.get(address)
        if times is None or len(times) < MOST_FAILURES:
            return 0.0
        return max(0.0, times[0] + WINDOW_SECONDS - self._clock())

    def add(self, address: str) -> None:
        """A wrong token came from an address."""
        times = self._times.setdefault(address, deque(maxlen=MOST_FAILURES))
        times.append(self._clock())
        self._times.move_to_end(address)
        if len(self._times) > MOST_ADDRESSES:
            self._times.popitem(last=False)


def site_of(request: Request) -> Site:
    """The site that the application serves."""
    site: Site = request.app.state.site
    return site


TheSite = Annotated[Site, Depends(site_of)]


def identify(site: Site, failures: Failures, address: str, token: str | None) -> Caller:
    """Who sent a token.

    Raises:
        HTTPException: there is none, it is wrong, or too many wrong ones came from this address.
    """
    if not site.demands_tokens:
        return Caller(LOCAL_USER, Scope.ADMIN)
    wait = failures.wait_seconds(address)
    if wait > 0:
        detail = f"too many wrong tokens: wait {wait:.0f} s"
        raise HTTPException(429, detail, {"Retry-After": str(int(wait) + 1)})
    known = site.tokens.check(token) if token is not None else None
    if known is None:
        if token is not None:
            failures.add(address)
            logger.warning("a wrong, expired or revoked token from %s", address)
        detail = "expected a valid token (Authorization: Bearer penchant_…)"
        raise HTTPException(401, detail, {"WWW-Authenticate": "Bearer"})
    return Caller(known.owner, known.scope)


def needs(scope: Scope) -> Callable[..., Caller]:
    """A dependency: the caller, who may do what the scope says."""

    def caller(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)] = None
    ) -> Caller:
        token = credentials.credentials if credentials is not None else request.cookies.get(COOKIE)
        address = request.client.host if request.client is not None else "unknown"
        found = identify(site_of(request), request.app.state.failures, address, token)
        if found.scope < scope:
            raise HTTPException(403, f"this token may {found.scope.name.lower()}: expected scope {scope.name.lower()}")
        return found

    return caller


Reader = Annotated[Caller, Depends(needs(Scope.READ))]
Writer = Annotated[Caller, Depends(needs(Scope.WRITE))]
