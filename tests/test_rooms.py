"""The rooms import one way: search → workers → spaces."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {
    "spaces": {"spaces"},
    "workers": {"workers", "spaces"},
    "search": {"search", "workers", "spaces"},
}
SOURCES = [path for room in ALLOWED for path in sorted((ROOT / room).rglob("*.py"))]


def imported_packages(source: str) -> set[str]:
    """Top-level names of everything a source imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that this test can read them"
            found.add((node.module or "").split(".")[0])
    return found


def wrong_way(room: str, source: str) -> set[str]:
    return (imported_packages(source) & ALLOWED.keys()) - ALLOWED[room]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_imports_a_room_above_its_own(path: Path):
    """A file imports its own room and those below it."""
    assert not wrong_way(path.relative_to(ROOT).parts[0], path.read_text())


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("spaces", "import workers.trainer"),
        ("spaces", "def f():\n    from search import Study"),
        ("workers", "from search.trial import Trial"),
    ],
)
def test_a_wrong_way_import_is_found(room: str, source: str):
    """The check above can fail: it sees imports of either form, inside functions too."""
    assert wrong_way(room, source)


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("ray", "workers/tune_engine.py"),
        ("mlflow", "search/tracking"),
        ("sqlalchemy", "search/storage"),
    ],
)
def test_each_service_is_known_in_one_place(library: str, home: str):
    """One file knows Ray, one package knows MLflow, one package knows SQL."""
    knowing = [p.relative_to(ROOT) for p in SOURCES if library in imported_packages(p.read_text())]
    assert knowing
    assert all(path.is_relative_to(home) for path in knowing)


def test_spaces_needs_torch_alone():
    """The space is described with torch, numpy and the standard library; YAML for the files it is written in."""
    import sys

    foreign = set()
    for path in SOURCES:
        if path.relative_to(ROOT).parts[0] == "spaces":
            foreign |= imported_packages(path.read_text()) - set(sys.stdlib_module_names)
    assert foreign <= {"spaces", "torch", "numpy", "yaml"}


def test_the_verdict_is_made_of_pure_functions():
    """Scores go in, claims come out: no training, storage or tracking in search/verdict."""
    foreign = set()
    for path in (ROOT / "search" / "verdict").glob("*.py"):
        foreign |= imported_packages(path.read_text())
    assert not foreign & {"torch", "ray", "mlflow", "optuna", "sqlalchemy", "workers", "spaces"}
