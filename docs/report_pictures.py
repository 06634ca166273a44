"""Takes the pictures of a study's report for the documents: python docs/report_pictures.py NAME FOLDER."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from search import Study

GAP, COLORS = 24, 192
"""Pixels between screens side by side, and colors that are kept: a page has few, and pictures stay small."""


def main() -> None:
    """Reads the study's name and the folder from the command line."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        page = Path(temporary) / "report.html"
        page.write_text(Study.load(name).report(), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        desk = _screen(browser, page, "body", viewport={"width": 1120, "height": 1230})
        places = ("body", "#families figure", "#champion figure", "#search figure")
        phone = {"viewport": {"width": 390, "height": 780}, "color_scheme": "dark"}
        _save(desk, folder / "report.png")
        _save(_side_by_side([_screen(browser, page, place, **phone) for place in places]), folder / "report_phone.png")
        browser.close()


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
