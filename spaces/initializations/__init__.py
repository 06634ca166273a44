"""Initializations: how weight matrices are drawn, one a file."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from spaces.registry import Registry

INITIALIZATIONS: Registry[type[Initialization]] = Registry("initialization", "spaces.initializations")


class Initialization(ABC):
    """Draws the weight matrices and filters of every layer.

    Drawn are torch's linear, convolutional and recurrent layers, and any module with a method `matrices()` that yields
    its weights as views shaped `(out, in, *kernel)`. Other parameters, embeddings among them, start as their modules
    have them.
    """

    @abstractmethod
    def fill(self, weight: Tensor) -> None:
        """Draws `weight`, shaped `(out, in, *kernel)`, in place."""

    @torch.no_grad()
    def apply(self, module: nn.Module) -> None:
        """Draws the weights of all layers inside `module` and sets the biases of linear and convolutional ones to 0."""
        for layer in module.modules():
            if isinstance(layer, nn.Linear | nn.Conv1d | nn.Conv2d):
                groups = 1 if isinstance(layer, nn.Linear) else layer.groups
                for group in layer.weight.chunk(groups):  # each group of a convolution is a layer of its own
                    self.fill(group)
                if layer.bias is not None:
                    layer.bias.zero_()
            elif isinstance(layer, nn.RNNBase):
                for name, weight in layer.named_parameters():
                    if name.startswith("weight"):
                        # torch stacks the gates' matrices; each is a layer of its own
                        for gate in weight.split(layer.hidden_size):
                            self.fill(gate)
            elif inspect.ismethod(matrices := getattr(layer, "matrices", None)):
                for matrix in matrices():
                    self.fill(matrix)
