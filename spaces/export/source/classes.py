"""Classes: forms that are the same but for numbers become one class, whose constructor takes these numbers."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from torch import nn

from spaces.export.source.form import Form, Made, Member, Value
from spaces.export.source.recording import Recorded
from spaces.export.source.syntax import copied
from spaces.shapes import Grid

POSITIONS = {0: (), 1: ("steps",), 2: ("height", "width")}
"""Names of the extents of a grid, by rank."""


_AMOUNTS = {"F.pad": "padding"}
"""What the numbers of a tuple are that a function takes."""


@dataclass
class Class:
    """A class of the exported source.

    Attributes:
        name: of the class.
        forms: what are its instances.
        init: statements of the constructor behind `super().__init__()`.
        forward: body of `forward`.
        methods: other methods.
        parameters: of the constructor, with the number or module that each form gives.
    """

    name: str
    forms: list[Form]
    init: list[ast.stmt]
    forward: list[ast.stmt]
    methods: list[ast.stmt]
    parameters: dict[str, list[ast.expr | Value]] = field(default_factory=dict)

    @property
    def form(self) -> Form:
        """The first form, for what all have in common."""
        return self.forms[0]

    @property
    def tree(self) -> ast.Module:
        """All statements."""
        return ast.Module([*self.init, *self.forward, *self.methods], [])


class Classes:
    """The classes of a network, those that others need before them.

    Args:
        network: the form of the whole.
        recorded: its modules' constructor calls.
    """

    def __init__(self, network: Form, recorded: Recorded) -> None:
        self.recorded = recorded
        self.made: list[Class] = []
        self._class_of: dict[int, Class] = {}
        groups: dict[str, list[Form]] = {}
        for form in _all_forms(network):
            groups.setdefault(form.name, []).append(form)
        needs = {name: {child.name for form in forms for child in _children(form)} for name, forms in groups.items()}
        for name in TopologicalSorter({name: sorted(each - {name}) for name, each in needs.items()}).static_order():
            self._add(groups[name])

    def constructed(self, value: Value) -> ast.expr:
        """The expression that makes a module."""
        if isinstance(value, Made):
            return _Filling([self.constructed(each) for each in value.given]).visit(copied(value.call))
        kind = self._class_of[id(value)]
        name = ast.Name(kind.name, ast.Load())
        if value.arguments is not None:
            return ast.Call(name, value.arguments.args, value.arguments.keywords)
        number = next(i for i, form in enumerate(kind.forms) if form is value)
        given = [each[number] for each in kind.parameters.values()]
        return ast.Call(
            name, [copied(each) if isinstance(each, ast.expr) else self.constructed(each) for each in given], []
        )

    def _add(self, forms: list[Form]) -> None:
        """Makes the classes of forms of one name."""
        nested = {member.name for form in forms for member in form.members if _is_of(member.value, form.name)}
        clusters: dict[str, list[Class]] = {}
        for form in forms:
            init = [self._statement(item, nested) for item in form.init]
            forward = [copied(each) for each in form.forward]
            made = Class(form.name, [form], init, forward, [copied(each) for each in form.methods.values()])
            skeleton = ast.dump(_Skeleton().visit(copied(made.tree))) + str([each.arg for each in form.parameters])
            clusters.setdefault(skeleton, []).append(made)
        for index, alike in enumerate(clusters.values()):
            kind = alike[0]
            kind.name += str(index + 1) if index else ""
            kind.forms = [each.form for each in alike]
            for name in sorted(nested & {member.name for member in kind.form.members}):
                kind.parameters[name] = [_member(form, name) for form in kind.forms]
            self._parametrise(kind, alike)
            self.made.append(kind)
            for form in kind.forms:
                self._class_of[id(form)] = kind

    def _statement(self, item: ast.stmt | Member, nested: set[str]) -> ast.stmt:
        if isinstance(item, ast.stmt):
            return copied(item)
        target = ast.Attribute(ast.Name("self", ast.Load()), item.name, ast.Store())
        made = ast.Name(item.name, ast.Load()) if item.name in nested else self.constructed(item.value)
        return ast.Assign([target], made)

    def _parametrise(self, kind: Class, alike: Sequence[Class]) -> None:
        """Puts a parameter for each number that is not the same in all forms."""
        columns = list(zip(*(_numbers(each.tree) for each in alike), strict=True))
        names: dict[tuple[object, ...], str] = {}
        put: dict[int, str] = {}
        for column in columns:
            values = tuple(each.value for each in column)
            if len(set(values)) > 1:
                if values not in names:
                    names[values] = self._free_name(kind, alike, column)
                    kind.parameters[names[values]] = list(column)
                put[id(column[0])] = names[values]
        if not put:
            return
        init, used = _Putting(put, of_self=False), _Putting(put, of_self=True)
        kind.init = [init.visit(each) for each in kind.init]
        kind.forward = [used.visit(each) for each in kind.forward]
        kind.methods = [used.visit(each) for each in kind.methods]
        kind.init = [*(_kept(name) for name in names.values() if name in used.names), *kind.init]

    def _free_name(self, kind: Class, alike: Sequence[Class], column: Sequence[ast.Constant]) -> str:
        facts = [dict(self._facts(each.form)) for each in alike]
        values = [each.value for each in column]
        matching = [name for name in facts[0] if [fact.get(name) for fact in facts] == values]
        names = [*matching, *self._names_in_calls(alike[0], column[0]), "size"]
        taken = kind.parameters.keys()
        return next((name for name in names if name not in taken), f"{names[0]}_{len(taken)}")

    def _facts(self, form: Form) -> Iterator[tuple[str, object]]:
        """Names of numbers that the module was built with."""
        if form.module is None:
            return
        for name, value in self.recorded.call(form.module).by_parameter(form.module).items():
            yield name, value
            if isinstance(value, Grid):
                yield "channels", value.channels
                yield from zip(POSITIONS[value.rank], value.positions, strict=True)
                yield "length", value.length
        yield from vars(form.module).items()

    def _names_in_calls(self, kind: Class, number: ast.Constant) -> Iterator[str]:
        """What the functions and classes call it that take the number as an argument."""
        for call in ast.walk(kind.tree):
            if not isinstance(call, ast.Call) or not any(number is each for each in ast.walk(call)):
                continue
            yield from (str(each.arg) for each in call.keywords if each.value is number)
            place = next((i for i, each in enumerate(call.args) if each is number), None)
            known = self._parameters_of(ast.unparse(call.func))
            if place is not None and place < len(known):
                yield known[place]
            if any(isinstance(each, ast.Tuple) and number in each.elts for each in call.args):
                yield _AMOUNTS.get(ast.unparse(call.func), "extent")

    def _parameters_of(self, name: str) -> list[str]:
        for kind in self.made:
            if kind.name == name:
                return list(kind.parameters)
        torchs = getattr(nn, name.removeprefix("nn."), None) if name.startswith("nn.") else None
        return list(inspect.signature(torchs).parameters) if isinstance(torchs, type) else []


def _all_forms(form: Form) -> Iterator[Form]:
    """The forms that become classes, those inside others first."""
    for child in _children(form):
        yield from _all_forms(child)
    yield form


def _children(form: Form) -> Iterator[Form]:
    for member in form.members:
        yield from _forms_in(member.value)


def _forms_in(value: Value) -> Iterator[Form]:
    if isinstance(value, Form):
        yield value
    else:
        for each in value.given:
            yield from _forms_in(each)


def _is_of(value: Value, name: str) -> bool:
    return isinstance(value, Form) and value.name == name


def _member(form: Form, name: str) -> Value:
    return next(member.value for member in form.members if member.name == name)


def _kept(name: str) -> ast.stmt:
    target = ast.Attribute(ast.Name("self", ast.Load()), name, ast.Store())
    return ast.Assign([target], ast.Name(name, ast.Load()))


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _numbers(tree: ast.AST) -> list[ast.Constant]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and _is_number(node)]


class _Skeleton(ast.NodeTransformer):
    """Numbers are all alike, and docstrings count for nothing."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Constant("a number") if _is_number(node) else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        node.body = node.body[1:]
        return self.generic_visit(node)  # type: ignore[return-value]


class _Putting(ast.NodeTransformer):
    """Parameters stand for numbers."""

    def __init__(self, put: dict[int, str], *, of_self: bool) -> None:
        self.put = put
        self.of_self = of_self
        self.names: set[str] = set()

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if id(node) not in self.put:
            return node
        name = self.put[id(node)]
        self.names.add(name)
        read = ast.Name(name, ast.Load())
        return ast.Attribute(ast.Name("self", ast.Load()), name, ast.Load()) if self.of_self else read


class _Filling(ast.NodeTransformer):
    """Modules stand for the slots of a constructor's call."""

    def __init__(self, given: Sequence[ast.expr]) -> None:
        self.given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.given[int(node.id.removeprefix("slot_"))] if node.id.startswith("slot_") else node
