import time

import torch
from torch import nn

from workers.latency import REPEATS, WARM_UPS, latency_seconds
from workers.rows import Labelled


class Sleeping(nn.Module):
    """Takes two milliseconds, at first more, and once for long."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)
        self.shapes, self.modes = [], []

    def forward(self, x, lengths=None):
        self.shapes.append((tuple(x.shape), None if lengths is None else tuple(lengths.shape)))
        self.modes.append((self.training, torch.is_grad_enabled()))
        calls = len(self.shapes)
        time.sleep(0.1 if calls <= WARM_UPS or calls == WARM_UPS + 2 else 0.002)
        return self.layer(x)


def test_latency_is_the_usual_time_of_one_row():
    """Neither the first passes nor one that was disturbed count; nothing is learnt, and the network trains on after."""
    network = Sleeping().train()
    seconds = latency_seconds(network, Labelled(torch.zeros(5, 2), torch.zeros(5)))
    assert 0.002 <= seconds < 0.05
    assert network.shapes == [((1, 2), None)] * (WARM_UPS + REPEATS)
    assert set(network.modes) == {(False, False)}
    assert network.training


def test_a_padded_row_comes_with_its_length():
    """As in training."""
    network = Sleeping()
    latency_seconds(network, Labelled(torch.zeros(5, 2), torch.zeros(5), lengths=torch.ones(5)))
    assert network.shapes[0] == ((1, 2), (1,))
