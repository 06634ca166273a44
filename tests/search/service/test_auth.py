"""Tokens: who gets in, for how long, and what those get who guess."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from search.service.application import create_application
from search.service.auth import MOST_FAILURES, WINDOW_SECONDS, Failures
from search.service.site import Site
from search.settings import Settings
from search.storage.tables import TokenRow
from search.storage.tokens import Scope
from tests.search.service.conftest import Client

GUARDED = ["/v1/studies", "/v1/studies/x", "/v1/studies/x/events", "/metrics"]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("path", GUARDED)
def test_without_a_token_nothing_is_told(client: Client, path: str):
    """But whether the service is up."""
    nobody = client(None)
    answer = nobody.get(path)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert nobody.get("/healthz").json() == nobody.get("/readyz").json() == {"status": "ok"}


def test_wrong_expired_and_revoked_tokens_are_refused_and_logged(client: Client, site: Site, caplog):
    """As is one with another's name, and one whose last letter differs."""
    nobody = client(None)
    good = site.tokens.create("ann", Scope.ADMIN, None)
    expired = site.tokens.create("ann", Scope.ADMIN, timedelta(seconds=-1))
    revoked = site.tokens.create("ann", Scope.ADMIN, timedelta(days=1))
    site.tokens.revoke(revoked.split("_")[1])
    name, secret = good.split("_")[1], good[len("penchant_") + 13 :]
    stolen_name = f"penchant_{expired.split('_')[1]}_{secret}"
    almost = f"penchant_{name}_{secret[:-1]}{'A' if secret[-1] != 'A' else 'B'}"
    with caplog.at_level(logging.WARNING):
        for token in (expired, revoked, stolen_name, almost, "nonsense", "penchant_' OR 1=1 --"):
            assert nobody.get("/v1/studies", headers=bearer(token)).status_code == 401, token
    assert caplog.text.count("a wrong, expired or revoked token from testclient") == 6
    assert secret not in caplog.text
    assert nobody.get("/v1/studies", headers=bearer(good)).status_code == 200


def test_no_secret_is_kept(site: Site):
    """The database holds a hash alone."""
    token = site.tokens.create("ann", Scope.READ, None)
    with Session(site.database.engine) as session:
        row = session.get_one(TokenRow, token.split("_")[1])
    secret = token[len("penchant_") + 13 :]
    assert not any(secret in str(value) for value in vars(row).values())


def test_whoever_guesses_has_to_wait(client: Client, site: Site):
    """After ten wrong tokens from an address none from there is looked at for a while."""
    nobody = client(None)
    good = site.tokens.create("ann", Scope.READ, None)
    codes = [nobody.get("/v1/studies", headers=bearer(f"guess{n}")).status_code for n in range(MOST_FAILURES + 1)]
    assert codes == [401] * MOST_FAILURES + [429]
    answer = nobody.get("/v1/studies", headers=bearer(good))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= WINDOW_SECONDS + 1


def test_the_wait_ends():
    """A minute after the first of ten failures; other addresses never waited."""
    time = [0.0]
    failures = Failures(lambda: time[0])
    for second in range(MOST_FAILURES):
        time[0] = second
        failures.add("a")
    assert failures.wait_seconds("a") == WINDOW_SECONDS - (MOST_FAILURES - 1)
    assert failures.wait_seconds("b") == 0
    time[0] = WINDOW_SECONDS
    assert failures.wait_seconds("a") == 0


@pytest.fixture
def local(home: Path) -> TestClient:
    """A server on this machine that demands no tokens."""
    site = Site(Settings.resolve(), home / "data", demands_tokens=False)
    return TestClient(create_application(site), "http://127.0.0.1:8000", follow_redirects=False)


def test_on_this_machine_no_token_is_needed(local: TestClient):
    """But the server answers to this machine's names alone, so that no page reaches it by another name."""
    assert local.get("/v1/studies").status_code == 200
    assert local.get("/v1/studies", headers={"Host": "localhost:8000"}).status_code == 200
    assert local.get("/v1/studies", headers={"Host": "evil.example:8000"}).status_code == 403


@pytest.mark.parametrize("path", ["/submit", "/v1/studies", "/studies/mine/stop", "/sign-out"])
def test_no_other_sites_page_changes_anything(local: TestClient, path: str):
    """A change comes from our own page or from a program, which names no page."""
    for origin in ("http://evil.example", "http://127.0.0.1:9999", "null"):
        assert local.post(path, headers={"Origin": origin}).status_code == 403
    assert local.post(path, headers={"Origin": "http://127.0.0.1:8000"}).status_code != 403


def test_tokens_on_the_command_line(penchant, site: Site):
    """Created, listed without their secrets, revoked; wrong words are told in one line."""
    code, token, told = penchant("token", "create", "--scope", "write", "--owner", "ann", "--expires", "30d")
    assert code == 0
    assert "30d" in told
    assert site.tokens.check(token.strip()).owner == "ann"
    name = token.split("_")[1]
    code, listed, _ = penchant("token", "list")
    assert listed.startswith(f"{name}  write ann")
    assert token.strip() not in listed
    assert penchant("token", "revoke", name)[0] == 0
    assert site.tokens.check(token.strip()) is None
    assert "not valid any more" in penchant("token", "list")[1]
    code, _, said = penchant("token", "create", "--scope", "read", "--expires", "soon")
    assert (code, said) == (2, "penchant: --expires: found 'soon', expected a time such as 12h or 30d\n")
    assert penchant("token", "revoke", "nobody")[0] == 2
