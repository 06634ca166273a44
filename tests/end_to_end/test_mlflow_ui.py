"""`penchant ui` opens the record of a study, and ends."""

import os
import signal
import socket
import urllib.request
from contextlib import closing

import psutil
import pytest
from mlflow import MlflowClient

from search import Study
from tests.browser import browser
from tests.end_to_end.data_files import CLASSES, archive, noise
from tests.processes import free_port, run_penchant, start_penchant
from workers.inline_engine import InlineEngine

pytestmark = pytest.mark.xdist_group("end_to_end")  # not beside another of these: all are slow to start


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A home with a finished study, whose name is `mine`."""
    folder = tmp_path_factory.mktemp("ui")
    data = archive(folder / "noise.npz", x_train=noise(1, 4, 4), y_train=CLASSES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_HOME", str(folder / "home"))
        Study.create(data, trials=6, epochs=2, name="mine").run(InlineEngine())
    return folder / "home"


def test_the_ui_opens_the_study_until_ctrl_c(finished):
    """The printed page is the study's, with a child run a trial, its choices, its curve and its report.

    Ctrl-C leaves nothing.
    """
    port = free_port()
    with start_penchant("ui", "mine", "--port", str(port), home=finished) as process:
        try:
            url, _, page = process.stdout.readline().strip().partition("/#/")
            assert url == f"http://127.0.0.1:{port}", process.stderr.read()
            check_record(MlflowClient(url), page)
            with urllib.request.urlopen(url, timeout=10) as served:
                assert b"MLflow" in served.read()
            check_report(url)
            started = psutil.Process(process.pid).children(recursive=True)
            assert started
            os.kill(process.pid, signal.SIGINT)
            assert process.wait(30) == 0  # this is how one ends it
            assert "Traceback" not in process.stderr.read()
        finally:
            for left in [*psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []:
                left.kill()
            process.kill()
    assert psutil.wait_procs(started, timeout=10)[1] == []
    with closing(socket.socket()) as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def check_record(client: MlflowClient, page: str) -> None:
    experiment = client.get_experiment_by_name("mine")
    assert page.startswith(f"experiments/{experiment.experiment_id}/runs?workflowType=machine_learning&")
    runs = client.search_runs([experiment.experiment_id])
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    children = [run for run in runs if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert len(children) == 6
    assert all("recipe.learning_rate" in child.data.params for child in children)
    assert all(len(client.get_metric_history(child.info.run_id, "search_score")) >= 1 for child in children)


def check_report(url: str) -> None:
    """As an artifact of the study's run, in a real browser: the page that `penchant report` writes."""
    client = MlflowClient(url)
    experiment = client.get_experiment_by_name("mine").experiment_id
    (parent,) = client.search_runs([experiment], "tags.`penchant.role` = 'study'")
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        run = f"experiments/{experiment}/runs/{parent.info.run_id}"
        page.goto(f"{url}/#/{run}/artifacts/report.html?workflowType=machine_learning")
        report = page.frame_locator("iframe")
        report.get_by_role("heading", level=1).wait_for(timeout=60_000)
        assert report.get_by_role("heading", level=1).inner_text() == "Which kind of network suits noise?"
        assert report.locator("#method tbody tr").first.is_visible()


def test_a_port_in_use_is_one_line(finished):
    """Exit code 2: what was found, what was expected."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, out, err = run_penchant("ui", "--port", str(port), home=finished)
    assert (code, out) == (2, "")
    assert f"penchant: port {port}: found in use, expected a free one" in err


def test_a_server_elsewhere_is_named(finished):
    """Where an MLflow server keeps the record there is nothing to start."""
    code, out, _ = run_penchant("ui", "--tracking-uri", "http://mlflow:5000/", home=finished)
    assert (code, out) == (0, "http://mlflow:5000/#/experiments?workflowType=machine_learning\n")
