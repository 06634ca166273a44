"""The command line."""

from search.cli.main import cli, main

__all__ = ["cli", "main"]
