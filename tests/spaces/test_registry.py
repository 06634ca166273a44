import sys

import pytest

from spaces import InvalidInput
from spaces.operations import OPERATIONS
from spaces.registry import Registry


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with two entries in files of their own, that nobody has imported."""
    folder = tmp_path / "colours"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from spaces.registry import Registry\nCOLOURS = Registry('colour', 'colours')\n"
    )
    for name in ("red", "blue"):
        (folder / f"{name}.py").write_text(
            f"from colours import COLOURS\n@COLOURS.register('{name}')\nclass {name.title()}: pass\n"
        )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield __import__("colours")
    for module in [module for module in sys.modules if module.split(".")[0] == "colours"]:
        del sys.modules[module]


def test_look_up_imports_the_files(package):
    """A process that has imported nothing finds every entry; names come sorted."""
    assert package.COLOURS.names() == ("blue", "red")
    assert package.COLOURS["red"].__name__ == "Red"


def test_a_taken_name_raises(package):
    """Two classes cannot share a name."""
    with pytest.raises(ValueError, match=r"colour 'red' is already registered by colours\.red\.Red"):

        @package.COLOURS.register("red")
        class Crimson: ...


def test_an_unknown_name_is_told_with_the_nearest():
    """The message names what exists and the nearest name."""
    with pytest.raises(InvalidInput, match=r"unknown operation 'lsmt': expected one of .*did you mean 'lstm'"):
        OPERATIONS["lsmt"]


def test_an_empty_registry_says_nothing_is_known():
    """A registry is a collection of names."""
    registry: Registry[type] = Registry("connection", "spaces.connections")
    assert "residual" not in registry  # registered with CONNECTIONS, not here
    assert list(registry) == []
