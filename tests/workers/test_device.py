"""The path of a GPU, as far as a machine without one can walk it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from spaces import landmark
from workers.datasets import Dataset, from_arrays
from workers.device import (
    generator_states,
    mixed_precision,
    on_cpu,
    set_generator_states,
    training_device,
    wait_for,
)
from workers.recipe import Recipe
from workers.rows import Rows
from workers.trainer import Trainer

RNG = np.random.default_rng(0)
SERIES = RNG.normal(size=(90, 6, 2)).astype(np.float32)
LENGTHS = RNG.integers(2, 7, 90)


def classes() -> Dataset:
    return from_arrays("classes", SERIES + (np.arange(90) % 2)[:, None, None], np.arange(90) % 2, lengths=LENGTHS)


def numbers() -> Dataset:
    return from_arrays("numbers", SERIES, 1e3 + 1e2 * SERIES[:, 0, 0], lengths=LENGTHS)


def text() -> Dataset:
    start = RNG.integers(0, 5, (90, 1))
    return from_arrays("text", (start + np.arange(7)) % 5, None, lengths=LENGTHS)


def test_a_machine_without_a_gpu_trains_on_its_cpu(monkeypatch: pytest.MonkeyPatch):
    """Where torch finds a GPU, that is where training happens."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert training_device() == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert training_device().type == "cuda"


def test_a_cpu_computes_in_full_precision():
    """Nothing is waited for, and products of float32 stay float32."""
    cpu = torch.device("cpu")
    wait_for(cpu)
    with mixed_precision(cpu):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


def test_generators_go_on_where_they_were():
    """What is drawn after a state is drawn again after its return; a state with one of a GPU serves a CPU as well."""
    cpu = torch.device("cpu")
    states = generator_states(cpu)
    drawn = torch.rand(3)
    set_generator_states(cpu, {**states, "cuda": torch.zeros(16, dtype=torch.uint8)})
    assert torch.equal(torch.rand(3), drawn)


def test_states_are_brought_to_the_cpu_as_they_are_nested():
    """Numbers stay numbers, and tensors keep their values."""
    state = {"step": 3, "optimizer": {"state": {0: {"step": torch.tensor(2.0)}}, "groups": [{"lr": 0.1}]}, "none": None}
    found = on_cpu(state)
    assert found == state
    assert found is not state


@pytest.mark.parametrize(
    ("dataset", "name"), [(classes, "lstm"), (classes, "resnet"), (numbers, "transformer"), (text, "tcn")]
)
def test_training_learns_in_bfloat16(dataset, name: str):
    """Losses, metrics and gradients bear what a GPU's products give; weights stay float32."""
    rows = Rows.of(dataset(), 0)
    torch.manual_seed(0)
    network = landmark(name, rows.task).build(rows.task)
    seen: list[Tensor] = []
    network.register_forward_hook(lambda module, inputs, outputs: seen.append(outputs))
    trainer = Trainer(network, Recipe(learning_rate=1e-2), rows, horizon=30, seed=0)
    # a cache of casted weights would outlive a step here: on a GPU each step has a context of its own
    with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
        trainer.run(30)
    assert {outputs.dtype for outputs in seen} == {torch.bfloat16}
    assert all(weight.dtype == torch.float32 for weight in network.parameters())
    assert trainer.curve[-1].train_loss < 0.8 * trainer.curve[0].train_loss
