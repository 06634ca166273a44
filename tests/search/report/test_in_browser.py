"""The report in a real browser: on a desk and on a phone, by day and by night, with a keyboard, and on paper."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from search.report import Record, report_page
from tests.browser import browser, complaints
from tests.search.report.records import COMPONENTS, changed

pytestmark = pytest.mark.xdist_group("report")  # one process, which runs the study of the record once

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

CONTRAST = """
() => {
  const channel = c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const numbers = color => (color.match(/[\\d.]+/g) || []).map(Number);
  const luminance = color => {
    const [r, g, b] = numbers(color).map(channel);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const paper = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor, [, , , alpha = 1] = numbers(color);
      if (alpha === 1) return color;
    }
  };
  const faint = [];
  const texts = "p, li, td, th, dt, dd, summary, figcaption, h1, h2, h3, h4, a, .chip";
  for (const element of document.querySelectorAll(texts)) {
    if (!element.textContent.trim() || !element.checkVisibility()) continue;
    const [ink, back] = [getComputedStyle(element).color, paper(element)].map(luminance);
    const ratio = (Math.max(ink, back) + .05) / (Math.min(ink, back) + .05);
    if (ratio < 4.5) faint.push(`${element.tagName} ${ratio.toFixed(2)} ${element.textContent.trim().slice(0, 40)}`);
  }
  return faint;
}
"""
"""Texts whose contrast with what they stand on is less than WCAG's 4.5."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def address(record: Record, tmp_path_factory) -> str:
    """A report with everything in it, hostile names included."""
    path: Path = tmp_path_factory.mktemp("page") / "report.html"
    name = "<script>document.title = 'broken'</script>"
    specification = record.specification.model_copy(update={"dataset_notes": ("column of one's own " * 20, name)})
    whole = changed(replace(record, specification=specification), components=COMPONENTS, dataset=name)
    path.write_text(report_page(whole), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_it_is_whole_at_any_width(chromium, address, size, scheme):
    """Nothing is complained of, nothing sticks out to the side with all tables open, and every text can be read."""
    page = chromium.new_page(viewport=size, color_scheme=scheme)
    heard = complaints(page)
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert page.evaluate(CONTRAST) == []
    outside = (
        "[...document.querySelectorAll('.plot text')].filter(e => e.getBoundingClientRect().right > innerWidth).length"
    )
    assert page.evaluate(outside) == 0
    assert page.title() != "broken"
    assert heard == []
    page.close()


def test_the_keyboard_reaches_everything(chromium, address):
    """The first stop skips the top; tables open with the space bar."""
    page = chromium.new_page(viewport=DESK)
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the families"
    page.keyboard.press("Enter")
    assert page.url.endswith("#families")
    first = page.locator("#families details").first
    first.locator("summary").focus()
    page.keyboard.press("Space")
    assert first.evaluate("each => each.open")
    assert first.locator("table").is_visible()
    page.close()


def test_a_screen_reader_hears_pictures_and_sections(chromium, address):
    """Sections are regions named by their headings; pictures have names."""
    page = chromium.new_page(viewport=DESK)
    page.goto(address)
    for name in ("Which families of networks may be best", "What matters inside a network", "How it was done"):
        assert page.get_by_role("region", name=name).count() == 1
    assert page.get_by_role("img", name="Expected best against the number of networks tried").count() == 1
    assert page.get_by_role("img", name="residual vs plain: better by").count() == 1
    page.close()


def test_on_paper_the_tables_are_open(chromium, address):
    """Who prints it cannot click: what is folded away on the screen is printed, on light paper."""
    page = chromium.new_page(viewport=DESK, color_scheme="dark")
    page.goto(address)
    table = page.locator("#families table").first
    assert not table.is_visible()
    page.emulate_media(media="print")
    assert table.evaluate("each => each.getBoundingClientRect().height") > 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()
