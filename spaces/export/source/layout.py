"""Layout: channels that would be moved last and first again stay first, as between two convolutions in a row."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

LAST, FIRST = ("1, -1", "-1, 1")
"""Arguments of `movedim` that move channels there."""

POINTWISE = ("F.gelu", "F.relu", "F.silu", "torch.tanh")
"""Functions that do the same to every number, so that channels may be moved before or after."""

SUMMARY, SUMMARY_MOVED = "tensors have their channels last", "rows have their channels last"


def without_idle_moves(tree: ast.Module) -> ast.Module:
    """The file of a network in which channels stay first from one statement to the next that wants them first."""
    changed = False
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for statement, following in zip(node.body, node.body[1:], strict=False):
                changed |= _stays_first(statement, following)
    if changed:
        doc = tree.body[0]
        assert isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant)
        doc.value.value = re.sub(SUMMARY.replace(" ", r"\s+"), SUMMARY_MOVED, str(doc.value.value))
    return tree


def _stays_first(statement: ast.stmt, following: ast.stmt) -> bool:
    """Leaves both moves out where one statement moves channels last, and the other first, and is the last to read."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
        return False
    name, made = statement.targets[0].id, _moved_last(statement.value)
    if made is None or not _ends(name, following):
        return False
    moves = [each for each in ast.walk(following) if _is_move(each, FIRST) and _is_name(each.func.value, name)]  # type: ignore[attr-defined]
    reads = [each for each in ast.walk(following) if _is_name(each, name) and isinstance(each.ctx, ast.Load)]  # type: ignore[attr-defined]
    if len(moves) < len(reads):
        return False
    statement.value = made
    _tell_channels_first(statement)
    _Unmoving(moves).visit(following)
    return True


def _ends(name: str, statement: ast.stmt) -> bool:
    """Whether nobody reads the value of a name after a statement."""
    if isinstance(statement, ast.Return):
        return True
    return isinstance(statement, ast.Assign) and _is_name(statement.targets[0], name)


def _moved_last(value: ast.expr) -> ast.expr | None:
    """A value before its channels are moved last; `None` where they are not."""
    if _is_move(value, LAST):
        return value.func.value  # type: ignore[attr-defined]
    if isinstance(value, ast.Call) and ast.unparse(value.func) in POINTWISE and len(value.args) == 1:
        inner = _moved_last(value.args[0])
        return None if inner is None else ast.Call(value.func, [inner], value.keywords)
    return None


def _is_move(node: ast.AST, where: str) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "movedim":
        return False
    return ", ".join(map(ast.unparse, node.args)) == where


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _tell_channels_first(statement: ast.stmt) -> None:
    """The comment that tells the shape, `# (batch, 4, 4, 32)`, has the channels behind the batch."""
    told = getattr(statement, "behind", None) or next(iter(getattr(statement, "above", [])), "")
    if not told.startswith("# (batch, "):
        return
    statement.behind = re.sub(r"\(batch, (.+), (\w+)\)", r"(batch, \2, \1)", told)  # type: ignore[attr-defined]
    if hasattr(statement, "above"):  # where it stood as the line was long
        del statement.above


class _Unmoving(ast.NodeTransformer):
    """Moves of channels are what is moved."""

    def __init__(self, moves: Sequence[ast.AST]) -> None:
        self._moves = {id(each) for each in moves}

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if id(node) in self._moves:
            assert isinstance(node.func, ast.Attribute)
            return node.func.value
        return self.generic_visit(node)  # type: ignore[return-value]
