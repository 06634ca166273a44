"""Opens the record of a small study in MLflow's own UI, checks what a reviewer sees, and keeps pictures of it.

Run from the root of the repository where Chromium is installed: python -m docs.mlflow_pictures
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from pathlib import Path

from mlflow import MlflowClient
from PIL import Image
from playwright.sync_api import Page

from search import Study
from search.tracking.address import TRAINING_VIEW, experiment_page
from search.tracking.server import MlflowServer
from tests.browser import browser
from workers.inline_engine import InlineEngine

DOCS = Path(__file__).parent
NAME = "digits"
PATIENCE = 60_000  # milliseconds


def main() -> None:
    """Runs the study, and visits one page after another."""
    home = Path(tempfile.mkdtemp(prefix="penchant-pictures-"))
    os.environ["PENCHANT_HOME"] = str(home)
    try:
        study = Study.create(NAME, trials=40, epochs=4, name=NAME)
        study.run(InlineEngine())
        uri = study.specification.tracking_uri
        with MlflowServer(uri) as server, browser() as chromium:
            visit(chromium.new_page(viewport={"width": 1400, "height": 800}), server.address, uri, study)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def visit(page: Page, address: str, uri: str, study: Study) -> None:
    """What a reviewer opens: runs, the study, curves, the report, system metrics, models, the registered champion."""
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name(NAME).experiment_id
    (parent,) = client.search_runs([experiment], "tags.`penchant.role` = 'study'")
    runs = f"{address}{experiment_page(uri, NAME)}"
    one = f"{address}/#/experiments/{experiment}/runs/{parent.info.run_id}"

    page.goto(runs)
    page.get_by_label("Close").last.click(timeout=PATIENCE)  # the assistant, which asks for a language model
    page.locator(".ag-cell button").first.click()  # the study's trials
    page.get_by_role("link", name="·").first.wait_for(timeout=PATIENCE)
    keep(page, "mlflow-runs.png")

    page.goto(f"{one}?{TRAINING_VIEW}")
    page.get_by_text(study.verdict().sentence[:60]).first.wait_for(timeout=PATIENCE)
    page.get_by_text("Show more").click()
    page.get_by_role("columnheader", name="expected best accuracy").scroll_into_view_if_needed(timeout=PATIENCE)
    keep(page, "mlflow-study.png")

    page.goto(f"{runs}&compareRunsMode=CHART")
    page.locator(".ag-cell button").first.click()
    page.get_by_placeholder("Search metric charts").fill("_score|_loss")
    page.get_by_text("train_loss").first.wait_for(timeout=PATIENCE)
    page.wait_for_timeout(4000)  # curves are drawn one after another
    keep(page, "mlflow-curves.png")

    page.goto(f"{one}/artifacts/report.html?{TRAINING_VIEW}")
    page.frame_locator("iframe").get_by_role("heading").first.wait_for(timeout=PATIENCE)

    page.goto(f"{one}/system-metrics?{TRAINING_VIEW}")
    page.get_by_text("cpu_utilization_percentage").first.wait_for(timeout=PATIENCE)

    page.goto(f"{address}/#/experiments/{experiment}/models?{TRAINING_VIEW}")
    for name in study._finalists():
        page.get_by_text(name, exact=True).first.wait_for(timeout=PATIENCE)
    keep(page, "mlflow-models.png")

    page.goto(f"{address}/#/models/{NAME}/versions/1?{TRAINING_VIEW}")
    page.get_by_text("champion").first.wait_for(timeout=PATIENCE)
    keep(page, "mlflow-champion.png")


def keep(page: Page, name: str) -> None:
    """A picture of what is seen now, in 48 colours, which is a third of the bytes."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(48)
    picture.save(DOCS / name, optimize=True)


if __name__ == "__main__":
    main()
