"""A user's own operation: registering it is all it takes, whatever grids it reads."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from spaces import Architecture, Grid, InvalidInput, SearchSpace, Task
from spaces.choices import Categorical, Integer, Real, Value
from spaces.operations import OPERATIONS, Operation
from tests.contracts.cases import batch_on, on_every_grid, registered

pytestmark = pytest.mark.usefixtures("seeded")


class OnImages(Operation):
    """Reads images alone, with a sub-choice of each kind."""

    family = "homemade"
    ranks = (2,)
    choices = {
        "kernel_size": Categorical((1, 3)),
        "repeats": Integer(1, 3),
        "scale": Real(0.1, 10.0, log=True),
    }

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        return Insists(self, grid, float(picks["scale"]))


class OnSequences(Operation):
    """Reads sequences alone."""

    family = "homemade"
    ranks = (1,)

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        return Insists(self, grid)


class OnVectors(Operation):
    """Reads vectors alone."""

    family = "homemade"
    ranks = (0,)

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        return Insists(self, grid)


class Insists(nn.Module):
    """Multiplies by a number, reads no other grid than the one it was built for, which is of a rank it accepts."""

    def __init__(self, operation: Operation, grid: Grid, scale: float = 1.0) -> None:
        super().__init__()
        assert grid.rank in operation.ranks
        self.grid = grid
        self.scale = nn.Parameter(torch.tensor(scale))

    def forward(self, x: Tensor) -> Tensor:
        assert x.shape[1:] == (*self.grid.positions, self.grid.channels)
        return self.scale * x


@pytest.fixture
def _homemade() -> Iterator[None]:
    with registered(on_images=OnImages, on_sequences=OnSequences, on_vectors=OnVectors):
        yield


def space_of(*operations: str) -> SearchSpace:
    return replace(SearchSpace.named("everything"), operations=operations)


@pytest.mark.usefixtures("_homemade")
@pytest.mark.parametrize("stem", ["flatten", "linear", "patch"])
@pytest.mark.parametrize("name", ["on_images", "on_sequences", "on_vectors"])
@on_every_grid
def test_it_works_at_any_site(name: str, stem: str, grid: Grid):
    """On a grid it does not read, an adapter shows it one that it does; its parameter learns there."""
    space = replace(space_of(name), stems=(stem,), stages=(2, 2), any_stem=True)
    network = space.sample(np.random.default_rng(0)).build(Task(grid, 3))
    scores = network(batch_on(grid))
    assert scores.shape == (3, 3)
    scores.square().sum().backward()
    scales = [module.scale for module in network.modules() if isinstance(module, Insists)]
    assert len(scales) >= 2
    assert all(scale.grad is not None and scale.grad.isfinite() for scale in scales)


@pytest.mark.usefixtures("_homemade")
def test_a_space_that_names_it_samples_it():
    """Names decide what is sampled; its sub-choices come along and survive JSON."""
    space = space_of("on_images", "lstm")
    drawn = [space.sample(np.random.default_rng(seed)) for seed in range(64)]  # misses one of two at 2 * 2^-64
    used = {stage.operation for architecture in drawn for stage in architecture.stages}
    assert used == {"on_images", "lstm"}
    for architecture in drawn:
        assert Architecture.from_json(architecture.to_json()) == architecture
        for stage in architecture.stages:
            assert stage.picks.keys() == OPERATIONS[stage.operation].choices.keys()


@pytest.mark.usefixtures("_homemade")
def test_its_family_takes_part():
    """The default space has the new family, and can be narrowed to it."""
    space = SearchSpace.named("everything")
    assert "homemade" in space.families
    assert space.sample(np.random.default_rng(0), families=["homemade"]).families == ("homemade",)


@pytest.mark.usefixtures("_homemade")
def test_networks_of_vector_operations_flatten_a_users_too():
    """One on vectors reads the flattened input wherever the stem is sampled; the others keep their positions."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        assert space_of("on_vectors", "dense").sample(rng)["stem"] == "flatten"
        assert space_of("on_images", "on_sequences").sample(rng)["stem"] != "flatten"


def test_it_is_forgotten_with_its_registration():
    """Outside the block nothing is left of it: not in the registry, not in the space, not in files."""
    before = OPERATIONS.names()
    with registered(on_vectors=OnVectors):
        assert OPERATIONS.names() == tuple(sorted([*before, "on_vectors"]))
        document = space_of("on_vectors").sample(np.random.default_rng(0)).to_json()
    assert OPERATIONS.names() == before
    assert "homemade" not in SearchSpace.named("everything").families
    with pytest.raises(InvalidInput, match=r"stage1\.operation: found 'on_vectors', expected one of "):
        Architecture.from_json(document)
    with pytest.raises(InvalidInput, match=r"unknown operation 'on_vectors'"):
        space_of("on_vectors").sample(np.random.default_rng(0))


def test_another_class_cannot_take_its_name():
    """A user's operation never replaces one that is there."""
    with pytest.raises(ValueError, match=r"operation 'lstm' is already registered by spaces\.operations\.lstm\.Lstm"):
        OPERATIONS.register("lstm")(OnSequences)
