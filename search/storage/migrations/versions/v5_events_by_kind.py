"""The last event of a kind is found without a look at all others of its study."""

from alembic import op

revision = "5"
down_revision = "4"


def upgrade() -> None:
    """Creates the index."""
    op.create_index("ix_penchant_events_kind", "penchant_events", ["study", "kind", "number"])
