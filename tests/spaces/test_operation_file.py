from pathlib import Path

import pytest

from spaces import InvalidInput
from spaces.operation_file import OperationFile, register_operations
from spaces.operations import OPERATIONS

ROLL = '''"""A user's own operation."""

from torch import nn

from spaces.operations import OPERATIONS, Operation


@OPERATIONS.register("roll")
class Roll(Operation):
    """Every position takes what its neighbour had, and a linear map of it."""

    family = "shift"
    ranks = (1,)
    is_linear = True

    def build(self, grid, picks):
        return Rolled(grid.channels)


class Rolled(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.map = nn.Linear(channels, channels)

    def forward(self, x):
        return self.map(x.roll(1, dims=1))
'''


def written(folder: Path, text: str, name: str = "mine.py") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_file_registers_its_operations(tmp_path):
    """Its name can be looked up afterwards; the file's path and source are what travels."""
    (file,) = register_operations([written(tmp_path, ROLL)])
    assert OPERATIONS["roll"].family == "shift"
    assert (file.path, file.source) == (str(tmp_path / "mine.py"), ROLL)


def test_a_worker_needs_no_file(tmp_path):
    """What was read registers although the file is gone."""
    path = written(tmp_path, ROLL)
    file = OperationFile.read(path)
    path.unlink()
    file.register()
    assert "roll" in OPERATIONS


def test_an_unchanged_file_runs_once_and_a_changed_one_again(tmp_path):
    """In a notebook a user edits the file and registers it again; until then the class stays the same."""
    path = written(tmp_path, ROLL)
    register_operations([path])
    before = OPERATIONS["roll"]
    register_operations([path])
    assert OPERATIONS["roll"] is before
    register_operations([written(tmp_path, ROLL.replace('"shift"', '"rotation"'))])
    assert OPERATIONS["roll"].family == "rotation"


def test_two_files_of_one_name_are_two_modules(tmp_path):
    """Files of the same name in two folders do not stand in for each other."""
    for folder, name in (("a", "roll"), ("b", "turn")):
        (tmp_path / folder).mkdir()
        register_operations([written(tmp_path / folder, ROLL.replace('"roll"', f'"{name}"'))])
    assert {"roll", "turn"} <= set(OPERATIONS)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("mine.txt", ROLL, "operations: found '{path}', expected a Python file such as my_operation.py"),
        ("mine.py", None, "operations: {path}: no such file, expected a Python file"),
        ("mine.py", "x = 1\n", "operations: {path}: registers none, expected a class under @OPERATIONS.register"),
        ("mine.py", "x = 1\n1 / 0\n", "operations: {path}:2: ZeroDivisionError: division by zero"),
        ("mine.py", "x = 1\ny = (\n", "operations: {path}:2: SyntaxError: '(' was never closed"),
        ("mine.py", "import nosuch\n", "operations: {path}:1: ModuleNotFoundError: No module named 'nosuch'"),
        ("mine.py", "import sys\nsys.exit(3)\n", "operations: {path}:2: SystemExit: 3"),
        (
            "mine.py",
            ROLL.replace('    family = "shift"\n', ""),
            "operations: {path}: 'roll' has no family",
        ),
        (
            "mine.py",
            ROLL.replace("ranks = (1,)", "ranks = (3,)"),
            "operations: {path}: 'roll' has ranks (3,)",
        ),
        ("mine.py", ROLL.replace('"roll"', '"my roll"'), "operations: {path}: 'my roll' is no name, expected letters"),
        ("mine.py", ROLL + 'OPERATIONS.register("turn")(Rolled)\n', "operations: {path}: 'turn' is <class '"),
        (
            "mine.py",
            ROLL.replace('"roll"', '"lstm"'),
            "operations: {path}:8: ValueError: operation 'lstm' is already registered by spaces.operations.lstm.Lstm",
        ),
    ],
)
def test_a_wrong_file_is_told_in_one_line(tmp_path, name: str, text: str | None, told: str):
    """The line says which file, where in it, what was found and what was expected."""
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with pytest.raises(InvalidInput) as error:
        register_operations([path])
    assert str(error.value).startswith(told.format(path=path))
    assert "\n" not in str(error.value)


def test_a_file_that_fails_leaves_nothing_behind(tmp_path):
    """Mended, under whatever path, it registers; what a changed file no longer registers is forgotten."""
    before = set(OPERATIONS)
    with pytest.raises(InvalidInput):
        register_operations([written(tmp_path, ROLL + "\n1 / 0\n")])
    assert set(OPERATIONS) == before
    two = ROLL + '\n\n@OPERATIONS.register("turn")\nclass Turn(Roll):\n    """The same."""\n'
    register_operations([written(tmp_path, two, "mended.py")])
    assert set(OPERATIONS) == before | {"roll", "turn"}
    register_operations([written(tmp_path, ROLL, "mended.py")])
    assert set(OPERATIONS) == before | {"roll"}


def test_a_file_is_the_same_by_any_path(tmp_path):
    """Two ways to write the path of one file are one module."""
    path = written(tmp_path, ROLL)
    (tmp_path / "sub").mkdir()
    register_operations([path])
    register_operations([tmp_path / "sub" / ".." / "mine.py"])
    assert OperationFile.read(path).module == OperationFile.read(tmp_path / "sub" / ".." / "mine.py").module


def test_only_what_is_installed_is_known_everywhere(tmp_path):
    """Names of the package are; those of a file are this process's, and whoever's it is sent to."""
    (file,) = register_operations([written(tmp_path, ROLL)])
    assert file.names == ("roll",)
    assert "lstm" in OPERATIONS.installed
    assert "roll" not in OPERATIONS.installed
