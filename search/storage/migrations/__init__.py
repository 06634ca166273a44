"""The schema of our tables, version by version, as Alembic scripts; a database is brought up to date when it opens.

A change to `search.storage.tables` needs a script `versions/vN_….py` with the next number, and `LATEST` to name it;
`tests/search/storage/test_schema.py` fails until both agree, and opens a database of every earlier version.
"""

LATEST = "5"
"""Number of the newest version."""
VERSION_TABLE = "penchant_schema"
"""Keeps the number; Optuna and MLflow keep theirs in `alembic_version`."""
