"""Studies over REST, in this process: what each endpoint answers, and what it changes."""

from __future__ import annotations

import asyncio
import io
import json

import numpy as np
import pytest
import torch

from search.event_log import EventLog
from search.service.events import follow
from search.service.site import Site
from search.storage.liveness import this_process
from search.storage.queue import Ending
from search.storage.studies import StudyState
from search.storage.tokens import Scope
from search.storage.writer import Writer
from search.study import Study
from tests.search.service.conftest import Client
from workers.inline_engine import InlineEngine

SMALL = {"data": "iris", "trials": 12, "epochs": 1, "workers": 1}


@pytest.fixture
def finished(client: Client, site: Site) -> str:
    """A study that was submitted, and run as a runner does."""
    name = client().post("/v1/studies", json=SMALL).json()["name"]
    study = site.study(name)
    study.run(InlineEngine(), [EventLog(site.events, name, study.specification.metric, Writer())])
    return name


def test_a_study_goes_from_submission_to_verdict(client: Client, finished: str, site: Site):
    """Submitted, run, and read: state, progress, verdict, report, trials page by page, events."""
    reader = client(Scope.READ, "bob")
    shown = reader.get(f"/v1/studies/{finished}").json()
    assert (shown["state"], shown["owner"], shown["dataset"], shown["trials"]) == ("finished", "ann", "iris", 12)
    assert shown["progress"]["phase"] == "confirmation"
    assert shown["progress"]["ended"] == shown["progress"]["expected"] > 0
    verdict = reader.get(f"/v1/studies/{finished}/verdict").json()
    assert verdict["sentence"] == shown["sentence"] == site.study(finished).verdict().sentence
    report = reader.get(f"/v1/studies/{finished}/report").text  # a paragraph a sentence
    assert all(sentence in report for sentence in verdict["sentence"].rstrip(".").split(". "))
    trials, after = [], -1
    while after is not None:
        page = reader.get(f"/v1/studies/{finished}/trials", params={"limit": 5, "after": after}).json()
        trials, after = trials + page["trials"], page["next"]
    assert [trial["number"] for trial in trials] == list(range(12))
    assert all(trial["stage1.operation"] for trial in trials)


def test_the_champion_leaves(client: Client, finished: str):
    """As a program that torch runs alone; a format that does not exist is told, with those that do."""
    answer = client(Scope.READ).get(f"/v1/studies/{finished}/export", params={"format": "pt2"})
    assert answer.status_code == 200, answer.text
    program = torch.export.load(io.BytesIO(answer.content)).module()
    assert program(torch.zeros(2, 4)).shape == (2, 3)
    refused = client(Scope.READ).get(f"/v1/studies/{finished}/export", params={"format": "exe"})
    assert refused.status_code == 422
    assert "pt2" in refused.json()["detail"]


def told(text: str) -> list[tuple[int, str, dict]]:
    """Number, kind and data of the events in a stream."""
    events = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return [(int(event["id"]), event["event"], json.loads(event["data"])) for event in events]


def test_events_tell_everything_once_and_go_on_where_a_reader_stopped(client: Client, finished: str):
    """States, phases, each trial's end once and the verdict, numbered, from any event on, and at the end no more."""
    reader = client(Scope.READ)
    events = told(reader.get(f"/v1/studies/{finished}/events").text)
    assert [number for number, _, _ in events] == list(range(1, len(events) + 1))
    assert [data["state"] for _, kind, data in events if kind == "state"] == ["queued", "running", "finished"]
    assert sorted(data["trial"] for _, kind, data in events if kind == "trial") == list(range(12))
    assert [kind for _, kind, _ in events][-2:] == ["verdict", "state"]
    rest = reader.get(f"/v1/studies/{finished}/events", headers={"Last-Event-ID": "5"})
    assert told(rest.text) == events[5:]
    assert reader.get(f"/v1/studies/{finished}/events", headers={"Last-Event-ID": str(len(events))}).status_code == 204


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"data": "digits", "trails": 5}, "trails: unknown key: .* (did you mean 'trials'?)"),
        ({}, "data: Field required"),
        ({"data": 5}, "data: Input should be a valid string"),
        ({"data": "iris", "budget": "soon"}, "budget: found 'soon', expected a duration"),
        ({"data": "iris", "space": "nowhere"}, "space: found 'nowhere', expected one of everything"),
        ({"data": "iris", "space": "/etc/space.yaml"}, "space: found '/etc/space.yaml'"),
        ({"data": "iris", "space": {"operatoins": ["lstm"]}}, "did you mean 'operations'?"),
        ({"data": "iris", "operations": ["mine.py"]}, "operations: code of your own runs on a server only where"),
        ({"data": "iris", "storage": "sqlite:///x.db"}, "storage: the server has a database of its own"),
        ({"data": "iris", "tracking_uri": "http://elsewhere"}, "tracking_uri: the server has an MLflow of its own"),
        ({"data": "iris", "address": "elsewhere:1"}, "address: the server's runners know their cluster"),
        ({"data": "iris", "name": "a'; DROP TABLE penchant_studies; --"}, "name: found"),
        ({"data": "iris", "priority": 1000}, "priority: Input should be less than or equal to 100"),
        ({"data": "huggingface:glue"}, "data: found 'huggingface:glue', expected a registered name"),
    ],
)
def test_what_is_wrong_is_told(client: Client, site: Site, wrong: dict, said: str):
    """One problem that names the key, the nearest valid one where there is one; nothing is entered."""
    answer = client().post("/v1/studies", json=wrong)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "Unprocessable Entity"
    assert all(part in answer.json()["detail"] for part in said.split(".*"))
    assert site.studies.all() == []


