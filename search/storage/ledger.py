"""LedgerStore: what the studies of a database have left of their data sets."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from search.meta_features import MetaFeatures
from search.storage.database import Database
from search.storage.tables import LedgerRow
from search.studied_set import StudiedSet


class LedgerStore:
    """Reads the ledger; `enter` writes it, in one transaction with a verdict."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine

    def all(self) -> dict[str, StudiedSet]:
        """What each study has left, by its name; nothing of studies that ended under a version without a ledger."""
        with Session(self._engine) as session:
            return {row.study: StudiedSet.from_json(row.entry) for row in session.scalars(select(LedgerRow))}

    def comparable(self, features: MetaFeatures) -> list[StudiedSet]:
        """The sets of the same modality and task."""
        query = select(LedgerRow).where(LedgerRow.modality == features.modality, LedgerRow.task == features.task)
        with Session(self._engine) as session:
            return [StudiedSet.from_json(row.entry) for row in session.scalars(query.order_by(LedgerRow.study))]


def enter(session: Session, learnt: StudiedSet) -> None:
    """Enters what a study has left, in place of what it had before."""
    features = learnt.meta_features
    row = LedgerRow(study=learnt.study, modality=features.modality, task=features.task, entry=learnt.to_json())
    session.merge(row)
