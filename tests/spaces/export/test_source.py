"""The source of a network: a file that makes the same network, of plain torch, with nothing in it that is not used."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from spaces import LANDMARKS, Architecture, Grid, InvalidInput, SearchSpace, Task, landmark
from spaces.architecture import StagePlan, stage_choices
from spaces.contract import every_pick
from spaces.export.source.network_source import NetworkSource, source_of
from spaces.landmarks import natural_landmarks
from spaces.operation_file import register_operations
from spaces.operations import OPERATIONS
from spaces.shapes import Kind
from spaces.space_checks import NAMES, OPTIONS
from tests.contracts.cases import registered

IMAGES = Task(Grid((8, 7), 2), 3)
SERIES = Task(Grid((13,), 3), 3)
TOKENS = Task(Grid((9,), 1), 3, vocabulary=11)
TABLE = Task(Grid((), 7), 1, kind=Kind.REGRESSION)
NEXT = Task(Grid((9,), 1), 11, vocabulary=11, kind=Kind.NEXT_TOKEN)
ROWS = 4


def built(architecture: Architecture, task: Task) -> nn.Module:
    """The network in evaluation mode, no weight of which is where it starts."""
    torch.manual_seed(0)
    network = architecture.build(task)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return network.eval()


def written(source: NetworkSource) -> nn.Module:
    """The network that the file makes."""
    names: dict[str, Any] = {"__name__": "model"}
    exec(compile(source.unformatted, "model.py", "exec"), names)
    return names["Network"]()


def inputs(task: Task, padded: bool) -> tuple[torch.Tensor, ...]:
    """Random rows; padded ones have NaN or a token behind their end."""
    if task.vocabulary:
        x = torch.randint(task.vocabulary, (ROWS, *task.row_shape))
    else:
        x = torch.randn(ROWS, *task.row_shape)
    if not padded:
        return (x,)
    lengths = torch.tensor([1, 2, 5, task.grid.length])
    behind = torch.arange(task.grid.length) >= lengths[:, None]
    return x.masked_fill(behind if task.vocabulary else behind[..., None], 3 if task.vocabulary else torch.nan), lengths


def check_same(architecture: Architecture, task: Task, padded: bool = False) -> NetworkSource:
    """The file's network has the original's outputs in evaluation, and gradients of as many weights in training."""
    source, original = source_of(architecture, task, padded=padded), built(architecture, task)
    network = written(source).eval()
    network.load_state_dict(source.weights(original.state_dict()))  # strictly
    given = inputs(task, padded)
    with torch.no_grad():
        torch.testing.assert_close(network(*given), original(*given), rtol=1e-6, atol=1e-6)
    assert sum(each.numel() for each in network.parameters()) == sum(each.numel() for each in original.parameters())
    return source


@pytest.mark.parametrize("name", LANDMARKS)
def test_landmarks(name: str):
    """On every kind of data on which people would try it first, padded or not."""
    for task, padded in itertools.product((IMAGES, SERIES, TOKENS, TABLE, NEXT), (False, True)):
        if name in natural_landmarks(task) and not (padded and task.grid.rank != 1):
            check_same(landmark(name, task), task, padded)


def operations() -> Iterator[Any]:
    for name in OPERATIONS:
        for task, padded in ((IMAGES, False), (SERIES, True), (TABLE, False)):
            yield pytest.param(name, task, padded, id=f"{name}-rank{task.grid.rank}")


@pytest.mark.parametrize(("name", "task", "padded"), list(operations()))
def test_operations(name: str, task: Task, padded: bool):
    """On images, on padded series and, by an adapter or not, on features; the last of all values of its choices."""
    picks = list(every_pick(OPERATIONS[name].choices))[-1]
    differences = stage_choices([StagePlan(name, picks, 1), StagePlan(name, picks, 2)])
    position = "rotary" if OPERATIONS[name].uses_relative_position and task.grid.rank else "learned"
    base = {"downsampling": True, "connection": "residual", "normalization": "layer", "position": position}
    check_same(architecture(task, {**differences, **base}), task, padded)


def architecture(task: Task, differences: dict[str, Any]) -> Architecture:
    """One that differs from a landmark in these choices."""
    usual: dict[str, Any] = {"gate": "none", "position": "none", "normalization_placement": "before", "dropout": 0.1}
    chosen = {**landmark("transformer", task).choices, **usual, **differences}
    return Architecture.from_json({**{"downsampling": False, "activation": "relu"}, **chosen})


def slots() -> Iterator[Any]:
    singular = {"positions": "position", "heads": "head", "connections": "connection", "gates": "gate"}
    singular |= {"normalizations": "normalization", "initializations": "initialization", "activations": "activation"}
    for slot, choice in singular.items():
        for name in NAMES[slot] if slot in NAMES else OPTIONS[slot].options:  # type: ignore[union-attr]
            yield pytest.param(choice, name, id=f"{choice}-{name}")


@pytest.mark.parametrize(("choice", "name"), list(slots()))
def test_slots(choice: str, name: str):
    """Everything that can stand in a slot, on images and on padded series, normalized before and after."""
    for task, padded in ((IMAGES, False), (SERIES, True)):
        for placement in ("before", "after"):
            check_same(architecture(task, {choice: name, "normalization_placement": placement}), task, padded)


@pytest.mark.parametrize(
    "stem",
    [
        {"stem": "patch", "stem.patch.size": 4},
        {"stem": "convolutional", "stem.convolutional.kernel_size": 5, "stem.convolutional.stride": 2},
        {"stem": "linear"},
        {"stem": "embedding"},
        {"stem": "flatten"},
    ],
    ids=lambda stem: stem["stem"],
)
def test_stems(stem: dict[str, Any]):
    """On all kinds of data."""
    for task, padded in ((IMAGES, False), (SERIES, True), (SERIES, False), (TOKENS, True), (TABLE, False)):
        check_same(architecture(task, stem), task, padded)


def test_sampled_ones_are_plain_torch():
    """Hybrids of the whole space: nothing of ours is imported or named, no function is long, all classes are used."""
    for number in range(12):
        task = (IMAGES, SERIES, TOKENS, TABLE)[number % 4]
        space = SearchSpace.named("everything").fitted(task)
        padded = task.grid.rank == 1 and number % 8 > 3
        source = check_same(space.sample(np.random.default_rng(number)), task, padded)
        tree = ast.parse(source.unformatted)
        assert not [word for word in ("spaces", "workers", "penchant", "Registry") if word in source.unformatted]
        imported = {node.module.split(".")[0] for node in tree.body if isinstance(node, ast.ImportFrom) and node.module}
        assert imported <= {"torch", "collections"}
        for node in tree.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                assert ast.get_docstring(node)
                assert node.name == "Network" or source.unformatted.count(node.name) > 1


def test_it_is_the_same_text_each_time():
    """Also in training mode nothing is drawn on the way, so that whoever exports changes no seed."""
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    first, second = (source_of(landmark("vit", IMAGES), IMAGES).unformatted for _ in range(2))
    assert first == second
    assert torch.equal(before, torch.random.get_rng_state())


def test_equal_classes_that_differ_in_numbers_take_them():
    """Two stages of token mixing on grids of other sizes share a class, whose constructor is told the number."""
    picks = {"hidden": 32}
    stages = stage_choices([StagePlan("token_mixing", picks, 1), StagePlan("token_mixing", picks, 1)])
    text = check_same(architecture(IMAGES, {**stages, "downsampling": True}), IMAGES).unformatted
    assert text.count("class TokenPerceptron") == 1
    assert "def __init__(self, length: int) -> None:" in text


def test_a_network_starts_as_it_would_in_a_study():
    """Each weight has the spread that its initialization gives it."""
    for initialization in NAMES["initializations"]:
        wide = replace(SERIES, outputs=200)
        made = architecture(wide, {"initialization": initialization, "width": 64})
        source = source_of(made, wide)
        torch.manual_seed(0)
        originals = source.weights(made.build(wide).state_dict())
        for name, weight in written(source).state_dict().items():
            if weight.dim() > 1 and len(weight.flatten()) > 1000:
                torch.testing.assert_close(weight.std(), originals[name].std(), rtol=0.1, atol=0)
            else:
                assert weight.shape == originals[name].shape


USERS = """
{imports}
from torch import nn

