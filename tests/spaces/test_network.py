from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from spaces import Architecture, Grid, SearchSpace, Task, landmark
from spaces.blocks import Downsampling, SubLayer
from spaces.masks import mask_of
from spaces.network import Network, parameter_count
from spaces.shapes import Kind
from spaces.stems import STEMS

SPACE = replace(
    SearchSpace.named("everything"), stems=STEMS.names(), any_stem=True, stages=(1, 3), widths=(1, 3, 8, 10)
)
SMALL = {
    "stages": 1,
    "stage1.operation": "dense",
    "stage1.blocks": 1,
    "stem": "flatten",
    "connection": "residual",
    "normalization": "layer",
    "normalization_placement": "before",
    "initialization": "glorot",
    "width": 6,
    "expansion": 2,
    "activation": "relu",
    "dropout": 0.5,
}
TASK = Task(Grid((4, 3), 2), 3)


def batch_of(task: Task, rows: int = 2) -> Tensor:
    return torch.randn(rows, *task.grid.positions, task.grid.channels)


def network(task: Task = TASK, **differences) -> Network:
    return Architecture.from_json({**SMALL, **differences}).build(task)


@st.composite
def tasks(draw) -> Task:
    positions = draw(st.lists(st.integers(1, 9), min_size=0, max_size=2))
    return Task(Grid(tuple(positions), draw(st.integers(1, 5))), draw(st.integers(2, 6)))


@given(seed=st.integers(0, 2**32 - 1), task=tasks())
@settings(max_examples=300, deadline=None, derandomize=True)
def test_no_candidate_is_invalid(seed: int, task: Task):
    """Whatever is sampled builds on whatever grid; scores and all gradients are finite."""
    torch.manual_seed(seed % 1000)
    built = SPACE.sample(np.random.default_rng(seed)).build(task)
    scores = built(batch_of(task))
    assert scores.shape == (2, task.outputs)
    nn.functional.cross_entropy(scores, torch.tensor([0, 1])).backward()
    assert scores.isfinite().all()
    for parameter in built.parameters():
        assert parameter.grad is not None
        assert parameter.grad.isfinite().all()


@given(seed=st.integers(0, 2**32 - 1), task=tasks())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_evaluation_is_deterministic_and_row_by_row(seed: int, task: Task):
    """In eval mode a row's scores are the same again, and the same without the rows beside it."""
    built = SPACE.sample(np.random.default_rng(seed)).build(task).double().eval()
    x = batch_of(task, rows=3).double()
    scores = built(x)
    torch.testing.assert_close(built(x), scores, rtol=0, atol=0)
    torch.testing.assert_close(built(x[1:2]), scores[1:2])


def trained_on(built: Network, x: Tensor, lengths: Tensor) -> list[Tensor]:
    """The scores of padded rows and the gradients of all parameters, in training."""
    built.zero_grad()
    scores = built(x, lengths)
    scores.square().sum().backward()
    return [scores.detach(), *(p.grad.clone() for p in built.parameters())]


@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 9))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_what_stands_in_the_padding_changes_nothing(seed: int, steps: int):
    """Of whatever is sampled, neither the scores nor a gradient, even where the padding is not a number."""
    rng = np.random.default_rng(seed)
    built = replace(SPACE, dropouts=(0.0,)).sample(rng).build(Task(Grid((steps,), 3), 2)).double()
    lengths, x = torch.tensor(rng.integers(1, steps + 1, 4)), torch.randn(4, steps, 3).double()
    padding = ~mask_of(lengths, steps)[..., None]
    expected = trained_on(built, x.masked_fill(padding, 0.0), lengths)
    assert all(tensor.isfinite().all() for tensor in expected)
    for garbage in (1e6, torch.nan):
        found = trained_on(built, x.masked_fill(padding, garbage), lengths)
        torch.testing.assert_close(found, expected, rtol=0, atol=0)


