import pytest
import torch
from torch import nn

from spaces import LANDMARKS, Grid, InvalidInput, SearchSpace, Task, landmark, natural_landmarks
from spaces.landmarks import described
from spaces.shapes import Kind

IMAGE = Task(Grid((8, 8), 1), 10)
SERIES = Task(Grid((12,), 3), 4)
TOKENS = Task(Grid((12,), 1), 4, vocabulary=7)
TABLE = Task(Grid((), 9), 3)
NEXT = Task(Grid((12,), 1), 7, vocabulary=7, kind=Kind.NEXT_TOKEN)
CLASSES = Task(Grid((12,), 1), 7, vocabulary=7)
TASKS = {"image": IMAGE, "series": SERIES, "tokens": TOKENS, "table": TABLE}


def rows_of(task: Task) -> torch.Tensor:
    if task.vocabulary:
        return torch.randint(task.vocabulary, (3, *task.row_shape))
    return torch.randn(3, *task.row_shape)


@pytest.mark.parametrize("name", LANDMARKS)
def test_a_landmark_belongs_to_one_family_of_the_default_space(name: str):
    """Landmarks are pure: each stands for one inductive bias."""
    (family,) = landmark(name).families
    assert family in SearchSpace.named("everything").families


def test_every_family_has_a_landmark():
    """No family goes without a baseline, but for the control, which nobody would try first."""
    families = {landmark(name).families[0] for name in LANDMARKS}
    assert families == set(SearchSpace.named("everything").families) - {"control"}


@pytest.mark.parametrize("name", LANDMARKS)
def test_a_landmark_says_what_it_is(name: str):
    """One line with its source, and data it is natural for."""
    assert described(name).natural
    assert described(name).description.endswith(")")


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
@pytest.mark.parametrize("name", LANDMARKS)
def test_a_landmark_builds_on_any_data(name: str, task: Task):
    """Natural or not; on tokens nothing stands between the look-up and the first block but the positions."""
    architecture = landmark(name, task)
    assert architecture.build(task)(rows_of(task)).shape == (3, task.outputs)
    if task.vocabulary and name in natural_landmarks(task):
        assert architecture["stem"] in ("embedding", "flatten")


def test_every_kind_of_data_has_natural_landmarks():
    """Several for each, of several families, a deep feedforward network among them."""
    for task in TASKS.values():
        names = natural_landmarks(task)
        assert "deep_fnn" in names
        assert len({landmark(name).families for name in names}) >= 3


def test_landmarks_of_the_next_token_are_causal():
    """Recurrences in one direction, causal convolutions, and decoders; named by hand, no other is built."""
    assert natural_landmarks(NEXT) == ["lstm", "gru", "rnn", "tcn", "transformer", "linear_transformer"]
    for name in natural_landmarks(NEXT):
        assert landmark(name, NEXT).build(NEXT)(rows_of(NEXT)).shape == (3, 12, 7)
    with pytest.raises(
        InvalidInput, match=r"^architecture: stage1\.operation: found wavelet_network, expected one of "
    ):
        landmark("wnn", NEXT).build(NEXT)


def test_a_transformer_predicts_the_next_token_as_a_decoder():
    """It is the encoder with the same weights but that attention sees the past alone; elsewhere it is as it was."""
    assert landmark("transformer", NEXT)["stage1.multi_head_attention.causal"] is True
    assert landmark("transformer", TOKENS)["stage1.multi_head_attention.causal"] is False
    decoder, encoder = landmark("transformer", NEXT).build(NEXT), landmark("transformer", TOKENS).build(CLASSES)
    assert not any(decoder.load_state_dict(encoder.state_dict()))


def test_long_sequences_and_images_are_read_in_patches():
    """A landmark stays affordable where there are many positions."""
    long = Task(Grid((200,), 1), 2)
    assert landmark("transformer", long)["stem"] == landmark("lstm", IMAGE)["stem"] == "patch"
    assert landmark("transformer", SERIES)["stem"] == "linear"


def test_an_unknown_landmark_is_told():
    """With those there are."""
    with pytest.raises(InvalidInput, match=r"^unknown landmark 'alexnet': expected one of deep_fnn, resnet, "):
        landmark("alexnet")


