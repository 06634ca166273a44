"""Folding: expressions in which everything that is known has been worked out."""

from __future__ import annotations

import ast
from collections.abc import Callable
from inspect import isfunction
from typing import Any, Protocol

from torch import nn

from spaces.export.source.facts import Facts, Unknown
from spaces.export.source.literals import NoLiteral, is_of_torch, literal
from spaces.export.source.syntax import copied

DEFAULTS_NOT_WRITTEN = {"attn_mask": None, "bias": None, "generator": None, "dilation": 1, "groups": 1}
"""Arguments of torch's functions that say nothing where they have these values."""


class Calls(Protocol):
    """What becomes of a call; each method returns the expression that stands for it."""

    def function(self, function: Callable[..., Any], call: ast.Call) -> ast.expr:
        """Of a function that is not torch's."""

    def method(self, name: str, call: ast.Call) -> ast.expr:
        """Of a method of the same class."""

    def child(self, name: str, module: nn.Module, call: ast.Call) -> ast.expr:
        """Of a module that is an attribute."""

    def named(self, function: Callable[..., Any]) -> ast.expr:
        """Of a function that is not torch's and is passed on rather than called."""


class Folding(ast.NodeTransformer):
    """Works out what is known in an expression.

    Args:
        facts: what is known.
        calls: what becomes of calls.
    """

    def __init__(self, facts: Facts, calls: Calls) -> None:
        self.facts = facts
        self.calls = calls

    def folded(self, node: ast.expr) -> ast.expr:
        """The expression, as far as it is worked out; the tree given stays as it is."""
        return self.visit(copied(node))

    def visit(self, node: ast.AST) -> Any:
        """A known expression becomes its value."""
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", None) or ast.Load(), ast.Load):
            try:
                return self._literal(self.facts.value(node))
            except (Unknown, NoLiteral):
                pass
        return super().visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """A choice whose condition is known becomes what is chosen."""
        test = self.condition(node.test)
        if isinstance(test, bool):
            return self.visit(node.body if test else node.orelse)
        return ast.IfExp(test, self.visit(node.body), self.visit(node.orelse))

    def condition(self, test: ast.expr) -> bool | ast.expr:
        """Whether a condition holds, or the condition where that is known only in a run."""
        try:
            return bool(self.facts.value(test, of_constants=True))
        except Unknown:
            found = self.visit(test)
            return bool(found.value) if isinstance(found, ast.Constant) else found

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """Conditions that change nothing are left out."""
        decides = isinstance(node.op, ast.Or)
        left: list[ast.expr] = []
        for each in node.values:
            found = self.condition(each)
            if found is decides:
                return ast.Constant(decides) if not left else ast.BoolOp(node.op, [*left, ast.Constant(decides)])
            if not isinstance(found, bool):
                left.append(found)
        if not left:
            return ast.Constant(not decides)
        return left[0] if len(left) == 1 else ast.BoolOp(node.op, left)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """The opposite of what is known is known."""
        operand = self.visit(node.operand)
        if isinstance(node.op, ast.Not) and isinstance(operand, ast.Constant):
            return ast.Constant(not operand.value)
        return ast.UnaryOp(node.op, operand)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """What is known only in a run is there in every run: an optional tensor that is `None` is known to be."""
        left, right = self.visit(node.left), [self.visit(each) for each in node.comparators]
        if len(right) == 1 and isinstance(right[0], ast.Constant) and right[0].value is None:
            is_none = isinstance(left, ast.Constant) and left.value is None
            return ast.Constant(is_none == isinstance(node.ops[0], ast.Is))
        return ast.Compare(left, node.ops, right)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call of ours is looked into; of one of torch's the arguments are worked out."""
        call = ast.Call(node.func, self._spliced(node.args), self._written(node.keywords))
        if isinstance(node.func, ast.Name) and node.func.id == "len" and isinstance(call.args[0], ast.Name):
            length = self.facts.lengths.get(call.args[0].id)
            if length is not None:
                return ast.Constant(length)
        called = self._called(node.func)
        if isfunction(called) and not is_of_torch(called):
            return self.calls.function(called, call)
        if (name := _own(node.func)) is not None:
            return self._own_call(name, call)
        if called is not None and is_of_torch(called) and isinstance(node.func, ast.Name):
            call.func = self._literal(called)
        elif not isinstance(node.func, ast.Name):
            call.func = self.visit(node.func)
        return call

    def _own_call(self, name: str, call: ast.Call) -> ast.expr:
        assert self.facts.module is not None
        value = getattr(self.facts.module, name)
        if isinstance(value, nn.Module):
            return self.calls.child(name, value, call)
        if getattr(value, "__self__", None) is self.facts.module:
            return self.calls.method(name, call) if not is_of_torch(value) else call
        call.func = self._literal(value)
        return call

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        """The names that it binds are known only in a run."""
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        """As a list's."""
        return self._comprehension(node)

    def visit_Starred(self, node: ast.Starred) -> ast.expr:
        """Only what is unpacked is worked out."""
        return ast.Starred(self.visit(node.value), node.ctx)

    def _comprehension(self, node: Any) -> ast.expr:
        bound = {
            each.id
            for generator in node.generators
            for each in ast.walk(generator.target)
            if isinstance(each, ast.Name)
        }
        for generator in node.generators[:1]:
            generator.iter = self.visit(generator.iter)
        with self.facts.forgetting(bound):
            for generator in node.generators[1:]:
                generator.iter = self.visit(generator.iter)
            node.elt = self.visit(node.elt)
        return node

    def _spliced(self, args: list[ast.expr]) -> list[ast.expr]:
        """Arguments; those of a tuple that is unpacked stand by themselves where they are known."""
        found: list[ast.expr] = []
        for each in args:
            made = self.visit(each)
            if isinstance(made, ast.Starred) and isinstance(made.value, ast.Tuple | ast.List):
                found += made.value.elts
            else:
                found.append(made)
        return found

    def _written(self, keywords: list[ast.keyword]) -> list[ast.keyword]:
        made = [ast.keyword(each.arg, self.visit(each.value)) for each in keywords]
        return [each for each in made if not _says_nothing(each)]

    def visit_Tuple(self, node: ast.Tuple) -> ast.expr:
        """As arguments."""
        return ast.Tuple(self._spliced(node.elts), node.ctx)

    def _called(self, function: ast.expr) -> Any:
        """The function or class that is called, `None` where that is known only in a run."""
        if any(isinstance(each, ast.Call) for each in ast.walk(function)):
            return None
        if _own(function) is not None and self.facts.module is not None:
            value = getattr(self.facts.module, str(_own(function)), None)
            return value if isfunction(value) else None
        try:
            return self.facts.value(function, of_constants=True)
        except Unknown:
            return None

    def _literal(self, value: Any) -> ast.expr:
        if isfunction(value) and not is_of_torch(value):
            return self.calls.named(value)
        if isinstance(value, tuple) and value and isinstance(value[0], float):
            named = [name for name, known in self.facts.names.items() if known is value and name.isupper()]
            if named:  # it says more than the numbers
                return ast.Name(named[0], ast.Load())
        return literal(value)


def _own(node: ast.expr) -> str | None:
    """`name` of `self.name`."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        return node.attr
    return None


def _says_nothing(keyword: ast.keyword) -> bool:
    if not isinstance(keyword.value, ast.Constant) or keyword.arg not in DEFAULTS_NOT_WRITTEN:
        return False
    return keyword.value.value is not False and keyword.value.value == DEFAULTS_NOT_WRITTEN[keyword.arg]
