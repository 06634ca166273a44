"""Landmarks: the networks people would try first, written as architectures of the space.

They start a study and are the baselines that its champion must beat.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from spaces.architecture import Architecture, StagePlan, stage_choices
from spaces.causality import NOT_READ, causal_picks, is_causal
from spaces.choices import Value
from spaces.errors import InvalidInput
from spaces.operations import OPERATIONS
from spaces.shapes import Kind, Task

VECTOR, SEQUENCE, IMAGE = 0, 1, 2
LONG_SEQUENCE = 64
"""Positions above which a landmark on a sequence reads patches; attention over more costs more than it is worth."""


@dataclass(frozen=True)
class Landmark:
    """A hand-designed network.

    Attributes:
        description: what it is and where it comes from.
        natural: ranks of the data on which people would try it first.
        choices: where it differs from `_USUAL`.
    """

    description: str
    natural: tuple[int, ...]
    choices: dict[str, Value] = field(repr=False)


_USUAL: dict[str, Value] = {
    "position": "none",
    "head": "mean",
    "downsampling": False,
    "connection": "plain",
    "gate": "none",
    "normalization": "none",
    "normalization_placement": "before",
    "initialization": "he",
    "width": 32,
    "expansion": 0,
    "activation": "relu",
    "dropout": 0.0,
}
_RESIDUAL: dict[str, Value] = {"connection": "residual", "normalization": "batch", "downsampling": True}
_ENCODER: dict[str, Value] = {
    "connection": "residual",
    "normalization": "layer",
    "expansion": 2,
    "activation": "gelu",
    "initialization": "glorot",
}
_PATCHES: dict[str, Value] = {"stem": "patch", "stem.patch.size": 2}
_STATE: dict[str, Value] = {"head": "last", "initialization": "orthogonal"}


def _stages(*stages: tuple[str, int, dict[str, Value]]) -> dict[str, Value]:
    """The choices of stages, each given as its operation, its blocks and the operation's sub-choices."""
    return stage_choices([StagePlan(operation, picks, blocks) for operation, blocks, picks in stages])


def _filters(size: int, *, causal: bool = False) -> dict[str, Value]:
    return {"kernel_size": size, "causal": causal}


