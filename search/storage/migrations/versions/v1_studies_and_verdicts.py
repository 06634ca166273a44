"""Studies and their verdicts: the schema of the first release, whose databases had no number yet."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    """Creates the tables where they do not exist already."""
    op.create_table(
        "penchant_studies",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("spec", sa.JSON, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("driver", sa.String(200)),
        sa.Column("heartbeat", sa.DateTime),
        if_not_exists=True,
    )
    op.create_index("ix_penchant_studies_state", "penchant_studies", ["state"], if_not_exists=True)
    op.create_table(
        "penchant_verdicts",
        sa.Column("study", sa.String(200), sa.ForeignKey("penchant_studies.name"), primary_key=True),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        if_not_exists=True,
    )
