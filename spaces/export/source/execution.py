"""Execution: the statements of a function or constructor run as far as everything is known; the others are kept."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from spaces.export.source.facts import Facts, Unknown
from spaces.export.source.folding import Calls, Folding
from spaces.export.source.syntax import CannotLeave, copied, names_read, with_comments_of


class Unsupported(CannotLeave):
    """A statement of a kind that is not followed."""


class Execution:
    """Runs statements.

    Args:
        facts: what is known before the first.
        calls: what becomes of calls.
    """

    def __init__(self, facts: Facts, calls: Calls) -> None:
        self.facts = facts
        self.folding = Folding(facts, calls)

    def run(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        """What is left of the statements; those behind a `return` that is reached are not run."""
        left: list[ast.stmt] = []
        for statement in body:
            made = self._run(statement)
            left += made if isinstance(statement, ast.If) else [with_comments_of(each, statement) for each in made]
            if made and isinstance(made[-1], ast.Return | ast.Raise):
                break
        return left

    def _run(self, statement: ast.stmt) -> list[ast.stmt]:
        run = getattr(self, f"_run_{type(statement).__name__}", self._run_other)
        return run(copied(statement))

    def _run_other(self, node: ast.stmt) -> list[ast.stmt]:
        """A statement that is not followed stays as it is, but for expressions in it that are known."""
        materialised = self._materialised(_assigned([node]))
        return [*materialised, self.folding.visit(node)]

    def _run_If(self, node: ast.If) -> list[ast.stmt]:  # noqa: N802
        test = self.folding.condition(node.test)
        if isinstance(test, bool):
            return self.run(node.body if test else node.orelse)
        materialised = self._materialised(_assigned(node.body) | _assigned(node.orelse))
        known, unknown = dict(self.facts.known), set(self.facts.unknown)
        body = self.run(node.body)
        self.facts.known, self.facts.unknown = known, unknown
        orelse = self.run(node.orelse)
        for name in _assigned(node.body) | _assigned(node.orelse):
            self.facts.forget(name)
        return [*materialised, ast.If(test, body or [ast.Pass()], orelse)]

    def _run_For(self, node: ast.For) -> list[ast.stmt]:  # noqa: N802
        names = {each.id for each in ast.walk(node.target) if isinstance(each, ast.Name)}
        materialised = self._materialised(_assigned(node.body) - names)
        iterated = self.folding.folded(node.iter)
        for name in names | _assigned(node.body):
            self.facts.forget(name)
        return [*materialised, ast.For(node.target, iterated, self.run(node.body), [])]

    def _materialised(self, names: set[str]) -> list[ast.stmt]:
        """Assignments of what is known of names that will be known only in a run."""
        made: list[ast.stmt] = []
        for name in sorted(names & self.facts.known.keys()):
            value = self.folding.folded(ast.Name(name, ast.Load()))
            made.append(ast.Assign([ast.Name(name, ast.Store())], value))
        for name in names:
            self.facts.forget(name)
        return made

    def _run_Return(self, node: ast.Return) -> list[ast.stmt]:  # noqa: N802
        return [ast.Return(None if node.value is None else self.folding.folded(node.value))]

    def _run_Expr(self, node: ast.Expr) -> list[ast.stmt]:  # noqa: N802
        return [ast.Expr(self.folding.folded(node.value))]

    def _run_Assert(self, node: ast.Assert) -> list[ast.stmt]:  # noqa: N802
        test = self.folding.condition(node.test)
        return [] if test is True else [ast.Assert(test if isinstance(test, ast.expr) else ast.Constant(test), None)]

    def _run_Pass(self, node: ast.Pass) -> list[ast.stmt]:  # noqa: N802
        return []

    def _run_Raise(self, node: ast.Raise) -> list[ast.stmt]:  # noqa: N802
        return [node]

    def _run_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:  # noqa: N802
        return [] if node.value is None else self._assign(node.target, node.value)

    def _run_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:  # noqa: N802
        if not isinstance(node.target, ast.Name):
            raise Unsupported(f"an augmented assignment in line {node.lineno}")
        read = ast.Name(node.target.id, ast.Load())
        return self._assign(node.target, ast.BinOp(read, node.op, node.value))

    def _run_Assign(self, node: ast.Assign) -> list[ast.stmt]:  # noqa: N802
        if len(node.targets) > 1:
            raise Unsupported(f"two assignments at once in line {node.lineno}")
        return self._assign(node.targets[0], node.value)

    def _assign(self, target: ast.expr, value: ast.expr) -> list[ast.stmt]:
        if isinstance(target, ast.Tuple):
            return self._assign_tuple(target, value)
        if not isinstance(target, ast.Name):
            return [ast.Assign([target], self.folding.folded(value))]
        if (known := self._known(value)) is not _NOT_KNOWN:
            self.facts.learn(target.id, known)
            return []
        made = self.folding.folded(value)
        if isinstance(made, ast.Constant):
            self.facts.learn(target.id, made.value)
            return []
        if isinstance(made, ast.Name) and made.id == target.id:
            return []
        self.facts.forget(target.id)
        return [ast.Assign([target], made)]

    def _assign_tuple(self, target: ast.Tuple, value: ast.expr) -> list[ast.stmt]:
        """Of a tuple that is written out each part is assigned by itself."""
        if (known := self._known(value)) is not _NOT_KNOWN:
            for name, each in zip(target.elts, known, strict=True):
                if isinstance(name, ast.Name):
                    self.facts.learn(name.id, each)
            return []
        made = self.folding.folded(value)
        if not isinstance(made, ast.Tuple) or any(isinstance(each, ast.Starred) for each in target.elts):
            for each in ast.walk(target):
                if isinstance(each, ast.Name):
                    self.facts.forget(each.id)
            return [ast.Assign([target], made)]
        kept = []
        for name, part in zip(target.elts, made.elts, strict=True):
            assert isinstance(name, ast.Name)
            if isinstance(part, ast.Constant):
                self.facts.learn(name.id, part.value)
            elif not (isinstance(part, ast.Name) and part.id == name.id):
                kept.append((name, part))
                self.facts.forget(name.id)
        if len(kept) < 2:
            return [ast.Assign([name], part) for name, part in kept]
        names, parts = (list(each) for each in zip(*kept, strict=True))
        return [ast.Assign([ast.Tuple(names, ast.Store())], ast.Tuple(parts, ast.Load()))]

    def _known(self, value: ast.expr) -> Any:
        try:
            return self.facts.value(value, of_constants=True)
        except Unknown:
            return _NOT_KNOWN


_NOT_KNOWN = object()


def without_dead_locals(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements without assignments to names that nothing reads; what is last is returned at once."""
    left: list[ast.stmt] = []
    for index in reversed(range(len(body))):
        statement = body[index]
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if isinstance(target, ast.Name) and target.id not in names_read(left):
            continue
        left.insert(0, statement)
    return _returned_at_once(left)


