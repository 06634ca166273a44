"""Recording: which arguments every module of a network was built with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)

_LOCK = Lock()


@dataclass(frozen=True)
class Call:
    """How a module was built: `type(module)(*positional, **named)`."""

    positional: tuple[Any, ...]
    named: dict[str, Any]

    def by_parameter(self, module: nn.Module) -> dict[str, Any]:
        """Every parameter of the constructor with its value, defaults included."""
        bound = inspect.signature(type(module).__init__).bind(module, *self.positional, **self.named)
        bound.apply_defaults()
        return dict(list(bound.arguments.items())[1:])


@dataclass(frozen=True)
class Recorded:
    """A network and the constructor call of each module in it."""

    network: nn.Module
    calls: dict[int, Call]

    def call(self, module: nn.Module) -> Call:
        """How this module of the network was built."""
        return self.calls[id(module)]


def recorded(build: Callable[[], nn.Module]) -> Recorded:
    """Builds a network and notes all constructor calls; torch's global generator is left as it was.

    It is built twice, since only a network tells which classes it is made of.
    """
    with torch.random.fork_rng(devices=[]), _LOCK:
        kinds = {type(module) for module in build().modules()}
        calls: dict[int, Call] = {}
        with _noting(kinds, calls):
            network = build()
    return Recorded(network, calls)


@contextmanager
def _noting(kinds: set[type[nn.Module]], calls: dict[int, Call]) -> Iterator[None]:
    """Inside the block the constructors of these classes note what they are called with."""
    own = {kind: vars(kind).get("__init__") for kind in kinds}
    try:
        for kind in kinds:
            _set(kind, _noting_constructor(kind, kind.__init__, calls))
        yield
    finally:
        for kind, constructor in own.items():
            if constructor is None:
                del kind.__init__
            else:
                _set(kind, constructor)


def _noting_constructor(
    kind: type[nn.Module], constructor: Callable[..., None], calls: dict[int, Call]
) -> Callable[..., None]:
    def noting(module: nn.Module, *positional: Any, **named: Any) -> None:
        if type(module) is kind:  # and not a subclass, whose own constructor calls this one
            calls[id(module)] = Call(positional, named)
        constructor(module, *positional, **named)

    return noting


def _set(kind: type[nn.Module], constructor: Any) -> None:
    setattr(kind, "__init__", constructor)  # noqa: B010  mypy refuses the plain assignment
