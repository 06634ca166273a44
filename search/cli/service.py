"""Commands of the service: the runner, the server, its tokens, and what its users say to it."""

from __future__ import annotations

import getpass
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from search.cli.ending import EXIT_FAILED, end
from search.cli.options import Command, json_option, print_json, storage_option
from spaces.errors import InvalidInput

if TYPE_CHECKING:
    from search.service.client import Client
    from search.service.runner import Runner
    from search.settings import Settings
    from search.storage.tokens import TokenStore


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
    _runner(_settings(storage), concurrency, workers, address).run(once=once)


@click.command()
@click.argument("name")
@storage_option
def stop(name: str, storage: str | None) -> None:
    """Stop study NAME, wherever it runs; what it recorded is kept, and `penchant resume` goes on with it."""
    from search.storage.database import Database
    from search.storage.studies import StudyStore

    _tell(f"{name}: {StudyStore(Database(_settings(storage).storage)).stop(name)}")


def server_option(command: Command) -> Command:
    """`--server` and `--token`."""
    url = "The server, http://host:port. [default: PENCHANT_SERVER, or http://127.0.0.1:8000]"
    token = "What `penchant token create` printed. [default: PENCHANT_TOKEN]"
    command = click.option("--token", metavar="TOKEN", envvar="PENCHANT_TOKEN", help=token)(command)
    default = "http://127.0.0.1:8000"
    return click.option("--server", metavar="URL", envvar="PENCHANT_SERVER", default=default, help=url)(command)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port to listen on.")
@click.option("--runner/--no-runner", "with_runner", default=True, show_default=True, help="Run the studies here, too.")
@click.option("--concurrency", type=click.IntRange(min=1), default=1, show_default=True, help="Of the runner: studies.")
@click.option("--data-root", metavar="DIR", help="Whose files users may name. [default: data in PENCHANT_HOME]")
@click.option("--demand-tokens", is_flag=True, help="Demand a token on this machine too; elsewhere always.")
@click.option("--most-upload", type=click.IntRange(min=1), default=256, show_default=True, metavar="MIB")
@click.option("--mlflow-url", metavar="URL", envvar="PENCHANT_MLFLOW_URL", help="Where browsers reach MLflow.")
@click.option("--proxies", default="127.0.0.1", metavar="ADDRESSES", help="Believed whom they speak for.")
@storage_option
def serve(
    host: str,
    port: int,
    with_runner: bool,
    concurrency: int,
    data_root: str | None,
    demand_tokens: bool,
    most_upload: int,
    mlflow_url: str | None,
    proxies: str,
    storage: str | None,
) -> None:
    """Serve studies over HTTP: a page at /, REST at /v1, and a runner that works them off.

    Listening on 127.0.0.1, which is the default, it demands no tokens; whoever reaches it elsewhere needs one, see
    `penchant token create`. Ctrl-C interrupts the studies, which go on when it starts again.
    """
    from search.service.embedded import LOOPBACK
    from search.service.embedded import serve as serve_site
    from search.service.site import MEBIBYTE, Site

    settings = _settings(storage)
    site = Site(
        settings,
        Path(data_root) if data_root is not None else settings.home / "data",
        demands_tokens=demand_tokens or host not in LOOPBACK,
        most_upload_bytes=most_upload * MEBIBYTE,
        mlflow_url=mlflow_url,
    )
    beside = _runner(settings, concurrency, None, None) if with_runner else None
    serve_site(site, host, port, beside, proxies, tell=_tell)


@click.group()
def token() -> None:
    """Make, list and revoke the tokens that `penchant serve` demands."""


