"""The queue of studies that wait for a runner, and what happened in each study."""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Creates the tables where they do not exist already: some databases have them without a number."""
    op.create_table(
        "penchant_queue",
        sa.Column("study", sa.String(200), sa.ForeignKey("penchant_studies.name"), primary_key=True),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("submitted", sa.DateTime, nullable=False),
        sa.Column("runner", sa.String(200)),
        sa.Column("heartbeat", sa.DateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", sa.DateTime, nullable=False),
        sa.Column("key", sa.String(200)),
        sa.Column("digest", sa.String(64)),
        sa.UniqueConstraint("owner", "key"),
        if_not_exists=True,
    )
    op.create_index("ix_penchant_queue_runner", "penchant_queue", ["runner"], if_not_exists=True)
    op.create_table(
        "penchant_events",
        sa.Column("study", sa.String(200), sa.ForeignKey("penchant_studies.name"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("trial", sa.Integer),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.UniqueConstraint("study", "trial"),
        if_not_exists=True,
    )
