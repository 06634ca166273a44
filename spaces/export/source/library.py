"""Library: the functions that exported classes call, each specialised for the ways in which it is called."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from torch import nn

from spaces.export.source.arguments import bound_arguments, flags, never_none, parameters_of
from spaces.export.source.execution import Execution, Unsupported, is_inlinable, without_dead_locals
from spaces.export.source.facts import Facts
from spaces.export.source.syntax import NoSource, docstring_of, function_of, names_read, replaced, without_docstring
from spaces.masks import mask_of, zeroed

NAMED = (mask_of, zeroed)
"""Functions that say more by their name than by what they return."""


class Library:
    """The functions that the exported classes call, each specialised for the ways in which it is called.

    Attributes:
        functions: definitions by name, in the order in which they were met.
        homes: name of the module in which each was defined.
        origins: of other names in what was looked into, the module that they are names of.
    """

    def __init__(self, rewritten: Callable[[str], str] = str) -> None:
        self._rewritten = rewritten
        self.functions: dict[str, ast.FunctionDef] = {}
        self.homes: dict[str, str] = {}
        self.origins: dict[str, str] = {}
        self._known: dict[tuple[Any, ...], tuple[str, list[str], list[ast.stmt]]] = {}

    def specialised(
        self, function: Callable[..., Any], known: Mapping[str, Any], lengths: Mapping[str, int]
    ) -> tuple[str, list[str], list[ast.stmt]]:
        """A function with some parameters known: its name, its other parameters and what is left of its body.

        It is not among `functions` before `keep`.
        """
        key = (function, tuple(sorted((name, repr(value)) for name, value in known.items())), tuple(lengths.items()))
        if key not in self._known:
            definition = function_of(function)
            names = [each.arg for each in parameters_of(definition)]
            facts = Facts(function.__globals__, known, set(names) - known.keys())
            facts.lengths.update(lengths)
            left = [name for name in names if name not in known]
            name = self._free_name(function.__name__)
            self._known[key] = (name, left, [])  # it may call itself
            body = without_dead_locals(Execution(facts, FunctionCalls(self)).run(without_docstring(definition.body)))
            self.note_origins(body, function.__module__)
            left = [each for each in left if each in names_read(body)]
            self._known[key] = (name, left, body)
        return self._known[key]

    def keep(self, function: Callable[..., Any], name: str, left: list[str], body: list[ast.stmt]) -> None:
        """Enters what `specialised` made among the functions."""
        if name in self.functions or not body:  # an empty one is being made and calls itself
            return
        definition = function_of(function)
        arguments = ast.arguments(
            [], [each for each in parameters_of(definition) if each.arg in left], None, [], [], None, []
        )
        doc = ast.Expr(ast.Constant(self._rewritten(docstring_of(definition) or "")))
        self.functions[name] = ast.FunctionDef(name, arguments, [doc, *body], [], never_none(definition.returns, body))
        self.homes[name] = function.__module__

    def note_origins(self, body: Iterable[ast.AST], module: str) -> None:
        """Remembers of which module the names are that a body reads."""
        for name in names_read(body):
            self.origins.setdefault(name, module)

    def calls(self) -> FunctionCalls:
        """What becomes of calls outside of any class."""
        return FunctionCalls(self)

    def use(self, function: Callable[..., Any], known: Mapping[str, Any] | None = None) -> str:
        """The name of a function that is called with what is known, by default nothing."""
        name, left, body = self.specialised(function, known or {}, {})
        self.keep(function, name, left, body)
        return name

    def _free_name(self, name: str) -> str:
        taken = {each for each, _, body in self._known.values() if len(body) != 1 or each in self.functions}
        return next(each for each in (name, *(f"{name}_{n}" for n in range(2, 99))) if each not in taken)


class FunctionCalls:
    """What becomes of calls outside of any class.

    Args:
        library: where functions are kept.
    """

    def __init__(self, library: Library) -> None:
        self.library = library

    def function(self, function: Callable[..., Any], call: ast.Call) -> ast.expr:
        """What it returns where that is an expression; otherwise the call, for what is not known."""
        try:
            bound = bound_arguments(function_of(function), call)
        except (NoSource, Unsupported):
            return ast.Call(self.named(function), call.args, call.keywords)
        known = flags(bound)
        lengths = {name: len(each.elts) for name, each in bound.items() if isinstance(each, ast.Tuple | ast.List)}
        name, left, body = self.library.specialised(function, known, lengths)
        arguments = [bound[each] for each in left]
        returned = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
        is_named = function in NAMED and "mask" in left
        if returned is not None and not is_named and is_inlinable(left, arguments, returned):
            return replaced(returned, dict(zip(left, arguments, strict=True)))
        self.library.keep(function, name, left, body)
        return ast.Call(ast.Name(name, ast.Load()), arguments, [])

    def method(self, name: str, call: ast.Call) -> ast.expr:
        """There is none."""
        raise Unsupported(f"self.{name} in a function")

    def child(self, name: str, module: nn.Module, call: ast.Call) -> ast.expr:
        """There is none."""
        raise Unsupported(f"self.{name} in a function")

    def named(self, function: Callable[..., Any]) -> ast.expr:
        """Its name; it becomes part of the export as it is."""
        return ast.Name(self.library.use(function), ast.Load())
