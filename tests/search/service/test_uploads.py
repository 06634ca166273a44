"""Uploads: what is kept, what is refused, and that nothing lies elsewhere than below the data root."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from search.service.site import Site
from search.service.submission import placed
from spaces import InvalidInput
from tests.search.service.conftest import Client


def archive(**arrays: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    return content.getvalue()


def bomb() -> bytes:
    """A few kilobytes that unpack to a hundred megabytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("x_train.npy", bytes(100_000_000))
    return content.getvalue()


def kept(site: Site) -> list[Path]:
    return [path for path in site.data_root.rglob("*") if path.is_file()]


def test_the_same_content_is_kept_once(client: Client, site: Site):
    """Under its hash."""
    content = archive(x_train=np.zeros((4, 2)), y_train=np.arange(4))
    answers = [client().post("/v1/data?format=npz", content=content).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["bytes"] == len(content)
    assert kept(site) == [site.data_root / answers[0]["data"]]


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("npz", b"no archive", 422),
        ("npz", bomb(), 422),
        ("parquet", b"PAR1 nonsense", 422),
        ("csv", b"", 422),
        ("csv", b"a" * 100_001, 413),
        ("pickle", b"a", 422),
        ("../../x", b"a", 422),
    ],
    ids=["no zip", "zip bomb", "no parquet", "empty", "too large", "pickle", "a path"],
)
def test_what_is_no_data_file_is_refused(client: Client, site: Site, kind: str, content: bytes, status: int):
    """And nothing of it stays."""
    answer = client().post("/v1/data", params={"format": kind}, content=content)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert kept(site) == []


def test_a_stream_of_unknown_length_ends_where_it_is_too_long(client: Client, site: Site):
    """Its first bytes are not kept either."""
    answer = client().post("/v1/data?format=csv", content=(b"a" * 1000 for _ in range(1000)))
    assert (answer.status_code, kept(site)) == (413, [])
    assert answer.json()["detail"] == "found more than 100,000 bytes, which is what may be sent here"


def test_pickled_arrays_are_never_loaded(client: Client, tmp_path: Path):
    """An archive of Python objects is refused as soon as a study names it."""
    sent = client().post("/v1/data?format=npz", content=archive(x_train=np.array([{}, {}]), y_train=np.arange(2)))
    answer = client().post("/v1/studies", json={"data": sent.json()["data"]})
    assert answer.status_code == 422
    assert "uploads/" in answer.json()["detail"]
    assert str(tmp_path) not in answer.json()["detail"]


@pytest.mark.parametrize(
    "data",
    [
        "../secret.csv",
        "/etc/passwd",
        "link.csv",
        "folder/../../secret.csv",
        "a\0b.csv",
        ".",
        "",
        "x" * 5000,
        "gone.csv",
    ],
)
def test_no_path_leads_out_of_the_data_root(tmp_path: Path, data: str):
    """Neither dots nor links nor absolute paths; what is not there is told with the same words."""
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    (root / "link.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(InvalidInput, match="or a path below the server's data root"):
        placed(data, root)


def test_a_path_below_the_data_root_is_found(tmp_path: Path):
    """A link that stays inside, too."""
    (tmp_path / "mine.csv").write_text("a\n")
    (tmp_path / "link.csv").symlink_to("mine.csv")
    assert placed("link.csv", tmp_path) == placed("./mine.csv", tmp_path) == str(tmp_path / "mine.csv")
