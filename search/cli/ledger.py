"""`penchant ledger`: what has been learnt over all studies."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from search.cli.options import json_option, print_json, storage_option

if TYPE_CHECKING:
    from search.ledger import FamilyRecord, LedgerEntry


@click.command()
@storage_option
@json_option
def ledger(storage: str | None, as_json: bool) -> None:
    """Say what has been learnt over all studies: how each family did on each kind of data.

    A data set counts once, by the study with the most trials on it, and only where its trainings had the 500 steps
    that a ranking needs. An advantage is a family's expected best score over the mean of all families, pooled over the
    data sets; its interval is for sets like these. A study's verdict does not depend on it.
    """
    from search.ledger import family_records, one_a_set

    entries = _entries(storage)
    counted = one_a_set(entries)
    kinds = sorted({entry.modality for entry in counted})
    by_kind = {kind: [entry for entry in counted if entry.modality == kind] for kind in kinds}
    if as_json:
        families = {kind: [asdict(record) for record in family_records(sets)] for kind, sets in by_kind.items()}
        print_json({"sets": [asdict(entry) for entry in counted], "families": families})
        return
    for kind, sets in by_kind.items():
        _print(kind, sets, family_records(sets))
    if left := len(entries) - len(counted):
        click.echo(
            f"{left} of {len(entries)} studies do not count: a larger one of the same data does, or they are short"
        )
    if not entries:
        click.echo("no finished studies yet; start one with: penchant run digits")


def _entries(storage: str | None) -> list[LedgerEntry]:
    from search.ledger import LedgerEntry
    from search.settings import Settings
    from search.specification import Specification
    from search.storage.database import Database
    from search.storage.studies import StudyStore
    from search.verdict.document import VerdictDocument
    from spaces.errors import InvalidInput

    store, entries = StudyStore(Database(Settings.resolve(storage).storage)), []
    for row in store.all():
        document = store.verdict(row.name)
        if document is None:
            continue
        try:
            specification = Specification.recorded(row.spec)
        except InvalidInput as error:  # the file of its own operations is gone, say
            click.echo(f"{row.name} is left out: {error}", err=True)
            continue
        entries.append(LedgerEntry.of(specification, VerdictDocument.model_validate(document)))
    return entries


def _print(kind: str, sets: list[LedgerEntry], records: list[FamilyRecord]) -> None:
    from rich.console import Console
    from rich.table import Table

    from search.verdict.figures import counted, interval_figure, signed_figure

    console = Console()
    wins = ", ".join(f"{record.family} won {record.won}" for record in records if record.won) or "no family won alone"
    names = ", ".join(dict.fromkeys(entry.dataset for entry in sets))
    console.print(f"On {counted(len(sets), f'{kind} set')} {wins} ({names}).", highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for column in ("family", "won", "may be best", "of", "advantage, pooled" if len(sets) > 1 else "advantage", ""):
        table.add_column(column, no_wrap=True)
    for record in records:
        told = interval_figure(record.interval, record.advantage) if record.interval else "one set"
        numbers = (str(record.won), str(record.may_be_best), str(record.sets))
        table.add_row(
            record.family, *numbers, signed_figure(record.advantage), told, style="bold" if record.won else ""
        )
    console.print(table)
    console.print()