def _returned_at_once(body: list[ast.stmt]) -> list[ast.stmt]:
    """`y = f(x); return y` as `return f(x)`."""
    while len(body) > 1 and isinstance(body[-1], ast.Return) and isinstance(assigned := body[-2], ast.Assign):
        target, returned = assigned.targets[0], body[-1].value
        if not (isinstance(target, ast.Name) and isinstance(returned, ast.Name) and target.id == returned.id):
            break
        body = [*body[:-2], with_comments_of(ast.Return(assigned.value), assigned)]
    return body


def _size(node: ast.AST) -> int:
    return sum(1 for each in ast.walk(node) if isinstance(each, ast.expr))


def _assigned(body: Sequence[ast.stmt]) -> set[str]:
    return {
        each.id
        for statement in body
        for each in ast.walk(statement)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }


def is_inlinable(parameters: Sequence[str], arguments: Sequence[ast.expr], returned: ast.expr) -> bool:
    """Whether an expression may stand where it is computed by a call.

    Args:
        parameters: names in it that arguments are put for.
        arguments: these.
        returned: the expression.
    """
    if any(isinstance(each, ast.comprehension | ast.Lambda) for each in ast.walk(returned)):
        return False
    counts = {name: names_read([returned]).count(name) for name in parameters}
    simple = (ast.Name, ast.Constant)
    repeats = [
        each
        for name, each in zip(parameters, arguments, strict=True)
        if counts[name] > 1 and not isinstance(each, simple)
    ]
    return not repeats and _size(returned) <= 24
