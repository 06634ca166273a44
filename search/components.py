"""Components: which contrasts a search space holds, and the two arms of one in a host.

Everything is read off the space, so an operation, a gate or a connection of a user's own takes part unasked.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from search.turns import in_turns
from spaces import Architecture, InvalidInput, SearchSpace
from spaces.choices import Choice, Value, kept
from spaces.operations import OPERATIONS

CONTROL = "control"
"""The family without a learned token mixer, in which few components have anything to work on."""
KIND = " kind"
"""What a component is called that swaps the operations of a family: `attention kind`."""

SLOTS = ("connection", "gate", "normalization", "initialization", "position")
REFERENCES = {
    "connection": "plain",
    "gate": "none",
    "normalization": "none",
    "initialization": "glorot",
    "position": "none",
    "attention kind": "multi_head_attention",
    "convolution kind": "convolution",
    "feedforward kind": "dense",
    "recurrence kind": "lstm",
    "wavelet kind": "wavelet_network",
}
"""What the other options of a component are compared with: nothing at all where that is an option."""
USUAL = {
    "connection": "residual",
    "gate": "squeeze_excitation",
    "normalization": "layer",
    "initialization": "he",
    "position": "sinusoidal",
    "attention kind": "dot_product_attention",
}
"""The option that is asked about first, since most people would try it."""


@dataclass(frozen=True)
class Contrast:
    """One option of a component against another, all else being equal.

    Attributes:
        component: `connection`, `gate`, `attention kind`, …
        option: what is put in.
        reference: what stands there otherwise.
    """

    component: str
    option: str
    reference: str

    def arms(self, host: Architecture, space: SearchSpace) -> tuple[Architecture, Architecture] | None:
        """The host with the option and with the reference; None where the space has no such pair.

        Both have every choice of the host but the component. Choices that come into use with an option, such as where a
        normalization stands, are drawn, the same for all options that ask for them.
        """
        if self.component.endswith(KIND) and host.families != (self.component.removesuffix(KIND),):
            return None
        arms = [self._arm(value, host, space) for value in (self.option, self.reference)]
        if None in arms:
            return None
        option, reference = (arm for arm in arms if arm is not None)
        shared = option.choices.keys() & reference.choices.keys()
        differing = [name for name in shared if option[name] != reference[name] and not self._decides(name)]
        return None if differing or option.fingerprint == reference.fingerprint else (option, reference)

    def native(self, host: Architecture) -> str | None:
        """What stands in the host itself; None where that is not one thing."""
        found = {str(value) for name, value in host.choices.items() if self._decides(name)}
        return found.pop() if len(found) == 1 else None

    def _arm(self, value: str, host: Architecture, space: SearchSpace) -> Architecture | None:
        def choose(name: str, choice: Choice) -> Value:
            if self._decides(name) and choice.offers(value):
                return value
            rng = np.random.default_rng(zlib.crc32(f"{host.fingerprint} {name}".encode()))
            return kept(choice, host.choices.get(name, ""), rng)

        try:
            arm = space.decide(choose)
        except InvalidInput:  # no network near the host lies in the band of parameters
            return None
        return arm if self.native(arm) == value else None

    def _decides(self, name: str) -> bool:
        if self.component.endswith(KIND):
            return re.fullmatch(r"stage\d+\.operation", name) is not None
        return name == self.component


def contrasts_of(space: SearchSpace) -> list[Contrast]:
    """All contrasts of a space, those first whose answer most people want: one of each component, then another of each.

    Within a component a user's own operation comes first, then the usual option. Swaps within families other than
    attention come last, unless an operation of a user's own is among them.
    """
    slots = [_contrasts(name, getattr(space, f"{name}s"), ()) for name in SLOTS]
    kinds = {family: _kinds(space, family) for family in space.families if family != CONTROL}
    early = [family for family in kinds if family == "attention" or _own(space, family)]
    late = [family for family in kinds if family not in early]
    return [*in_turns([*slots, *(kinds[family] for family in early)]), *in_turns(kinds[f] for f in late)]


def _kinds(space: SearchSpace, family: str) -> list[Contrast]:
    names = [name for name in space.operations if OPERATIONS[name].family == family]
    return _contrasts(family + KIND, names, _own(space, family))


def _own(space: SearchSpace, family: str) -> list[str]:
    """A user's own operations of a family."""
    return [n for n in space.operations if n not in OPERATIONS.installed and OPERATIONS[n].family == family]


def _contrasts(component: str, names: Sequence[str], own: Collection[str]) -> list[Contrast]:
    """Each option against the reference, or where the space has no such name, against the first."""

    def rank(name: str) -> tuple[bool, bool, bool, str]:
        return name != REFERENCES.get(component), name not in own, name != USUAL.get(component), name

    reference, *options = sorted(names, key=rank)
    return [Contrast(component, option, reference) for option in options]
