"""SearchSpace: the names and ranges allowed, and the one walk through all choices."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from spaces.architecture import Architecture
from spaces.choices import (
    Categorical,
    Choice,
    Choose,
    Integer,
    Value,
    crossing,
    kept,
    mutating,
    restricted,
    sampling,
)
from spaces.errors import InvalidInput
from spaces.operations import OPERATIONS
from spaces.parameter_band import OutsideBand, ParameterBand, SizeLimit, persistently
from spaces.positions import POSITIONS, RelativePosition
from spaces.shapes import Kind, Task
from spaces.space_checks import (
    DROPOUTS,
    LARGEST_EXPANSION,
    LARGEST_WIDTH,
    MOST_BLOCKS,
    MOST_STAGES,
    NAMES,
    check_space,
)
from spaces.stems import STEMS
from spaces.walk import Traits, Walk

if TYPE_CHECKING:
    from spaces.limits import Limits

MUTATIONS_TRIED = 100


@dataclass(frozen=True)
class SearchSpace:
    """What a study may try, all names and ranges written out, since a study keeps the space it was created with.

    Attributes:
        operations: operations allowed in any stage.
        stems: stems allowed for networks whose operations read positions; those made of vector operations alone
            (`dense`, say) always flatten, as their family does.
        positions, heads, connections, gates, normalizations, placements, activations, initializations: names allowed.
            A relative position code is offered to networks in which an operation uses it.
        stages: fewest and most stages.
        blocks: fewest and most blocks a stage.
        widths: channels allowed; with a band of parameters any number between the smallest and the largest.
        expansions: width of the channel mixer as a multiple of the network's; 0 leaves the mixer out.
        dropouts: dropout rates allowed.
        options: sub-choices of which a study allows some options only, `{"convolution.kernel_size": (3, 5)}`; those of
            stems as `"stem.patch.size"`.
        parameters: fewest and most parameters of a network, for `task`; without it any number.
        max_parameters, max_flops: the most that a network may have on `task`; without them any number.
        task: what the space is fitted to, see `fitted`.
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
    gates: tuple[str, ...] = ("none",)
    placements: tuple[str, ...] = ("before", "after")
    stages: tuple[int, int] = (1, 2)
    blocks: tuple[int, int] = (1, 2)
    widths: tuple[int, ...] = (16, 32, 64)
    expansions: tuple[int, ...] = (0, 2)
    dropouts: tuple[float, ...] = (0.0, 0.1, 0.2, 0.4)
    options: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    parameters: tuple[int, int] | None = None
    max_parameters: int | None = None
    max_flops: int | None = None
    task: Task | None = None
    any_stem: bool = False

    def __post_init__(self) -> None:
        """Checks names and ranges.

        Raises:
            InvalidInput: a name is unknown, a list is empty or a range has no number.
        """
        check_space(self)
        # YAML reads 0 for 0.0, and a fingerprint tells them apart
        object.__setattr__(self, "dropouts", tuple(float(rate) for rate in self.dropouts))

    @classmethod
    def named(cls, name: str) -> SearchSpace:
        """A built-in space; see `spaces.built_in`.

        Raises:
            InvalidInput: there is no space of this name.
        """
        from spaces.built_in import built_in

        return built_in(name)

    @classmethod
    def universe(cls) -> SearchSpace:
        """Every network that can be written down; what architectures made by hand are checked against."""
        return _universe(tuple(registry.names() for registry in NAMES.values()))

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
        return self.with_operations([name for name in self.operations if OPERATIONS[name].family in families])

    def with_operations(self, operations: Collection[str], limits: Limits | None = None) -> SearchSpace:
        """The same space with these of its operations alone, and under these limits in place of its own."""
        kept = ("stem", *operations)
        options = {name: allowed for name, allowed in self.options.items() if name.partition(".")[0] in kept}
        space = replace(self, operations=tuple(operations), options=options)
        return space if limits is None else replace(space, max_parameters=limits.parameters, max_flops=limits.flops)

    @cached_property
    def limits(self) -> Limits | None:
        """How large a network may be at most; None where that is not said."""
        if self.task is None or (self.max_parameters is None and self.max_flops is None):
            return None
        from spaces.limits import Limits  # counting takes torch's counter, which a space without limits does not need

        return Limits(self.max_parameters, self.max_flops, self.task)

    def allows_size(self, architecture: Architecture) -> bool:
        """Whether a network, of this space or not, keeps within the limits."""
        return self.limits is None or self.limits.allow(architecture)

    def fitted(self, task: Task, most_positions: int | None = None) -> SearchSpace:
        """The same space for one task, without what makes no sense or costs too much there; see `spaces.fitting`.

        Args:
            task: what its networks are built for.
            most_positions: that a stem should leave at most.

        Raises:
            InvalidInput: no stem is left, or to predict the next token no operation or gate.
        """
        from spaces.fitting import MOST_POSITIONS, fitted

        return fitted(self, task, most_positions or MOST_POSITIONS)

    def sample(self, rng: np.random.Generator, families: Collection[str] | None = None) -> Architecture:
        """A random architecture, each choice uniform; with `families` given, one made of their operations alone.

        Within a band of parameters, networks that need fewer or more blocks to lie in it are given them.

        Raises:
            InvalidInput: several networks in a row could not be brought into the band.
        """
        space = self if families is None else self.only(families)
        return persistently(lambda: space.decide(sampling(rng)))

    def open_choices(self, architecture: Architecture) -> list[str]:
        """Names of the choices that are the space's to decide, for this architecture."""
        asked: list[str] = []
        rng = np.random.default_rng(0)  # for what lies outside the space

        def read(name: str, choice: Choice) -> Value:
            asked.append(name)
            return kept(choice, architecture.choices.get(name, ""), rng)

        self.sketch(read)
        return asked

    def mutate(self, architecture: Architecture, rng: np.random.Generator) -> Architecture:
        """Another architecture of the space near this one: one open choice changes, the others do at a rate of 1 / d.

        As in evolution strategies on discrete spaces (Mühlenbein 1992), `d` is the number of open choices. A choice
        that comes into use is sampled.

        Raises:
            InvalidInput: the space holds no other architecture.
        """
        asked = self.open_choices(architecture)
        for _ in range(MUTATIONS_TRIED if asked else 0):
            forced = asked[int(rng.random() * len(asked))]
            choose = mutating(architecture.choices, forced, 1 / len(asked), rng)
            try:
                child = self.decide(choose)
            except OutsideBand:
                continue
            if child.fingerprint != architecture.fingerprint:  # a longer stage may be two of the same
                return child
        raise InvalidInput(f"mutation: found no other network than {architecture}, expected a space with several")

    def cross(self, first: Architecture, second: Architecture, rng: np.random.Generator) -> Architecture:
        """An architecture of the space that takes each choice from one of two parents."""
        return persistently(lambda: self.decide(crossing(first.choices, second.choices, rng)))

    def count(self) -> int | float:
        """How many architectures the space holds, exactly; infinite with a real-valued sub-choice.

        A band of parameters is not counted: it takes building every network.
        """
        from spaces.counting import count

        return count(self)

    def decide(self, choose: Choose) -> Architecture:
        """Walks through all choices in order and asks `choose` for each that is in use.

        This is the only place that knows which choice depends on which: sampling, Optuna, reading a file and counting
        are all different `choose` functions. A choice with a single option is not asked.

        Raises:
            OutsideBand: there is a band of parameters, or limits, and no network near the answers keeps within.
        """
        if self.parameters is None and self.limits is None:
            return self.sketch(choose)
        band = ParameterBand(self.parameters, self.task, self.limits)
        try:
            return band.decide(choose, lambda walk, limit: self._decide(walk, limit, band))
        except OutsideBand as miss:
            if self.parameters is not None or self.limits is None:
                raise
            from spaces.limits import read_back, shrunk

            found = shrunk(self, self.limits, read_back(self, miss.answers))
            if self.limits.allow(found):
                return found
            raise

    def sketch(self, choose: Choose) -> Architecture:
        """As `decide`, but whatever size the network is of."""
        return self._decide(Walk(choose), SizeLimit(), None)

    def _decide(self, walk: Walk, limit: SizeLimit, band: ParameterBand | None) -> Architecture:
        stages = int(walk("stages", limit.stages(self.choices["stages"])))
        traits = Traits.of_operations([self.stage(walk, number, limit) for number in range(1, stages + 1)])
        self.entrance(walk, traits, stages)
        self.body(walk, traits, limit)
        widths = self.choices["width"]
        walk("width", widths if band is None else band.widths(widths, walk.choices))
        return Architecture(walk.choices)

    def stage(self, walk: Walk, number: int, limit: SizeLimit) -> str:
        """Decides one stage and returns its operation."""
        slot = f"stage{number}"
        operation = str(walk(f"{slot}.operation", self.choices["operation"]))
        walk.all(f"{slot}.{operation}", self.sub_choices(operation, OPERATIONS[operation].choices))
        walk(f"{slot}.blocks", limit.blocks(self.choices["blocks"]))
        return operation

    def entrance(self, walk: Walk, traits: Traits, stages: int) -> None:
        """Decides how data come in and results go out."""
        flattens = traits.vectors_alone and not self.any_stem
        stem = str(walk("stem", _FLATTEN if flattens else self.choices["stem"]))
        walk.all(f"stem.{stem}", self.sub_choices(f"stem.{stem}", STEMS[stem].choices))
        if STEMS[stem].keeps_positions:
            walk("position", self.choices["position"] if traits.relative else self._absolute_positions)
            walk("head", self.choices["head"])
            if stages > 1:
                walk("downsampling", self.choices["downsampling"])

    def body(self, walk: Walk, traits: Traits, limit: SizeLimit) -> None:
        """Decides what all blocks have in common but their width."""
        walk("connection", self.choices["connection"])
        walk("gate", self.choices["gate"])
        if walk("normalization", self.choices["normalization"]) != "none":
            walk("normalization_placement", self.choices["normalization_placement"])
        walk("initialization", self.choices["initialization"])
        expansion = walk("expansion", limit.expansions(self.choices["expansion"]))
        if expansion or traits.linear:
            walk("activation", self.choices["activation"])
        walk("dropout", self.choices["dropout"])

    @cached_property
    def choices(self) -> Mapping[str, Choice]:
        """The choices made once for a network or once a stage, as the space allows them."""
        predicts_next = self.task is not None and self.task.kind is Kind.NEXT_TOKEN  # at each step, so all are kept
        width = Categorical(self.widths) if self.parameters is None else Integer(min(self.widths), max(self.widths))
        return {
            "stages": Integer(*self.stages),
            "operation": Categorical(self.operations),
            "blocks": Integer(*self.blocks),
            "stem": Categorical(self.stems),
            "position": Categorical(self.positions),
            "head": Categorical(self.heads),
            "downsampling": Categorical((False,) if predicts_next else (False, True)),
            "connection": Categorical(self.connections),
            "gate": Categorical(self.gates),
            "normalization": Categorical(self.normalizations),
            "normalization_placement": Categorical(self.placements),
            "initialization": Categorical(self.initializations),
            "expansion": Categorical(self.expansions),
            "activation": Categorical(self.activations),
            "dropout": Categorical(self.dropouts),
            "width": width,
        }

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all choices of its networks, whether in use or not."""
        stems = [f"stem.{name}.{choice}" for name in self.stems for choice in STEMS[name].choices]
        of_stage = [f"{name}.{choice}" for name in self.operations for choice in OPERATIONS[name].choices]
        of_stage += ["operation", "blocks"]
        staged = [f"stage{number}.{name}" for number in range(1, self.stages[1] + 1) for name in of_stage]
        return (*(name for name in self.choices if name not in of_stage), *stems, *staged)

    def sub_choices(self, slot: str, choices: Mapping[str, Choice]) -> Mapping[str, Choice]:
        """Sub-choices as the space allows them.

        Args:
            slot: whose they are: name of an operation, or `stem.` and the name of a stem.
            choices: what it declares.
        """
        if not self.options or not choices:
            return choices
        if slot not in self._restricted:
            self._restricted[slot] = {
                name: restricted(choice, self.options[f"{slot}.{name}"]) if f"{slot}.{name}" in self.options else choice
                for name, choice in choices.items()
            }
        return self._restricted[slot]

    @cached_property
    def _restricted(self) -> dict[str, dict[str, Choice]]:
        """Slot -> its sub-choices, as far as they were asked for."""
        return {}

    @cached_property
    def _absolute_positions(self) -> Categorical:
        absolute = [name for name in self.positions if not issubclass(POSITIONS[name], RelativePosition)]
        return Categorical(self.positions).limited_to(absolute) if absolute else Categorical(("none",))


@lru_cache(maxsize=1)
def _universe(_: tuple[tuple[str, ...], ...]) -> SearchSpace:
    """Of the names registered; kept, since to check thousands of widths takes longer than to read a network."""
    return replace(
        SearchSpace.named("everything"),
        stems=STEMS.names(),
        stages=(1, MOST_STAGES),
        blocks=(1, MOST_BLOCKS),
        widths=tuple(range(1, LARGEST_WIDTH + 1)),
        expansions=tuple(range(LARGEST_EXPANSION + 1)),
        dropouts=DROPOUTS,
        any_stem=True,
    )


_FLATTEN = Categorical(("flatten",))
