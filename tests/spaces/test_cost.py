import numpy as np
import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from spaces import Architecture, Grid, SearchSpace, Task, landmark
from spaces.cost import cost, flops, parameters
from spaces.network import parameter_count
from spaces.shapes import Kind

IMAGE, SERIES = Task(Grid((8, 8), 1), 10), Task(Grid((5,), 3), 2)
SMALL = {
    "stages": 1,
    "stage1.blocks": 1,
    "stem": "linear",
    "position": "none",
    "head": "mean",
    "connection": "plain",
    "gate": "none",
    "normalization": "none",
    "initialization": "he",
    "width": 4,
    "expansion": 0,
    "activation": "relu",
    "dropout": 0.0,
}
STEM, CLASSIFIER = 2 * 5 * 3 * 4, 2 * 4 * 2  # of SMALL on SERIES; a product and a sum for each weight and position


def small(operation: str, task: Task = SERIES, **differences) -> int:
    own = {"stage1.operation": operation}
    return flops(Architecture.from_json({**SMALL, **own, **differences}), task)


def test_the_deep_fnn():
    """Three 64 x 64 products and one 64 x 10."""
    assert flops(landmark("deep_fnn"), IMAGE) == 2 * (3 * 64 * 64 + 64 * 10)


@pytest.mark.parametrize("kernel_size", [3, 5])
def test_a_convolution(kernel_size: int):
    """At each of 64 positions a 1 x 4 stem and a kernel² x 4 x 4 filter, then the 4 x 10 classifier."""
    expected = 2 * 64 * (1 * 4 + kernel_size**2 * 4 * 4) + 2 * 4 * 10
    assert small("convolution", IMAGE, **{"stage1.convolution.kernel_size": kernel_size}) == expected


def test_an_lstm():
    """At each of five steps four gates read four inputs and four states."""
    step = 2 * 4 * 4 * (4 + 4)
    assert small("lstm", **{"stage1.lstm.bidirectional": False}) == STEM + 5 * step + CLASSIFIER


def test_a_bidirectional_lstm():
    """In each direction four gates of two channels read four inputs and two states; then 4 x 4 mix them."""
    step = 2 * 4 * 2 * (4 + 2)
    expected = STEM + 2 * 5 * step + 5 * 2 * 4 * 4 + CLASSIFIER
    assert small("lstm", **{"stage1.lstm.bidirectional": True}) == expected


@pytest.mark.parametrize("heads", [2, 4])
def test_attention(heads: int):
    """Four 4 x 4 layers a position, and two products between all pairs of positions, however many heads."""
    expected = STEM + 5 * 4 * 2 * 4 * 4 + 2 * (2 * 5 * 5 * 4) + CLASSIFIER
    assert small("multi_head_attention", **{"stage1.multi_head_attention.heads": heads}) == expected


def test_context_attention():
    """Two products between all pairs of positions and nothing else."""
    assert small("context_attention") == STEM + 2 * (2 * 5 * 5 * 4) + CLASSIFIER


def test_the_channel_mixer():
    """An expansion of 3 adds a 4 x 12 and a 12 x 4 layer at each position."""
    assert small("context_attention", expansion=3) - small("context_attention") == 5 * 2 * 2 * 4 * 12


def test_what_is_no_product_is_free():
    """Normalization, short cuts, dropout and position codes are not counted."""
    free = {"connection": "residual", "normalization": "layer", "normalization_placement": "after", "dropout": 0.2}
    assert small("context_attention", **free, position="learned") == small("context_attention")


def test_the_next_token_is_scored_at_every_step():
    """The last layer, 4 x 9, is applied five times, and its parameters are counted once."""
    task = Task(Grid((5,), 1), 9, vocabulary=9, kind=Kind.NEXT_TOKEN)
    architecture = Architecture.from_json({**SMALL, "stage1.operation": "identity", "stem": "embedding"})
    assert flops(architecture, task) == 5 * 2 * 4 * 9
    assert parameters(architecture, task) == 9 * 4 + (4 * 9 + 9)


def test_a_number_is_one_output():
    """In regression the last layer is 4 x 1."""
    assert small("identity", Task(Grid((5,), 3), 1, kind=Kind.REGRESSION)) == STEM + 2 * 4


def test_counting_leaves_the_generator_alone():
    """Weights drawn after counting are those drawn without it."""
    before = torch.get_rng_state()
    flops(landmark("transformer"), IMAGE)
    assert torch.equal(torch.get_rng_state(), before)


def test_nothing_is_computed():
    """A network of 64 GB is counted at once: 4096 x 4096 weights in 16 x 64 blocks."""
    stages = {f"stage{n}.{key}": v for n in range(1, 17) for key, v in {"operation": "dense", "blocks": 64}.items()}
    deep = Architecture.from_json({**SMALL, **stages, "stages": 16, "stem": "flatten", "width": 4096})
    assert flops(deep, SERIES) == 2 * (15 * 4096 + 16 * 64 * 4096**2 + 4096 * 2)


TASKS = {
    "image": IMAGE,
    "series": SERIES,
    "tokens": Task(Grid((6,), 1), 3, vocabulary=9),
    "table": Task(Grid((), 7), 2),
    "numbers": Task(Grid((5,), 3), 1, kind=Kind.REGRESSION),
    "next": Task(Grid((6,), 1), 9, vocabulary=9, kind=Kind.NEXT_TOKEN),
}


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_parameters_are_those_of_the_built_network(task: Task):
    """Exactly, for sampled networks on every kind of data."""
    space, rng = SearchSpace.named("everything").fitted(task), np.random.default_rng(0)
    for _ in range(25):
        architecture = space.sample(rng)
        assert parameters(architecture, task) == parameter_count(architecture.build(task))


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_flops_are_those_torch_counts_on_a_real_forward_pass(task: Task):
    """On the CPU torch counts the same products, but for fused recurrences and attention, which it does not see."""
    space, rng = SearchSpace.named("everything").fitted(task), np.random.default_rng(0)
    for _ in range(25):
        architecture = space.sample(rng, [family for family in space.families if family != "recurrence"])
        counter = FlopCounterMode(display=False)
        row = torch.zeros(1, *task.row_shape, dtype=torch.int64 if task.vocabulary else torch.float32)
        with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), counter:
            architecture.build(task).eval()(row)
        assert flops(architecture, task) == pytest.approx(counter.get_total_flops(), rel=0.05)


def test_activation_memory_of_a_dense_network():
    """What backpropagation needs of a row: the 64 inputs, and after each layer 64 numbers, twice through relu.

    A linear layer keeps its input, a relu its output, which is the next layer's input and lies in memory once.
    """
    assert cost(landmark("deep_fnn"), IMAGE).activation_bytes == 4 * (64 + 64 + 64 + 64)


def test_activation_memory_grows_with_the_positions():
    """Attention keeps length x length numbers: four times the positions, more than four times the memory."""
    small, large = (cost(landmark("transformer"), Task(Grid((steps,), 3), 2)).activation_bytes for steps in (16, 64))
    assert large > 4 * small


def test_costs_come_together():
    """The same numbers as asked one by one."""
    found = cost(landmark("lstm"), SERIES)
    assert (found.parameters, found.flops) == (
        parameters(landmark("lstm"), SERIES),
        flops(landmark("lstm"), SERIES),
    )
    assert found.activation_bytes > 0
