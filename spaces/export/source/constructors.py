"""Constructors: the statements of an `__init__` that matter to a specialised class."""

from __future__ import annotations

import ast
from itertools import pairwise

from spaces.export.source.form import Member
from spaces.export.source.syntax import names_read, replaced, with_comments_of


def attribute_made(statement: ast.stmt) -> str | None:
    """`name` of `self.name = ...` or `self.register_buffer("name", ...)`."""
    if isinstance(statement, ast.Assign) and isinstance(target := statement.targets[0], ast.Attribute):
        return target.attr
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and ast.unparse(call.func) == "self.register_buffer":
        assert isinstance(call.args[0], ast.Constant)
        return str(call.args[0].value)
    return None


def base_call(statement: ast.stmt) -> ast.Call:
    """The call of a statement that `calls_base`."""
    assert isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    return statement.value


def calls_base(item: ast.stmt | Member) -> bool:
    """Whether it is `super().__init__(...)`, or a bare `return`."""
    return isinstance(item, ast.Return) or (
        isinstance(item, ast.Expr) and ast.unparse(item).startswith("super().__init__(")
    )


def annotation(name: str) -> ast.stmt:
    """`name: Tensor`."""
    return ast.AnnAssign(ast.Name(name, ast.Store()), ast.Name("Tensor", ast.Load()), None, 1)


def without_passing_names(items: list[ast.stmt | Member]) -> list[ast.stmt | Member]:
    """The items without names that only the next one reads, once."""
    for index, (item, following) in enumerate(pairwise(items)):
        target = item.targets[0] if isinstance(item, ast.Assign) else None
        if not isinstance(target, ast.Name) or not isinstance(following, ast.stmt) or hasattr(item, "above"):
            continue
        counts = [names_read([each]).count(target.id) for each in items if isinstance(each, ast.stmt)]
        if sum(counts) == 1 and names_read([following]).count(target.id) == 1:
            assert isinstance(item, ast.Assign)
            merged = with_comments_of(replaced(following, {target.id: item.value}), following)
            return without_passing_names([*items[:index], merged, *items[index + 2 :]])
    return items


def without_dead(items: list[ast.stmt | Member]) -> list[ast.stmt | Member]:
    """The items without assignments to names that nothing reads."""
    left: list[ast.stmt | Member] = []
    for item in reversed(items):
        target = item.targets[0] if isinstance(item, ast.Assign) else None
        read = names_read([each for each in left if isinstance(each, ast.stmt)])
        if not isinstance(target, ast.Name) or target.id in read:
            left.insert(0, item)
    return left
