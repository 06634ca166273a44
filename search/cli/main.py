"""`penchant`: the commands together, and how one ends."""

from __future__ import annotations

import logging
import os
import signal
import sys

import click

from search.cli import catalogue, export, networks, retrain, service, studies
from search.cli.ending import EXIT_INTERRUPTED, EXIT_WRONG_INPUT, end
from search.cli.ledger import ledger
from search.cli.ui import ui
from spaces.errors import InvalidInput


def main() -> None:
    """Runs the command line; wrong input is one line on standard error and exit code 2."""
    _quiet_libraries()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager's stop ends a study as Ctrl-C does
    try:
        cli.main(standalone_mode=False, prog_name="penchant")
    except InvalidInput as error:
        end(EXIT_WRONG_INPUT, " ".join(str(error).split()))
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(0)
    except click.ClickException as error:
        where = f" (see {error.ctx.command_path} --help)" if isinstance(error, click.UsageError) and error.ctx else ""
        end(EXIT_WRONG_INPUT, " ".join(error.format_message().split()) + where)
    except (KeyboardInterrupt, click.Abort):
        end(EXIT_INTERRUPTED, "interrupted")


def _quiet_libraries() -> None:
    """Their notes on tables they create and the like say nothing to our users; warnings and errors stay."""
    logging.basicConfig(format="penchant: %(message)s", level=logging.WARNING)
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    for library in ("alembic", "mlflow", "optuna"):
        logging.getLogger(library).setLevel(logging.WARNING)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="penchant")
def cli() -> None:
    """Finds which inductive biases win on your data, and says how sure it is.

    \b
    penchant run digits                 five minutes, then a verdict
    penchant run mine.npz --budget 1h   your own arrays: x_train, y_train[, x_test, y_test]
    penchant resume digits              go on after Ctrl-C, a crash or a reboot
    penchant verdict digits             read it again
    penchant report digits              a page that explains it, to show around
    penchant ui digits                  every trial in MLflow's UI
    penchant show resnet                draw a network
    penchant evaluate digits --architecture resnet
    penchant export digits --format onnx --output champion.onnx

    Studies are kept in .penchant/ here, or in the folder that PENCHANT_HOME names.
    """  # noqa: D301  click reads the character, which keeps the lines apart


for command in (
    studies.run,
    studies.resume,
    service.stop,
    studies.show,
    studies.list_studies,
    studies.verdict,
    studies.report,
    ui,
    ledger,
    networks.evaluate,
    export.export,
    retrain.retrain,
    service.serve,
    service.runner,
    service.submit,
    service.watch,
    service.token,
    catalogue.operations,
    catalogue.spaces,
    catalogue.landmarks,
    catalogue.datasets,
    catalogue.strategies,
):
    cli.add_command(command)
