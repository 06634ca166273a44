"""What an export writes is there whole or not at all."""

import os
import resource
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from search.export.appearing import MARK, NotWritten, appearing, check_free
from spaces import InvalidInput


def write(target: Path, text: str, *, force: bool = False, error: BaseException | None = None) -> None:
    with appearing(target, is_folder=True, force=force) as place:
        place.mkdir()
        (place / MARK).write_text(text)
        if error is not None:
            raise error


def write_bytes(target: Path, count: int) -> None:
    with appearing(target, is_folder=False, force=False) as place:
        place.write_bytes(bytes(count))


def test_it_appears_when_it_is_whole(tmp_path):
    """While it is written nothing stands there; folders above it are made; nothing is left beside it."""
    target = tmp_path / "new" / "champion"
    with appearing(target, is_folder=True, force=False) as place:
        place.mkdir()
        (place / "model.py").write_text("...")
        assert not target.exists()
    assert (target / "model.py").read_text() == "..."
    assert os.listdir(target.parent) == ["champion"]


def test_what_stands_there_is_not_replaced_unasked(tmp_path):
    """An earlier export is replaced with `force` alone, and whole; an empty folder is free."""
    target = tmp_path / "champion"
    target.mkdir()
    write(target, "first")
    with pytest.raises(InvalidInput, match="is there already, expected a new name, or --force"):
        write(target, "second")
    write(target, "third", force=True)
    assert (target / MARK).read_text() == "third"
    assert os.listdir(tmp_path) == ["champion"]


def test_force_never_replaces_a_folder_of_something_else(tmp_path):
    """Only what an export wrote may go."""
    (tmp_path / "thesis").write_text("years of work")
    with pytest.raises(InvalidInput, match="holds no earlier export"):
        write(tmp_path, "mine", force=True)
    with pytest.raises(InvalidInput, match="found a folder, expected the name of a file"):
        check_free(tmp_path, is_folder=False, force=True)
    assert (tmp_path / "thesis").read_text() == "years of work"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("no such operation")])
def test_what_fails_halfway_leaves_nothing(tmp_path, error):
    """The earlier export stays as it was."""
    write(tmp_path / "champion", "first")
    with pytest.raises(type(error)):
        write(tmp_path / "champion", "half", force=True, error=error)
    assert (tmp_path / "champion" / MARK).read_text() == "first"
    assert os.listdir(tmp_path) == ["champion"]


def test_a_full_disk_is_one_line(tmp_path):
    """Here a file may not grow beyond a limit, as on a disk without room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(NotWritten, match=r"champion.onnx: cannot be written \(File too large\); nothing was left"):
            write_bytes(tmp_path / "champion.onnx", 20_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert os.listdir(tmp_path) == []


def test_a_killed_process_leaves_nothing_under_the_name(tmp_path):
    """Kill -9 in the middle: what it left beside the target is gone after the next export."""
    target = tmp_path / "champion"
    script = f"""
        import time
        from pathlib import Path
        from search.export.appearing import appearing
        with appearing(Path({str(target)!r}), is_folder=True, force=False) as place:
            place.mkdir()
            (place / "half").write_text("half")
            print("halfway", flush=True)
            time.sleep(60)
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "halfway\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not target.exists()
    assert len(os.listdir(tmp_path)) == 1
    write(target, "whole")
    assert os.listdir(tmp_path) == ["champion"]
