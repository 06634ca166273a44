"""train.py: trains an exported network from scratch, with the recipe that was found."""

from __future__ import annotations

from spaces.export.source.functions import functions_text
from spaces.shapes import Kind
from workers.augmentation import AUGMENTATIONS
from workers.preprocessing import Preprocessing
from workers.recipe import Recipe
from workers.trainer import LARGEST_GRADIENT_NORM, WARM_UP_SHARE

_HEAD = '''
"""Trains a new network with the recipe found: `python train.py {example}`."""

import argparse
import math
from collections.abc import Iterator

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from data import read_inputs{read_targets}
from model import Network

STEPS = {steps}
BATCH_SIZE = {batch_size}
LEARNING_RATE = {learning_rate}  # at its peak
WEIGHT_DECAY = {weight_decay}
WARM_UP_SHARE = {warm_up_share}  # of all steps
LARGEST_GRADIENT_NORM = {largest_norm}
'''

_SCHEDULE = '''
def learning_rate(step: int, steps: int) -> float:
    """A linear warm-up, then half a cosine down to zero. Loshchilov & Hutter 2017, equation 5."""
    warm_up = max(1, round(WARM_UP_SHARE * steps))
    if step < warm_up:
        return LEARNING_RATE * (step + 1) / warm_up
    return LEARNING_RATE * 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up)))


def batches(rows: int) -> Iterator[Tensor]:
    """Row numbers of batch after batch; what does not fill one sits the epoch out."""
    size = min(BATCH_SIZE, rows)
    while True:
        yield from torch.randperm(rows)[: rows // size * size].split(size)
'''

_LOSS = {
    Kind.CLASSIFICATION: '''
def loss_of(outputs: Tensor, targets: Tensor) -> Tensor:
    """The cross-entropy of class scores `(batch, classes)` and class numbers `(batch,)`."""
    return F.cross_entropy(outputs, targets{smoothing})
''',
    Kind.REGRESSION: '''
def loss_of(outputs: Tensor, targets: Tensor) -> Tensor:
    """The mean squared error of outputs `(batch, 1)` and standardized numbers `(batch,)`."""
    return F.mse_loss(outputs.squeeze(-1), targets)
''',
    Kind.NEXT_TOKEN: '''
def loss_of(outputs: Tensor, targets: Tensor) -> Tensor:
    """The cross-entropy of scores `(batch, steps, tokens)` and next tokens `(batch, steps)`."""
    return F.cross_entropy(outputs.flatten(0, 1), targets.flatten(){ignored})
''',
}

_TRAIN = '''
def train(inputs: tuple[Tensor, ...], targets: Tensor, steps: int) -> Network:
    """Trains a new network.

    Args:
        inputs: what it is called with, all rows.
        targets: what is predicted of them.
        steps: optimizer steps.
    """
    network = Network()
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    for step, rows in zip(range(steps), batches(len(targets)), strict=False):
        {taken}
        loss = loss_of({called}, targets[rows])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT_NORM)
        optimizer.param_groups[0]["lr"] = learning_rate(step, steps)
        optimizer.step()
        if step % 100 == 0 or step == steps - 1:
            print(f"step {{step + 1}} of {{steps}}: loss {{loss.item():.4f}}")
    return network
'''

_MAIN = '''
def main() -> None:
    """Reads rows, trains, and writes the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", help="{data_help}")
    {target_argument}parser.add_argument("--steps", type=int, default=STEPS, help="optimizer steps")
    parser.add_argument("--seed", type=int, default=0, help="of weights and order of rows")
    parser.add_argument("--output", default="trained.safetensors", help="file of the weights")
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    {read}
    network = train(inputs, targets, arguments.steps)
    save_file(network.state_dict(), arguments.output)


if __name__ == "__main__":
    main()
'''

_NEXT = '''
def read_next(path: str) -> tuple[tuple[Tensor, ...], Tensor]:
    """Token ids but the last of each row, and those that follow them."""
    {body}
'''


def train_file(preprocessing: Preprocessing, recipe: Recipe, steps: int) -> str:
    """The text of the file, not formatted yet.

    Args:
        preprocessing: of the rows.
        recipe: that the network was trained with.
        steps: that it was trained for.
    """
    kind, padded = preprocessing.task.kind, preprocessing.padded
    is_table = bool(preprocessing.columns)
    smoothing = f", label_smoothing={recipe.label_smoothing}" if recipe.label_smoothing else ""
    ignored = f", ignore_index={_IGNORED}" if padded else ""
    augmentation = AUGMENTATIONS.get(recipe.augmentation)
    x = "x" if augmentation is None else f"{recipe.augmentation}(x)"
    head = _HEAD.format(
        example="rows.csv --target COLUMN" if is_table else "data.npz",
        read_targets="" if kind is Kind.NEXT_TOKEN else ", read_targets",
        steps=steps,
        batch_size=recipe.batch_size,
        learning_rate=f"{recipe.learning_rate:.6g}",
        weight_decay=f"{recipe.weight_decay:.6g}",
        warm_up_share=WARM_UP_SHARE,
        largest_norm=LARGEST_GRADIENT_NORM,
    )
    train = _TRAIN.format(
        taken="x, lengths = (each[rows] for each in inputs)" if padded else "x = inputs[0][rows]",
        called=f"network({x}, lengths)" if padded else f"network({x})",
    )
    loss = _LOSS[kind].format(smoothing=smoothing, ignored=ignored)
    return "".join([head, _SCHEDULE, _augmentation(recipe.augmentation), loss, train, _reading(preprocessing)])


_IGNORED = -100


def _augmentation(name: str) -> str:
    """The function that changes the rows of a batch, and what it needs."""
    augmentation = AUGMENTATIONS.get(name)
    return "" if augmentation is None else functions_text(augmentation, {"generator": None})


def _reading(preprocessing: Preprocessing) -> str:
    """How the rows are read, and the main function."""
    arrays = "x_train, y_train and length_train" if preprocessing.padded else "x_train and y_train"
    if preprocessing.task.kind is Kind.NEXT_TOKEN:
        arrays = "x_train and length_train" if preprocessing.padded else "x_train"
        help_text, read = (
            f"an .npz file of {arrays}, rows of one token more",
            "inputs, targets = read_next(arguments.data)",
        )
        return _NEXT.format(body=_next_body(preprocessing.padded)) + _MAIN.format(
            data_help=help_text, target_argument="", read=read
        )
    if preprocessing.columns:
        argument = 'parser.add_argument("--target", required=True, help="column that is predicted")\n    '
        read = "inputs, targets = read_inputs(arguments.data), read_targets(arguments.data, arguments.target)"
        return _MAIN.format(data_help="a .csv file", target_argument=argument, read=read)
    read = 'inputs, targets = read_inputs(arguments.data, "x_train"), read_targets(arguments.data)'
    return _MAIN.format(data_help=f"an .npz file of {arrays}", target_argument="", read=read)


def _next_body(padded: bool) -> str:
    if not padded:
        return '(ids,) = read_inputs(path, "x_train")\n    return (ids[:, :-1],), ids[:, 1:]'
    return (
        'ids, lengths = read_inputs(path, "x_train")\n'
        "    is_behind = torch.arange(ids.shape[1] - 1) >= (lengths - 1)[:, None]\n"
        f"    return (ids[:, :-1], lengths - 1), ids[:, 1:].masked_fill(is_behind, {_IGNORED})"
    )
