"""Built-in search spaces."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import replace

from spaces.activations import ACTIVATIONS
from spaces.connections import CONNECTIONS
from spaces.errors import InvalidInput
from spaces.gates import GATES
from spaces.heads import HEADS
from spaces.initializations import INITIALIZATIONS
from spaces.normalizations import NORMALIZATIONS
from spaces.operations import OPERATIONS
from spaces.positions import POSITIONS
from spaces.search_space import SearchSpace
from spaces.stems import STEMS


def everything() -> SearchSpace:
    """All inductive biases there are, at any site, in networks of up to four blocks."""
    return SearchSpace(
        operations=OPERATIONS.names(),
        stems=tuple(stem for stem in STEMS if STEMS[stem].keeps_positions),
        positions=POSITIONS.names(),
        heads=HEADS.names(),
        connections=CONNECTIONS.names(),
        gates=GATES.names(),
        normalizations=NORMALIZATIONS.names(),
        activations=tuple(sorted(ACTIVATIONS)),
        initializations=INITIALIZATIONS.names(),
    )


def convolutional() -> SearchSpace:
    """Convolutional networks, deeper ones too: which filter, connection, gate and normalization wins."""
    return replace(everything().only(["convolution"]), positions=("none",), stages=(1, 3), blocks=(1, 3))


def recurrent() -> SearchSpace:
    """Recurrent networks: which cell, one direction or two, how deep."""
    return replace(everything().only(["recurrence"]), positions=("none",), blocks=(1, 3))


def attention() -> SearchSpace:
    """Attention of every kind with every position code, from a single mechanism to a Transformer."""
    return replace(everything().only(["attention"]), blocks=(1, 4), stages=(1, 1))


def tabular() -> SearchSpace:
    """For tables: dense, wavelet and feature-attention networks, whose features have no order."""
    return replace(
        everything(),
        operations=(
            "context_attention",
            "dense",
            "identity",
            "linear_attention",
            "multi_head_attention",
            "token_mixing",
            "wavelet_network",
        ),
        stems=("embedding", "linear", "patch"),
        positions=("learned", "none"),
        heads=("attention", "flatten", "max", "mean"),
        blocks=(1, 3),
    )


def tiny() -> SearchSpace:
    """One small operation of each family in one stage, for a first look and for tests."""
    return replace(
        everything(),
        operations=("convolution", "dense", "identity", "lstm", "multi_head_attention", "wavelet_network"),
        stages=(1, 1),
        widths=(8, 16),
        dropouts=(0.0,),
    )


BUILT_IN: dict[str, Callable[[], SearchSpace]] = {
    space.__name__: space for space in (everything, convolutional, recurrent, attention, tabular, tiny)
}


def built_in(name: str) -> SearchSpace:
    """The built-in space of this name, with all operations that are registered now.

    Raises:
        InvalidInput: there is none.
    """
    if name not in BUILT_IN:
        near = difflib.get_close_matches(name, BUILT_IN, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise InvalidInput(f"unknown space {name!r}: expected one of {', '.join(BUILT_IN)}{hint}")
    return BUILT_IN[name]()
