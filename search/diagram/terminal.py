"""Diagrams in the terminal: boxes one below the other, at most 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.style import Style
from rich.text import Text

from search.diagram.description import BETWEEN, FRAME, Blocks, Branch, Description, Layer, describe, grid_words, wrapped
from search.verdict.figures import counted
from spaces import Architecture, Task

ARC, LEFT, CENTRE, RIGHT, WIDTH = 3, 7, 24, 41, 54
"""Columns: where connections run, a box's left side, its middle and its right side, and those of the whole."""

STYLES = {
    "feedforward": "green",
    "convolution": "blue",
    "recurrence": "magenta",
    "wavelet": "cyan",
    "attention": "yellow",
    FRAME: "bold",
    BETWEEN: "dim",
}


def print_diagram(console: Console, architecture: Architecture, task: Task | None = None) -> None:
    """Prints the network from its input to what it predicts.

    Args:
        console: where to.
        architecture: what to draw.
        task: what the network is for; grids and numbers of parameters are told with it alone.
    """
    for line in _lines(describe(architecture, task)):
        line.rstrip()
        console.print(line, no_wrap=True, overflow="ignore", crop=False)


def _lines(description: Description) -> Iterator[Text]:
    yield from (Text(line, "bold") for line in wrapped(description.title, WIDTH))
    yield from (Text(line, "dim") for line in wrapped(description.facts, WIDTH))
    yield Text()
    yield _put(Text(), CENTRE - len(description.source) // 2, description.source)
    yield _edge(grid_words(description.grid))
    for part in description.parts:
        if isinstance(part, Layer):
            yield from _box(part)
            yield _edge(grid_words(part.grid))
        else:
            yield from _stage(part)
            yield _edge("")
    yield _put(Text(), CENTRE - len(description.result) // 2, description.result)


def _put(line: Text, column: int, mark: str, style: str | Style = "") -> Text:
    """The line with a mark over what stood at a column."""
    line = line.copy()
    line.pad_right(max(0, column + len(mark) - len(line)))
    return Text.assemble(line[:column], (mark, style), line[column + len(mark) :])


def _edge(label: str) -> Text:
    return _put(_put(Text(), CENTRE, "│"), CENTRE + 2, label, "dim")


def _box(layer: Layer) -> Iterator[Text]:
    style = STYLES.get(layer.family, "")
    half = "─" * (CENTRE - LEFT - 1)
    yield _put(Text(), LEFT, f"╭{half}┴{half}╮", style)
    inner = RIGHT - LEFT - 3
    size = f"{layer.parameters:,}" if layer.parameters else ""
    for line in wrapped(layer.label, inner):
        row = _sides(line, style)
        yield _put(row, WIDTH - 2 - len(size), size, "dim")
        size = ""
    for line in wrapped(layer.facts, inner):
        yield _sides(line, "dim", style)
    yield _put(Text(), LEFT, f"╰{half}┬{half}╯", style)


def _sides(text: str, style: str, sides: str | None = None) -> Text:
    """A line of a box with text in its middle."""
    row = Text()
    for column in (LEFT, RIGHT):
        row = _put(row, column, "│", style if sides is None else sides)
    return _put(row, CENTRE - len(text) // 2, text, style)


def _stage(blocks: Blocks) -> Iterator[Text]:
    """A frame around one block; the numbers of blocks and of parameters stand in its sides."""
    count = f" × {blocks.count} " if blocks.count > 1 else ""
    size = "" if blocks.parameters is None else f" {counted(blocks.parameters, 'parameter')} "
    yield _side("┌┐", f" {blocks.title} ", count)
    for branch in blocks.branches:
        for line in _branch(branch, blocks):
            yield _put(_put(line, 0, "│", "dim"), WIDTH, "│", "dim")
    yield _side("└┘", "", size)


def _side(corners: str, left: str, right: str) -> Text:
    line = Text(corners[0] + "─" * (WIDTH - 1) + corners[1], "dim")
    line = _put(_put(line, 2, left), WIDTH - 1 - len(right), right)
    return _put(line, CENTRE, "│")


def _branch(branch: Branch, blocks: Blocks) -> Iterator[Text]:
    inner = [line for layer in branch.layers for line in _box(layer)]
    if blocks.connection:
        across = "─" * (CENTRE - ARC - 1)
        yield _put(Text(), ARC, f"╭{across}┤")
        yield from (_put(line, ARC, "│") for line in inner)
        joined = _put(Text(), ARC, f"╰{across[1:]}▸{'⊕' if blocks.sign else '○'}")
        yield _put(joined, CENTRE + 2, blocks.connection, "dim")
    else:
        yield from inner
    for layer in branch.behind:
        yield from _box(layer)