@pytest.mark.parametrize("stem", STEMS.names())
def test_padded_tokens_are_not_looked_up(stem: str):
    """What stands for no token, such as -1, may fill the rows; it changes no score."""
    of_stem = {"stem.patch.size": 2, "stem.convolutional.kernel_size": 3, "stem.convolutional.stride": 2}
    entrance = {"stem": stem, **of_stem, "position": "learned", "head": "max", "dropout": 0.0}
    built = network(Task(Grid((5,), 1), 3, vocabulary=7), **entrance)
    tokens, lengths = torch.randint(7, (2, 5)), torch.tensor([2, 4])
    garbled = tokens.masked_fill(~mask_of(lengths, 5), -1)
    assert torch.equal(built(garbled, lengths), built(tokens, lengths))


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Ba et al. 2016, equation 4, with torch's 1e-5 under the root."""
    centred = x - x.mean(-1, keepdim=True)
    return weight * centred / (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt() + bias


@pytest.mark.parametrize("connection", ["plain", "residual"])
@pytest.mark.parametrize("placement", ["before", "after"])
def test_a_block_is_the_formula(placement: str, connection: str):
    """`x + f(norm(x))` with a last norm before the classifier, or `norm(x + f(x))`, written out by hand."""
    built = network(normalization_placement=placement, connection=connection).double().eval()
    with torch.no_grad():
        for parameter in built.parameters():
            parameter.normal_(std=0.5)
    state = built.state_dict()

    def linear(name: str, x: Tensor) -> Tensor:
        return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]

    def norm(name: str, x: Tensor) -> Tensor:
        return layer_norm(x, state[f"{name}.weight"], state[f"{name}.bias"])

    def mix_positions(x: Tensor) -> Tensor:
        return linear("stages.0.layers.0.mixer.operation.operation", x).clamp(min=0)

    def mix_channels(x: Tensor) -> Tensor:
        return linear("stages.0.layers.1.mixer.narrow", linear("stages.0.layers.1.mixer.widen", x).clamp(min=0))

    x = batch_of(TASK).double()
    h, kept = linear("entrance.stem.1", x.flatten(1)), connection == "residual"
    for number, f in enumerate([mix_positions, mix_channels]):
        name = f"stages.0.layers.{number}.normalization"
        h = kept * h + f(norm(name, h)) if placement == "before" else norm(name, kept * h + f(h))
    h = norm("normalization", h) if placement == "before" else h
    torch.testing.assert_close(built(x), linear("classify", h))


def test_a_dense_stream_is_normalized_part_by_part():
    """With the norm after, each result is normalized before it joins; what joined earlier is left alone."""
    built = network(normalization_placement="after", connection="dense").eval()
    (stage,), x = built.stages, batch_of(TASK)
    stream = stem = built.entrance.stem(x)
    for layer in stage.layers:
        left = layer.normalization(layer.mixer(layer.read(stream), None), None)
        stream = torch.cat([stream, left], dim=-1)
    assert torch.equal(stream[:, :6], stem)
    torch.testing.assert_close(built(x), built.classify(stage.leave(stream)))


@pytest.mark.parametrize(
    ("positions", "halved"),
    [((8,), (4,)), ((7,), (4,)), ((1,), (1,)), ((6, 9), (3, 5)), ((1, 4), (1, 2)), ((3, 1), (2, 1)), ((1, 1), (1, 1))],
)
def test_down_sampling_halves_and_rounds_up(positions: tuple[int, ...], halved: tuple[int, ...]):
    """Each position becomes the mean of the two neighbours along each axis, as far as there are two."""
    layer, x = Downsampling(Grid(positions, 3)), torch.randn(2, *positions, 3)
    assert layer.grid == Grid(halved, 3)
    y, mask = layer(x)
    assert mask is None
    assert y.shape == (2, *halved, 3)
    for place in np.ndindex(*halved):
        window = x[(slice(None), *(slice(2 * p, 2 * p + 2) for p in place))]
        torch.testing.assert_close(y[(slice(None), *place)], window.flatten(1, -2).mean(1))


def test_down_sampling_leaves_the_padding_out():
    """A window has the mean of its positions with data, is one of data if it has any, and is zero otherwise."""
    x = torch.tensor([[1.0, 3.0, 5.0, torch.nan, torch.nan], [2.0, torch.nan, torch.nan, torch.nan, torch.nan]])
    y, mask = Downsampling(Grid((5,), 1))(x[..., None], mask_of(torch.tensor([3, 1]), 5))
    assert y[..., 0].tolist() == [[2.0, 5.0, 0.0], [2.0, 0.0, 0.0]]
    assert mask.tolist() == [[True, True, False], [True, False, False]]


def test_a_sequence_operation_scans_an_image_row_by_row():
    """An LSTM at a site of 3 x 4 positions reads twelve steps, and their states return to their places."""
    own = {"stage1.operation": "lstm", "stage1.lstm.bidirectional": False, "expansion": 0}
    entrance = {"stem": "linear", "position": "none", "head": "mean", "connection": "plain", "normalization": "none"}
    built = network(**own, **entrance).eval()
    (lstm,) = (module for module in built.modules() if isinstance(module, nn.LSTM))
    x = torch.randn(2, 4, 3, 6)
    y, _ = built.stages[0](x, None)
    torch.testing.assert_close(y, lstm(x.flatten(1, 2))[0].view(2, 4, 3, 6))


def test_a_vector_operation_sees_all_positions():
    """A dense layer at a site of 4 x 3 positions: everything to one vector, through it, activated, back."""
    entrance = {"stem": "linear", "position": "none", "head": "mean", "connection": "plain", "normalization": "none"}
    built = network(**entrance, expansion=0).eval()
    gather, dense, spread = (module for module in built.stages.modules() if isinstance(module, nn.Linear))
    assert (gather.weight.shape, dense.weight.shape, spread.weight.shape) == ((6, 72), (6, 6), (72, 6))
    x = torch.randn(2, 4, 3, 6)
    y, _ = built.stages[0](x, None)
    torch.testing.assert_close(y, spread(dense(gather(x.flatten(1))).relu()).view_as(x))


