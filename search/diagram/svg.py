"""Diagrams in SVG: one file that needs no other, readable on a white page and on a dark one."""

from __future__ import annotations

import math
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from search.diagram.description import BETWEEN, FRAME, Blocks, Branch, Layer, describe, grid_words, wrapped
from search.verdict.figures import counted
from spaces import Architecture, Task

FILLS = {
    "feedforward": "#2f855a",
    "convolution": "#2b6cb0",
    "recurrence": "#7a52c7",
    "wavelet": "#0e7c86",
    "attention": "#b7541a",
    "control": "#626d7a",
    FRAME: "#3d4a5c",
    BETWEEN: "#e3e8ef",
}
USERS_FILL = "#b0307a"
"""Of families that are a user's own."""

INK, PAPER, GREY = "#1f2937", "#ffffff", "#75808f"
"""Of text on pale boxes, on others, and outside them; grey stands out from white as much as from black."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
LABEL, FACT, TITLE = 14, 11, 16
LABEL_LINE, FACT_LINE, TITLE_LINE = 18, 15, 21
"""Sizes of letters, and heights of lines."""

COLUMNS, TITLE_COLUMNS, FACTS_COLUMNS = 34, 28, 46
"""Characters that a line in a box, of the title and below it has at most."""

PADDING, ROUNDING, MARGIN, BORDER = 14, 9, 84, 8
"""Around text in a box; of corners; beside a box, for connections and numbers; of the picture."""

EDGE, SHORT, LONG = 26, 18, 42
"""Lengths of edges: between boxes, within a branch, and into a stage, below whose title a connection may begin."""


def svg_diagram(architecture: Architecture, task: Task | None = None) -> str:
    """Draws the network from its input to what it predicts.

    Args:
        architecture: what to draw.
        task: what the network is for; grids and numbers of parameters are told with it alone.

    Returns:
        One `<svg>` element; what it stands on shows through.
    """
    description = describe(architecture, task)
    parts = description.parts
    picture = _Picture(max(_width(layer) for layer in description.layers))
    picture.heading(description.title, description.facts)
    picture.caption(description.source)
    picture.edge(grid_words(description.grid))
    for part in parts:
        if isinstance(part, Layer):
            picture.box(part)
            picture.edge(grid_words(part.grid))
        else:
            picture.stage(part)
            picture.edge()
    picture.caption(description.result)
    return picture.finished(str(architecture), str(description), architecture.fingerprint)


class _Picture:
    """Draws from top to bottom, around the middle of the page.

    Args:
        box: width of all boxes.
    """

    def __init__(self, box: int) -> None:
        self._box = box
        self._middle = BORDER + MARGIN + box // 2
        self._y = BORDER
        self._svg = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "font-family": FONT, "role": "img"})

    def heading(self, title: str, facts: tuple[str, ...]) -> None:
        """The families and what holds for the whole network."""
        for line in wrapped(title, TITLE_COLUMNS):
            self._y += TITLE_LINE
            self._text(self._middle, self._y - 5, line, GREY, TITLE, weight=600)
        for line in wrapped(facts, FACTS_COLUMNS):
            self._y += FACT_LINE
            self._text(self._middle, self._y - 3, line, GREY, FACT)
        self._y += EDGE // 2

    def caption(self, text: str) -> None:
        """What comes in or goes out."""
        self._y += FACT_LINE
        self._text(self._middle, self._y - 4, text, GREY, FACT + 1)

    def edge(self, label: str = "", length: int = EDGE) -> None:
        """An arrow down, and what it carries beside it."""
        end = self._y + length
        self._path(f"M{self._middle} {self._y}V{end - 5}")
        self._head(end)
        self._text(self._middle + 9, self._y + length // 2 + 2, label, GREY, FACT, anchor="start")
        self._y = end

    def box(self, layer: Layer) -> None:
        """A layer, with the number of its parameters beside it."""
        left, fill = self._middle - self._box // 2, FILLS.get(layer.family, USERS_FILL)
        height, ink = _height(layer), INK if layer.family == BETWEEN else PAPER
        self._rect(left, self._y, self._box, height, fill=fill, stroke=GREY if layer.family == BETWEEN else fill)
        if layer.parameters:
            beside = self._middle + self._box // 2 + 8
            self._text(beside, self._y + height // 2 + 4, f"{layer.parameters:,}", GREY, FACT, anchor="start")
        baseline = self._y + PADDING // 2 - 4
        for line in wrapped(layer.label, COLUMNS):
            baseline += LABEL_LINE
            self._text(self._middle, baseline, line, ink, LABEL, weight=600)
        for line in wrapped(layer.facts, COLUMNS):
            baseline += FACT_LINE
            self._text(self._middle, baseline, line, ink, FACT)
        self._y += height

    def stage(self, blocks: Blocks) -> None:
        """A frame around one block; how many there are and what they take stand in its corners."""
        frame = self._rect(BORDER, self._y, 2 * (self._middle - BORDER), 0, fill=GREY, stroke=GREY)
        frame.attrib |= {"fill-opacity": "0.1", "stroke-opacity": "0.5"}
        top, right = self._y, 2 * self._middle - BORDER - 12
        self._text(BORDER + 12, top + 18, blocks.title, GREY, FACT + 1, anchor="start", weight=600)
        if blocks.count > 1:
            self._text(right, top + 19, f"× {blocks.count}", GREY, LABEL, anchor="end", weight=600)
        self.edge(length=LONG)
        for number, branch in enumerate(blocks.branches):
            if number:
                self.edge()
            self._branch(branch, blocks)
        self._path(f"M{self._middle} {self._y}V{self._y + EDGE}")
        self._y += EDGE
        if blocks.parameters is not None:
            size = counted(blocks.parameters, "parameter")
            self._text(right, self._y - 9, size, GREY, FACT, anchor="end")
        frame.set("height", f"{self._y - top}")

    def finished(self, title: str, text: str, name: str) -> str:
        """The whole picture.

        Args:
            title: what those hear who do not see it, in short.
            text: the same in full.
            name: tells it from other pictures on a page.
        """
        width, height = 2 * self._middle, self._y + BORDER
        self._svg.attrib |= {"viewBox": f"0 0 {width} {height}", "width": f"{width}", "height": f"{height}"}
        self._svg.set("aria-labelledby", f"title-{name} text-{name}")
        for tag, words in (("desc", text), ("title", title)):
            spoken = Element(tag, {"id": f"{'text' if tag == 'desc' else tag}-{name}"})
            spoken.text = words
            self._svg.insert(0, spoken)
        ElementTree.indent(self._svg)
        return ElementTree.tostring(self._svg, encoding="unicode") + "\n"

    def _branch(self, branch: Branch, blocks: Blocks) -> None:
        fork = self._y - EDGE // 2 - 2
        for number, layer in enumerate(branch.layers):
            if number:
                self.edge(length=SHORT)
            self.box(layer)
        if blocks.connection:
            self._connection(fork, blocks)
        for layer in branch.behind:
            self.edge()
            self.box(layer)

    def _connection(self, fork: int, blocks: Blocks) -> None:
        """The way around the layers since the fork, and the circle where it joins them."""
        radius, bend = 8, self._middle - self._box // 2 - 30
        self.edge(length=SHORT)
        join = self._y + radius
        across = self._middle - radius - 5
        self._path(
            f"M{self._middle} {fork}H{bend + ROUNDING}q{-ROUNDING} 0 {-ROUNDING} {ROUNDING}"
            f"V{join - ROUNDING}q0 {ROUNDING} {ROUNDING} {ROUNDING}H{across}"
        )
        self._path(f"M{across - 1} {join - 4}l6 4l-6 4z", fill=GREY)
        circle = {"cx": f"{self._middle}", "cy": f"{join}", "r": f"{radius}", "fill": "none", "stroke": GREY}
        SubElement(self._svg, "circle", {**circle, "stroke-width": "1.5"})
        if blocks.sign:
            self._path(f"M{self._middle - 4} {join}h8M{self._middle} {join - 4}v8")
        turned = f"rotate(-90 {bend - 7} {(fork + join) // 2})"
        self._text(bend - 7, (fork + join) // 2, blocks.connection, GREY, FACT).set("transform", turned)
        self._y = join + radius

    def _head(self, y: int) -> None:
        self._path(f"M{self._middle - 4} {y - 6}l4 6l4 -6z", fill=GREY)

    def _path(self, way: str, fill: str = "none") -> None:
        SubElement(self._svg, "path", {"d": way, "fill": fill, "stroke": GREY, "stroke-width": "1.5"})

    def _rect(self, x: int, y: int, width: int, height: int, **paint: str) -> Element:
        place = {"x": x, "y": y, "width": width, "height": height, "rx": ROUNDING}
        return SubElement(self._svg, "rect", {**{name: str(number) for name, number in place.items()}, **paint})

    def _text(
        self, x: int, y: int, text: str, fill: str, size: int, anchor: str = "middle", weight: int = 400
    ) -> Element:
        place = {"x": str(x), "y": str(y), "text-anchor": anchor}
        look = {"fill": fill, "font-size": str(size), "font-weight": str(weight)}
        element = SubElement(self._svg, "text", {**place, **look})
        element.text = text
        return element


def _height(layer: Layer) -> int:
    labels, facts = len(wrapped(layer.label, COLUMNS)), len(wrapped(layer.facts, COLUMNS))
    return PADDING + LABEL_LINE * labels + FACT_LINE * facts


def _width(layer: Layer) -> int:
    """Room that a layer's text takes in the widest of the usual fonts, and around it."""
    labels = [LABEL * _ems(line) for line in wrapped(layer.label, COLUMNS)]
    facts = [FACT * _ems(line) for line in wrapped(layer.facts, COLUMNS)]
    return 2 * math.ceil(PADDING + max(*labels, *facts, 12 * LABEL) / 2)


def _ems(text: str) -> float:
    """Width of a line in letter sizes, at most: that of the widest usual font, DejaVu Sans Bold."""
    return sum(_em(character) for character in text)


def _em(character: str) -> float:
    if character in "fijlrt .,-()'|":
        return 0.5
    if character in "mwMW" or not character.isascii():
        return 1.11
    return 0.73 if character.islower() or character.isdigit() else 0.86