def test_the_deep_fnn_is_the_textbook_network():
    """Flatten → linear → (linear, relu) × 2 → linear, with the same weights, gives the same class scores."""
    network = landmark("deep_fnn").build(IMAGE).eval()
    stem, first, second, classify = [module for module in network.modules() if isinstance(module, nn.Linear)]
    x = torch.randn(5, 8, 8, 1)
    expected = classify(torch.relu(second(torch.relu(first(stem(x.flatten(1)))))))
    torch.testing.assert_close(network(x), expected)


@pytest.mark.parametrize(("name", "kind"), [("lstm", nn.LSTM), ("gru", nn.GRU)])
def test_stacked_recurrences_are_torchs(name: str, kind: type[nn.RNNBase]):
    """Linear stem → torch's two-layer LSTM or GRU → last state → linear gives the same class scores."""
    network = landmark(name).build(SERIES).eval()
    stem, classify = [module for module in network.modules() if isinstance(module, nn.Linear)]
    layers = [module for module in network.modules() if isinstance(module, kind)]
    reference = kind(32, 32, num_layers=2, batch_first=True)
    reference.load_state_dict(
        {
            key.removesuffix("0") + str(depth): value
            for depth, layer in enumerate(layers)
            for key, value in layer.state_dict().items()
        }
    )
    x = torch.randn(3, 12, 3)
    torch.testing.assert_close(network(x), classify(reference(stem(x))[0][:, -1]))


def test_the_bilstm_with_attention_is_zhous():
    """Zhou et al. 2016: both directions, scores v . tanh(W h), their softmax weights the states."""
    network = landmark("bilstm_attention").build(SERIES).eval()
    (lstm,) = [module for module in network.modules() if isinstance(module, nn.LSTM)]
    assert lstm.bidirectional
    assert landmark("bilstm_attention")["head"] == "attention"


def test_the_transformer_is_torchs_encoder():
    """Two pre-norm encoder layers of torch's with the same weights, and the norm behind them, give the same scores."""
    network = landmark("transformer").build(SERIES).double().eval()
    layer = nn.TransformerEncoderLayer(32, 4, 64, 0.0, "gelu", batch_first=True, norm_first=True)
    encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(32), enable_nested_tensor=False).double().eval()
    state = {key.replace("stages.0.layers.", ""): value for key, value in network.state_dict().items()}
    with torch.no_grad():
        for block, reference in enumerate(encoder.layers):
            attention, mixer = f"{2 * block}.", f"{2 * block + 1}."
            parts = ["query", "key", "value"]
            for kind in ("weight", "bias"):
                stacked = torch.cat([state[f"{attention}mixer.operation.{part}.{kind}"] for part in parts])
                getattr(reference.self_attn, f"in_proj_{kind}").copy_(stacked)
                getattr(reference.self_attn.out_proj, kind).copy_(state[f"{attention}mixer.operation.output.{kind}"])
                getattr(reference.norm1, kind).copy_(state[f"{attention}normalization.{kind}"])
                getattr(reference.norm2, kind).copy_(state[f"{mixer}normalization.{kind}"])
                getattr(reference.linear1, kind).copy_(state[f"{mixer}mixer.widen.{kind}"])
                getattr(reference.linear2, kind).copy_(state[f"{mixer}mixer.narrow.{kind}"])
        encoder.norm.load_state_dict(network.normalization.state_dict())
    x = torch.randn(3, 12, 3).double()
    positioned = network.position(network.entrance.stem(x))
    torch.testing.assert_close(network(x), network.classify(encoder(positioned).mean(1)))


def test_the_resnet_is_two_convolutions_a_stage_with_short_cuts():
    """`x + relu(conv(norm(x)))` four times, halved once, then normalized, averaged and classified."""
    network = landmark("resnet").build(IMAGE).eval()
    h = network.entrance.stem(torch.ones(2, 8, 8, 1))
    for number, stage in enumerate(network.stages):
        if number:
            h = nn.functional.avg_pool2d(h.movedim(-1, 1), 2).movedim(1, -1)
        for layer in stage.layers:
            (filters,) = [module for module in layer.modules() if isinstance(module, nn.Conv2d)]
            x = layer.normalization(h, None).movedim(-1, 1)
            h = h + nn.functional.conv2d(x, filters.weight, filters.bias, padding="same").relu().movedim(1, -1)
    expected = network.classify(network.normalization(h, None).mean((1, 2)))
    torch.testing.assert_close(network(torch.ones(2, 8, 8, 1)), expected)