@token.command("create")
@click.option("--scope", type=click.Choice(["read", "write", "admin"]), required=True, help="What it allows.")
@click.option("--owner", default=getpass.getuser, metavar="NAME", help="Who will use it. [default: your login]")
@click.option("--expires", metavar="TIME", default="90d", show_default=True, help="How long it lasts, e.g. 12h or 30d.")
@storage_option
def create_token(scope: str, owner: str, expires: str, storage: str | None) -> None:
    """Print a new token, for the only time: nothing but a hash of it is kept.

    read sees every study; write also submits, and stops, resumes and deletes its owner's studies; admin those of all.
    Owners share the runners evenly.
    """
    from search.storage.tokens import Scope

    made = _tokens(storage).create(owner, Scope[scope.upper()], _lasting(expires))
    _tell(f"a token of scope {scope} for {owner}, which lasts {expires}; keep it, it is not shown again")
    click.echo(made)


@token.command("list")
@storage_option
@json_option
def list_tokens(storage: str | None, as_json: bool) -> None:
    """List the tokens, by name."""
    rows = [
        {
            "name": one.name,
            "owner": one.owner,
            "scope": one.scope.name.lower(),
            "expires": None if one.expires is None else one.expires.isoformat(sep=" ", timespec="minutes"),
            "valid": one.is_valid,
        }
        for one in _tokens(storage).all()
    ]
    if as_json:
        print_json(rows)
    for row in [] if as_json else rows:
        standing = f"until {row['expires']}" if row["valid"] else "not valid any more"
        click.echo(f"{row['name']}  {row['scope']:<6}{row['owner']:<20}{standing}")


@token.command("revoke")
@click.argument("name")
@storage_option
def revoke_token(name: str, storage: str | None) -> None:
    """Take the token NAME back; see `penchant token list`."""
    _tokens(storage).revoke(name)
    _tell(f"{name} is not valid any more")


@click.command()
@click.argument("study", metavar="STUDY.yaml|DATA")
@click.option(
    "--priority", type=click.IntRange(-100, 100), default=0, show_default=True, help="The highest runs first."
)
@click.option("--watch", "then_watch", is_flag=True, help="Follow it until it ends.")
@server_option
def submit(study: str, priority: int, then_watch: bool, server: str, token: str | None) -> None:
    """Submit a study file, or a study of the registered data set DATA, to a server.

    A data file that the study file names is sent along, unless the server has it.
    """
    from search.service.client import Client
    from search.service.submitting import submission_of

    client = Client(server, token)
    name = client.submit({**submission_of(study, client), "priority": priority})
    click.echo(name)
    if then_watch:
        _watch(client, name)


@click.command()
@click.argument("name")
@server_option
def watch(name: str, server: str, token: str | None) -> None:
    """Follow study NAME on a server until it ends; a line a phase, and one for every ten trials."""
    from search.service.client import Client

    _watch(Client(server, token), name)


def _watch(client: Client, name: str) -> None:
    from search.service.watching import told

    for line in told(client.events(name)):
        click.echo(line)
    state = client.show(name)["state"]
    if state != "finished":
        end(EXIT_FAILED, f"study {name!r} is {state}")


def _settings(storage: str | None) -> Settings:
    from search.settings import Settings

    return Settings.resolve(storage)


def _tokens(storage: str | None) -> TokenStore:
    from search.storage.database import Database
    from search.storage.tokens import TokenStore

    return TokenStore(Database(_settings(storage).storage))


def _runner(settings: Settings, concurrency: int, workers: int | None, address: str | None) -> Runner:
    from search.service.runner import DriverProcess, Runner
    from search.storage.database import Database
    from search.storage.queue import Queue

    if workers is None and address is None and concurrency > 1:
        workers = max(1, (os.cpu_count() or 1) // concurrency)
    start = DriverProcess(settings.storage, settings.home / "logs", workers, address)
    return Runner(Queue(Database(settings.storage)), start, concurrency, _tell)


def _lasting(text: str) -> timedelta:
    """How long a token is valid."""
    match = re.fullmatch(r"([1-9]\d{0,4})([hd])", text)
    if match is None:
        raise InvalidInput(f"--expires: found {text!r}, expected a time such as 12h or 30d")
    return timedelta(hours=int(match[1]) * (24 if match[2] == "d" else 1))


def _tell(line: str) -> None:
    click.echo(line, err=True)
