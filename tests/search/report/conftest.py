"""A real study of every phase, small enough to run for the tests, and its record."""

from datetime import datetime

import numpy as np
import pytest

from search import Study
from search.report import Record
from workers.inline_engine import InlineEngine


@pytest.fixture(scope="session")
def record(tmp_path_factory) -> Record:
    """Of two classes that are hard to tell apart, in sixty trials."""
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_HOME", str(folder / "home"))
        y = np.repeat([0, 1], 60)
        x = np.random.default_rng(0).normal(size=(120, 1, 4, 4)) + 0.4 * y[:, None, None, None]
        np.savez(folder / "blobs.npz", x_train=x.astype(np.float32), y_train=y)
        study = Study.create(str(folder / "blobs.npz"), trials=60, epochs=2, name="blobs")
        study.run(InlineEngine(), [])
        trials = [study.trial(number) for number in range(60)]
        return Record(study.specification, datetime(2026, 3, 1), trials, study.verdict())
