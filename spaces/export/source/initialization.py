"""Initialization: how the weights of one network start, as a function for `nn.Module.apply`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from torch import nn

from spaces.architecture import Architecture
from spaces.export.source.classes import Classes
from spaces.export.source.execution import Execution
from spaces.export.source.facts import Facts
from spaces.export.source.library import Library
from spaces.export.source.module import doc_statement
from spaces.export.source.syntax import docstring_of, function_of, replaced, statements, without_docstring
from spaces.initializations import INITIALIZATIONS

NAME = "initialize"


def initialization(architecture: Architecture, network: nn.Module, classes: Classes) -> list[ast.stmt]:
    """The function, which draws what `Initialization.apply` draws in this network, and what it calls."""
    kind = INITIALIZATIONS[str(architecture["initialization"])]
    are_views = any("matrices" in form.methods for made in classes.made for form in made.forms)
    drawing = _Drawing(kind, are_views)
    branches = list(_branches(list(network.modules()), classes, drawing))
    body: list[ast.stmt] = []
    for test, inside in reversed(branches):
        body = [ast.If(ast.parse(test, mode="eval").body, inside, body)]
    title = (docstring_of(ast.parse(f'class A:\n    """{kind.__doc__}"""').body[0]) or "").split("\n\n")[0]  # type: ignore[arg-type]
    (function,) = statements(f"@torch.no_grad()\ndef {NAME}(layer: nn.Module) -> None:\n    pass")
    assert isinstance(function, ast.FunctionDef)
    function.body = [doc_statement(f"How the weights of a layer start: {title[0].lower()}{title[1:]}", 1), *body]
    return [*drawing.function, function]


class _Drawing:
    """What an initialization does to one weight: a statement, or a call of a function of several.

    Args:
        kind: of initialization.
        are_views: whether weights may be views, which are filled from a tensor that was drawn elsewhere.
    """

    def __init__(self, kind: type, are_views: bool) -> None:
        definition = function_of(kind.fill)  # type: ignore[attr-defined]
        facts = Facts(vars(__import__(kind.__module__, fromlist=["fill"])), {}, {"self", "weight"})
        self._body = Execution(facts, Library().calls()).run(without_docstring(definition.body))
        if not are_views:
            self._body = _drawn_in_place(self._body)
        self.function: list[ast.stmt] = []
        if len(self._body) > 1:
            (function,) = statements(
                'def draw(weight: Tensor) -> None:\n    """Draws a weight, `(out, in, *kernel)`."""'
            )
            assert isinstance(function, ast.FunctionDef)
            function.body += self._body
            self.function = [function]

    def __call__(self, weight: str) -> list[ast.stmt]:
        if self.function:
            return statements(f"draw({weight})")
        return [replaced(self._body[0], {"weight": ast.parse(weight, mode="eval").body})]


def _drawn_in_place(body: list[ast.stmt]) -> list[ast.stmt]:
    """`draw(weight)` where the body is `drawn = torch.empty(...)` and then `weight.copy_(draw(drawn))`."""
    if len(body) != 2 or not isinstance(body[1], ast.Expr) or not isinstance(body[1].value, ast.Call):
        return body
    copying, into = body[1].value, ast.Name("weight", ast.Load())
    assert ast.unparse(copying.func) == "weight.copy_", ast.unparse(copying)
    return [ast.Expr(replaced(copying.args[0], {"drawn": into}))]


def _branches(modules: list[nn.Module], classes: Classes, draw: _Drawing) -> Iterator[tuple[str, list[ast.stmt]]]:
    """Conditions on a layer, and what is done where one holds."""
    layers = [each for each in modules if isinstance(each, nn.Linear | nn.Conv1d | nn.Conv2d)]
    grouped = [each for each in layers if getattr(each, "groups", 1) > 1]
    if grouped:
        inside = [*statements("for filters in layer.weight.chunk(layer.groups):\n    pass"), *_zeroed(grouped)]
        inside[0].body = draw("filters")  # type: ignore[attr-defined]
        yield (
            f"{_is_instance(grouped)} and layer.groups > 1" if len(grouped) < len(layers) else _is_instance(grouped),
            inside,
        )
    if plain := [each for each in layers if each not in grouped]:
        yield _is_instance(plain), [*draw("layer.weight"), *_zeroed(plain)]
    if any(isinstance(each, nn.RNNBase) for each in modules):
        inside = statements(
            """
            for name, weights in layer.named_parameters():
                if name.startswith("weight"):
                    for weight in weights.split(layer.hidden_size):
                        pass
            """
        )
        inside[0].body[0].body[0].body = draw("weight")  # type: ignore[attr-defined]
        yield _is_instance([each for each in modules if isinstance(each, nn.RNNBase)]), inside
    names = [kind.name for kind in classes.made if any("matrices" in form.methods for form in kind.forms)]
    if names:
        inside = statements("for matrix in layer.matrices():\n    pass")
        inside[0].body = draw("matrix")  # type: ignore[attr-defined]
        yield f"isinstance(layer, {' | '.join(names)})", inside


def _is_instance(layers: Sequence[nn.Module]) -> str:
    names = sorted({f"nn.{type(layer).__name__}" for layer in layers})
    return f"isinstance(layer, {' | '.join(names)})"


def _zeroed(layers: Sequence[nn.Module]) -> list[ast.stmt]:
    """The biases become zero, where there are any."""
    if all(layer.bias is None for layer in layers):
        return []
    if all(isinstance(layer, nn.Linear) and layer.bias is not None for layer in layers):
        return statements("nn.init.zeros_(layer.bias)")
    return statements("if layer.bias is not None:\n    nn.init.zeros_(layer.bias)")  # type checkers know of none
