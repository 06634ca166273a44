"""Body limit: nobody sends more than is taken; FastAPI's own limit answers in words that are no problem of RFC 9457."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search.service.problems import problem

TOO_LARGE = "found more than {:,} bytes, which is what may be sent here"


class BodyLimit:
    """Refuses bodies that are too large, as soon as that is known.

    Args:
        application: what is served.
        most_bytes: of a body.
        exceptions: path -> bytes where it is another number.
    """

    def __init__(self, application: ASGIApp, most_bytes: int, exceptions: dict[str, int]) -> None:
        self._application = application
        self._most_bytes = most_bytes
        self._exceptions = exceptions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        most, size = self._exceptions.get(scope["path"], self._most_bytes), 0

        async def receive_limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > most:
                raise HTTPException(413, TOO_LARGE.format(most))
            return message

        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > most:
            await problem(413, TOO_LARGE.format(most))(scope, receive, send)
        else:
            await self._application(scope, receive_limited, send)
