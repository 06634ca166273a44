"""`penchant serve` in a real browser and from the command line: submit, watch live progress, stop, read the verdict."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import browser
from tests.processes import run_penchant, start_penchant

pytestmark = pytest.mark.xdist_group("ray")

START_SECONDS = 120.0
"""Of a study with its Ray, where other tests have the cores, too."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[str]:
    """The address of a server that is interrupted at the end, which must leave nothing running."""
    with start_penchant("serve", "--port", "0", home=home) as process:
        assert process.stderr is not None
        address = re.search(r"http://\S+", process.stderr.readline())
        assert address is not None, process.stderr.read()
        yield address[0]
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "Traceback" not in told, told


@pytest.fixture
def page(server: str) -> Iterator[Page]:
    """The page on a phone; whatever its script or its policy complains about fails the test."""
    with browser() as chromium:
        opened = chromium.new_page(viewport={"width": 390, "height": 844})
        complaints: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(server)
        yield opened
    assert [complaint for complaint in complaints if not complaint.endswith("422 (Unprocessable Entity)")] == []


def test_a_study_is_submitted_followed_and_stopped_in_a_browser(page: Page):
    """Its progress changes without loading the page again; it stops at a click, and can go on. Nothing overflows."""
    page.get_by_label("Data", exact=True).fill("iris")
    page.get_by_label("Time").fill("1h")
    page.get_by_label("Name").fill("long")
    page.get_by_role("button", name="Submit").click()
    card = page.locator("[data-study=long]")
    expect(card.locator(".state")).to_have_text("queued")
    page.evaluate("window.sameDocument = true")
    expect(card.locator(".state")).to_have_text("running", timeout=START_SECONDS * 1000)
    expect(card.locator(".progress")).to_contain_text(re.compile(r"timing\s+0 of \d+"), timeout=START_SECONDS * 1000)
    expect(card.locator(".progress")).to_contain_text(re.compile(r"[1-9]\d* of \d+"), timeout=START_SECONDS * 1000)
    assert page.evaluate("window.sameDocument")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    card.get_by_role("button", name="Stop").click()
    expect(card.locator(".state")).to_have_text("interrupted", timeout=START_SECONDS * 1000)
    expect(card.get_by_role("button", name="Go on")).to_be_visible()


def test_a_study_file_is_submitted_and_watched_from_the_command_line(page: Page, server: str, home: Path):
    """`submit` prints the name, `watch` tells what happens until the verdict, which the page then shows, too."""
    table = "\n".join(f"{n},{n % 7},{'yes' if n % 2 else 'no'}" for n in range(120))
    (home / "mine.csv").write_text(f"a,b,buys\n{table}\n")
    (home / "study.yaml").write_text("data: mine.csv\ntarget: buys\ntrials: 12\nepochs: 1\nname: small\n")
    code, name, told = run_penchant("submit", str(home / "study.yaml"), "--server", server, home=home)
    assert (code, name.strip()) == (0, "small"), told
    code, lines, told = run_penchant("watch", "small", "--server", server, home=home)
    assert code == 0, told
    assert [line for line in lines.splitlines() if line in ("queued", "running", "finished")] == [
        "queued",
        "running",
        "finished",
    ]
    assert "census: 6 ended" in lines
    card = page.locator("[data-study=small]")
    expect(card.locator(".verdict")).to_contain_text("no family can be preferred yet")
    assert card.locator(".verdict").inner_text() in lines
    card.get_by_role("link", name="Report").click()
    expect(page.locator("body")).to_contain_text("no family can be preferred yet")


def test_what_is_wrong_is_told_on_the_page_and_shown_as_text(page: Page):
    """A mistyped name stays in the form; markup in it is shown, not run."""
    page.get_by_label("Data", exact=True).fill("<img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "found '<img src=x onerror=alert(1)>', expected a registered name"
    )
    assert page.get_by_label("Data", exact=True).input_value() == "<img src=x onerror=alert(1)>"
    page.get_by_label("Data", exact=True).fill("")


def test_a_server_that_is_not_there_is_told_in_one_line(home: Path):
    """Exit code 2."""
    code, _, told = run_penchant("watch", "small", "--server", "http://127.0.0.1:9", home=home)
    assert code == 2
    assert told.startswith("penchant: http://127.0.0.1:9: expected a Penchant server there, found none")
    assert len(told.splitlines()) == 1
