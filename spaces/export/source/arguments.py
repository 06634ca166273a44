"""Arguments: which parameter of a definition a call gives what, and types where nothing is `None` any more."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from spaces.export.source.execution import Unsupported
from spaces.export.source.syntax import copied


def bound_arguments(definition: ast.FunctionDef, call: ast.Call, skipped: int = 0) -> dict[str, ast.expr]:
    """Parameter -> argument of a call, defaults included, in the order of the parameters."""
    arguments = definition.args
    is_spread = any(isinstance(each, ast.Starred) for each in call.args) or any(
        each.arg is None for each in call.keywords
    )
    if arguments.vararg or arguments.kwarg or is_spread:
        raise Unsupported(f"a call of {definition.name} with arguments that are unpacked")
    ordered = (arguments.posonlyargs + arguments.args)[skipped:]
    found = {parameter.arg: each for parameter, each in zip(ordered, call.args, strict=False)}
    found |= {str(each.arg): each.value for each in call.keywords}
    defaults = dict(zip([each.arg for each in reversed(ordered)], reversed(arguments.defaults), strict=False))
    defaults |= {
        each.arg: value for each, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value
    }
    names = [each.arg for each in (*ordered, *arguments.kwonlyargs)]
    return {name: found[name] if name in found else copied(defaults[name]) for name in names}


def parameters_of(definition: ast.FunctionDef) -> list[ast.arg]:
    """All parameters of a definition."""
    return [*definition.args.posonlyargs, *definition.args.args, *definition.args.kwonlyargs]


def flags(arguments: Mapping[str, ast.expr]) -> dict[str, Any]:
    """The arguments by whose value a body is specialised; numbers stay arguments."""
    return {
        name: each.value
        for name, each in arguments.items()
        if isinstance(each, ast.Constant) and (each.value is None or isinstance(each.value, bool | str))
    }


def not_optional(parameter: ast.arg) -> ast.arg:
    """The parameter without a default or a type for `None`: where it is left it is given. Untyped ones are tensors."""
    if parameter.annotation is None:
        return parameter if parameter.arg == "self" else ast.arg(parameter.arg, ast.Name("Tensor", ast.Load()))
    return ast.arg(parameter.arg, _not_none(parameter.annotation))


def _not_none(annotation: ast.expr) -> ast.expr:
    """A type without `None`."""
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        sides = (annotation.left, annotation.right)
        left = [each for each in sides if not (isinstance(each, ast.Constant) and each.value is None)]
        return left[0] if len(left) == 1 else annotation
    return annotation


def never_none(returns: ast.expr | None, body: Sequence[ast.stmt]) -> ast.expr | None:
    """The type of what a body returns."""
    returned = [each.value for node in body for each in ast.walk(node) if isinstance(each, ast.Return)]
    may_be_none = any(each is None or (isinstance(each, ast.Constant) and each.value is None) for each in returned)
    return returns if returns is None or may_be_none else _not_none(returns)
