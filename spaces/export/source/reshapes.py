"""Reshapes: those that change nothing are left out, as on a sequence what flattens the positions of an image.

Which do nothing is found by running the code once: positions are the same in every batch.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from spaces.export.source.syntax import copied, replaced
from spaces.shapes import Task

RESHAPING = ("flatten", "view", "reshape")
BATCHES = (2, 3)

Shapes = dict[int, set[tuple[tuple[int, ...], tuple[int, ...]]]]
"""Number of a call -> shapes that it was seen with, before and after."""


def without_idle_reshapes(tree: ast.Module, task: Task, padded: bool) -> ast.Module:
    """The file of a network without reshapes that change nothing on its rows."""
    shapes = _observed(tree, task, padded)
    seen = {number: found for number, found in shapes.items() if found}
    calls = dict(enumerate(_reshaping(tree)))
    idle = {id(calls[number]) for number, found in seen.items() if all(before == after for before, after in found)}
    ranks = {id(calls[number]): {len(before) for before, _ in found} for number, found in seen.items()}
    tree = _Simplifying(idle, ranks).visit(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body = _without_aliases(node.body)
    return tree


def _observed(tree: ast.Module, task: Task, padded: bool) -> Shapes:
    shapes: Shapes = defaultdict(set)

    def probe(number: int, value: Any, call: Callable[[Any], Any]) -> Any:
        result = call(value)
        shapes[number].add((tuple(value.shape), tuple(result.shape)))
        return result

    probed = copied(tree)
    numbers = {id(call): number for number, call in enumerate(_reshaping(probed))}
    names: dict[str, Any] = {"__name__": "model", "_probe": probe}
    made = ast.fix_missing_locations(_Probing(numbers).visit(probed))
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        exec(compile(made, "model.py", "exec"), names)
        network = names["Network"]().eval()
        for rows in BATCHES:
            network(*_inputs(task, rows, padded))
    return shapes


def _inputs(task: Task, rows: int, padded: bool) -> tuple[Tensor, ...]:
    shape = (rows, *task.row_shape)
    x = torch.zeros(shape, dtype=torch.int64) if task.vocabulary else torch.randn(shape)
    return (x, torch.full((rows,), task.grid.length)) if padded else (x,)


def _reshaping(tree: ast.AST) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RESHAPING
    ]


class _Probing(ast.NodeTransformer):
    """Calls tell the shapes before and after them."""

    def __init__(self, numbers: dict[int, int]) -> None:
        self.numbers = numbers

    def visit_Call(self, node: ast.Call) -> ast.expr:
        number = self.numbers.get(id(node))
        self.generic_visit(node)
        if number is None:
            return node
        assert isinstance(node.func, ast.Attribute)
        value, inside = node.func.value, ast.Name("_value", ast.Load())
        signature = ast.arguments([], [ast.arg("_value")], None, [], [], None, [])
        call = ast.Call(ast.Attribute(inside, node.func.attr, ast.Load()), node.args, node.keywords)
        return ast.Call(ast.Name("_probe", ast.Load()), [ast.Constant(number), value, ast.Lambda(signature, call)], [])


class _Simplifying(ast.NodeTransformer):
    """Idle calls are what they are called on; axes are counted from the front."""

    def __init__(self, idle: set[int], ranks: dict[int, set[int]]) -> None:
        self.idle = idle
        self.ranks = ranks

    def visit_Call(self, node: ast.Call) -> ast.expr:
        is_idle, ranks = id(node) in self.idle, self.ranks.get(id(node), set())
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute):
            return node
        if is_idle:
            return node.func.value
        if node.func.attr == "flatten" and len(ranks) == 1 and len(node.args) == 2:
            node.args[1] = _from_the_front(node.args[1], *ranks)
        return node


def _from_the_front(axis: ast.expr, rank: int) -> ast.expr:
    if isinstance(axis, ast.UnaryOp) and isinstance(axis.operand, ast.Constant) and isinstance(axis.operand.value, int):
        return ast.Constant(rank - axis.operand.value)
    return axis


def _without_aliases(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements without those that only give a name another name."""
    for index, statement in enumerate(body):
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if not isinstance(target, ast.Name) or not isinstance(statement.value, ast.Name):  # type: ignore[attr-defined]
            continue
        source, after = statement.value.id, body[index + 1 :]  # type: ignore[attr-defined]
        stored = {target.id, source} & _stored(after)
        if source == target.id or not stored:
            put: dict[str, ast.expr] = {} if source == target.id else {target.id: ast.Name(source, ast.Load())}
            return _without_aliases([*body[:index], *(replaced(each, put) for each in after)])
    return body


def _stored(body: Sequence[ast.stmt]) -> set[str]:
    return {
        each.id
        for statement in body
        for each in ast.walk(statement)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
