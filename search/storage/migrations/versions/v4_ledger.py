"""The ledger: data sets with their meta-features and best networks."""

import sqlalchemy as sa
from alembic import op

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Creates the table; what studies before it would have left is not known."""
    op.create_table(
        "penchant_ledger",
        sa.Column("study", sa.String(200), sa.ForeignKey("penchant_studies.name"), primary_key=True),
        sa.Column("modality", sa.String(20), nullable=False),
        sa.Column("task", sa.String(20), nullable=False),
        sa.Column("entry", sa.JSON, nullable=False),
    )
    op.create_index("ix_penchant_ledger_comparable", "penchant_ledger", ["modality", "task"])
