"""Pages of a service whose database holds 1,000 studies that wait and 100,000 trials: `make pages`.

On SQLite and PostgreSQL: the time of each page over REST, of 50 requests each, and whether the database reads whole
tables for them. The trials are copies of one that was recorded; their choices, which no page reads, are left out.
Run from the root of the repository: python -m benchmarks.service_pages [STUDIES TRIALS-of-each-of-the-last-two]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from fastapi.testclient import TestClient
from sqlalchemy import Engine, MetaData, Table, event, insert, select, text

from benchmarks.faults.postgres import postgres
from search.service.application import create_application
from search.service.site import Site
from search.settings import Settings
from search.storage.studies import Submission
from search.storage.tables import EventRow, now
from search.storage.trials import TrialStore
from search.trial import TrialState
from tests.search.made import SPACE, made_trial
from tests.search.storage.specification import SPECIFICATION
from workers.outcome import CurvePoint, Outcome, Status

STUDIES, TRIALS = [int(given) for given in sys.argv[1:3]] or (1000, 50_000)
LARGE = 2
REQUESTS = 50
MOST_MILLISECONDS = 300.0
LAST = f"study{STUDIES - 1}"
PAGES = {
    "list, newest first": "/v1/studies",
    "list, its last tenth": f"/v1/studies?after=study{STUDIES // 10}",
    "list of those that wait": "/v1/studies?state=queued",
    "a study": f"/v1/studies/{LAST}",
    "trials, first page": f"/v1/studies/{LAST}/trials",
    "trials, last page": f"/v1/studies/{LAST}/trials?after={TRIALS - 101}",
    "the page at /": "/",
    "metrics": "/metrics",
}


def main() -> int:
    """Prints a row a page and database; 1 where one takes too long."""
    print("| page | database | median, ms | 99 of 100, ms | reads a whole table |\n|---|---|---|---|---|")
    slow = False
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as somebody else
        for name, url in databases(Path(folder)):
            site = Site(Settings.resolve(storage=url), Path(folder), demands_tokens=False)
            fill(site)
            with TestClient(create_application(site), base_url="http://127.0.0.1") as client:
                for page, path in PAGES.items():
                    seconds = timed(client, path)
                    plans = ", ".join(sorted(whole_tables(site.database.engine, client, path))) or "none"
                    median, late = 1000 * np.median(seconds), 1000 * np.quantile(seconds, 0.99)
                    slow |= bool(late > MOST_MILLISECONDS)
                    print(f"| {page} | {name} | {median:.0f} | {late:.0f} | {plans} |", flush=True)
            site.database.engine.dispose()
    return int(slow)


def databases(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and URL of each."""
    yield "SQLite", f"sqlite:///{folder / 'penchant.db'}"
    with postgres(folder / "postgres") as running:
        yield "PostgreSQL", running.database("pages")


def fill(site: Site) -> None:
    """Studies that wait, the last of which have trials and their events, as if they had been stopped."""
    for number in range(STUDIES):
        site.studies.create(SPECIFICATION, f"study{number}", "digits", Submission("ann"))
    for number in range(STUDIES - LARGE, STUDIES):
        study = f"study{number}"
        store = TrialStore(site.database.optuna_storage(), study, SPACE)
        with store:
            trial = made_trial(-1)
            store.create(trial)
            curve = tuple(CurvePoint(10 * step, 1.0, 0.5) for step in range(1, 21))
            trial.outcomes.append(Outcome(0, 0, 200, Status.TRAINED, "", 0.5, 0.4, None, curve, 1.5, 321, "node"))
            store.report(trial)
            trial.state = TrialState.COMPLETE
            store.finish(trial)
        copy_trials(site.database.engine, study)


def copy_trials(engine: Engine, study: str) -> None:
    """Makes the study's only trial 50,000, each with its event."""
    optuna = MetaData()
    trials, attributes = (Table(name, optuna, autoload_with=engine) for name in ("trials", "trial_user_attributes"))
    with engine.begin() as connection:
        last = connection.execute(select(trials).order_by(trials.c.trial_id.desc()).limit(1)).one()._asdict()
        mine = select(attributes.c.key, attributes.c.value_json).where(attributes.c.trial_id == last["trial_id"])
        told = [row._asdict() for row in connection.execute(mine)]
        for first in range(1, TRIALS, 1000):
            numbers = range(first, min(TRIALS, first + 1000))
            ids = {number: last["trial_id"] + number for number in numbers}
            connection.execute(
                insert(trials), [{**last, "trial_id": ids[number], "number": number} for number in numbers]
            )
            connection.execute(insert(attributes), [{**row, "trial_id": one} for one in ids.values() for row in told])
        data = {"trial": 0, "phase": "census", "state": "complete", "ended": 1, "best": 0.5, "metric": "accuracy"}
        event = {"study": study, "kind": "trial", "data": data, "created": now()}
        connection.execute(
            insert(EventRow), [{**event, "number": 10 + number, "trial": number} for number in range(TRIALS)]
        )
        if engine.dialect.name == "postgresql":  # ids were given by hand
            for name, key in (("trials", "trial_id"), ("trial_user_attributes", "trial_user_attribute_id")):
                largest = f"(SELECT max({key}) FROM {name})"
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', '{key}'), {largest})"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def timed(client: TestClient, path: str) -> list[float]:
    """Seconds of requests, after one that is not counted."""
    seconds = []
    for _ in range(REQUESTS + 1):
        began = time.perf_counter()
        answer = client.get(path)
        seconds.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.text
    return seconds[1:]


def whole_tables(engine: Engine, client: TestClient, path: str) -> set[str]:
    """Tables of more than a handful of rows that the database reads from end to end for a page."""
    with statements(engine) as asked:
        client.get(path)
    found = set()
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    with engine.connect() as connection:
        for statement, parameters in asked:
            for row in connection.exec_driver_sql(explain + statement, parameters):
                found |= {table for table in ("trials", "trial_user_attributes") if reads_all(str(row[-1]), table)}
                found |= {table for table in ("penchant_studies", "penchant_events") if reads_all(str(row[-1]), table)}
    return found


def reads_all(step: str, table: str) -> bool:
    """Whether a step of a plan, in SQLite's or PostgreSQL's words, reads a table without an index."""
    scans = (f"SCAN {table}", f"Seq Scan on {table}")
    return any(f"{scan} " in f"{step} " for scan in scans) and "USING" not in step


@contextmanager
def statements(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database meanwhile."""
    asked: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, ___: Any, ____: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


if __name__ == "__main__":
    sys.exit(main())
