"""Specialisation: the source of a module's class and of what it calls, for one module and the way it is called."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from torch import nn

from spaces.export.source.arguments import bound_arguments, flags, never_none, not_optional, parameters_of
from spaces.export.source.constructors import (
    annotation,
    attribute_made,
    base_call,
    calls_base,
    without_dead,
    without_passing_names,
)
from spaces.export.source.execution import Execution, Unsupported, is_inlinable, without_dead_locals
from spaces.export.source.facts import Facts
from spaces.export.source.form import Form, Made, Member, Merged, Value, slot
from spaces.export.source.library import FunctionCalls, Library
from spaces.export.source.literals import is_of_torch, literal
from spaces.export.source.recording import Recorded
from spaces.export.source.syntax import (
    Node,
    class_of,
    copied,
    docstring_of,
    expr,
    function_of,
    names_read,
    own_attributes,
    replaced,
    without_docstring,
)

FUNCTIONAL: Mapping[type[nn.Module], str] = {
    nn.GELU: "F.gelu",
    nn.ReLU: "F.relu",
    nn.SiLU: "F.silu",
    nn.Tanh: "torch.tanh",
}
"""Activations are called as functions: they hold nothing."""


class _Calls(FunctionCalls):
    """What becomes of calls within a class."""

    def __init__(self, library: Library, owner: _Specialising) -> None:
        super().__init__(library)
        self.owner = owner

    def method(self, name: str, call: ast.Call) -> ast.expr:
        """As a function."""
        return self.owner.method(name, call)

    def child(self, name: str, module: nn.Module, call: ast.Call) -> ast.expr:
        """What it does to its arguments where it holds nothing; otherwise a call of what holds it."""
        return self.owner.child(name, module, call)


class Specialiser:
    """Makes forms of the modules of one network.

    Args:
        recorded: the network.
        rewritten: makes a docstring say what it says of this network.
    """

    def __init__(self, recorded: Recorded, rewritten: Callable[[str], str]) -> None:
        self.recorded = recorded
        self.library = Library(rewritten)
        self.rewritten = rewritten

    def value(self, module: nn.Module, known: Mapping[str, Any]) -> Value:
        """What stands for a module that is called with these arguments known to be `None` or flags."""
        if is_of_torch(type(module)):
            return self._made(module)
        form = _Specialising(self, module, known).form()
        returned = form.returned
        if form.arguments is not None and returned is not None and _only_passes_on(form, returned):
            return Made(ast.Call(form.base, form.arguments.args, form.arguments.keywords))
        return form

    def _made(self, module: nn.Module) -> Made:
        call, given, origins = self.recorded.call(module), [], []

        def written(value: Any) -> ast.expr:
            if isinstance(value, nn.Module):
                given.append(self.value(value, _defaults(value)))
                origins.append(next(name for name, child in module.named_children() if child is value))
                return slot(len(given) - 1)
            if isinstance(value, list | tuple) and any(isinstance(each, nn.Module) for each in value):
                return ast.List([written(each) for each in value], ast.Load())
            if isinstance(value, Iterator):  # of modules, spent where they were taken
                return ast.List([written(each) for each in module.children()], ast.Load())
            return literal(value)

        kind = type(module)
        named = {name: value for name, value in call.named.items() if not _is_default(kind, name, value)}
        keywords = [ast.keyword(name, written(value)) for name, value in named.items()]
        made = ast.Call(literal(kind), [written(value) for value in call.positional], keywords)
        return Made(made, tuple(given), tuple(origins))


class _Specialising:
    """One module on its way to a form."""

    def __init__(self, specialiser: Specialiser, module: nn.Module, known: Mapping[str, Any]) -> None:
        self.specialiser = specialiser
        self.module = module
        self.kind = type(module)
        self.known = known
        self.members: dict[str, Member | Merged] = {}
        self.methods: dict[str, ast.FunctionDef] = {}
        self.calls = _Calls(specialiser.library, self)
        self._definition = class_of(self.kind)

    def form(self) -> Form:
        """The form."""
        base = self.kind.__mro__[1]
        if not is_of_torch(base):
            raise Unsupported(f"{self.kind.__name__} extends {base.__name__}, which is not torch's")
        forward = function_of(self.kind.forward)
        parameters = [copied(each) for each in parameters_of(forward)[1:] if each.arg not in self.known]
        body = self._left(forward, self.known, {each.arg for each in parameters})
        if hasattr(self.module, "matrices"):
            self.method("matrices", ast.Call(expr("self.matrices"), [], []))
        form = Form(
            self.kind.__name__,
            self.module,
            literal(base),
            self.specialiser.rewritten(docstring_of(self._definition) or ""),
        )
        form.parameters = [not_optional(each) for each in parameters if each.arg in names_read(body)]
        form.forward, form.methods = body, self.methods
        form.returns = forward.returns
        self.specialiser.library.note_origins([*body, *self.methods.values()], self.kind.__module__)
        form.forward_doc = self.specialiser.rewritten(docstring_of(forward) or "")
        if "__init__" in vars(self.kind):
            self._initialise(form)
        elif base is not nn.Module:
            call = self.specialiser.recorded.call(self.module)
            form.arguments = ast.Call(
                literal(base),
                [literal(each) for each in call.positional],
                [ast.keyword(name, literal(value)) for name, value in call.named.items()],
            )
        return form

    def method(self, name: str, call: ast.Call) -> ast.expr:
        """What becomes of a call of a method."""
        definition = function_of(getattr(self.kind, name))
        bound = bound_arguments(definition, call, skipped=1)
        known = flags(bound)
        unknown = bound.keys() - known.keys()
        body = self._left(definition, known, unknown)
        left = [each for each in bound if each in unknown and each in names_read(body)]
        arguments = [bound[each] for each in left]
        returned = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
        if returned is not None and name != "matrices" and is_inlinable(left, arguments, returned):
            return replaced(returned, dict(zip(left, arguments, strict=True)))
        parameters = [not_optional(copied(each)) for each in parameters_of(definition) if each.arg in ("self", *left)]
        doc = ast.Expr(ast.Constant(self.specialiser.rewritten(docstring_of(definition) or "")))
        signature = ast.arguments([], parameters, None, [], [], None, [])
        self.methods[name] = ast.FunctionDef(name, signature, [doc, *body], [], never_none(definition.returns, body))
        return ast.Call(expr(f"self.{name}"), arguments, [])

    def child(self, name: str, module: nn.Module, call: ast.Call) -> ast.expr:
        """What becomes of a call of a module in it."""
        return placed(self.specialiser, self.members, name, module, call)

    def _left(self, definition: ast.FunctionDef, known: Mapping[str, Any], unknown: set[str]) -> list[ast.stmt]:
        names = vars(sys.modules[self.kind.__module__])
        facts = Facts(names, known, unknown, self.module)
        return without_dead_locals(Execution(facts, self.calls).run(without_docstring(definition.body)))

    def _initialise(self, form: Form) -> None:
        """Fills in what the constructor makes of what the other methods read."""
        read = {*own_attributes([*form.forward, *form.methods.values()])}
        for name, module in self.module.named_children():
            if name in read and name not in self.members:  # passed on rather than called
                self.members[name] = Member(name, self.specialiser.value(module, _defaults(module)), name)
        constructor = function_of(self.kind.__init__)
        arguments = self.specialiser.recorded.call(self.module).by_parameter(self.module)
        names = vars(sys.modules[self.kind.__module__])
        drawn_anew = hasattr(self.module, "matrices")  # by the network's own initialization
        statements = [each for each in constructor.body if not (drawn_anew and isinstance(each, ast.For))]
        body = Execution(Facts(names, arguments, set(), self.module), self.calls).run(statements)
        kept: list[ast.stmt | Member] = []
        if ast.unparse(form.base) != "nn.Module":
            form.arguments = next(base_call(each) for each in body if calls_base(each))
        for statement in body:
            kept += self._kept(statement, read, form)
        form.init += without_passing_names([each for each in without_dead(kept) if not calls_base(each)])
        form.annotations = [
            *form.annotations,
            *(annotation(name) for name in form.tensors if name in self.module._buffers),
        ]

    def _kept(self, statement: ast.stmt, read: set[str], form: Form) -> list[ast.stmt | Member]:
        name = attribute_made(statement)
        if name is None:
            return [statement]
        if isinstance(member := self.members.get(name), Merged):
            member.join(form)
            return []
        if member is not None:
            return [member]
        if name not in read or name in self.module._modules:
            return []
        if name in self.module._parameters or name in self.module._buffers:
            form.tensors[name] = name
        return [statement]


def placed(
    specialiser: Specialiser,
    members: dict[str, Member | Merged],
    name: str,
    module: nn.Module,
    call: ast.Call,
    origin: str | None = None,
) -> ast.expr:
    """What becomes of a call of a module that is the attribute `name`; `members` gets what holds its state."""
    origin = origin or name
    if isinstance(module, nn.Identity) or (isinstance(module, nn.Dropout) and module.p == 0):
        return call.args[0]
    if type(module) in FUNCTIONAL:
        return ast.Call(expr(FUNCTIONAL[type(module)]), call.args, [])
    if is_of_torch(type(module)):
        members[name] = Member(name, specialiser.value(module, {}), origin)
        return ast.Call(expr(f"self.{name}"), call.args, call.keywords)
    bound = bound_arguments(function_of(type(module).forward), call, skipped=1)
    known = flags(bound)
    value = specialiser.value(module, known)
    if isinstance(value, Form):
        return place_form(members, name, value, [bound[each.arg] for each in value.parameters], origin)
    members[name] = Member(name, value, origin)
    return ast.Call(expr(f"self.{name}"), call.args[:1], [])


def place_form(
    members: dict[str, Member | Merged], name: str, form: Form, arguments: list[ast.expr], origin: str
) -> ast.expr:
    """A call of a form: what it returns where that is an expression with no state, or with a single holder of it."""
    returned, parameters = form.returned, [each.arg for each in form.parameters]
    if returned is not None and is_inlinable(parameters, arguments, returned):
        put = dict(zip(parameters, arguments, strict=True))
        if form.is_stateless:
            return replaced(returned, put)
        only = form.init[0] if len(form.init) == 1 and not form.methods else None
        if isinstance(only, Member):
            members[name] = Member(name, only.value, f"{origin}.{only.origin}")
            return replaced(_renamed(returned, only.name, name), put)
        if form.only_tensors:
            members[name] = Merged(form, origin)
            return replaced(returned, put)
        if isinstance(only, ast.Assign) and len(form.tensors) == 1:
            (tensor,) = form.tensors
            made = replace(form, init=[_renamed(only, tensor, name)], tensors={name: tensor})
            members[name] = Merged(made, origin)
            return replaced(_renamed(returned, tensor, name), put)
    members[name] = Member(name, form, origin)
    return ast.Call(expr(f"self.{name}"), arguments, [])


def _defaults(module: nn.Module) -> dict[str, Any]:
    """What is known of a call of a module with its input alone."""
    if is_of_torch(type(module)):
        return {}
    parameters = inspect.signature(type(module).forward).parameters.values()
    return {each.name: each.default for each in parameters if each.default is not inspect.Parameter.empty}


def _is_default(kind: type[nn.Module], name: str, value: Any) -> bool:
    for each in kind.__mro__:
        parameters = inspect.signature(each).parameters if each is not object else {}
        if name in parameters:
            return parameters[name].default is value or parameters[name].default == value
    return False


def _only_passes_on(form: Form, returned: ast.expr) -> bool:
    """Whether `forward` is its base's."""
    if form.methods or len(form.parameters) != 1:
        return False
    return ast.unparse(returned) == f"super().forward({form.parameters[0].arg})"


def _renamed(node: Node, old: str, new: str) -> Node:
    """A copy in which `self.old` is `self.new`."""
    made = copied(node)
    for each in ast.walk(made):
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "self":
            each.attr = new if each.attr == old else each.attr
    return made
