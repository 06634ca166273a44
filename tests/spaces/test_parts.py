"""A network's size is the sum over its parts."""

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from spaces import Architecture, InvalidInput, SearchSpace, landmark
from spaces.network import Network, parameter_count
from spaces.parts import Part, parts
from tests.spaces.test_cost import SERIES, TASKS


def counted_whole(architecture: Architecture, task) -> tuple[int, int]:
    """Parameters and operations of the network in one piece, its recurrences fallen apart into single steps."""
    counter = FlopCounterMode(display=False)
    with torch.device("meta"):
        network = architecture.build(task).eval()
        row = torch.empty(1, *task.row_shape, dtype=torch.int64 if task.vocabulary else torch.float32)
    with torch.no_grad(), counter:
        network(row)
    return parameter_count(network), counter.get_total_flops()


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_the_parts_add_up_to_the_network(task):
    """Exactly, in parameters and operations, for sampled networks on every kind of data."""
    space, rng = SearchSpace.named("everything").fitted(task), np.random.default_rng(4)
    for _ in range(6):
        architecture = space.sample(rng)
        found = list(parts(architecture, task))
        sums = (sum(n * part.parameters for n, part in found), sum(n * part.flops for n, part in found))
        assert sums == counted_whole(architecture, task)


def test_nothing_is_built_twice(monkeypatch):
    """A network whose parts were seen in others is counted without building anything."""
    for width in (16, 32):
        for name in ("lstm", "transformer"):
            architecture = Architecture({**landmark(name).choices, "width": width})
            sum(part.flops + part.parameters for _, part in parts(architecture, SERIES))
    monkeypatch.setattr(Network, "__init__", None)
    monkeypatch.setattr(Part, "__init__", None)
    both = Architecture({**landmark("lstm").choices, "width": 16, "normalization": "none"})
    assert sum(n * part.parameters for n, part in parts(both, SERIES)) > 0


def test_a_network_that_looks_ahead_has_no_size_where_it_must_not():
    """As it cannot be built."""
    with pytest.raises(InvalidInput, match="expected True for next-token"):
        list(parts(Architecture({**landmark("transformer").choices, "stem": "embedding"}), TASKS["next"]))
