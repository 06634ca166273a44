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

RUNNING = b'id: 1\nevent: state\ndata: {"state": "running"}\n\n'
FINISHED = b'id: 2\nevent: state\ndata: {"state": "finished"}\n\n'


class Failing(BaseHTTPRequestHandler):
    """Knows a study, and answers requests for its events: not at first, then as one that is killed, then to the end."""

    protocol_version = "HTTP/1.1"
    asked: list[str]

    def do_GET(self) -> None:
        if not self.path.endswith("/events"):
            self._answer(200, b"{}")
            return
        Failing.asked.append(self.headers["Last-Event-ID"])
        match len(Failing.asked):
            case 1:
                self._answer(503, json.dumps({"detail": "the server failed; its log tells why"}).encode())
            case 2:
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(
                    b"%x\r\n%b\r\n" % (len(RUNNING), RUNNING)
                )  # and no chunk that says that it is the last
                self.close_connection = True
            case 3:
                self._answer(200, FINISHED)
            case _:
                self._answer(204, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def client(monkeypatch) -> Iterator[Client]:
    monkeypatch.setattr(Failing, "asked", [], raising=False)
    monkeypatch.setattr(client_module, "PAUSE_SECONDS", 0.01)
    with ThreadingHTTPServer(("127.0.0.1", 0), Failing) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield Client(f"http://127.0.0.1:{server.server_port}", None)
        server.shutdown()


def test_whoever_follows_a_study_hears_all_of_it_once(client: Client):
    """From a server that has lost its database for a while, and one that is killed in the middle, and is back."""
    assert list(client.events("mine")) == [("state", {"state": "running"}), ("state", {"state": "finished"})]
    assert Failing.asked == ["0", "0", "1", "2"]


def test_a_server_that_stays_away_is_told(client: Client, monkeypatch):
    """In its own words."""
    monkeypatch.setattr(client_module, "PATIENCE_SECONDS", 0.0)
    with pytest.raises(InvalidInput, match=r"does not answer any more \(the server failed; its log tells why\)"):
        list(client.events("mine"))