def test_a_body_that_is_no_study_is_a_problem(client: Client):
    """No JSON, not an object, too large, of another kind: never a failure of the server."""
    ann = client()
    json_type = {"Content-Type": "application/json"}
    assert ann.post("/v1/studies", content=b"{", headers=json_type).status_code == 422
    assert ann.post("/v1/studies", content=b"[1]", headers=json_type).status_code == 422
    assert ann.post("/v1/studies", content=b"a=1").status_code == 422
    assert ann.post("/v1/studies", content=b'"' + b"x" * 2**20 + b'"', headers=json_type).status_code == 413


def test_a_submission_sent_again_is_the_same_study(client: Client):
    """By Idempotency-Key and owner; other words under the same key are a conflict."""
    ann, key = client(), {"Idempotency-Key": "k"}
    first = ann.post("/v1/studies", json=SMALL, headers=key)
    again = ann.post("/v1/studies", json=SMALL, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["name"] == again.json()["name"] == "iris"
    assert first.headers["location"] == "/v1/studies/iris"
    assert ann.post("/v1/studies", json={**SMALL, "seed": 1}, headers=key).status_code == 409
    assert ann.post("/v1/studies", json=SMALL).json()["name"] == "iris-2"
    assert ann.post("/v1/studies", json={**SMALL, "name": "iris"}).status_code == 409


def test_the_list_has_pages(client: Client, enter):
    """Newest first, all of them once; of one state where that is asked for."""
    for number in range(7):
        enter(f"s{number}")
    reader, names, after = client(Scope.READ), [], {}
    while after is not None:
        page = reader.get("/v1/studies", params={"limit": 3, **after}).json()
        names += [study["name"] for study in page["studies"]]
        after = {"after": page["next"]} if page["next"] else None
    assert names == [f"s{number}" for number in reversed(range(7))]
    client().post("/v1/studies/s3/stop")
    stopped = reader.get("/v1/studies", params={"state": "interrupted"}).json()["studies"]
    assert [study["name"] for study in stopped] == ["s3"]
    assert reader.get("/v1/studies", params={"after": "gone"}).status_code == 404
    assert reader.get("/v1/studies", params={"state": "bored"}).status_code == 422


def test_a_running_study_is_asked_to_stop(client: Client, enter, site: Site):
    """Through the database: its driver may be on another machine; a second time changes nothing."""
    enter("mine")
    site.studies.claim("mine")
    ann = client()
    assert ann.post("/v1/studies/mine/stop").json() == {"name": "mine", "state": "stopping"}
    assert ann.post("/v1/studies/mine/stop").status_code == 202
    assert site.studies.beat("mine", 1.0) == StudyState.STOPPING
    site.studies.release("mine", StudyState.INTERRUPTED, 1.0)
    assert ann.post("/v1/studies/mine/stop").status_code == 409
    assert ann.post("/v1/studies/mine/resume").json() == {"name": "mine", "state": "queued"}
    assert site.queue.lease(this_process()) == "mine"


def test_only_its_owner_or_an_admin_changes_a_study(client: Client, enter, site: Site):
    """Others may look; a token that may only read changes nothing."""
    enter("mine", "ann")
    for caller in (client(Scope.WRITE, "bob"), client(Scope.READ, "ann")):
        for send, path in ((caller.post, "/stop"), (caller.post, "/resume"), (caller.delete, "")):
            assert send(f"/v1/studies/mine{path}").status_code == 403
        assert caller.get("/v1/studies/mine").status_code == 200
    assert client(Scope.READ).post("/v1/studies", json=SMALL).status_code == 403
    assert site.studies.get("mine").state == StudyState.QUEUED
    assert client(Scope.ADMIN, "root").post("/v1/studies/mine/stop").status_code == 202


def test_a_deleted_study_leaves_nothing_behind(client: Client, finished: str, site: Site):
    """Neither rows nor trials nor weights; one that waits is stopped first; its name is free again."""
    ann = client()
    weights = [*(site.settings.home / "checkpoints").rglob("*.pt")]
    assert weights
    assert ann.delete(f"/v1/studies/{finished}").status_code == 204
    assert ann.get(f"/v1/studies/{finished}").status_code == 404
    assert not any(path.exists() for path in weights)
    assert ann.post("/v1/studies", json={**SMALL, "name": finished}).status_code == 201
    assert site.events.after(finished, 1) == []
    assert ann.get(f"/v1/studies/{finished}/trials").json() == {"trials": [], "next": None}
    assert ann.delete(f"/v1/studies/{finished}").status_code == 409


def test_a_study_without_a_verdict_has_none(client: Client, enter):
    """Nor a report; and what does not exist is not found, whatever is asked of it."""
    enter("mine")
    ann = client()
    for part in ("verdict", "report"):
        answer = ann.get(f"/v1/studies/mine/{part}")
        assert (answer.status_code, answer.json()["detail"]) == (404, "the study is queued and has no verdict yet")
    for path in ("", "/trials", "/verdict", "/report", "/events"):
        assert ann.get(f"/v1/studies/nobody{path}").json()["detail"] == "no study of this name"
    assert ann.get("/v1/studies/%27%20OR%201=1%20--").status_code == 422


def test_why_a_study_failed_is_told(client: Client, enter, site: Site):
    """The error that its driver met last."""
    enter("mine")
    site.events.append("mine", "error", {"message": "the data have changed"})
    assert client().get("/v1/studies/mine").json()["error"] == "the data have changed"


def test_a_study_reads_an_uploaded_file(client: Client, site: Site):
    """Sent as it is, named by what the answer says."""
    rng = np.random.default_rng(0)
    rows = "\n".join(f"{a:.3f},{b:.3f},{'yes' if a > b else 'no'}" for a, b in rng.normal(size=(200, 2)))
    ann = client()
    sent = ann.post("/v1/data", params={"format": "csv"}, content=f"a,b,buys\n{rows}\n".encode())
    assert sent.status_code == 201
    answer = ann.post("/v1/studies", json={**SMALL, "data": sent.json()["data"], "target": "buys", "name": "sent"})
    assert answer.status_code == 201, answer.text
    assert ann.get("/v1/studies/sent").json()["dataset"] == sent.json()["data"]
    assert Study.load("sent").dataset.task.outputs == 2


def test_figures_for_prometheus(client: Client, enter):
    """Studies by state, runners, and how long the queue is."""
    enter("mine")
    lines = client(Scope.READ).get("/metrics").text.splitlines()
    assert 'penchant_studies{state="queued"} 1' in lines
    assert "penchant_runners 0" in lines
    assert any(line.startswith("penchant_oldest_waiting_seconds 0") for line in lines)


def test_a_study_that_its_runner_lets_go_on_is_followed(enter, site: Site):
    """It failed for now; the stream does not end there, but where no runner has the study any more."""
    enter("mine")
    assert site.queue.lease(this_process()) == "mine"
    site.studies.claim("mine")
    site.studies.release("mine", StudyState.FAILED, 1.0)

    async def states() -> list[str]:
        told = []
        async for event in follow(site, "mine", 0):
            told.append(event.data["state"])
            if told[-1] == StudyState.FAILED:
                asyncio.get_running_loop().call_later(0.3, give_back)
            if told[-1] == StudyState.QUEUED and len(told) > 1:
                site.studies.stop("mine")
        return told

    def give_back() -> None:
        site.queue.give_back("mine", this_process(), Ending.OUTAGE)

    assert asyncio.run(states()) == ["queued", "running", "failed", "queued", "interrupted"]
