"""Specialisation: the source of a module's class and of what it calls, for one module and the way it is called."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import nn

from spaces.export.source.execution import Execution, Unsupported, is_inlinable, without_dead_locals
from spaces.export.source.facts import Facts
from spaces.export.source.folding import Calls
from spaces.export.source.form import Form, Made, Member, Merged, Value, slot
from spaces.export.source.literals import is_of_torch, literal
from spaces.export.source.recording import Recorded
from spaces.export.source.syntax import (
    Node,
    NoSource,
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
from spaces.masks import mask_of, zeroed

FUNCTIONAL: Mapping[type[nn.Module], str] = {
    nn.GELU: "F.gelu",
    nn.ReLU: "F.relu",
    nn.SiLU: "F.silu",
    nn.Tanh: "torch.tanh",
}
"""Activations are called as functions: they hold nothing."""


NAMED = (mask_of, zeroed)
"""Functions that say more by their name than by what they return."""


class Library:
    """The functions that the exported classes call, each specialised for the ways in which it is called.

    Attributes:
        functions: definitions by name, in the order in which they were met.
        homes: name of the module in which each was defined.
        origins: of other names in what was looked into, the module that they are names of.
    """

    def __init__(self) -> None:
        self.functions: dict[str, ast.FunctionDef] = {}
        self.homes: dict[str, str] = {}
        self.origins: dict[str, str] = {}
        self._known: dict[tuple[Any, ...], tuple[str, list[str], list[ast.stmt]]] = {}

    def specialised(
        self, function: Callable[..., Any], known: Mapping[str, Any], lengths: Mapping[str, int]
    ) -> tuple[str, list[str], list[ast.stmt]]:
        """A function with some parameters known: its name, its other parameters and what is left of its body.

        It is not among `functions` before `keep`.
        """
        key = (function, tuple(sorted((name, repr(value)) for name, value in known.items())), tuple(lengths.items()))
        if key not in self._known:
            definition = function_of(function)
            names = [each.arg for each in _parameters(definition)]
            facts = Facts(function.__globals__, known, set(names) - known.keys())
            facts.lengths.update(lengths)
            left = [name for name in names if name not in known]
            name = self._free_name(function.__name__)
            self._known[key] = (name, left, [])  # it may call itself
            body = without_dead_locals(Execution(facts, _Calls(self, None)).run(without_docstring(definition.body)))
            self.note_origins(body, function.__module__)
            left = [each for each in left if each in names_read(body)]
            self._known[key] = (name, left, body)
        return self._known[key]

    def keep(self, function: Callable[..., Any], name: str, left: list[str], body: list[ast.stmt]) -> None:
        """Enters what `specialised` made among the functions."""
        if name in self.functions or not body:  # an empty one is being made and calls itself
            return
        definition = function_of(function)
        arguments = ast.arguments(
            [], [each for each in _parameters(definition) if each.arg in left], None, [], [], None, []
        )
        doc = ast.Expr(ast.Constant(docstring_of(definition) or ""))
        self.functions[name] = ast.FunctionDef(name, arguments, [doc, *body], [], _never_none(definition.returns, body))
        self.homes[name] = function.__module__

    def note_origins(self, body: Iterable[ast.AST], module: str) -> None:
        """Remembers of which module the names are that a body reads."""
        for name in names_read(body):
            self.origins.setdefault(name, module)

    def calls(self) -> Calls:
        """What becomes of calls outside of any class."""
        return _Calls(self, None)

    def use(self, function: Callable[..., Any], known: Mapping[str, Any] | None = None) -> str:
        """The name of a function that is called with what is known, by default nothing."""
        name, left, body = self.specialised(function, known or {}, {})
        self.keep(function, name, left, body)
        return name

    def _free_name(self, name: str) -> str:
        taken = {each for each, _, body in self._known.values() if len(body) != 1 or each in self.functions}
        return next(each for each in (name, *(f"{name}_{n}" for n in range(2, 99))) if each not in taken)


class _Calls:
    """What becomes of calls within one class, or within a function where there is none."""

    def __init__(self, library: Library, owner: _Specialising | None) -> None:
        self.library = library
        self.owner = owner

    def function(self, function: Callable[..., Any], call: ast.Call) -> ast.expr:
        """What it returns where that is an expression; otherwise the call, for what is not known."""
        try:
            bound = bound_arguments(function_of(function), call)
        except (NoSource, Unsupported):
            return ast.Call(self.named(function), call.args, call.keywords)
        known = _flags(bound)
        lengths = {name: len(each.elts) for name, each in bound.items() if isinstance(each, ast.Tuple | ast.List)}
        name, left, body = self.library.specialised(function, known, lengths)
        arguments = [bound[each] for each in left]
        returned = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
        is_named = function in NAMED and "mask" in left
        if returned is not None and not is_named and is_inlinable(left, arguments, returned):
            return replaced(returned, dict(zip(left, arguments, strict=True)))
        self.library.keep(function, name, left, body)
        return ast.Call(ast.Name(name, ast.Load()), arguments, [])

    def method(self, name: str, call: ast.Call) -> ast.expr:
        """As a function."""
        assert self.owner is not None
        return self.owner.method(name, call)

    def child(self, name: str, module: nn.Module, call: ast.Call) -> ast.expr:
        """What it does to its arguments where it holds nothing; otherwise a call of what holds it."""
        assert self.owner is not None
        return self.owner.child(name, module, call)

    def named(self, function: Callable[..., Any]) -> ast.expr:
        """Its name; it becomes part of the export as it is."""
        return ast.Name(self.library.use(function), ast.Load())


class Specialiser:
    """Makes forms of the modules of one network.

    Args:
        recorded: the network.
        rewritten: makes a docstring say what it says of this network.
    """

    def __init__(self, recorded: Recorded, rewritten: Callable[[str], str]) -> None:
        self.recorded = recorded
        self.library = Library()
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
        base = next(each for each in self.kind.__mro__[1:] if is_of_torch(each))
        forward = function_of(self.kind.forward)
        parameters = [copied(each) for each in _parameters(forward)[1:] if each.arg not in self.known]
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
        known = _flags(bound)
        unknown = bound.keys() - known.keys()
        body = self._left(definition, known, unknown)
        left = [each for each in bound if each in unknown and each in names_read(body)]
        arguments = [bound[each] for each in left]
        returned = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
        if returned is not None and name != "matrices" and is_inlinable(left, arguments, returned):
            return replaced(returned, dict(zip(left, arguments, strict=True)))
        parameters = [not_optional(copied(each)) for each in _parameters(definition) if each.arg in ("self", *left)]
        doc = ast.Expr(ast.Constant(self.specialiser.rewritten(docstring_of(definition) or "")))
        signature = ast.arguments([], parameters, None, [], [], None, [])
        self.methods[name] = ast.FunctionDef(name, signature, [doc, *body], [], _never_none(definition.returns, body))
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
            form.arguments = next(_base_call(each) for each in body if _calls_base(each))
        for statement in body:
            kept += self._kept(statement, read, form)
        form.init += [each for each in _without_dead(kept) if not _calls_base(each)]
        form.annotations = [
            *form.annotations,
            *(_annotation(name) for name in form.tensors if name in self.module._buffers),
        ]

    def _kept(self, statement: ast.stmt, read: set[str], form: Form) -> list[ast.stmt | Member]:
        name = _attribute_made(statement)
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
    known = _flags(bound)
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


def _parameters(definition: ast.FunctionDef) -> list[ast.arg]:
    return [*definition.args.posonlyargs, *definition.args.args, *definition.args.kwonlyargs]


def _flags(arguments: Mapping[str, ast.expr]) -> dict[str, Any]:
    """The arguments by whose value a body is specialised; numbers stay arguments."""
    return {
        name: each.value
        for name, each in arguments.items()
        if isinstance(each, ast.Constant) and (each.value is None or isinstance(each.value, bool | str))
    }


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


def not_optional(parameter: ast.arg) -> ast.arg:
    """The parameter without a default or a type for `None`: where it is left it is always given."""
    return parameter if parameter.annotation is None else ast.arg(parameter.arg, _not_none(parameter.annotation))


def _not_none(annotation: ast.expr) -> ast.expr:
    """A type without `None`."""
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        sides = (annotation.left, annotation.right)
        left = [each for each in sides if not (isinstance(each, ast.Constant) and each.value is None)]
        return left[0] if len(left) == 1 else annotation
    return annotation


def _never_none(returns: ast.expr | None, body: Sequence[ast.stmt]) -> ast.expr | None:
    """The type of what a body returns."""
    returned = [each.value for node in body for each in ast.walk(node) if isinstance(each, ast.Return)]
    may_be_none = any(each is None or (isinstance(each, ast.Constant) and each.value is None) for each in returned)
    return returns if returns is None or may_be_none else _not_none(returns)


def _renamed(node: Node, old: str, new: str) -> Node:
    """A copy in which `self.old` is `self.new`."""
    made = copied(node)
    for each in ast.walk(made):
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "self":
            each.attr = new if each.attr == old else each.attr
    return made


def _attribute_made(statement: ast.stmt) -> str | None:
    """`name` of `self.name = ...` or `self.register_buffer("name", ...)`."""
    if isinstance(statement, ast.Assign) and isinstance(target := statement.targets[0], ast.Attribute):
        return target.attr
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and ast.unparse(call.func) == "self.register_buffer":
        assert isinstance(call.args[0], ast.Constant)
        return str(call.args[0].value)
    return None


def _base_call(statement: ast.stmt) -> ast.Call:
    assert isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    return statement.value


def _calls_base(item: ast.stmt | Member) -> bool:
    return isinstance(item, ast.Return) or (
        isinstance(item, ast.Expr) and ast.unparse(item).startswith("super().__init__(")
    )


def _annotation(name: str) -> ast.stmt:
    return ast.AnnAssign(ast.Name(name, ast.Store()), ast.Name("Tensor", ast.Load()), None, 1)


def _without_dead(items: list[ast.stmt | Member]) -> list[ast.stmt | Member]:
    """The items without assignments to names that nothing reads."""
    left: list[ast.stmt | Member] = []
    for item in reversed(items):
        target = item.targets[0] if isinstance(item, ast.Assign) else None
        read = names_read([each for each in left if isinstance(each, ast.stmt)])
        if not isinstance(target, ast.Name) or target.id in read:
            left.insert(0, item)
    return left
