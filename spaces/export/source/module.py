"""Module: the text of a file with the classes of a network, the functions and constants that they use, and imports."""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence

from spaces.export.source.arguments import not_optional
from spaces.export.source.classes import Class, Classes
from spaces.export.source.formatting import LINE_LENGTH
from spaces.export.source.library import Library
from spaces.export.source.literals import NoLiteral, literal
from spaces.export.source.syntax import CannotLeave, copied, docstring_of, module_tree, names_read

USUAL_IMPORTS = {
    "torch": "import torch",
    "nn": "from torch import nn",
    "Tensor": "from torch import Tensor",
    "F": "from torch.nn import functional as F",
}
OURS = ("spaces", "workers", "search")


class Forbidden(CannotLeave):
    """A name cannot be part of the export."""


def network_module(doc: str, classes: Classes, library: Library, more: Sequence[ast.stmt] = ()) -> ast.Module:
    """The tree of the file.

    Args:
        doc: its docstring.
        classes: the network's.
        library: functions that they use.
        more: functions that the last of the classes needs.

    Raises:
        Forbidden: a name stands for something that is neither a constant nor a plain function nor torch's.
    """
    written = _Written(library)
    for kind in classes.made:
        if kind is classes.made[-1]:
            for statement in more:
                written.add(statement, "")
        home = kind.form.module.__class__.__module__ if kind.form.module is not None else ""
        written.add(class_definition(kind), home)
    body = [*written.constants.values(), *written.statements]
    return ast.Module([doc_statement(doc, 0), *written.import_statements(), *body], [])


def text_of(tree: ast.Module) -> str:
    """A tree and its comments as text, as yet badly formatted."""
    return _with_comments(ast.unparse(ast.fix_missing_locations(_CommentsAsText().visit(tree))))


def functions_module(library: Library) -> str:
    """The functions of a library with their constants, as yet badly formatted and without imports."""
    written = _Written(library)
    for name, function in library.functions.items():
        if name not in written.functions:
            written.functions.add(name)
            written.add(_function_definition(function), library.homes[name])
    body = [*written.constants.values(), *written.statements]
    return "\n" + text_of(ast.Module(body, []))


def class_definition(kind: Class) -> ast.ClassDef:
    """The definition of a class."""
    form = kind.form
    body: list[ast.stmt] = [*_doc(form.doc, 1), *form.annotations]
    if form.ends_with:
        kind.init = [*kind.init, form.ends_with]
    if kind.init or kind.parameters:
        body.append(_constructor(kind))
    signature = ast.arguments([], [ast.arg("self"), *form.parameters], None, [], [], None, [])
    returns = ast.Name("Tensor", ast.Load()) if form.returns is None else form.returns
    forward = ast.FunctionDef("forward", signature, [*_doc(form.forward_doc, 2), *kind.forward], [], returns)
    if form.arguments is not None and len(form.parameters) > 1:
        forward.type_comment = "ignore[override]"
    body.append(forward)
    for method in kind.methods:
        assert isinstance(method, ast.FunctionDef)
        method.body = [*_doc(docstring_of(method) or "", 2), *method.body[1:]]
        body.append(method)
    return ast.ClassDef(kind.name, [form.base], [], body, [])


def _constructor(kind: Class) -> ast.FunctionDef:
    members = {member.name for member in kind.form.members}
    parameters = [
        ast.arg(name, ast.parse("nn.Module" if name in members else type(_number(given[0])).__name__, mode="eval").body)
        for name, given in kind.parameters.items()
    ]
    signature = ast.arguments([], [ast.arg("self"), *parameters], None, [], [], None, [])
    body = [*ast.parse("super().__init__()").body, *kind.init]
    return ast.FunctionDef("__init__", signature, body, [], ast.Constant(None))


def _number(given: object) -> object:
    return given.value if isinstance(given, ast.Constant) else None


def _doc(text: str, level: int) -> list[ast.stmt]:
    return [doc_statement(text, level)] if text else []


def doc_statement(text: str, level: int) -> ast.stmt:
    """A docstring inside so many definitions."""
    margin = "    " * level
    lines = textwrap.indent(_wrapped(text, LINE_LENGTH - len(margin)), margin).strip()
    return ast.Expr(ast.Constant(f"{lines}\n{margin}" if "\n" in lines else lines))


def _wrapped(text: str, width: int) -> str:
    """A docstring in lines of this width; a summary that is longer leaves its second sentence to a paragraph."""
    summary, _, rest = text.partition("\n\n")
    summary = " ".join(summary.split())
    first = re.match(r"((?:`[^`]*`|[^`.]|\.(?! ))*\.) (.*)", summary)  # a dot within code ends no sentence
    if len(summary) > width - 6 and first:
        summary, rest = first[1], "\n\n".join(filter(None, [first[2], rest]))
    paragraphs = [summary, *filter(None, rest.split("\n\n"))]
    return "\n\n".join(
        each
        if re.match(r"(Args|Returns|Raises|Attributes):", each)
        else textwrap.fill(" ".join(each.split()), width - 6)
        for each in paragraphs
    )


