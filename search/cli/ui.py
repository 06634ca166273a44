"""`penchant ui`: MLflow's UI on the record of the studies here."""

from __future__ import annotations

import click

from search.cli.ending import EXIT_FAILED, end
from search.cli.options import storage_option


@click.command()
@click.argument("name", required=False)
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="N", help="To listen on. [default: 5000, or the next free]"
)
@click.option(
    "--tracking-uri", metavar="URL", help="MLflow's. [default: the study's, or PENCHANT_TRACKING_URI, or here]"
)
@storage_option
def ui(name: str | None, port: int | None, tracking_uri: str | None, storage: str | None) -> None:
    """Open the record of all trials in MLflow's UI: on the page of study NAME, or on the list of studies.

    Prints the address to open in a browser on this machine, and serves it until Ctrl-C. Where the record is kept by an
    MLflow server, that server's address is all there is to print.

    \b
    penchant ui digits
    penchant ui --port 8080
    """  # noqa: D301  click reads the character, which keeps the lines apart
    from search.settings import Settings, without_password
    from search.tracking.address import FRONT_PAGE, experiment_page
    from search.tracking.server import MlflowServer

    uri = tracking_uri or _tracking_uri_of(name, storage) or Settings.resolve().tracking_uri
    page = experiment_page(uri, name) if name else FRONT_PAGE
    if uri.startswith("http"):
        click.echo(f"{without_password(uri).rstrip('/')}{page}")
        return
    click.echo("starting MLflow's UI …", err=True)
    with MlflowServer(uri, port) as server:
        click.echo(f"{server.address}{page}")
        click.echo("Ctrl-C ends it", err=True)
        try:
            code = server.wait()
        except KeyboardInterrupt:
            return  # the usual way to end it
    end(EXIT_FAILED, f"MLflow's server ended by itself ({code})")


def _tracking_uri_of(name: str | None, storage: str | None) -> str | None:
    """Where the record of a study goes."""
    if name is None:
        return None
    from search.study import Study

    return Study.load(name, storage=storage).specification.tracking_uri