_LANDMARKS: dict[str, Landmark] = {
    "deep_fnn": Landmark(
        "Deep feedforward network: the flattened input through three dense layers (Rosenblatt 1958)",
        (VECTOR, SEQUENCE, IMAGE),
        {**_stages(("dense", 2, {})), "stem": "flatten", "width": 64},
    ),
    "resnet": Landmark(
        "Residual convolutional network with batch normalization (He et al. 2016)",
        (SEQUENCE, IMAGE),
        {**_stages(("convolution", 2, _filters(3)), ("convolution", 2, _filters(3))), **_RESIDUAL},
    ),
    "lenet": Landmark(
        "Two convolutions of 5 with pooling between and a dense classifier, after LeNet-5 (LeCun et al. 1998)",
        (IMAGE,),
        {
            **_stages(("convolution", 1, _filters(5)), ("convolution", 1, _filters(5))),
            "downsampling": True,
            "head": "flatten",
            "width": 32,
        },
    ),
    "densenet": Landmark(
        "Every convolution reads all the earlier ones of its stage (Huang et al. 2017)",
        (IMAGE,),
        {
            **_stages(("convolution", 2, _filters(3)), ("convolution", 2, _filters(3))),
            **_RESIDUAL,
            "connection": "dense",
        },
    ),
    "separable_cnn": Landmark(
        "Depthwise-separable convolutions with residual connections (Chollet 2017, Howard et al. 2017)",
        (IMAGE,),
        {
            **_stages(("depthwise_convolution", 2, _filters(3)), ("depthwise_convolution", 2, _filters(3))),
            **_RESIDUAL,
            "stem": "convolutional",
            "stem.convolutional.kernel_size": 3,
            "stem.convolutional.stride": 1,
        },
    ),
    "se_resnet": Landmark(
        "Residual network whose channels are gated by squeeze and excitation (Hu et al. 2018)",
        (IMAGE,),
        {
            **_stages(("convolution", 2, _filters(3)), ("convolution", 2, _filters(3))),
            **_RESIDUAL,
            "gate": "squeeze_excitation",
        },
    ),
    "vit": Landmark(
        "Vision transformer: patches, learned positions, multi-head attention (Dosovitskiy et al. 2021)",
        (IMAGE,),
        {**_stages(("multi_head_attention", 2, {"heads": 4})), **_ENCODER, **_PATCHES, "position": "learned"},
    ),
    "mlp_mixer": Landmark(
        "Patches mixed across positions by one perceptron and across channels by another (Tolstikhin et al. 2021)",
        (IMAGE,),
        {**_stages(("token_mixing", 2, {"hidden": 64})), **_ENCODER, **_PATCHES},
    ),
    "lstm": Landmark(
        "Two long short-term memories, of which the last state is read out (Hochreiter & Schmidhuber 1997)",
        (SEQUENCE,),
        {**_stages(("lstm", 2, {"bidirectional": False})), **_STATE},
    ),
    "gru": Landmark(
        "Two gated recurrent units, of which the last state is read out (Cho et al. 2014)",
        (SEQUENCE,),
        {**_stages(("gru", 2, {"bidirectional": False})), **_STATE},
    ),
    "rnn": Landmark(
        "One plain recurrent layer, of which the last state is read out (Elman 1990)",
        (SEQUENCE,),
        {**_stages(("rnn", 1, {"bidirectional": False})), **_STATE},
    ),
    "bilstm_attention": Landmark(
        "Bidirectional LSTM, its states weighted by additive attention (Zhou et al. 2016)",
        (SEQUENCE,),
        {**_stages(("lstm", 1, {"bidirectional": True})), **_STATE, "head": "attention"},
    ),
    "tcn": Landmark(
        "Temporal convolutional network: causal convolutions of growing dilation (Bai et al. 2018)",
        (SEQUENCE,),
        {
            **_stages(
                ("convolution", 1, _filters(3, causal=True)),
                ("dilated_convolution", 1, {**_filters(3, causal=True), "dilation": 2}),
                ("dilated_convolution", 1, {**_filters(3, causal=True), "dilation": 4}),
            ),
            "connection": "residual",
            "head": "last",
        },
    ),
    "deepsea": Landmark(
        "Two convolutions of 5 with pooling between, a dense layer on all positions and dropout, after DeepSEA, which "
        "reads DNA (Zhou & Troyanskaya 2015)",
        (SEQUENCE,),
        {
            **_stages(("convolution", 1, _filters(5)), ("convolution", 1, _filters(5))),
            "downsampling": True,
            "head": "dense",
            "dropout": 0.2,
        },
    ),
    "transformer": Landmark(
        "Transformer encoder: sinusoidal positions, multi-head attention (Vaswani et al. 2017)",
        (VECTOR, SEQUENCE),
        {**_stages(("multi_head_attention", 2, {"heads": 4})), **_ENCODER, "position": "sinusoidal"},
    ),
    "linear_transformer": Landmark(
        "Transformer encoder with attention linear in the length (Katharopoulos et al. 2020)",
        (SEQUENCE,),
        {**_stages(("linear_attention", 2, {"heads": 4})), **_ENCODER, "position": "sinusoidal"},
    ),
    "wnn": Landmark(
        "Wavelet network: the flattened input through wavelons (Zhang & Benveniste 1992)",
        (VECTOR, SEQUENCE),
        {
            **_stages(("wavelet_network", 1, {"wavelet": "mexican_hat"})),
            "stem": "flatten",
            "normalization": "layer",
            "width": 64,
            "initialization": "glorot",
        },
    ),
}

LANDMARKS: tuple[str, ...] = tuple(_LANDMARKS)


def landmark(name: str, task: Task | None = None) -> Architecture:
    """The landmark of this name.

    Args:
        name: one of `LANDMARKS`.
        task: what it is for. The stem of those that read positions fits it: tokens are looked up, images and long
            sequences are read in patches, anything else position by position. To predict the next token attention sees
            the past alone, which makes a decoder of an encoder.

    Raises:
        InvalidInput: there is no such landmark.
    """
    if name not in _LANDMARKS:
        raise InvalidInput(f"unknown landmark {name!r}: expected one of {', '.join(LANDMARKS)}")
    read = Architecture.from_json({**_USUAL, **_stem(task), **_LANDMARKS[name].choices})
    return _reading_the_past(read) if task is not None and task.kind is Kind.NEXT_TOKEN else read


def natural_landmarks(task: Task) -> list[str]:
    """Names of the landmarks that people would try first on a task; to predict the next token those that are causal."""
    natural = [name for name, entry in _LANDMARKS.items() if task.grid.rank in entry.natural]
    if task.kind is not Kind.NEXT_TOKEN:
        return natural
    return [name for name in natural if is_causal(landmark(name, task))]


def described(name: str) -> Landmark:
    """What a landmark is and where it comes from."""
    return _LANDMARKS[name]


def _reading_the_past(architecture: Architecture) -> Architecture:
    """The landmark whose attentions see the past alone, and which reads out every step."""
    past = {
        f"stage{number}.{pick}": value
        for number, stage in enumerate(architecture.stages, start=1)
        if OPERATIONS[stage.operation].family == "attention"
        for pick, value in causal_picks(stage.operation).items()
    }
    return Architecture.from_json({**architecture.choices, **past, "head": NOT_READ[0]})


def _stem(task: Task | None) -> dict[str, Value]:
    if task is None:
        return {"stem": "linear"}
    if task.vocabulary is not None:
        return {"stem": "embedding"}
    patched = task.grid.rank == IMAGE or task.grid.length > LONG_SEQUENCE
    return dict(_PATCHES) if patched and task.grid.rank else {"stem": "linear"}
