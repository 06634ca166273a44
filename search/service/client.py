"""Client: what `penchant submit` and `penchant watch` say to a server; standard library alone."""

from __future__ import annotations

import http
import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from spaces.errors import InvalidInput

TIMEOUT_SECONDS = 60.0
"""The server says something every fifteen seconds, if only that it is there."""
PATIENCE_SECONDS = 120.0
"""How long a server that went away, or has lost its database, is looked for."""
PAUSE_SECONDS = 1.0


class ServerFailed(ConnectionError):
    """The server, or a proxy before it, answers that it cannot answer."""


@dataclass(frozen=True)
class Client:
    """A server and the token for it.

    Attributes:
        url: of the server.
        token: shown with every request; none where the server demands none.
    """

    url: str
    token: str | None

    def submit(self, submission: Mapping[str, Any]) -> str:
        """Enters a study, once however often it has to be sent, and returns its name.

        Raises:
            InvalidInput: the server refuses it, or there is none.
        """
        body = json.dumps(submission).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
        name: str = self._answer("POST", "/v1/studies", body, headers)["name"]
        return name

    def upload(self, path: Path) -> str:
        """Sends a data file and returns what a study names it by.

        Raises:
            InvalidInput: it cannot be read, the server refuses it, or there is none.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InvalidInput(f"data: {path}: cannot be read ({error.strerror})") from error
        kind = urllib.parse.quote(path.suffix.lower().lstrip("."))
        data: str = self._answer(
            "POST", f"/v1/data?format={kind}", content, {"Content-Type": "application/octet-stream"}
        )["data"]
        return data

    def show(self, name: str) -> dict[str, Any]:
        """Where a study stands.

        Raises:
            InvalidInput: there is none of this name, or no server.
        """
        return self._answer("GET", f"/v1/studies/{urllib.parse.quote(name)}")

    def verdict(self, name: str) -> dict[str, Any]:
        """The verdict that a study ended in.

        Raises:
            InvalidInput: it has none.
        """
        return self._answer("GET", f"/v1/studies/{urllib.parse.quote(name)}/verdict")

    def events(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Kind and data of each event of a study, until it is at rest; a connection that breaks is made anew.

        Raises:
            InvalidInput: there is none of this name, or the server stays away.
        """
        self.show(name)  # what was never there is not waited for
        last, lost_at, path = "0", None, f"/v1/studies/{urllib.parse.quote(name)}/events"
        while True:
            before = last
            try:
                with self._open("GET", path, None, {"Last-Event-ID": last}) as response:
                    if response.status == http.HTTPStatus.NO_CONTENT:
                        return
                    # a server that was killed looks as if it had said all, so it is asked again whether there is more
                    for number, kind, data in _told(response):
                        last, lost_at = number, None
                        yield kind, data
            except (OSError, http.client.HTTPException) as error:
                lost_at = lost_at or time.monotonic()
                if time.monotonic() - lost_at > PATIENCE_SECONDS:
                    raise InvalidInput(f"{self.url}: does not answer any more ({error})") from error
            if last == before:
                time.sleep(PAUSE_SECONDS)

    def _answer(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        try:
            with self._open(method, path, body, headers or {}) as response:
                answer: dict[str, Any] = json.load(response)
                return answer
        except ServerFailed as error:
            raise InvalidInput(f"{self.url}: {error}") from error
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
            reason = getattr(error, "reason", error)
            raise InvalidInput(f"{self.url}: expected a Penchant server there, found none ({reason})") from error

    def _open(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        token = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        if not self.url.startswith(("http://", "https://")):
            raise InvalidInput(f"{self.url!r}: expected the address of a server, http://host:port")
        address = self.url.rstrip("/") + path
        request = urllib.request.Request(address, body, {**headers, **token}, method=method)
        try:
            return closing(urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS))
        except urllib.error.HTTPError as error:
            with error:
                kind = ServerFailed if error.code >= 500 else InvalidInput
                raise kind(_refusal(error)) from error


def _told(stream: Iterable[bytes]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Number, kind and data of each server-sent event."""
    told: dict[str, str] = {}
    for line in stream:
        field, _, value = line.decode().rstrip("\r\n").partition(": ")
        if field:
            told[field] = value
        elif "data" in told:
            yield told["id"], told["event"], json.loads(told["data"])
            told = {}


def _refusal(error: urllib.error.HTTPError) -> str:
    """What the server says is wrong."""
    try:
        return str(json.load(error)["detail"])
    except (ValueError, KeyError, TypeError, OSError):
        return f"the server answers {error.code} {error.reason}"