@pytest.mark.parametrize("downsampling", [False, True])
def test_down_sampling_stands_between_stages(downsampling: bool):
    """Blocks of a stage work on one grid; every further stage on one of half the extents if so chosen."""
    stages = {f"stage{n}.{key}": value for n in (1, 2, 3) for key, value in {"operation": "dense", "blocks": 2}.items()}
    entrance = {"stem": "linear", "position": "learned", "head": "flatten"}
    built = network(Task(Grid((8, 5), 2), 3), stages=3, downsampling=downsampling, **stages, **entrance)
    seen: list[tuple[int, ...]] = []
    for layer in (module for module in built.modules() if isinstance(module, SubLayer)):
        layer.register_forward_hook(lambda _, inputs, output: seen.append(tuple(output.shape[1:-1])))
    built(torch.randn(2, 8, 5, 2))
    grids = [(8, 5), (4, 3), (2, 2)] if downsampling else [(8, 5)] * 3
    sub_layers = 2 * 2  # of a stage: two blocks, each of an operation and a channel mixer
    assert seen == [grid for grid in grids for _ in range(sub_layers)]


def test_dropout_acts_in_training_alone():
    """The same input gives other scores in training, and the same ones in evaluation or without dropout."""
    x = batch_of(TASK)
    dropping = network()
    assert not torch.equal(dropping(x), dropping(x))
    dropping.eval()
    assert torch.equal(dropping(x), dropping(x))
    without = network(dropout=0.0)
    assert torch.equal(without(x), without(x))


def test_dropout_leaves_the_short_cut_alone():
    """What is dropped is the sub-layer's result: with nothing left of it the residual network is its stem."""
    built = network()
    for module in built.stages.modules():
        if isinstance(module, nn.Dropout):
            module.p = 1.0
    built.dropout.p = 0.0
    x = batch_of(TASK)
    torch.testing.assert_close(built(x), built.classify(built.normalization(built.entrance.stem(x))))


def test_the_head_reads_what_dropout_leaves():
    """What the head reads is dropped too, at the network's rate: with nothing left the biases are the scores."""
    built = network()
    assert built.dropout.p == 0.5
    built.dropout.p = 1.0
    assert torch.equal(built(batch_of(TASK)), built.classify.bias.expand(len(batch_of(TASK)), -1))


def test_the_seed_decides_the_weights():
    """Built twice from one seed a network has the same weights, from another seed others."""
    weights = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        weights.append(torch.cat([p.flatten() for p in landmark("transformer").build(TASK).parameters()]))
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_the_position_code_makes_order_count():
    """Attention and a mean over positions see a set; a learned code tells its members apart."""
    entrance = {"stem": "linear", "head": "mean", "dropout": 0.0}
    x = torch.randn(2, 6, 3)
    for position, counts in (("none", False), ("learned", True)):
        operation = {"stage1.operation": "context_attention", "position": position}
        built = network(Task(Grid((6,), 3), 2), **entrance, **operation).eval()
        moved = (built(x) - built(x.flip(1))).abs().max() > 1e-4
        assert moved == counts


def test_parameters_are_counted():
    """Stem 24 · 6 + 6, dense 6 · 6 + 6, mixer 6 · 12 + 12 + 12 · 6 + 6, three norms of 12, classifier 6 · 3 + 3."""
    built = network()
    assert parameter_count(built) == 150 + 42 + 162 + 36 + 21
    built.classify.requires_grad_(False)
    assert parameter_count(built) == 150 + 42 + 162 + 36


def test_numbers_are_what_the_last_layer_gives():
    """In regression the network is that of classes with as many outputs: `(batch, outputs)`, one number too."""
    for outputs in (1, 3):
        task = Task(TASK.grid, outputs, kind=Kind.REGRESSION)
        predicting, x = network(task).eval(), batch_of(task)
        classifying = network(Task(TASK.grid, outputs)).eval()
        classifying.load_state_dict(predicting.state_dict())
        assert predicting(x).shape == (2, outputs)
        assert torch.equal(predicting(x), classifying(x))


def test_the_next_token_is_read_from_each_step():
    """Embedding → torch's LSTM → linear at every step, with neither a head nor its weights."""
    own = {"stage1.operation": "lstm", "stage1.lstm.bidirectional": False, "expansion": 0, "head": "attention"}
    entrance = {"stem": "embedding", "position": "none", "connection": "plain", "normalization": "none"}
    task = Task(Grid((5,), 1), 7, vocabulary=7, kind=Kind.NEXT_TOKEN)
    built, tokens = network(task, **own, **entrance).eval(), torch.randint(7, (2, 5))
    (lstm,) = (module for module in built.modules() if isinstance(module, nn.LSTM))
    embedding, classify = built.entrance.look_up, built.classify
    torch.testing.assert_close(built(tokens), classify(lstm(embedding(tokens))[0]))
    assert parameter_count(built) == sum(map(parameter_count, (embedding, lstm, classify)))
