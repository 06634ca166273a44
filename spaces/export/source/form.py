"""Form: a module as it will stand in the exported source, before equal classes are found."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from torch import nn

from spaces.export.source.syntax import names_read, replaced


@dataclass(frozen=True)
class Made:
    """A module that is an instance of a torch class: the call that makes it, and whatever modules it is given.

    Attributes:
        call: the constructor's call, in which `slot(i)` stands for the module number `i`.
        given: these modules.
        origins: paths of these modules within the one that is made.
    """

    call: ast.expr
    given: tuple[Value, ...] = ()
    origins: tuple[str, ...] = ()


def slot(number: int) -> ast.expr:
    """Stands in a constructor's call for one of the modules it is given."""
    return ast.Name(f"slot_{number}", ast.Load())


@dataclass(frozen=True)
class Member:
    """A module that is an attribute of another.

    Attributes:
        name: of the attribute.
        value: what it is.
        origin: path of the module that it is made of, within that of its owner.
    """

    name: str
    value: Value
    origin: str


@dataclass(frozen=True)
class Merged:
    """A module whose tensors are attributes of its owner.

    Attributes:
        form: what it is.
        origin: its path within that of its owner.
    """

    form: Form
    origin: str

    def join(self, owner: Form) -> None:
        """Makes the tensors those of the owner."""
        owner.init += self.form.init
        owner.annotations += self.form.annotations
        owner.tensors |= {name: f"{self.origin}.{old}" for name, old in self.form.tensors.items()}


@dataclass(eq=False)
class Form:
    """A class of the exported source, specialised for one module.

    Attributes:
        name: of the class, perhaps shared by others that turn out different.
        module: what it is specialised for; `None` where it was composed of several.
        base: what it extends.
        doc: its docstring.
        annotations: of attributes.
        init: statements and members in the order in which the constructor makes them.
        arguments: of the constructor, where the class leaves it to a base of torch's.
        parameters: of `forward`, without `self`.
        forward: its body, docstring excluded.
        forward_doc: its docstring.
        methods: other methods by their names.
        ends_with: the last statement of the constructor.
        returns: the type of what `forward` returns, by default a tensor.
        tensors: attributes that hold parameters or buffers, and where these come from.
    """

    name: str
    module: nn.Module | None
    base: ast.expr
    doc: str
    init: list[ast.stmt | Member] = field(default_factory=list)
    annotations: list[ast.stmt] = field(default_factory=list)
    arguments: ast.Call | None = None
    parameters: list[ast.arg] = field(default_factory=list)
    forward: list[ast.stmt] = field(default_factory=list)
    forward_doc: str = ""
    methods: dict[str, ast.FunctionDef] = field(default_factory=dict)
    ends_with: ast.stmt | None = None
    returns: ast.expr | None = None
    tensors: dict[str, str] = field(default_factory=dict)

    @property
    def members(self) -> Iterator[Member]:
        """The modules in it."""
        return (each for each in self.init if isinstance(each, Member))

    @property
    def returned(self) -> ast.expr | None:
        """What `forward` returns as one expression, where it can be written so."""
        *assigned, last = self.forward
        found = last.value if isinstance(last, ast.Return) else None
        for statement in reversed(assigned):
            target = statement.targets[0] if isinstance(statement, ast.Assign) else None
            if found is None or not isinstance(target, ast.Name) or names_read([found]).count(target.id) != 1:
                return None
            assert isinstance(statement, ast.Assign)
            found = replaced(found, {target.id: statement.value})
        return found

    @property
    def only_tensors(self) -> bool:
        """Whether it holds tensors that follow from what is known, and nothing else."""
        is_plain = not self.methods and self.arguments is None and not any(self.members)
        return is_plain and all(name not in self.module._parameters for name in self.tensors) if self.module else False

    @property
    def is_stateless(self) -> bool:
        """Whether it holds neither modules nor tensors nor methods."""
        return not self.init and not self.methods and self.arguments is None


Value: TypeAlias = Form | Made


def keys(form: Form, new: str = "", old: str = "") -> dict[str, str]:
    """Prefix of names in the exported network's state -> prefix in the original's, for each member and tensor."""
    found = {new + name: old + origin for name, origin in form.tensors.items()}
    for member in form.members:
        found |= _keys_of(member.value, f"{new}{member.name}", f"{old}{member.origin}")
    return found


def _keys_of(value: Value, new: str, old: str) -> dict[str, str]:
    if isinstance(value, Form):
        return {new: old} if value.arguments is not None else keys(value, f"{new}.", f"{old}.")
    if not value.given:
        return {new: old}
    found: dict[str, str] = {}
    for each, origin in zip(value.given, value.origins, strict=True):
        found |= _keys_of(each, f"{new}.{origin}", f"{old}.{origin}")
    return found
