"""The Dockerfile makes an image with all of Penchant that runs it as nobody special; `make image` runs its steps."""

import tomllib
from pathlib import Path

import pytest
from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).parents[2]


@pytest.fixture
def steps() -> list[tuple[str, str]]:
    return [(step["instruction"], step["value"]) for step in DockerfileParser(str(ROOT / "Dockerfile")).structure]


def test_every_package_is_copied(steps: list[tuple[str, str]]):
    """What pyproject.toml installs, and all that is copied exists."""
    copied = {name for instruction, value in steps if instruction == "COPY" for name in value.split()[:-1]}
    assert all((ROOT / name).exists() for name in copied)
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {name.removesuffix("*") for name in packages} <= copied


def test_torch_is_that_of_the_constraints(steps: list[tuple[str, str]]):
    """It is installed first, from an index of its own, where no constraint speaks."""
    (pinned,) = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.startswith("torch==")]
    installs = [value.split() for instruction, value in steps if instruction == "RUN" and "install" in value]
    assert pinned in installs[0]
    assert "constraints.txt" in installs[1]


def test_it_runs_as_nobody_special(steps: list[tuple[str, str]]):
    """The last word on the user is not root's, and comes before the command."""
    users = [value for instruction, value in steps if instruction == "USER"]
    assert users
    assert users[-1] not in ("root", "0")
    assert steps[-1][0] == "CMD"
