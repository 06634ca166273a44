"""Tokens of the service, and an index that lists studies by age."""

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Creates the table and the index."""
    op.create_table(
        "penchant_tokens",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("scope", sa.String(10), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("expires", sa.DateTime),
        sa.Column("revoked", sa.DateTime),
    )
    op.create_index("ix_penchant_studies_created", "penchant_studies", ["created", "name"])
