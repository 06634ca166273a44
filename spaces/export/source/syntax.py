"""Syntax: where classes and functions stand in their source, their comments, and trees made of text."""

from __future__ import annotations

import ast
import inspect
import io
import sys
import textwrap
import tokenize
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from types import ModuleType
from typing import Any, TypeVar

Node = TypeVar("Node", bound=ast.AST)


class CannotLeave(Exception):
    """Something in a module cannot be written as a file of its own; the message says what."""


class NoSource(CannotLeave):
    """There is no source of a class or function, or it is not at the top level of a module."""


def class_of(kind: type) -> ast.ClassDef:
    """The definition of a class."""
    found = _top_level(kind.__module__, kind.__qualname__)
    assert isinstance(found, ast.ClassDef)
    return found


def function_of(function: Callable[..., Any]) -> ast.FunctionDef:
    """The definition of a function at the top level, or of a method."""
    owner, _, name = function.__qualname__.rpartition(".")
    if not owner:
        found = _top_level(function.__module__, name)
    else:
        definition = _top_level(function.__module__, owner)
        assert isinstance(definition, ast.ClassDef)
        found = next(each for each in definition.body if isinstance(each, ast.FunctionDef) and each.name == name)
    if not isinstance(found, ast.FunctionDef):
        raise NoSource(f"{function.__qualname__} is no plain function")
    return found


def module_tree(module: str) -> ast.Module:
    """The tree of a module that was imported; statements have attributes `above` and `behind`, their comments."""
    return _parsed(_source(sys.modules[module]))


def expr(text: str) -> ast.expr:
    """The tree of an expression."""
    return ast.parse(text, mode="eval").body


def statements(text: str) -> list[ast.stmt]:
    """The trees of statements."""
    return ast.parse(textwrap.dedent(text)).body


def replaced(node: Node, names: dict[str, ast.expr]) -> Node:
    """A copy of a tree in which expressions stand for names that are read."""
    return _Replacing(names).visit(copied(node))


def copied(node: Node) -> Node:
    """A copy of a tree, with its statements' comments."""
    made = type(node)(**{name: _copied_field(value) for name, value in ast.iter_fields(node)})
    for name in ("lineno", "col_offset", "end_lineno", "end_col_offset", "above", "behind"):
        if hasattr(node, name):
            setattr(made, name, getattr(node, name))
    return made


def _copied_field(value: Any) -> Any:
    if isinstance(value, list):
        return [_copied_field(each) for each in value]
    return copied(value) if isinstance(value, ast.AST) else value


def with_comments_of(made: ast.stmt, original: ast.stmt) -> ast.stmt:
    """The statement with the comments of the one that it was made of."""
    for name in ("above", "behind"):
        if hasattr(original, name) and not hasattr(made, name):
            setattr(made, name, getattr(original, name))
    return made


def names_read(nodes: Iterable[ast.AST]) -> list[str]:
    """Every name that is read somewhere in the trees, in order, as often as it is."""
    return [
        each.id
        for node in nodes
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    ]


def own_attributes(nodes: Iterable[ast.AST]) -> list[str]:
    """Every `name` of a `self.name` in the trees, in order, as often as it is there."""
    return [
        each.attr
        for node in nodes
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "self"
    ]


def docstring_of(node: ast.ClassDef | ast.FunctionDef) -> str | None:
    """The docstring, without indentation."""
    return ast.get_docstring(node)


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """A body without the docstring that it opens with."""
    first = body[0] if body else None
    is_text = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return body[1:] if is_text else body


class _Replacing(ast.NodeTransformer):
    def __init__(self, names: dict[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in self.names:
            return copied(self.names[node.id])
        return node


def _top_level(module: str, name: str) -> ast.stmt:
    if module not in sys.modules or "." in name:
        raise NoSource(f"{name} is not at the top level of a file")
    for node in module_tree(module).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return node
    raise NoSource(f"{name} is not at the top level of {module}")


def _source(module: ModuleType) -> str:
    """What stands in a module; one that was run from text keeps it beside."""
    kept = getattr(module, "__source__", None)
    if isinstance(kept, str):
        return kept
    try:
        return inspect.getsource(module)
    except (OSError, TypeError) as error:
        raise NoSource(f"module {module.__name__} has no source") from error


@lru_cache(maxsize=256)
def _parsed(source: str) -> ast.Module:
    tree = ast.parse(source)
    comments = _comments(source)
    lines = source.splitlines()
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef | ast.ClassDef):
            above = list(_above(node.lineno, comments, lines))
            end = node.lineno if isinstance(node, ast.If | ast.For | ast.With | ast.While) else node.end_lineno
            behind = next((comments[line] for line in (node.lineno, end) if line in comments), None)
            if above:
                node.above = above  # type: ignore[attr-defined]
            if behind:
                node.behind = behind  # type: ignore[attr-defined]
    return tree


def _above(line: int, comments: dict[int, str], lines: list[str]) -> Iterator[str]:
    first = line - 1
    while first in comments and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    for each in range(first + 1, line):
        yield comments[each]


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
