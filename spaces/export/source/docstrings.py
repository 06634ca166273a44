"""Docstrings: what the classes of one network say of themselves."""

from __future__ import annotations

import re

from spaces.architecture import Architecture
from spaces.shapes import Grid, Kind, Task

AXES: dict[int, tuple[str, ...]] = {0: (), 1: ("steps",), 2: ("height", "width")}
"""Names of the axes of positions, by rank."""

_OF_PADDING = re.compile(
    r"""
    ;\ [^;.`]*(?:`[^`]*`[^;.`]*)*\b(?:mask|padding|padded)\b[^;.]*(?=[.;]) |  # a clause
    \ and\ its\ mask(?:\ `[^`]*`)? | ,?\ or\ the\ last\ with\ data | \ with\ data\b | \ and\ holds\ data\b
    """,
    re.VERBOSE,
)


class Rewriting:
    """Makes a docstring of ours say what it says of one network.

    Args:
        grid: on which the network's blocks stand.
        is_masked: whether there may be padding.
    """

    def __init__(self, grid: Grid, *, is_masked: bool) -> None:
        self.axes = AXES[grid.rank]
        self.is_masked = is_masked

    def __call__(self, text: str) -> str:
        """The docstring without a list of arguments, with names of axes, and silent on padding where there is none."""
        sections = text.split("\n\n")
        text = "\n\n".join(each for each in sections if not each.startswith(("Args:", "Attributes:", "Raises:")))
        text = re.sub(r"\*positions(, )?", ", ".join(self.axes) + (r"\1" if self.axes else ""), text)
        if not self.is_masked:
            text = _OF_PADDING.sub("", text)
        return text


def module_doc(architecture: Architecture, task: Task) -> str:
    """The docstring of the whole file."""
    families = {stage.operation: None for stage in architecture.stages}
    aim = {
        Kind.CLASSIFICATION: f"classifies {_READ[task.grid.rank if not task.vocabulary else 'tokens']}",
        Kind.REGRESSION: f"predicts a number of {_READ[task.grid.rank if not task.vocabulary else 'tokens']}",
        Kind.NEXT_TOKEN: "predicts the next token",
    }
    named = " and ".join(spoken(operation) for operation in families)
    return f"A network of {named} that {aim[task.kind]}; tensors have their channels last."


_READ: dict[int | str, str] = {0: "rows of numbers", 1: "series", 2: "images", "tokens": "sequences of tokens"}


def network_doc(architecture: Architecture, task: Task, padded: bool) -> str:
    """The docstring of the whole network."""
    operations = " → ".join(f"{stage.blocks} × {spoken(stage.operation)}" for stage in architecture.stages)
    shape = ", ".join(("batch", *map(str, task.row_shape)))
    read = f"tokens `({shape})`, ids below {task.vocabulary}," if task.vocabulary else f"standardized rows `({shape})`"
    given = {
        Kind.CLASSIFICATION: f"scores of {task.outputs} classes `(batch, {task.outputs})`",
        Kind.REGRESSION: f"standardized numbers `(batch, {task.outputs})`",
        Kind.NEXT_TOKEN: f"scores of the token after each `(batch, {task.row_shape[0]}, {task.outputs})`",
    }
    maps = f"Maps {read} to {given[task.kind]}."
    rest = "\n\n`lengths` `(batch,)` tells how many steps of each row hold data; what stands behind them is not read."
    return f"{operations[0].upper()}{operations[1:]}.\n\n{maps}{rest if padded else ''}"


def block_doc(architecture: Architecture, operation: str) -> str:
    """The docstring of the blocks of an operation."""
    gate = str(architecture.choices.get("gate", "none"))
    gated = "" if gate == "none" else f" with {_article(spoken(gate))}"
    has_mixer = bool(architecture["expansion"])
    what = f"{spoken(operation)}{gated}" + (" and a mixer of channels, each " if has_mixer else ", ")
    if has_mixer:
        what = what.replace(" and a mixer", ", then a mixer") if gated else what
    traits = []
    if architecture["normalization"] != "none":
        placement = architecture.choices.get("normalization_placement", "before")
        traits.append("normalized before" if placement == "before" else "normalized after")
    traits += _CONNECTED.get(str(architecture["connection"]), [])
    text = what.rstrip(", ") if not traits else what + " and ".join(traits)
    return f"{text[0].upper()}{text[1:]}.".replace(" each.", ".")


_CONNECTED = {
    "residual": ["added to its input"],
    "rezero": ["added to its input by a learned share"],
    "highway": ["mixed with its input by a learned gate"],
    "dense": ["put beside all that it reads"],
}


def spoken(name: str) -> str:
    """A registered name as words."""
    return {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN", "cbam": "CBAM"}.get(name) or _hyphenated(name)


def _hyphenated(name: str) -> str:
    *before, last = name.split("_")
    return f"{'-'.join(before)} {last}" if len(before) > 1 else " ".join([*before, last])


def _article(noun: str) -> str:
    return noun if noun == "squeeze excitation" else f"a {noun}" if noun.endswith("gate") else noun
