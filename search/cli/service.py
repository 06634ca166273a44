"""Commands of the service: the runner, the server, its tokens, and what its users say to it."""

from __future__ import annotations

import os

import click

from search.cli.options import storage_option


@click.command()
@click.option("--concurrency", type=click.IntRange(min=1), default=1, show_default=True, help="Studies at a time.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Trainings at a time of each study, at most.")
@click.option("--address", metavar="RAY", help="A running Ray cluster, host:port. [default: a Ray for each study]")
@click.option("--once", is_flag=True, help="End when no study waits or runs any more.")
@storage_option
def runner(concurrency: int, workers: int | None, address: str | None, once: bool, storage: str | None) -> None:
    """Run the studies that wait in the queue.

    As many runners as you like may share a database: a study has one of them at a time, and when it dies another one
    goes on with its studies. The highest priority comes first, then the owner with the fewest studies at work. What a
    study says while it runs stands in PENCHANT_HOME/logs. Ctrl-C interrupts the studies, which wait for a runner again.
    """
    from search.service.runner import DriverProcess, Runner
    from search.settings import Settings
    from search.storage.database import Database
    from search.storage.queue import Queue

    settings = Settings.resolve(storage)
    if workers is None and address is None and concurrency > 1:
        workers = max(1, (os.cpu_count() or 1) // concurrency)
    start = DriverProcess(settings.storage, settings.home / "logs", workers, address)
    Runner(Queue(Database(settings.storage)), start, concurrency, tell=lambda line: click.echo(line, err=True)).run(
        once=once
    )


@click.command()
@click.argument("name")
@storage_option
def stop(name: str, storage: str | None) -> None:
    """Stop study NAME, wherever it runs; what it recorded is kept, and `penchant resume` goes on with it."""
    from search.settings import Settings
    from search.storage.database import Database
    from search.storage.studies import StudyStore

    state = StudyStore(Database(Settings.resolve(storage).storage)).stop(name)
    click.echo(f"{name}: {state}", err=True)
