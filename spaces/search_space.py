"""SearchSpace: the names and ranges allowed, and the one walk through all choices."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from spaces.activations import ACTIVATIONS
from spaces.architecture import Architecture
from spaces.choices import Categorical, Choice, Choose, Integer, Value, sampling
from spaces.connections import CONNECTIONS
from spaces.errors import InvalidInput
from spaces.heads import HEADS
from spaces.initializations import INITIALIZATIONS
from spaces.normalizations import NORMALIZATIONS
from spaces.operations import OPERATIONS
from spaces.positions import POSITIONS
from spaces.stems import STEMS


@dataclass(frozen=True)
class SearchSpace:
    """What a study may try, all names and ranges written out, since a study keeps the space it was created with.

    Attributes:
        operations: operations allowed in any stage.
        stems: stems allowed for networks whose operations read positions; those made of vector operations alone
            (`dense`, say) always flatten, as their family does.
        positions, heads, connections, normalizations, activations, initializations: names allowed.
        stages: fewest and most stages.
        blocks: fewest and most blocks a stage.
        widths: channels allowed.
        expansions: width of the channel mixer as a multiple of the network's; 0 leaves the mixer out.
        dropouts: dropout rates allowed.
        any_stem: whether the stem is free whatever the operations; for networks written by hand.
    """

    operations: tuple[str, ...]
    stems: tuple[str, ...]
    positions: tuple[str, ...]
    heads: tuple[str, ...]
    connections: tuple[str, ...]
    normalizations: tuple[str, ...]
    activations: tuple[str, ...]
    initializations: tuple[str, ...]
    stages: tuple[int, int] = (1, 2)
    blocks: tuple[int, int] = (1, 2)
    widths: tuple[int, ...] = (16, 32, 64)
    expansions: tuple[int, ...] = (0, 2)
    dropouts: tuple[float, ...] = (0.0, 0.1, 0.2)
    any_stem: bool = False

    @classmethod
    def named(cls, name: str) -> SearchSpace:
        """A built-in space.

        Raises:
            InvalidInput: there is no space of this name.
        """
        if name != "everything":
            raise InvalidInput(f"unknown space {name!r}: expected everything")
        return cls(
            operations=OPERATIONS.names(),
            stems=tuple(stem for stem in STEMS if STEMS[stem].keeps_positions),
            positions=POSITIONS.names(),
            heads=HEADS.names(),
            connections=CONNECTIONS.names(),
            normalizations=NORMALIZATIONS.names(),
            activations=tuple(sorted(ACTIVATIONS)),
            initializations=INITIALIZATIONS.names(),
        )

    @classmethod
    def universe(cls) -> SearchSpace:
        """Every network that can be written down; what architectures made by hand are checked against."""
        return replace(
            cls.named("everything"),
            stems=STEMS.names(),
            stages=(1, 64),
            blocks=(1, 64),
            widths=tuple(range(1, 4097)),
            expansions=tuple(range(17)),
            dropouts=tuple(percent / 100 for percent in range(100)),
            any_stem=True,
        )

    @property
    def families(self) -> tuple[str, ...]:
        """The families of the operations allowed, sorted."""
        return tuple(sorted({OPERATIONS[name].family for name in self.operations}))

    def only(self, families: Collection[str]) -> SearchSpace:
        """The same space with the operations of these families alone.

        Raises:
            InvalidInput: a family has no operation in this space, or none is given.
        """
        if not families:
            raise InvalidInput(f"no family given: expected some of {', '.join(self.families)}")
        for family in families:
            if family not in self.families:
                raise InvalidInput(f"unknown family {family!r}: expected one of {', '.join(self.families)}")
        return replace(self, operations=tuple(n for n in self.operations if OPERATIONS[n].family in families))

    def sample(self, rng: np.random.Generator, families: Collection[str] | None = None) -> Architecture:
        """A uniform architecture; with `families` given, one made of their operations alone."""
        space = self if families is None else self.only(families)
        return space.decide(sampling(rng))

    def decide(self, choose: Choose) -> Architecture:
        """Walks through all choices in order and asks `choose` for each that is in use.

        This is the only place that knows which choice depends on which: sampling, Optuna, reading a file and counting
        are all different `choose` functions. A choice with a single option is not asked.
        """
        walk = _Walk(choose)
        operations = [self._stage(walk, number) for number in range(1, int(walk("stages", Integer(*self.stages))) + 1)]
        self._entrance(walk, operations)
        self._body(walk, operations)
        return Architecture(walk.choices)

    def _stage(self, walk: _Walk, number: int) -> str:
        slot = f"stage{number}"
        operation = str(walk(f"{slot}.operation", Categorical(self.operations)))
        walk.all(f"{slot}.{operation}", OPERATIONS[operation].choices)
        walk(f"{slot}.blocks", Integer(*self.blocks))
        return operation

    def _entrance(self, walk: _Walk, operations: list[str]) -> None:
        vectors_alone = all(OPERATIONS[name].ranks == (0,) for name in operations)
        stems = ("flatten",) if vectors_alone and not self.any_stem else self.stems
        stem = str(walk("stem", Categorical(stems)))
        walk.all(f"stem.{stem}", STEMS[stem].choices)
        if STEMS[stem].keeps_positions:
            walk("position", Categorical(self.positions))
            walk("head", Categorical(self.heads))
            if len(operations) > 1:
                walk("downsampling", Categorical((False, True)))

    def _body(self, walk: _Walk, operations: list[str]) -> None:
        walk("connection", Categorical(self.connections))
        if walk("normalization", Categorical(self.normalizations)) != "none":
            walk("normalization_placement", Categorical(("before", "after")))
        walk("initialization", Categorical(self.initializations))
        walk("width", Categorical(self.widths))
        expansion = walk("expansion", Categorical(self.expansions))
        if expansion or any(OPERATIONS[name].is_linear for name in operations):
            walk("activation", Categorical(self.activations))
        walk("dropout", Categorical(self.dropouts))


class _Walk:
    """Asks for choices one by one and keeps the answers."""

    def __init__(self, choose: Choose) -> None:
        self.choices: dict[str, Value] = {}
        self._choose = choose

    def __call__(self, name: str, choice: Choice) -> Value:
        if isinstance(choice, Categorical) and len(choice.options) == 1:
            value = choice.options[0]
        elif isinstance(choice, Integer) and choice.low == choice.high:
            value = choice.low
        else:
            value = self._choose(name, choice)
        self.choices[name] = value
        return value

    def all(self, slot: str, choices: Mapping[str, Choice]) -> None:
        for name, choice in choices.items():
            self(f"{slot}.{name}", choice)
