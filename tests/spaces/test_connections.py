import pytest
import torch
from torch import nn

from spaces import Architecture, Grid, Task, landmark
from spaces.connections import CONNECTIONS
from spaces.initializations import INITIALIZATIONS
from tests.spaces.operations.references import assert_agree, random_weights

GRID = Grid((3,), 4)


def network_with(connection: str) -> nn.Module:
    choices = {**landmark("deep_fnn").choices, "connection": connection, "width": 6}
    return Architecture.from_json(choices).build(Task(Grid((), 5), 2)).double()


def join_of(connection: str) -> nn.Module:
    return random_weights(CONNECTIONS[connection]().build_join(GRID))


def test_a_plain_one_replaces():
    """Nothing of the stream goes on."""
    stream, left = torch.randn(2, 2, 3, 4).double()
    assert torch.equal(join_of("plain")(stream, left), left)


def test_a_residual_one_adds():
    """The stream goes on with what left added to it."""
    stream, left = torch.randn(2, 2, 3, 4).double()
    assert torch.equal(join_of("residual")(stream, left), stream + left)


@pytest.mark.parametrize("which", ["stream", "left"])
def test_a_highway_is_the_formula(which: str):
    """`T f + (1 - T) x` with `T = sigmoid(W x + b)` from the stream, number by number."""
    join, other = join_of("highway"), torch.randn(2, 3, 4).double()

    def literal(stream, left):
        y = torch.empty_like(stream)
        for place in torch.cartesian_prod(*map(torch.arange, stream.shape)).tolist():
            row, step, channel = place
            score = sum(join.gate.weight[channel, c] * stream[row, step, c] for c in range(4)) + join.bias[channel]
            gate = 1 / (1 + (-score).exp())
            y[tuple(place)] = gate * left[tuple(place)] + (1 - gate) * stream[tuple(place)]
        return y

    def both(join):
        return (lambda x: join(x, other)) if which == "stream" else (lambda x: join(other, x))

    assert_agree(both(join), both(literal), torch.randn(2, 3, 4).double(), [join.gate.weight, join.bias])


@pytest.mark.parametrize("initialization", INITIALIZATIONS.names())
def test_highways_start_by_carrying(initialization: str):
    """However the network is drawn the gates' biases are -2, so that a gate without a say is open by 12 %."""
    choices = {**landmark("deep_fnn").choices, "connection": "highway", "initialization": initialization}
    network = Architecture.from_json(choices).build(Task(Grid((), 5), 2))
    joins = [layer.join for stage in network.stages for layer in stage.layers]
    assert len(joins) == 2
    for join in joins:
        assert (join.bias == -2).all()
        opened = join(torch.zeros(1, 64), torch.ones(1, 64))
        torch.testing.assert_close(opened, torch.full((1, 64), 0.1192), atol=1e-4, rtol=0)


@pytest.mark.parametrize("which", ["stream", "left"])
def test_rezero_is_the_formula(which: str):
    """`x + alpha f` with one number for all channels, which learns."""
    join, other = join_of("rezero"), torch.randn(2, 3, 4).double()
    (alpha,) = join.parameters()
    assert alpha.numel() == 1
    x = torch.randn(2, 3, 4).double()
    if which == "stream":
        assert_agree(lambda x: join(x, other), lambda x: x + alpha * other, x, [alpha])
    else:
        assert_agree(lambda x: join(other, x), lambda x: other + alpha * x, x, [alpha])


def test_a_network_with_rezero_starts_as_its_stem():
    """No sub-layer counts before the first step, and yet each has a gradient that opens it."""
    network, x = network_with("rezero"), torch.randn(3, 5).double()
    scores = network(x)
    torch.testing.assert_close(scores, network.classify(network.entrance.stem(x)))
    (scores * torch.randn_like(scores)).sum().backward()
    for layer in network.stages[0].layers:
        assert layer.join.alpha.grad.abs() > 0


def test_a_dense_one_keeps_everything():
    """The stream is what entered and what each sub-layer left, side by side."""
    connection = CONNECTIONS["dense"]()
    parts = torch.randn(4, 2, 3, 4)
    stream = parts[0]
    for left in parts[1:]:
        stream = connection.build_join(GRID)(stream, left)
    assert torch.equal(stream, torch.cat(list(parts), dim=-1))


@pytest.mark.parametrize("joined", [0, 1, 3])
def test_a_dense_one_reads_everything(joined: int):
    """A sum over all the earlier results, each with a matrix of its own, forward and gradient."""
    read = random_weights(CONNECTIONS["dense"]().build_read(GRID, joined))

    def literal(stream):
        matrices = read.weight.chunk(joined + 1, dim=1)
        parts = stream.chunk(joined + 1, dim=-1)
        return sum(part @ matrix.T for part, matrix in zip(parts, matrices, strict=True)) + read.bias

    x = torch.randn(2, 3, 4 * (joined + 1)).double()
    assert_agree(read, literal, x, list(read.parameters()))


def test_a_dense_network_is_the_formula():
    """Two layers written out: each reads the stem and all before it, the classifier what all of them left."""
    network, x = network_with("dense"), torch.randn(3, 5).double()
    random_weights(network)
    stage = network.stages[0]
    earlier = [network.entrance.stem(x)]
    for layer in stage.layers:
        read = layer.read(torch.cat(earlier, dim=-1))
        (dense,) = [module for module in layer.mixer.modules() if isinstance(module, nn.Linear)]
        earlier.append((read @ dense.weight.T + dense.bias).clamp(min=0))
    expected = network.classify(stage.leave(torch.cat(earlier, dim=-1)))
    torch.testing.assert_close(network(x), expected)


@pytest.mark.parametrize("name", ["plain", "residual", "highway", "rezero"])
def test_all_but_the_dense_one_read_the_stream_itself(name: str):
    """However many sub-layers joined it."""
    x = torch.randn(2, 3, 4)
    assert CONNECTIONS[name]().build_read(GRID, 5)(x) is x
    assert CONNECTIONS[name]().normalizes_joined
