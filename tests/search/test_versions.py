"""What a study records of the libraries that made it."""

import platform

import optuna
import torch

from search.versions import versions


def test_versions_are_those_that_run():
    """Python's and the libraries', as they tell them; of torch without the kind of wheel."""
    recorded = versions()
    assert recorded["python"] == platform.python_version()
    assert recorded["optuna"] == optuna.__version__
    assert torch.__version__.startswith(recorded["torch"].partition("+")[0])
