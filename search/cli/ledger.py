"""`penchant ledger`: what has been learnt over all studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from search.cli.options import json_option, print_json, storage_option

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from search.ledger import FamilyRecord, LedgerEntry
    from search.storage.database import Database
    from search.studied_set import StudiedSet


@click.command()
@storage_option
@json_option
def ledger(storage: str | None, as_json: bool) -> None:
    """Say what has been learnt over all studies: how each family did on each kind of data, and which networks did best.

    A data set counts once, by the study with the most trials on it, and only where its trainings had the 500 steps
    that a ranking needs. An advantage is a family's expected best score over the mean of all families, pooled over the
    data sets; its interval is for sets like these. A study's verdict does not depend on it; its search may begin from
    the best networks of the most similar sets, and what it took from them is told here.
    """
    from search.ledger import family_records, one_a_set
    from search.plan import SHORTEST_MEANINGFUL_HORIZON
    from search.settings import Settings
    from search.storage.database import Database
    from search.storage.ledger import LedgerStore

    database = Database(Settings.resolve(storage).storage)
    entries, studied = _entries(database), LedgerStore(database).all()
    counted = one_a_set(entries)
    kinds = sorted({entry.modality for entry in counted})
    by_kind = {kind: [entry for entry in counted if entry.modality == kind] for kind in kinds}
    if as_json:
        families = {kind: [asdict(record) for record in family_records(sets)] for kind, sets in by_kind.items()}
        print_json({"sets": [_set_as_json(entry, studied.get(entry.study)) for entry in counted], "families": families})
        return
    for kind, sets in by_kind.items():
        _print(kind, sets, family_records(sets), studied)
    if left := len(entries) - len(counted):
        least = f"they compared no families at {SHORTEST_MEANINGFUL_HORIZON} steps or more"
        click.echo(f"{left} of {len(entries)} studies do not count: a larger one of the same data does, or {least}")
    if not entries:
        click.echo("no finished studies yet; start one with: penchant run digits")


def _entries(database: Database) -> list[LedgerEntry]:
    from search.ledger import LedgerEntry
    from search.specification import Specification
    from search.storage.studies import StudyStore
    from search.verdict.document import VerdictDocument
    from spaces.errors import InvalidInput

    store, entries = StudyStore(database), []
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


def _set_as_json(entry: LedgerEntry, studied: StudiedSet | None) -> dict[str, Any]:
    """What is known of a set; null where an earlier version made its study."""
    known = ("meta_features", "networks", "prior", "from_prior")
    told = asdict(studied) if studied else {}
    return {**asdict(entry), **{name: told.get(name) for name in known}}


def _print(
    kind: str, sets: Sequence[LedgerEntry], records: Sequence[FamilyRecord], studied: Mapping[str, StudiedSet]
) -> None:
    from rich.console import Console

    from search.verdict.figures import counted

    console = Console()
    wins = ", ".join(f"{record.family} won {record.won}" for record in records if record.won) or "no family won alone"
    names = ", ".join(dict.fromkeys(entry.dataset for entry in sets))
    console.print(f"On {counted(len(sets), f'{kind} set')} {wins} ({names}).", highlight=False)
    console.print(_families(records, is_pooled=len(sets) > 1))
    known = [studied[entry.study] for entry in sets if entry.study in studied]
    if known:
        console.print()
        console.print(_networks(known))
    for each in known:
        _print_prior(console, each)
    console.print()


def _families(records: Sequence[FamilyRecord], is_pooled: bool) -> Table:
    from search.verdict.figures import interval_figure, signed_figure

    table = _table("family", "won", "may be best", "of", "advantage, pooled" if is_pooled else "advantage", "")
    for record in records:
        told = interval_figure(record.interval, record.advantage) if record.interval else "one set"
        numbers = (str(record.won), str(record.may_be_best), str(record.sets))
        table.add_row(
            record.family, *numbers, signed_figure(record.advantage), told, style="bold" if record.won else ""
        )
    return table


def _networks(known: Sequence[StudiedSet]) -> Table:
    """What each set is like, and the best network on it by its score on the search rows."""
    from search.verdict.figures import score_figure

    table = _table("set", "rows", "length", "channels", "classes", "score", "best network")
    table.columns[-1].no_wrap, table.columns[-1].overflow = False, "fold"
    for each in known:
        features, best = each.meta_features, each.networks[0]
        counts = (features.rows, features.length, features.channels, features.classes)
        numbers = ("" if count is None else f"{count:,}" for count in counts)
        table.add_row(each.dataset, *numbers, score_figure(best.score), str(best))
    return table


def _print_prior(console: Console, studied: StudiedSet) -> None:
    from search.verdict.figures import counted, listed

    if studied.prior:
        taken = counted(studied.from_prior, "proposal")
        console.print(f"study {studied.study} took {taken} from {listed(studied.prior)}", style="dim", highlight=False)


def _table(*columns: str) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table
