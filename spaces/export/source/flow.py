"""Flow: the statements of a `forward` as one part after the other is added, and what they call."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from torch import nn

from spaces.export.source.form import Form, Member, Merged
from spaces.export.source.specialization import Specialiser, place_form, placed
from spaces.export.source.syntax import expr, names_read, replaced, with_comments_of
from spaces.masks import zeroed

HERE = ast.Name("here", ast.Load())
"""Stands for what was computed so far in an expression that goes on from it."""

NONE = ast.Constant(None)

LONGEST = 72
"""Characters of an expression before it becomes a statement."""


class Flow:
    """Goes from `x` through one part after the other.

    What is computed so far is an expression that grows; it becomes a statement once it is long, or is read twice.

    Args:
        specialiser: of the network.
        is_masked: whether there is a `mask` of padding.
        is_step_by_step: whether each part has a statement of its own.
    """

    def __init__(self, specialiser: Specialiser, *, is_masked: bool, is_step_by_step: bool = False) -> None:
        self.specialiser = specialiser
        self.is_masked = is_masked
        self.members: dict[str, Member | Merged] = {}
        self._is_step_by_step = is_step_by_step
        self._body: list[ast.stmt] = []
        self._x: ast.expr = expr("x")
        self._target = "x"

    @property
    def mask(self) -> ast.expr:
        """What parts are called with that take a mask."""
        return expr("mask") if self.is_masked else NONE

    def form(self, name: str, doc: str) -> Form:
        """What was added, as a form that returns the last of it."""
        form = Form(name, None, expr("nn.Module"), doc, forward=self._returning())
        for member in self.members.values():
            if isinstance(member, Member):
                form.init.append(member)
            else:
                member.join(form)
        return form

    def call(self, name: str, module: nn.Module, origin: str, *arguments: ast.expr) -> None:
        """Goes on through a module, which becomes the attribute `name` if it holds anything."""
        call = ast.Call(NONE, [HERE, *arguments], [])
        self.put(placed(self.specialiser, self.members, name, module, call, origin))

    def place(self, name: str, form: Form, origin: str) -> None:
        """Goes on through a form that was composed; a mask is its second argument."""
        arguments = [HERE, self.mask][: len(form.parameters)]
        self.put(place_form(self.members, name, form, arguments, origin))

    def call_for_mask(self, name: str, module: nn.Module) -> None:
        """Goes on through a module that holds nothing and also says which positions then hold data."""
        call = ast.Call(NONE, [HERE, self.mask], [])
        made = placed(self.specialiser, self.members, name, module, call)
        if isinstance(made, ast.Tuple):  # there is no mask
            self.put(made.elts[0])
            return
        target = ast.Tuple([ast.Name("x", ast.Store()), ast.Name("mask", ast.Store())], ast.Store())
        self._write(target, replaced(made, {"here": self._x}))

    def function(self, function: Callable[..., Any], arguments: str) -> ast.expr:
        """A call of a function of ours."""
        name = self.specialiser.library.use(function)
        return expr(f"{name}({arguments})")

    def zero(self, *, always: bool = False) -> None:
        """Sets what stands in the padding to zero."""
        if (self.is_masked or always) and not self._is_zero():
            self.put(self.function(zeroed, "here, mask"))

    def apply(self, suffix: str) -> None:
        """Goes on through what is written behind an expression, such as `.flatten(1)`."""
        self.put(expr(f"here{suffix}"))

    def put(self, made: ast.expr) -> None:
        """Goes on with an expression of `HERE`."""
        if self._is_zero():
            made = _NotZeroedAgain().visit(made)
        count = names_read([made]).count("here")
        if not isinstance(self._x, ast.Name) and (count > 1 or self._is_long(made)):
            self._settle()
        self._x = replaced(made, {"here": self._x})
        if self._is_step_by_step:
            self._settle()

    def assign(self, name: str, value: ast.expr) -> None:
        """Adds a statement that assigns a name beside `x`."""
        self._body.append(ast.Assign([ast.Name(name, ast.Store())], value))

    def note(self, comment: str) -> None:
        """Puts a comment behind the last statement, the first time."""
        last = self._body[-1] if self._body else None
        if last is None or hasattr(last, "behind") or hasattr(last, "above"):
            return
        if len(ast.unparse(ast.fix_missing_locations(last))) + len(comment) < LONGEST:
            last.behind = f"# {comment}"  # type: ignore[attr-defined]
        else:
            last.above = [f"# {comment}"]  # type: ignore[attr-defined]

    def begin_branch(self, target: str) -> None:
        """From here on statements assign `target`, and `x` stays for `join`."""
        if target != "x":
            self._settle()
        self._target = target

    def join(self, name: str, module: nn.Module, origin: str) -> None:
        """Ends the branch: the module joins what it computed to the `x` that it began with."""
        call = ast.Call(NONE, [expr("x"), HERE], [])
        self.put(placed(self.specialiser, self.members, name, module, call, origin))
        self._target = "x"

    def _is_zero(self) -> bool:
        """Whether the last thing done was to set the padding to zero."""
        last = self._body[-1] if self._body else None
        x = last.value if isinstance(self._x, ast.Name) and isinstance(last, ast.Assign) else self._x
        return isinstance(x, ast.Call) and isinstance(x.func, ast.Name) and x.func.id == "zeroed"

    def _is_long(self, made: ast.expr) -> bool:
        return len(ast.unparse(ast.fix_missing_locations(replaced(made, {"here": self._x})))) > LONGEST

    def _settle(self) -> None:
        """Makes what was computed so far a statement."""
        if not isinstance(self._x, ast.Name):
            self._write(ast.Name(self._target, ast.Store()), self._x)
            self._x = expr(self._target)

    def _write(self, target: ast.expr, value: ast.expr) -> None:
        self._body.append(ast.Assign([target], value))

    def _returning(self) -> list[ast.stmt]:
        last = self._body[-1] if self._body else None
        if isinstance(self._x, ast.Name) and isinstance(last, ast.Assign) and _assigns(last, self._x.id):
            return [*self._body[:-1], with_comments_of(ast.Return(last.value), last)]
        return [*self._body, ast.Return(self._x)]


class _NotZeroedAgain(ast.NodeTransformer):
    """What is zero in the padding stays as it is."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        is_zeroing = isinstance(node.func, ast.Name) and node.func.id == "zeroed"
        return HERE if is_zeroing and ast.unparse(node.args[0]) == "here" else node


def _assigns(statement: ast.Assign, name: str) -> bool:
    target = statement.targets[0]
    return isinstance(target, ast.Name) and target.id == name
