"""What a study looks for beside the score."""

from dataclasses import replace

import pytest

from search.objectives import COLUMNS, COSTS, front, parse_objectives
from spaces import Architecture, Grid, InvalidInput, Task, landmark
from spaces.cost import flops, parameters
from tests.search.made import made_trial
from workers.metric import Metric

TASK = Task(Grid((6,), 2), 3)
ACCURACY = Metric("accuracy")


def trained(number: int, width: int, score: float, **changes):
    """A trained network whose size its width decides."""
    trial = made_trial(number, scores={90: score})
    architecture = Architecture({**landmark("deep_fnn").choices, "width": width})
    trial.candidate = replace(trial.candidate, architecture=architecture)
    trial.outcomes[0] = replace(trial.outcomes[0], **changes)
    return trial


SMALL, LARGE, WORSE = trained(0, 8, 0.7), trained(1, 32, 0.9), trained(2, 64, 0.8)


def test_objectives_are_names_with_commas():
    """In whatever order, the score comes first."""
    assert parse_objectives("score") == ("score",)
    assert parse_objectives("flops, score,latency") == ("score", "flops", "latency")


@pytest.mark.parametrize("text", ["", "speed", "parameters", "score,score", "score,parameters,parameters", "score,"])
def test_other_objectives_are_wrong_input(text: str):
    """The line says what there is."""
    with pytest.raises(InvalidInput, match=r"objective: found .* expected score, or score and some of parameters"):
        parse_objectives(text)


def test_a_front_holds_what_no_other_beats_in_all():
    """The large one scores best, the small one is smallest; one that is larger than the best is no use to anybody."""
    table = front([SMALL, WORSE, LARGE], ("score", "parameters"), TASK, ACCURACY)
    assert tuple(table.columns) == COLUMNS
    assert table["trial"].tolist() == [1, 0]
    assert table["value"].tolist() == [0.9, 0.7]
    assert table["parameters"].tolist() == [parameters(trial.architecture, TASK) for trial in (LARGE, SMALL)]
    assert table["flops"].tolist() == [flops(trial.architecture, TASK) for trial in (LARGE, SMALL)]


def test_without_a_second_objective_size_is_one():
    """So that every study has a front."""
    assert front([SMALL, WORSE, LARGE], ("score",), TASK, ACCURACY)["trial"].tolist() == [1, 0]


def test_what_was_not_measured_is_not_compared():
    """A network without a latency is in no front of latencies."""
    fast, slow = trained(3, 64, 0.6, latency_seconds=0.001), trained(4, 64, 0.9, latency_seconds=0.002)
    table = front([fast, SMALL, slow], ("score", "latency"), TASK, ACCURACY)
    assert table["trial"].tolist() == [4, 3]
    assert table["latency"].tolist() == [0.002, 0.001]


def test_a_front_of_nothing_is_empty():
    """Before a study has trained anything."""
    assert front([], ("score", "flops"), TASK, ACCURACY).empty


def test_time_is_that_of_a_whole_training():
    """Of a network that halving stopped at a third it is thrice the time so far; of one that never trained unknown."""
    stopped = made_trial(5, scores={10: 0.4, 30: 0.5}, seconds=1.5)
    assert COSTS["seconds"](stopped, TASK) == pytest.approx(9.0)
    assert COSTS["seconds"](made_trial(6), TASK) is None
