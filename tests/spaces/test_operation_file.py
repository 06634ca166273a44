from pathlib import Path

import pytest

from spaces import InvalidInput
from spaces.operation_file import OperationFile, register_operations
from spaces.operations import OPERATIONS
from tests.contracts.cases import registered

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


@pytest.fixture(autouse=True)
def forgotten_afterwards():
    """What a test registers is gone after it."""
    with registered():
        yield


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
