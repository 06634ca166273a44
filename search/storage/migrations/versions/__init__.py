"""One script a version of the schema; its number is its revision."""