from spaces.operations import OPERATIONS, Operation

STRENGTH = 0.5

def moved(x, by):
    return x.roll(by, 1)

{inner}
@OPERATIONS.register("{name}")
class Mine(Operation):
    family = "homemade"
    ranks = (1,)

    def build(self, grid, picks):
        return Moved(grid, 2)
"""
MOVED = """
class Moved(nn.Module):
    def __init__(self, grid, times):
        super().__init__()
        self.grid, self.times = grid, times
        self.maps = nn.ModuleList(nn.Linear(grid.channels, grid.channels) for _ in range(times))

    def forward(self, x):
        for by, layer in enumerate(self.maps):
            x = x + STRENGTH * moved(layer(x), by) / self.grid.length
        return x
"""


def users(tmp_path: Path, name: str, inner: str, imports: str = "") -> Architecture:
    """An architecture with an operation of a user's file."""
    path = tmp_path / f"{name}.py"
    path.write_text(USERS.format(name=name, inner=inner, imports=imports))
    register_operations([path])
    return architecture(SERIES, stage_choices([StagePlan(name, {}, 1)]))


def test_a_users_operation_leaves_with_its_source(tmp_path):
    """Its classes, functions and constants stand in the file, without what registers them."""
    with registered():
        text = check_same(users(tmp_path, "moved_plainly", MOVED), SERIES).unformatted
    assert "class Moved(nn.Module)" in text
    assert "STRENGTH = 0.5" in text
    assert "Operation" not in text


@pytest.mark.parametrize(
    ("name", "inner", "imports", "message"),
    [
        (
            "with_numpy",
            MOVED.replace("0.5 *", "np.pi *").replace("STRENGTH", "np.pi"),
            "import numpy as np",
            "np, imported from numpy",
        ),
        (
            "inherited",
            MOVED.replace("class Moved(nn.Module)", "class Base(nn.Module)") + "\n\nclass Moved(Base):\n    pass\n",
            "",
            "Moved extends Base, which is not torch's",
        ),
    ],
)
def test_one_that_cannot_leave_is_told_by_name(tmp_path, name: str, inner: str, imports: str, message: str):
    """One line: which operation, why, and what was expected."""
    with registered():
        made = users(tmp_path, name, inner, imports)
        with pytest.raises(InvalidInput, match=rf"^operation '{name}' cannot leave as Python \({message}\): expected "):
            source_of(made, SERIES)
