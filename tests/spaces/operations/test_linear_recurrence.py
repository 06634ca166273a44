import itertools

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from spaces import Grid
from spaces.operations import OPERATIONS
from spaces.operations.linear_recurrence import scan
from tests.spaces.operations.references import assert_agree, random_weights


def linear_recurrence(channels: int, *, bidirectional: bool = False) -> nn.Module:
    return OPERATIONS["linear_recurrence"]().build(Grid((6,), channels), {"bidirectional": bidirectional})


def literal(weights, x):
    """Feng et al.'s `h_t = (1 - z_t) h_{t-1} + z_t c_t`, step by step."""
    gate_weight, gate_bias, candidate_weight, candidate_bias = weights
    hidden = x.new_zeros(len(x), len(gate_bias))
    states = []
    for step in range(x.shape[1]):
        z = torch.sigmoid(x[:, step] @ gate_weight.T + gate_bias)
        hidden = (1 - z) * hidden + z * (x[:, step] @ candidate_weight.T + candidate_bias)
        states.append(hidden)
    return torch.stack(states, dim=1)


class Counts(TorchDispatchMode):
    """Counts tensor operations and the numbers that they return."""

    def __init__(self) -> None:
        super().__init__()
        self.operations = self.numbers = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        self.operations += 1
        self.numbers += result.numel() if isinstance(result, Tensor) else 0
        return result


def counted(module: nn.Module, steps: int) -> Counts:
    """What a forward and backward pass takes."""
    x = torch.randn(2, steps, 3, requires_grad=True)
    with Counts() as counts:
        torch.autograd.grad(module(x).sum(), [x, *module.parameters()])
    return counts


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 32, 33, 64, 100])
def test_it_is_the_equation(steps: int):
    """Every step's state, from a zero state on, and its gradients, whatever the number of steps."""
    module = random_weights(linear_recurrence(5))
    weights = list(module.parameters())
    assert_agree(module, lambda x: literal(weights, x), torch.randn(3, steps, 5).double(), weights)


def test_two_directions_are_two_of_one():
    """One reads forwards, one backwards, each with half of the channels rounded up; a linear layer mixes them."""
    module = random_weights(linear_recurrence(5, bidirectional=True))
    there, back = list(module.forwards.parameters()), list(module.backwards.parameters())
    assert len(there[1]) == len(back[1]) == 3

    def reference(x):
        both = torch.cat([literal(there, x), literal(back, x.flip(1)).flip(1)], dim=-1)
        return both @ module.mix.weight.T + module.mix.bias

    assert_agree(module, reference, torch.randn(3, 7, 5).double(), list(module.parameters()))


@pytest.mark.parametrize("bidirectional", [False, True])
def test_twice_the_steps_cost_one_more_doubling(bidirectional: bool):
    """No loop over time: each doubling adds the same few tensor operations, with 1,024 steps as with 64."""
    module = linear_recurrence(3, bidirectional=bidirectional)
    counts = [counted(module, 2**doublings).operations for doublings in range(5, 11)]
    rounds = {later - earlier for earlier, later in itertools.pairwise(counts)}
    assert len(rounds) == 1
    assert 0 < rounds.pop() < 200


def test_the_work_grows_with_the_steps_alone():
    """Twice the steps, twice the numbers; `steps * log2(steps)`, as by plain doubling, would be 2.2 times as many."""
    module = linear_recurrence(3)
    assert counted(module, 1024).numbers == pytest.approx(2 * counted(module, 512).numbers, rel=0.05)


@pytest.mark.parametrize("scale", [0.1, 1.0, 30.0])
def test_it_is_stable_over_1000_steps(scale: float):
    """In float32 states and gradients are those of the loop in float64, with gates half open, open or shut."""
    kept, added = torch.sigmoid(scale * torch.randn(2, 1000, 3)), torch.randn(2, 1000, 3)
    added = (1 - kept) * added
    inputs, exact = [[t.detach().to(kind).requires_grad_() for t in (kept, added)] for kind in (None, torch.float64)]
    state, states = torch.zeros(2, 3).double(), []
    for step in range(1000):
        state = exact[0][:, step] * state + exact[1][:, step]
        states.append(state)
    found, expected = scan(*inputs), torch.stack(states, dim=1)
    torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-5)
    found.mean().backward()
    expected.mean().backward()
    for single, double in zip(inputs, exact, strict=True):
        torch.testing.assert_close(
            single.grad.double(), double.grad, rtol=1e-3, atol=1e-3 * double.grad.abs().max().item()
        )


def test_nothing_is_lost_where_all_is_kept():
    """With `kept = 1` it is the running sum, where a quotient of products or a logarithm of zero would not be."""
    added = torch.randn(2, 100, 3).double()
    torch.testing.assert_close(scan(torch.ones_like(added), added), added.cumsum(1))
    torch.testing.assert_close(scan(torch.zeros_like(added), added), added)
