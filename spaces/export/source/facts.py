"""Facts: what is known of the names in a piece of source while one network is written."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from spaces.export.source.literals import is_of_torch


class Unknown(Exception):
    """The value of an expression is known only where the network runs."""


class Facts:
    """What is known inside one function or method.

    Args:
        names: of the module that it stands in.
        known: parameters and locals whose values are the same in every run.
        unknown: those whose values are not.
        module: what `self` is.
    """

    def __init__(
        self,
        names: Mapping[str, Any],
        known: Mapping[str, Any],
        unknown: set[str],
        module: nn.Module | None = None,
    ) -> None:
        self.names = names
        self.known = dict(known)
        self.unknown = set(unknown)
        self.module = module
        self.lengths: dict[str, int] = {}

    def learn(self, name: str, value: Any) -> None:
        """From here on the name has this value."""
        self.known[name] = value
        self.unknown.discard(name)

    def forget(self, name: str) -> None:
        """From here on the name has a value that is known only in a run."""
        self.known.pop(name, None)
        self.lengths.pop(name, None)
        self.unknown.add(name)

    @contextmanager
    def forgetting(self, names: set[str]) -> Iterator[None]:
        """Inside the block the names stand for something else."""
        before = dict(self.known), set(self.unknown)
        self.unknown |= names
        yield
        self.known, self.unknown = before

    def value(self, node: ast.expr, *, of_constants: bool = False) -> Any:
        """The value of an expression.

        Args:
            node: the expression.
            of_constants: whether one of literals and named constants alone is worth its value; else it reads better as
                it stands.

        Raises:
            Unknown: it depends on what is known only in a run, has an effect, or is a tensor or a module to be made.
        """
        if not self._reads_something_known(node) and not of_constants:
            raise Unknown
        for each in ast.walk(node):
            if isinstance(each, ast.Call):
                self._check_pure(each.func)
        value = self._run(node)
        if any(
            isinstance(each, Tensor | nn.Module) for each in (value if isinstance(value, tuple | list) else [value])
        ):
            raise Unknown
        return value

    def _run(self, node: ast.expr) -> Any:
        names = {**self.names, **self.known}
        if self.module is not None:
            names["self"] = Known(self.module)
        try:
            return eval(compile(ast.fix_missing_locations(ast.Expression(node)), "<source>", "eval"), names)
        except Exception as error:
            raise Unknown from error

    def _reads_something_known(self, node: ast.expr) -> bool:
        bound = {
            each.id for each in ast.walk(node) if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)
        }
        found = False
        for each in ast.walk(node):
            if not isinstance(each, ast.Name) or each.id in bound:
                continue
            if each.id in self.known or (each.id == "self" and self.module is not None):
                found = True
            elif each.id in self.unknown or not (each.id in self.names or hasattr(builtins, each.id)):
                raise Unknown
        return found

    def _check_pure(self, function: ast.expr) -> None:
        """What torch computes is a tensor, and a module's constructor is part of what is written."""
        called = self._run(function)
        if isinstance(called, type) and issubclass(called, nn.Module):
            raise Unknown
        if is_of_torch(called) and not str(called.__module__).startswith("torch.compiler"):
            raise Unknown


class Known:
    """A module as far as it is the same in every run: its numbers, texts, flags and shapes, and not its weights."""

    def __init__(self, module: nn.Module) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._module, name)
        if name == "training" or (callable(value) and getattr(value, "__self__", None) is self._module):
            raise Unknown
        if isinstance(value, Tensor):
            return torch.empty_like(value, device="meta")  # its shape is known
        return Known(value) if isinstance(value, nn.Module) else value
