"""Records made by hand for the tests of the report, and what is read off a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Any

from search.report import Record
from search.verdict.document import ComponentVerdict

COMPONENTS = (
    ComponentVerdict(
        component="connection",
        contrast="residual vs plain",
        difference=0.18,
        interval=(0.11, 0.25),
        effect_size=1.4,
        hosts=8,
        hosts_positive=8,
        p_adjusted=0.0004,
        decision="helps",
        hosts_needed=None,
    ),
    ComponentVerdict(
        component="initialization",
        contrast="he vs glorot",
        difference=-0.002,
        interval=(-0.008, 0.004),
        effect_size=None,
        hosts=8,
        hosts_positive=3,
        p_adjusted=0.71,
        decision="equivalent",
        hosts_needed=None,
    ),
    ComponentVerdict(
        component="attention",
        contrast="multi_head_attention vs context_attention",
        difference=-0.03,
        interval=(-0.12, 0.06),
        effect_size=-0.3,
        hosts=6,
        hosts_positive=2,
        p_adjusted=1.0,
        decision="undecided",
        hosts_needed=14,
    ),
)


def changed(record: Record, **fields: Any) -> Record:
    """The record with another verdict: some of its fields replaced."""
    document = {**record.verdict.model_dump(by_alias=True), **fields}
    return replace(record, verdict=type(record.verdict).model_validate(document))


@dataclass
class Element:
    """An element of a page: tag, attributes, and the text inside it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


class Page(HTMLParser):
    """Everything on a page; fails where an element is closed that was not open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert not self._open, [element.tag for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag != "meta":
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].tag == tag, f"</{tag}> where <{self._open[-1].tag}> is open"
        self._open.pop()
        if tag in ("td", "th"):
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def of(self, tag: str) -> list[Element]:
        """All elements of a kind."""
        return [element for element in self.elements if element.tag == tag]

    def figures(self) -> list[tuple[str, float, str]]:
        """All figures of the verdict: place in its JSON, exact value, text."""
        told = [element for element in self.elements if "data-verdict" in element.attributes]
        return [(e.attributes["data-verdict"], float(e.attributes["data-value"]), e.text) for e in told]

    @property
    def text(self) -> str:
        """What a person can read on it."""
        return self.elements[0].text


def numbers(document: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """All numbers of a JSON document with their places."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from numbers(value, f"{path}.{key}" if path else key)
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from numbers(value, f"{path}.{index}")
    elif isinstance(document, int | float) and not isinstance(document, bool):
        yield path, document


UNITS = {"%": 0.01, "s": 1.0, "min": 60.0, "h": 3600.0}


def shown(text: str) -> tuple[float, float]:
    """The number that a text says, and by how much it may be rounded."""
    if text.startswith("<"):
        return 0.0, shown(text[1:])[0]
    match = re.fullmatch(r"([+−]?)([\d,]*)(?:\.(\d+))?\s?(%|s|min|h)?", text)
    assert match, text
    sign, whole, decimals, unit = match.groups()
    factor = UNITS.get(unit, 1.0)
    number = float(f"{whole.replace(',', '') or 0}.{decimals or 0}") * factor * (-1 if sign == "−" else 1)
    return number, 0.5 * 10 ** -len(decimals or "") * factor * (1 + 1e-9)
