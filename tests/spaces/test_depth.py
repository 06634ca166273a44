"""Depth and connections: a deep plain network fails, short cuts train it. He et al. 2016; Srivastava et al. 2015."""

import math
from functools import cache

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from spaces import Architecture, Grid, Task

pytestmark = pytest.mark.xdist_group("depth")  # one process, so that the plain networks are trained once
TASK = Task(Grid((), 20), 4)
ROWS, STEPS, BATCH = 2000, 150, 64
LEARNING_RATES = (1e-3, 3e-3)
BEYOND_CHANCE = 5 * math.sqrt(2 * 0.25 / ROWS)
"""Five standard deviations of the difference of two shares of so many test rows, at most: .079."""


def deep_network(connection: str, blocks: int) -> Architecture:
    """Blocks of one dense layer with tanh, equal but for the connection."""
    return Architecture.from_json(
        {
            "stages": 1,
            "stage1.operation": "dense",
            "stage1.blocks": blocks,
            "stem": "flatten",
            "connection": connection,
            "normalization": "layer",
            "normalization_placement": "before",
            "initialization": "glorot",
            "width": 16,
            "expansion": 0,
            "activation": "tanh",
            "dropout": 0.0,
        }
    )


@cache
def rows() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training and test rows of 20 features; their classes are what a random network of 24 tanh units says."""
    torch.manual_seed(0)
    into, out = 0.6 * torch.randn(20, 24), torch.randn(24, 4)
    x, x_test = torch.randn(2 * ROWS, 20), torch.randn(ROWS, 20)
    y, y_test = (((rows @ into).tanh() @ out).argmax(1) for rows in (x, x_test))
    return x, y, x_test, y_test


def accuracy(architecture: Architecture, learning_rate: float) -> float:
    """The share of test rows that are told right after a short training."""
    x, y, x_test, y_test = rows()
    torch.manual_seed(1)
    network = architecture.build(TASK)
    optimizer = torch.optim.AdamW(network.parameters(), learning_rate)
    for _ in range(STEPS):
        batch = torch.randint(len(x), (BATCH,))
        optimizer.zero_grad()
        F.cross_entropy(network(x[batch]), y[batch]).backward()
        optimizer.step()
    with torch.no_grad():
        return (network.eval()(x_test).argmax(1) == y_test).float().mean().item()


@cache
def best_accuracy(connection: str, blocks: int) -> float:
    """With the better of the learning rates, the same ones for all."""
    return max(accuracy(deep_network(connection, blocks), learning_rate) for learning_rate in LEARNING_RATES)


def test_a_plain_network_fails_by_its_depth():
    """With 48 layers it learns less than with two, although it could do all that these do."""
    assert best_accuracy("plain", 2) > best_accuracy("plain", 48) + BEYOND_CHANCE


@pytest.mark.parametrize("connection", ["residual", "highway", "dense"])
def test_connections_train_where_a_plain_network_fails(connection: str):
    """The same 48 layers with short cuts learn, with one of the rates, what the plain ones learn with none."""
    needed = best_accuracy("plain", 48) + BEYOND_CHANCE
    assert any(accuracy(deep_network(connection, 48), learning_rate) > needed for learning_rate in LEARNING_RATES)
