"""Candidates that hang, eat memory, yield NaN, raise or kill their process, with real worker processes."""

import pytest

from spaces import Architecture, landmark
from spaces.operation_file import OperationFile
from tests.contracts.cases import registered
from tests.contracts.test_engines import Listed, unit
from workers.checkpoint import Checkpoints
from workers.inline_engine import InlineEngine
from workers.outcome import Status
from workers.tune_engine import TuneEngine
from workers.work_unit import WorkUnit

pytestmark = pytest.mark.xdist_group("ray")

USERS_FILE = '''"""An operation with every fault there is."""

import itertools
import os
import time

import torch
from torch import nn

from spaces.choices import Categorical
from spaces.operations import OPERATIONS, Operation

FAULTS = ("sleeps", "never_returns", "allocates", "is_nan", "raises", "raises_in_build", "exits")


@OPERATIONS.register("faulty")
class Faulty(Operation):
    """Trains never."""

    family = "faulty"
    ranks = (0, 1, 2)
    choices = {"fault": Categorical(FAULTS)}

    def build(self, grid, picks):
        if picks["fault"] == "raises_in_build":
            raise ZeroDivisionError("in build")
        return FaultyModule(picks["fault"])


class FaultyModule(nn.Module):
    def __init__(self, fault):
        super().__init__()
        self.fault = fault
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.scale * getattr(self, self.fault)(x)

    def sleeps(self, x):
        time.sleep(3600)

    def never_returns(self, x):
        sum(itertools.repeat(0))

    def allocates(self, x):
        return sum(torch.ones(1 << 20) for _ in [torch.ones(1 << 20) for _ in range(4096)])

    def is_nan(self, x):
        return x * float("nan")

    def raises(self, x):
        raise ZeroDivisionError("in forward")

    def exits(self, x):
        os._exit(3)
'''
EXPECTED = {
    "sleeps": (Status.TIMED_OUT, "time.sleep(3600)"),
    "never_returns": (Status.TIMED_OUT, "in never_returns"),
    "allocates": (Status.OUT_OF_MEMORY, "in allocates"),
    "is_nan": (Status.DIVERGED, "the training loss was nan"),
    "raises": (Status.CRASHED, "ZeroDivisionError: in forward"),
    "raises_in_build": (Status.CRASHED, "ZeroDivisionError: in build"),
    "exits": (Status.CRASHED, "its worker was lost 2 times in this unit"),
}
WITH_A_PLACE = ("sleeps", "never_returns", "allocates", "raises", "raises_in_build")
SOUND = range(100, 108)
MEBIBYTE = 1 << 20


def faulty(fault: str, trial: int) -> WorkUnit:
    picks = {"stage1.operation": "faulty", "stage1.faulty.fault": fault}
    architecture = Architecture({**landmark("deep_fnn").to_json(), **picks})
    return unit(trial, architecture=architecture, limit_seconds=1.0)


@pytest.fixture(scope="module")
def users_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("user") / "faulty.py"
    path.write_text(USERS_FILE)
    return OperationFile.read(path)


@pytest.fixture(scope="module")
def disturbed(users_file, blobs, tmp_path_factory):
    """A run of sound units between which every fault occurs."""
    units = [unit(SOUND[0])]
    for number, fault in enumerate(EXPECTED):
        units += [faulty(fault, number), unit(SOUND[number + 1])]
    source = Listed(units)
    folder = tmp_path_factory.mktemp("checkpoints")
    with registered():
        users_file.register()
        engine = TuneEngine(workers=2, operation_files=[users_file], memory_bytes=400 * MEBIBYTE)
        with engine:
            engine.run(source, blobs, Checkpoints(folder))
    assert not list(folder.iterdir()), "notes of the watchdog stay behind"
    return source


def test_every_unit_has_one_outcome(disturbed):
    """None is lost and none is told twice, whatever stood beside it."""
    assert set(disturbed.absorbed) == {(trial, 0) for trial in [*range(len(EXPECTED)), *SOUND]}
    assert set(disturbed.absorbed.values()) == {1}


@pytest.mark.parametrize("fault", EXPECTED)
def test_a_fault_is_an_outcome_with_its_reason(disturbed, users_file, fault: str):
    """Its status says what happened; the reason says why and, where Python knows, in which line of the user's file."""
    status, reason = EXPECTED[fault]
    outcome = disturbed.outcomes[list(EXPECTED).index(fault)]
    assert outcome.status is status, outcome.reason
    assert reason in outcome.reason
    if fault in WITH_A_PLACE:
        assert f'File "{users_file.path}", line ' in outcome.reason


def test_faults_disturb_nobody(disturbed, blobs, tmp_path):
    """The other units' scores and curves equal those of a run without faults."""
    undisturbed = Listed([unit(trial) for trial in SOUND])
    with InlineEngine() as engine:
        engine.run(undisturbed, blobs, Checkpoints(tmp_path))
    for trial in SOUND:
        outcome, expected = disturbed.outcomes[trial], undisturbed.outcomes[trial]
        assert outcome.status is Status.TRAINED, outcome.reason
        assert (outcome.curve, outcome.confirm_score) == (expected.curve, expected.confirm_score)
