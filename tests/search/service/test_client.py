"""What a client makes of a server that fails for a while."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from search.service import client as client_module
from search.service.client import Client
from spaces import InvalidInput

EVENT = b'id: 1\nevent: state\ndata: {"state": "finished"}\n\n'


class Failing(BaseHTTPRequestHandler):
    """Knows a study, and tells of its events at the third request for them."""

    asked = 0

    def do_GET(self) -> None:
        is_stream = self.path.endswith("/events")
        Failing.asked += is_stream
        fails = is_stream and Failing.asked < 3
        body = EVENT if is_stream else b"{}"
        if fails:
            body = json.dumps({"detail": "the server failed; its log tells why"}).encode()
        self.send_response(503 if fails else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def client(monkeypatch) -> Iterator[Client]:
    monkeypatch.setattr(Failing, "asked", 0)
    monkeypatch.setattr(client_module, "PAUSE_SECONDS", 0.01)
    with ThreadingHTTPServer(("127.0.0.1", 0), Failing) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield Client(f"http://127.0.0.1:{server.server_port}", None)
        server.shutdown()


def test_whoever_follows_a_study_waits_for_a_server_without_its_database(client: Client):
    """Such a server answers, but cannot tell."""
    assert list(client.events("mine")) == [("state", {"state": "finished"})]
    assert Failing.asked == 3


def test_a_server_that_stays_away_is_told(client: Client, monkeypatch):
    """In its own words."""
    monkeypatch.setattr(client_module, "PATIENCE_SECONDS", 0.0)
    with pytest.raises(InvalidInput, match=r"does not answer any more \(the server failed; its log tells why\)"):
        list(client.events("mine"))
