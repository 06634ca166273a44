import pytest
import torch

from workers.checkpoint import Checkpoints


def test_a_state_comes_back(tmp_path):
    """Tensors and numbers, by trial and step."""
    checkpoints = Checkpoints(tmp_path / "new" / "folder")
    checkpoints.save(3, 10, {"step": 10, "weight": torch.arange(4)})
    assert torch.equal(checkpoints.load(3, 10)["weight"], torch.arange(4))


def test_code_in_a_file_is_not_run(tmp_path):
    """A pickled object that is no tensor is refused."""
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(0, 1, {"path": tmp_path})
    with pytest.raises(Exception, match="weights_only"):
        checkpoints.load(0, 1)


def test_a_write_that_breaks_off_leaves_the_old_state(tmp_path, monkeypatch):
    """A full disk in the middle of writing loses nothing that was there."""
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(0, 1, {"step": 1})

    def full_disk(state, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(OSError, match="No space left"):
        checkpoints.save(0, 1, {"step": 1})
    assert checkpoints.load(0, 1) == {"step": 1}


def test_the_rest_is_removed(tmp_path):
    """Only the states of the trials named stay."""
    checkpoints = Checkpoints(tmp_path)
    for trial in (1, 2, 12):
        checkpoints.save(trial, 5, {"step": 5})
    checkpoints.keep_only({2})
    assert [path.name for path in tmp_path.iterdir()] == ["2-5.pt"]
