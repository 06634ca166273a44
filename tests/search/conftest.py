"""What tests of the command line share."""

import sys

import pytest

from search.cli import main


@pytest.fixture
def penchant(capfd, monkeypatch):
    """Runs a command and returns exit code, standard output and standard error."""

    def command(*arguments: str):
        monkeypatch.setattr(sys, "argv", ["penchant", *arguments])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
        return code, *capfd.readouterr()

    return command
