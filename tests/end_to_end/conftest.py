"""Commands in this process, as tests of the command line run them."""

from tests.search.conftest import penchant

__all__ = ["penchant"]
