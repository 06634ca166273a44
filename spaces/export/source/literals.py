"""Literals: values as the expressions that a person would write for them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import rnn

from spaces.export.source.syntax import CannotLeave, expr

_PLACES: tuple[tuple[str, Any], ...] = (("nn", nn), ("F", F), ("torch", torch), ("", rnn))


class NoLiteral(CannotLeave):
    """A value cannot be written as an expression."""


def literal(value: Any) -> ast.expr:
    """The expression for a number, a text, `None`, a tuple or list of these, or something that torch defines.

    Raises:
        NoLiteral: it is anything else.
    """
    if value is None or isinstance(value, bool | str):
        return ast.Constant(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < 0:
            return ast.UnaryOp(ast.USub(), literal(-value))
        if isinstance(value, float) and (value != value or value == float("inf")):
            raise NoLiteral(repr(value))
        return ast.Constant(value)
    if isinstance(value, torch.Size | tuple | list) and not hasattr(value, "_fields"):
        made = [literal(each) for each in value]
        return ast.List(made, ast.Load()) if isinstance(value, list) else ast.Tuple(made, ast.Load())
    if isinstance(value, torch.dtype):
        return expr(str(value))
    return _of_torch(value)


def is_of_torch(value: Any) -> bool:
    """Whether torch defines a class or function."""
    owner = getattr(value, "__self__", None)  # of a built-in function the module or class that holds it
    homes = (getattr(value, "__module__", None), getattr(owner, "__module__", None), getattr(owner, "__name__", None))
    return any(str(home).split(".")[0] == "torch" for home in homes)


def _of_torch(value: Callable[..., Any]) -> ast.expr:
    name = getattr(value, "__name__", None)
    for place, module in _PLACES if isinstance(name, str) else ():
        if getattr(module, str(name), None) is value:
            return expr(f"{place}.{name}".lstrip("."))
    raise NoLiteral(repr(value))
