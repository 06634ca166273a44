"""The contract of operations: a class of tests that every operation passes, a user's own like those that come with it.

In a test file of yours:

    import my_operations
    from spaces.contract import OperationContract

    class TestMyOperation(OperationContract):
        operation = "my_operation"

pytest runs each duty on grids of every rank and all values of the sub-choices.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from spaces.architecture import Architecture
from spaces.blocks import TokenMixer
from spaces.choices import Categorical, Choice, Integer, Value
from spaces.cost import cost
from spaces.network import parameter_count
from spaces.operations import OPERATIONS, Operation
from spaces.search_space import SearchSpace
from spaces.shapes import Grid, Task
from spaces.stems import STEMS

GRIDS = (
    Grid((), 1),
    Grid((), 5),
    Grid((1,), 3),
    Grid((7,), 4),
    Grid((1, 1), 1),
    Grid((1, 6), 2),
    Grid((5, 1), 5),
    Grid((3, 4), 3),
)
"""Vectors, sequences and images down to a single position and a single channel."""

ROOMY = (Grid((), 4), Grid((7,), 4), Grid((3, 4), 4))
"""Grids on which every parameter can have an effect."""

LENGTHS = (1, 7, 4)
"""Steps with data of the rows of a padded batch on `ROOMY[1]`."""

PLAINEST: Mapping[str, Value] = {
    "stages": 1,
    "stem": "linear",
    "position": "none",
    "head": "mean",
    "connection": "plain",
    "gate": "none",
    "normalization": "none",
    "initialization": "glorot",
    "expansion": 0,
    "activation": "gelu",
    "dropout": 0.0,
}


def values_of(choice: Choice) -> tuple[Value, ...]:
    """Every option; of a range its ends, and its middle if that is a whole number."""
    if isinstance(choice, Categorical):
        return choice.options
    if isinstance(choice, Integer):
        return tuple(sorted({choice.low, (choice.low + choice.high) // 2, choice.high}))
    return choice.low, choice.high


def every_pick(choices: Mapping[str, Choice]) -> Iterator[dict[str, Value]]:
    """Every combination of the values of sub-choices."""
    for values in itertools.product(*map(values_of, choices.values())):
        yield dict(zip(choices, values, strict=True))


def batch_on(grid: Grid, rows: int = 3) -> Tensor:
    """A standard normal batch in float64, `(rows, *positions, channels)`."""
    return torch.randn(rows, *grid.positions, grid.channels, dtype=torch.float64)


def architecture_with(operation: str, picks: Mapping[str, Value], width: int, **differences: Value) -> Architecture:
    """One block a stage with this operation and hardly anything else."""
    document: dict[str, Value] = {**PLAINEST, "width": width, **differences}
    for stage in range(1, int(document["stages"]) + 1):
        document |= {f"stage{stage}.operation": operation, f"stage{stage}.blocks": 1}
        document |= {f"stage{stage}.{operation}.{pick}": value for pick, value in picks.items()}
    return Architecture.from_json(document)


class OperationContract:
    """What an operation owes the builder, the search, the cost model and the person who reads about it.

    Attributes:
        operation: registered name of the operation.
        without_effect: last two parts of the names of parameters that cannot change the result, such as `key.bias`: a
            number added to all keys adds the same to all products of a query, and the softmax takes it off again.
    """

    operation: ClassVar[str]
    without_effect: ClassVar[Collection[str]] = ()

    @property
    def kind(self) -> type[Operation]:
        """The operation's class."""
        return OPERATIONS[self.operation]

    def setup_method(self) -> None:
        """Weights and inputs are drawn from torch's global generator."""
        torch.manual_seed(0)

    def picks(self) -> Iterator[dict[str, Value]]:
        """All values of the sub-choices."""
        return every_pick(self.kind.choices)

    def cases(self, grids: Collection[Grid] = GRIDS) -> Iterator[tuple[dict[str, Value], Grid]]:
        """All values of the sub-choices on all grids; pytest shows both where an assertion fails."""
        return itertools.product(self.picks(), grids)

    def site(self, picks: Mapping[str, Value], grid: Grid) -> nn.Module:
        """The operation as the builder places it, in float64: called with a batch and a mask."""
        stem = "linear" if grid.rank else "flatten"
        network = architecture_with(self.operation, picks, grid.channels, stem=stem).build(Task(grid, 3))
        return next(module for module in network.modules() if isinstance(module, TokenMixer)).double()

    def test_it_is_documented(self) -> None:
        """Its class has a docstring that opens with a sentence, from which a reader learns what it does."""
        own = vars(self.kind).get("__doc__") or ""
        assert own.split("\n\n")[0].strip().endswith(".")

    def test_it_declares_a_family_and_ranks(self) -> None:
        """The verdict speaks of families, the builder asks for ranks."""
        assert self.kind.family.isidentifier()
        assert self.kind.family.islower()
        assert isinstance(self.kind.ranks, tuple)
        assert self.kind.ranks
        assert set(self.kind.ranks) <= {0, 1, 2}

    def test_its_choices_can_be_searched_and_stored(self) -> None:
        """Each sub-choice has a plain name, at least two options, no option twice, and values that survive JSON."""
        rng = np.random.default_rng(0)
        for name, choice in self.kind.choices.items():
            assert name.isidentifier()
            assert choice.count >= 2
            if isinstance(choice, Categorical):
                assert len(set(choice.options)) == choice.count
            for value in (*values_of(choice), choice.sample(rng)):
                assert choice.check(name, json.loads(json.dumps(value))) == value

    def test_a_space_that_names_it_samples_and_mutates_it(self) -> None:
        """Sampled networks have it with all its sub-choices, read back from JSON as they were; mutants differ."""
        space, rng = replace(SearchSpace.named("everything"), operations=(self.operation,)), np.random.default_rng(0)
        for _ in range(20):
            sampled = space.sample(rng)
            assert all(stage.picks.keys() == self.kind.choices.keys() for stage in sampled.stages)
            assert Architecture.from_json(json.loads(json.dumps(sampled.to_json()))) == sampled
            assert space.mutate(sampled, rng).fingerprint != sampled.fingerprint

    def test_it_keeps_the_shape_and_rows_apart(self) -> None:
        """On a grid of any rank the shape stays, and a row's result does not depend on its neighbours in the batch."""
        for picks, grid in self.cases():
            mixer, x = self.site(picks, grid).eval(), batch_on(grid)
            y = mixer(x)
            assert y.shape == x.shape
            torch.testing.assert_close(mixer(x[1:2]), y[1:2])

    def test_a_network_with_it_gives_finite_scores_and_gradients(self) -> None:
        """Forward and backward are finite, and no parameter is left out of the graph."""
        for picks, grid in self.cases():
            network = architecture_with(self.operation, picks, width=5).build(Task(grid, 3))
            scores = network(batch_on(grid).float())
            assert scores.shape == (3, 3)
            assert scores.isfinite().all()
            nn.functional.cross_entropy(scores, torch.tensor([0, 1, 2])).backward()
            for name, parameter in network.named_parameters():
                assert parameter.grad is not None, name
                assert parameter.grad.isfinite().all(), name

    def test_gradients_are_the_slope_of_the_output(self) -> None:
        """Along a random direction of the input and of each parameter, the gradient is the central difference.

        In float64, off the weights that initialization sets to zero. A step of 1e-5 leaves an error of about 1e-10.
        """
        for picks, grid in self.cases(ROOMY):
            mixer, x = self.site(picks, grid), batch_on(grid).requires_grad_()
            weighting = torch.randn_like(x)
            with torch.no_grad():
                for parameter in mixer.parameters():
                    parameter.add_(0.1 * torch.randn_like(parameter))
            (mixer(x) * weighting).sum().backward()
            for tensor in (x, *mixer.parameters()):
                assert tensor.grad is not None
                step = 1e-5 * torch.randn_like(tensor)
                slope = (tensor.grad * step).sum() / 1e-5
                torch.testing.assert_close(
                    slope, _central_difference(mixer, x, weighting, tensor, step), rtol=1e-6, atol=1e-7
                )

    def test_every_parameter_learns(self) -> None:
        """Where there are several positions and channels, each parameter has an effect and hence a gradient."""
        for picks, grid in self.cases(ROOMY[1:]):
            mixer, x = self.site(picks, grid), batch_on(grid).requires_grad_()
            (mixer(x) * torch.randn_like(x)).sum().backward()
            assert x.grad is not None
            assert x.grad.abs().max() > 1e-9
            still = {
                ".".join(name.split(".")[-2:])
                for name, parameter in mixer.named_parameters()
                if parameter.grad is None or parameter.grad.abs().max() < 1e-9
            }
            assert still == set(self.without_effect)

    def test_it_can_stand_behind_any_stem_and_down_sampling(self) -> None:
        """No candidate is invalid: every stem, then down-sampling, then the operation again, builds and runs."""
        for (picks, grid), stem in itertools.product(self.cases(), STEMS):
            of_stem = {f"stem.{stem}.{pick}": values_of(choice)[-1] for pick, choice in STEMS[stem].choices.items()}
            architecture = architecture_with(
                self.operation, picks, 3, stem=stem, stages=2, downsampling=True, **of_stem
            )
            assert architecture.build(Task(grid, 2))(batch_on(grid).float()).isfinite().all()

    def test_one_declared_linear_is(self) -> None:
        """`f(x + y) + f(0) = f(x) + f(y)`: only then is the activation that follows needed."""
        if not self.kind.is_linear:
            return
        for picks, rank in itertools.product(self.picks(), self.kind.ranks):
            grid = ROOMY[rank]
            mixer = self.kind().build(grid, picks).double()
            mask = (None,) if self.kind.uses_mask else ()
            x, y = batch_on(grid), batch_on(grid)
            both = mixer(x + y, *mask) + mixer(torch.zeros_like(x), *mask)
            torch.testing.assert_close(both, mixer(x, *mask) + mixer(y, *mask))

    def test_what_stands_in_the_padding_changes_nothing(self) -> None:
        """Scores and gradients of padded rows are the same whatever the padding holds, NaN included."""
        task, lengths = Task(ROOMY[1], 3), torch.tensor(LENGTHS)
        for picks in self.picks():
            network = architecture_with(self.operation, picks, width=4).build(task).double()
            x, found = batch_on(task.grid), []
            for garbage in (0.0, 1e6, torch.nan):
                padded = x.masked_fill((torch.arange(7) >= lengths[:, None])[..., None], garbage)
                network.zero_grad()
                scores = network(padded, lengths)
                scores.square().sum().backward()
                found.append([scores.detach(), *(p.grad.clone() for p in network.parameters() if p.grad is not None)])
            assert all(tensor.isfinite().all() for tensor in found[0])
            for others in found[1:]:
                torch.testing.assert_close(others, found[0], rtol=0, atol=0)

    def test_a_causal_one_sees_nothing_that_comes_later(self) -> None:
        """With the sub-choices said to make it causal, a change at a position reaches none before it."""
        causal = self.kind.is_causal_with
        if causal is None:
            return
        for picks, grid in self.cases(ROOMY[1:]):
            if any(picks[name] != value for name, value in causal.items()):
                continue
            mixer, x = self.site(picks, grid).eval(), batch_on(grid)
            before = mixer(x).flatten(1, -2)
            for place in range(grid.length):
                changed = x.flatten(1, -2).clone()
                changed[:, place] += 1
                after = mixer(changed.view(x.shape)).flatten(1, -2)
                torch.testing.assert_close(after[:, :place], before[:, :place], rtol=0, atol=0)

    def test_its_cost_is_known_without_running_it(self) -> None:
        """On the meta device: parameters exactly, and at least one multiplication and addition a weight of a layer."""
        for picks, grid in self.cases():
            architecture, task = architecture_with(self.operation, picks, width=5), Task(grid, 3)
            found, network = cost(architecture, task), architecture.build(task)
            assert found.parameters == parameter_count(network)
            assert found.flops >= 2 * _weights(network) > 0
            assert found.activation_bytes > 0

    def test_a_wider_one_has_no_fewer_parameters(self) -> None:
        """A band of parameters finds the width that fits by bisection."""
        for picks, grid in self.cases():
            counts = [
                parameter_count(architecture_with(self.operation, picks, width).build(Task(grid, 3)))
                for width in range(1, 10)
            ]
            assert counts == sorted(counts)

    def test_a_checkpoint_holds_all_of_it(self) -> None:
        """A freshly built network with the weights of another gives its scores."""
        for picks in self.picks():
            architecture, task = architecture_with(self.operation, picks, width=5), Task(Grid((3, 4), 2), 3)
            trained, fresh = architecture.build(task).eval(), architecture.build(task).eval()
            x = batch_on(task.grid).float()
            assert not torch.equal(fresh(x), trained(x))
            fresh.load_state_dict(trained.state_dict())
            torch.testing.assert_close(fresh(x), trained(x), rtol=0, atol=0)


def _central_difference(mixer: nn.Module, x: Tensor, weighting: Tensor, moved: Tensor, step: Tensor) -> Tensor:
    ends = []
    for sign in (1, -1):
        with torch.no_grad():
            moved.add_(sign * step)
            ends.append((mixer(x) * weighting).sum())
            moved.sub_(sign * step)
    return (ends[0] - ends[1]) / 2e-5


def _weights(network: nn.Module) -> int:
    return sum(
        parameter.numel()
        for layer in network.modules()
        if isinstance(layer, nn.Linear | nn.Conv1d | nn.Conv2d | nn.RNNBase)
        for name, parameter in layer.named_parameters(recurse=False)
        if name.startswith("weight")
    )
