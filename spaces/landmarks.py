"""Landmarks: the networks people would try first, written as architectures of the space.

They start a study and are the baselines that its champion must beat.
"""

from __future__ import annotations

from spaces.architecture import Architecture
from spaces.choices import Value

_USUAL: dict[str, Value] = {
    "stages": 1,
    "stage1.blocks": 2,
    "stem": "linear",
    "position": "none",
    "head": "mean",
    "connection": "plain",
    "normalization": "none",
    "normalization_placement": "before",
    "initialization": "he",
    "width": 32,
    "expansion": 0,
    "activation": "relu",
    "dropout": 0.0,
}

_DIFFERENCES: dict[str, dict[str, Value]] = {
    "deep_fnn": {"stage1.operation": "dense", "stem": "flatten", "width": 64},
    "lenet": {
        "stages": 2,
        "stage1.operation": "convolution",
        "stage1.convolution.kernel_size": 5,
        "stage1.blocks": 1,
        "stage2.operation": "convolution",
        "stage2.convolution.kernel_size": 5,
        "stage2.blocks": 1,
        "downsampling": True,
        "head": "flatten",
        "width": 16,
    },
    "resnet": {
        "stages": 2,
        "stage1.operation": "convolution",
        "stage1.convolution.kernel_size": 3,
        "stage2.operation": "convolution",
        "stage2.convolution.kernel_size": 3,
        "stage2.blocks": 2,
        "downsampling": True,
        "connection": "residual",
        "normalization": "layer",
    },
    "lstm": {
        "stage1.operation": "lstm",
        "stage1.lstm.bidirectional": False,
        "stem": "patch",
        "stem.patch.size": 2,
        "head": "last",
        "initialization": "glorot",
    },
    "wnn": {
        "stage1.operation": "wavelet_network",
        "stage1.wavelet_network.wavelet": "mexican_hat",
        "stage1.blocks": 1,
        "stem": "flatten",
        "normalization": "layer",
        "width": 64,
        "initialization": "glorot",
    },
    "transformer": {
        "stage1.operation": "multi_head_attention",
        "stage1.multi_head_attention.heads": 4,
        "stem": "patch",
        "stem.patch.size": 2,
        "position": "learned",
        "connection": "residual",
        "normalization": "layer",
        "expansion": 2,
        "activation": "gelu",
        "initialization": "glorot",
    },
}

LANDMARKS: tuple[str, ...] = tuple(_DIFFERENCES)


def landmark(name: str) -> Architecture:
    """The landmark of this name."""
    return Architecture.from_json({**_USUAL, **_DIFFERENCES[name]})
