import os
import pickle
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from spaces.errors import InvalidInput
from workers.checkpoint import Checkpoints


@pytest.fixture(scope="module")
def object_store() -> Iterator[str]:
    """The URI of a folder in a bucket of an S3 server on this machine, named for other places to be put into."""
    boto3 = pytest.importorskip("boto3", reason="needs moto[server], see pyproject.toml")
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    login = {"aws_access_key_id": "user", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=endpoint, **login).create_bucket(Bucket="bucket")
    yield f"s3://user:secret@bucket/FOLDER?endpoint_override={endpoint}&region=us-east-1"
    server.stop()


@pytest.fixture(params=["folder", "file", "s3"])
def location(request, tmp_path) -> str | Path:
    """A place that does not exist yet, of each kind."""
    if request.param == "s3":
        return request.getfixturevalue("object_store").replace("FOLDER", tmp_path.name)
    folder = tmp_path / "new folder" / "in it"
    return folder if request.param == "folder" else folder.as_uri()


def test_a_state_comes_back(location):
    """Tensors and numbers, by trial and step."""
    checkpoints = Checkpoints(location, "digits")
    checkpoints.save(3, 10, {"step": 10, "weight": torch.arange(4)})
    assert torch.equal(checkpoints.load(3, 10)["weight"], torch.arange(4))
    with pytest.raises(FileNotFoundError):
        checkpoints.load(3, 11)


def test_another_process_finds_the_state(location):
    """What is pickled is the place: no connection, and the same states behind it."""
    checkpoints = Checkpoints(location, "digits")
    checkpoints.save(0, 1, {"step": 1})
    assert pickle.loads(pickle.dumps(checkpoints)).load(0, 1) == {"step": 1}


def test_a_newer_state_replaces_the_old_one(location):
    """The same trial and step saved again, as a unit does that is run again."""
    checkpoints = Checkpoints(location)
    checkpoints.save(0, 1, {"step": 1, "loss": 0.5})
    checkpoints.save(0, 1, {"step": 1, "loss": 0.25})
    assert checkpoints.load(0, 1)["loss"] == 0.25
    assert checkpoints.steps(0) == [1]


def test_steps_of_a_trial_are_listed(location):
    """Its own alone and in order, none where nothing was ever saved; one that is removed is no longer there."""
    checkpoints = Checkpoints(location)
    assert checkpoints.steps(1) == []
    for trial, step in ((1, 20), (1, 3), (11, 4)):
        checkpoints.save(trial, step, {"step": step})
    assert checkpoints.steps(1) == [3, 20]
    for _ in range(2):
        checkpoints.remove(1, 3)
    assert checkpoints.steps(1) == [20]


def test_the_rest_is_removed(location):
    """Only the states of the trials named stay, and those of other studies."""
    checkpoints, other = Checkpoints(location, "digits"), Checkpoints(location, "letters")
    for trial in (1, 2, 12):
        checkpoints.save(trial, 5, {"step": 5})
    other.save(1, 5, {"step": 5})
    checkpoints.keep_only({2})
    assert [checkpoints.steps(trial) for trial in (1, 2, 12)] == [[], [5], []]
    assert other.steps(1) == [5]


def test_code_in_a_file_is_not_run(tmp_path):
    """A pickled object that is no tensor is refused."""
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(0, 1, {"path": tmp_path})
    with pytest.raises(pickle.UnpicklingError, match="weights_only"):
        checkpoints.load(0, 1)


@pytest.fixture
def full_disk():
    """No file can grow beyond a kilobyte."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_breaks_off_leaves_the_old_state(tmp_path, full_disk):
    """A full disk in the middle of writing loses nothing that was there."""
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(0, 1, {"step": 1})
    full_disk()
    with pytest.raises(OSError, match="too large"):
        checkpoints.save(0, 1, {"step": 1, "weight": torch.zeros(100_000)})
    assert checkpoints.load(0, 1) == {"step": 1}
    assert checkpoints.steps(0) == [1]


def test_a_usable_place_is_left_as_it_was(location):
    """The check writes where states will be written, and leaves nothing there."""
    checkpoints = Checkpoints(location)
    checkpoints.check()
    assert checkpoints._files.get_file_info(checkpoints._root).is_file is False
    assert checkpoints._kept() == []


@pytest.mark.parametrize(
    ("location", "reason"),
    [("gopher://bucket/folder", "Unrecognized filesystem type"), ("/proc/folder", "No such file"), ("file:x", "")],
)
def test_an_unusable_place_is_told_in_one_line(location, reason):
    """What was given, what is wrong with it and what was expected."""
    with pytest.raises(InvalidInput, match="expected a folder or a URI such as s3://bucket/folder") as told:
        Checkpoints(location).check()
    assert str(told.value).startswith(f"checkpoints: {location} cannot be used (")
    assert reason in str(told.value)


def test_a_missing_bucket_is_told_without_the_password(object_store):
    """The store's own reason, and no secret."""
    with pytest.raises(InvalidInput, match="bucket does not exist") as told:
        Checkpoints(object_store.replace("@bucket", "@nowhere")).check()
    assert "s3://user:***@nowhere/" in str(told.value)
    assert "secret" not in str(told.value)


def test_a_dying_process_can_leave_a_note(location):
    """Notes lie beside the states where that is a folder, and in one of this machine where it is not."""
    notes = Checkpoints(location, "digits").notes
    assert os.path.isabs(notes)
    assert str(notes).endswith("in it/digits") == ("in%20it" in str(location) or "in it" in str(location))
