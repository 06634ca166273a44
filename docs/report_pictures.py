"""Takes the pictures of a study's report for the documents: python -m docs.report_pictures NAME FOLDER."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser

from search import Study
from tests.browser import browser

GAP, COLORS = 24, 192
"""Pixels between screens side by side, and colors that are kept: a page has few, and pictures stay small."""


def main() -> None:
    """Reads the study's name and the folder from the command line."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as temporary, browser() as chromium:
        page = Path(temporary) / "report.html"
        page.write_text(Study.load(name).report(), encoding="utf-8")
        desk = _screen(chromium, page, "body", viewport={"width": 1120, "height": 1230})
        places = ("body", "#families figure", "#champion figure", "#search figure")
        phone = {"viewport": {"width": 390, "height": 780}, "color_scheme": "dark"}
        _save(desk, folder / "report.png")
        _save(_side_by_side([_screen(chromium, page, place, **phone) for place in places]), folder / "report_phone.png")


def _screen(browser: Browser, page: Path, place: str, **context: Any) -> Image.Image:
    """What a screen shows that was scrolled to a place."""
    opened = browser.new_page(**context)
    opened.goto(page.as_uri())
    opened.locator(place).first.evaluate("place => scrollTo({top: place.getBoundingClientRect().top - 24})")
    opened.wait_for_timeout(600)  # it scrolls smoothly
    taken = Image.open(io.BytesIO(opened.screenshot())).convert("RGB")
    opened.close()
    return taken


def _side_by_side(screens: list[Image.Image]) -> Image.Image:
    width, height = screens[0].size
    whole = Image.new("RGB", (len(screens) * (width + GAP) - GAP, height), "white")
    for number, screen in enumerate(screens):
        whole.paste(screen, (number * (width + GAP), 0))
    return whole


def _save(picture: Image.Image, path: Path) -> None:
    picture.quantize(COLORS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
