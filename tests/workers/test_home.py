"""The folder in which everything that is a file is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.home import home


def test_the_environment_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or else it is .penchant here; absolute either way."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PENCHANT_HOME", "somewhere")
    assert home() == tmp_path / "somewhere"
    monkeypatch.delenv("PENCHANT_HOME")
    assert home() == tmp_path / ".penchant"
