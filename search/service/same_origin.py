"""Same origin: no other web page a user has open may act in his name."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search.service.problems import problem

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",  # with none, browsers would not say which page a form is on either
    b"content-security-policy": b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    b"img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
}
"""What every answer carries unless its endpoint says otherwise."""


class SameOrigin:
    """Refuses changes that another site's page asks for, and answers with headers that keep pages apart.

    Browsers tell with every change which page wants it (`Origin`); programs send none. Where no token is demanded the
    server is known by names of this machine alone: otherwise a page could reach it by a name that its own DNS answers.

    Args:
        application: what is served.
        loopback_only: whether no token is demanded.
    """

    def __init__(self, application: ASGIApp, loopback_only: bool) -> None:
        self._application = application
        self._loopback_only = loopback_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *((n, v) for n, v in HEADERS.items() if n not in given)]
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        await (self._application if refusal is None else problem(403, refusal))(scope, receive, send_guarded)

    def _refusal(self, method: str, headers: Headers) -> str | None:
        host = headers.get("host", "")
        if self._loopback_only and urlsplit(f"//{host}").hostname not in LOOPBACK:
            return "without tokens this server answers to 127.0.0.1 and localhost alone"
        origin = headers.get("origin")
        if method not in SAFE_METHODS and origin is not None and urlsplit(origin).netloc != host:
            return "a page of another site may change nothing here"
        return None
