"""Run by Alembic: hands the connection that `search.storage.schema` opened to the scripts."""

from alembic import context

from search.storage.migrations import VERSION_TABLE
from search.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
