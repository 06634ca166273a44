"""Layout: channels that are moved last and first again stay first, and only those."""

import ast
import textwrap

import pytest

from spaces.export.source.layout import without_idle_moves

HEAD = '"""A network; tensors have their channels last."""\n'


def left(*lines: str) -> list[str]:
    """What is left of a function's lines, its docstring and the file's being as they must be."""
    source = HEAD + "def forward(self, x):\n" + textwrap.indent("\n".join(lines), "    ")
    tree = without_idle_moves(ast.parse(source))
    (function,) = (each for each in tree.body if isinstance(each, ast.FunctionDef))
    return [ast.unparse(each) for each in function.body]


def test_convolutions_in_a_row_keep_channels_first():
    """Functions that do the same to every number do not matter; what leaves has its channels last, as before."""
    assert left(
        "x = F.relu(self.first(x.movedim(-1, 1)).movedim(1, -1))",
        "x = F.avg_pool2d(x.movedim(-1, 1), (2, 2)).movedim(1, -1)",
        "return x.flatten(1)",
    ) == [
        "x = F.relu(self.first(x.movedim(-1, 1)))",
        "x = F.avg_pool2d(x, (2, 2)).movedim(1, -1)",
        "return x.flatten(1)",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ("x = self.a(x.movedim(-1, 1)).movedim(1, -1)", "return x + self.b(x.movedim(-1, 1)).movedim(1, -1)"),
        ("x = self.a(x.movedim(-1, 1)).movedim(1, -1)", "y = self.b(x.movedim(-1, 1))", "return x + y"),
        ("x = F.softmax(self.a(x).movedim(1, -1), -1)", "return self.b(x.movedim(-1, 1))"),
        ("x = self.a(x).movedim(1, 2)", "return self.b(x.movedim(-1, 1))"),
    ],
)
def test_what_is_read_with_channels_last_is_moved(lines):
    """Read otherwise as well, read later, along an axis, or moved elsewhere: nothing changes."""
    assert left(*lines) == list(lines)


def test_the_file_says_so():
    """Where channels stay first the summary speaks of rows alone."""
    moved = HEAD + "def forward(self, x):\n    x = f(x).movedim(1, -1)\n    return g(x.movedim(-1, 1))"
    assert "rows have their channels last" in ast.unparse(without_idle_moves(ast.parse(moved)))
    kept = HEAD + "def forward(self, x):\n    return x"
    assert "tensors have their channels last" in ast.unparse(without_idle_moves(ast.parse(kept)))