class _Written:
    """Definitions in the order in which they are needed, and what they are made of."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.constants: dict[str, ast.stmt] = {}
        self.statements: list[ast.stmt] = []
        self._imports: dict[str, str] = {}
        self.functions: set[str] = set()

    def add(self, definition: ast.stmt, home: str) -> None:
        """Adds a definition, and before it what it needs of the module it comes from."""
        bound = _bound(definition)
        defined = {each.name for each in self.statements if isinstance(each, ast.ClassDef | ast.FunctionDef)}
        for name in dict.fromkeys(names_read([definition])):
            if name not in defined and name not in bound:
                self._need(name, home)
        self.statements.append(definition)

    def _need(self, name: str, home: str) -> None:
        if name in self.library.functions:
            if name not in self.functions:
                self.functions.add(name)
                self.add(_function_definition(self.library.functions[name]), self.library.homes[name])
        elif name in USUAL_IMPORTS:
            self._imports[name] = USUAL_IMPORTS[name]
        elif home and name in vars(sys.modules[home]):
            self._need_of(name, home)
        elif name in self.library.origins and name in vars(sys.modules[self.library.origins[name]]):
            self._need_of(name, self.library.origins[name])

    def _need_of(self, name: str, home: str) -> None:
        for statement in module_tree(home).body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                for alias in statement.names:
                    if (alias.asname or alias.name.split(".")[0]) == name:
                        self._import(statement, alias, name)
                        return
            elif isinstance(statement, ast.Assign | ast.AnnAssign) and _assigned_name(statement) == name:
                self._constant(statement, name, home)
                return
        raise Forbidden(f"{name} of {home}")

    def _import(self, statement: ast.Import | ast.ImportFrom, alias: ast.alias, name: str) -> None:
        module = statement.module if isinstance(statement, ast.ImportFrom) else alias.name
        if str(module).split(".")[0] in OURS:
            assert isinstance(statement, ast.ImportFrom)
            self._need_of(alias.name, str(module))
            return
        top = str(module).split(".")[0]
        if top != "torch" and top not in sys.stdlib_module_names:
            raise Forbidden(f"{name}, imported from {module}")
        one = copied(statement)
        one.names = [alias]
        self._imports[name] = ast.unparse(one)

    def _constant(self, statement: ast.Assign | ast.AnnAssign, name: str, home: str) -> None:
        try:
            value = literal(getattr(sys.modules[home], name))
        except NoLiteral as error:
            raise Forbidden(f"{name} of {home}, which is no number, text or tuple of these") from error
        made = ast.Assign(
            [ast.Name(name, ast.Store())],
            value if statement.value is None or names_read([statement.value]) else statement.value,
        )
        made.above = _told(statement, home)  # type: ignore[attr-defined]
        known = self.constants.get(name)
        if known is not None and ast.dump(known) != ast.dump(made):
            raise Forbidden(f"{name} of {home}, which another module has as well")
        self.constants[name] = made

    def import_statements(self) -> Iterator[ast.stmt]:
        """All imports; a formatter puts them in order."""
        for text in sorted(set(self._imports.values())):
            yield from ast.parse(text).body


def _function_definition(function: ast.FunctionDef) -> ast.FunctionDef:
    made = copied(function)
    made.args.args = [not_optional(each) for each in made.args.args]
    made.body = [*_doc(docstring_of(function) or "", 1), *made.body[1:]]
    return made


def _told(statement: ast.stmt, home: str) -> list[str]:
    """The text behind a constant, as a comment."""
    body = module_tree(home).body
    after = body[body.index(statement) + 1 : body.index(statement) + 2]
    behind = getattr(statement, "behind", None)
    if after and isinstance(after[0], ast.Expr) and isinstance(after[0].value, ast.Constant):
        return [f"# {line}" for line in textwrap.wrap(str(after[0].value.value), LINE_LENGTH - 2)]
    return [behind] if behind else []


def _assigned_name(statement: ast.Assign | ast.AnnAssign) -> str | None:
    target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
    return target.id if isinstance(target, ast.Name) else None


def _bound(definition: ast.AST) -> set[str]:
    """Names of parameters and locals."""
    stored = {
        each.id for each in ast.walk(definition) if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)
    }
    return stored | {each.arg for each in ast.walk(definition) if isinstance(each, ast.arg)}


class _CommentsAsText(ast.NodeTransformer):
    """Comments stand as texts before and behind their statements, since a tree has no other place for them."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for name, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(node, name, list(self._around(value)))
            elif isinstance(value, list):
                for each in value:
                    if isinstance(each, ast.AST):
                        self.visit(each)
        return node

    def _around(self, body: list[ast.stmt]) -> Iterator[ast.stmt]:
        for statement in body:
            for comment in getattr(statement, "above", []):
                yield ast.Expr(ast.Constant(f"{comment}"))
            yield self.visit(statement)
            if hasattr(statement, "behind"):
                yield ast.Expr(ast.Constant(f"#behind{statement.behind}"))


def _without_parentheses(line: str) -> str:
    """An assignment or a return of a tuple as a person writes it."""
    found = re.fullmatch(r"(\s*(?:return|[\w., *]+ =) )\((.*)\)", line)
    if not found or found[2].endswith(","):
        return line
    depth, has_comma = 0, False
    for character in found[2]:
        depth += (character in "([{") - (character in ")]}")
        has_comma |= character == "," and depth == 0
        if depth < 0:
            return line
    return found[1] + found[2] if has_comma else line


def _with_comments(text: str) -> str:
    lines: list[str] = []
    for line in text.splitlines():
        found = re.fullmatch(r"""(\s*)(['"]#.*['"])""", line)
        if not found:
            lines.append(_without_parentheses(line))
            continue
        comment, margin = str(ast.literal_eval(found[2])), found[1]
        told = comment.removeprefix("#behind").removeprefix("#").strip()
        if comment.startswith("#behind") and len(lines[-1]) + len(told) + 4 <= LINE_LENGTH:
            lines[-1] += f"  # {told}"
            continue
        place = len(lines) - comment.startswith("#behind")
        lines[place:place] = [f"{margin}# {each}" for each in textwrap.wrap(told, LINE_LENGTH - len(margin) - 2)]
    return "\n".join(lines) + "\n"
