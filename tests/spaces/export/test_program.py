"""Exported programs: torch's graph of a predictor gives what the predictor gives, in other batches and lengths."""

import io

import pytest
import torch

from spaces import landmark
from spaces.contract import architecture_with
from spaces.export.predictor import Predictor, Units
from spaces.export.program import example_inputs, exported_program
from spaces.shapes import Grid, Kind, Task

SERIES = Task(Grid((9,), 3), 4)
IMAGES = Task(Grid((6, 5), 2), 4)
TABLE = Task(Grid((), 5), 1, kind=Kind.REGRESSION)
TOKENS = Task(Grid((7,), 1), 11, 11, Kind.NEXT_TOKEN)


def predictor(architecture, task: Task) -> Predictor:
    """A network with all weights off zero, and units that are not 0 and 1."""
    torch.manual_seed(0)
    network = architecture.build(task)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    channel = torch.arange(task.grid.channels)
    units = Units() if task.vocabulary else Units(channel * 0.5 + 0.2, channel * 0.3 + 1.5, 7.0, 3.0)
    return Predictor(network, task, units).eval()


def loaded(predictor: Predictor, takes_lengths: bool):
    """The program after a way through a file."""
    content = io.BytesIO()
    torch.export.save(exported_program(predictor, takes_lengths), content)
    content.seek(0)
    return torch.export.load(content).module()


def check_same(predictor: Predictor, takes_lengths: bool) -> None:
    module = loaded(predictor, takes_lengths)
    for rows, steps in ((1, 9), (5, 4), (2, 1)):
        inputs = example_inputs(predictor.task, rows, steps, takes_lengths, seed=rows)
        torch.testing.assert_close(module(*inputs), predictor(*inputs), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("operation", "picks"),
    [
        ("lstm", {"bidirectional": True}),
        ("local_attention", {"window": 3, "heads": 2, "causal": True}),
    ],
)
def test_sequences_of_any_length(operation: str, picks: dict):
    """Rows in a batch of their own, shorter than those traced, with lengths of their own.

    Both directions of a recurrence, which an exporter follows one after the other, are those of packed rows.
    """
    beside = {"normalization": "batch", "normalization_placement": "before", "gate": "cbam", "head": "last"}
    architecture = architecture_with(operation, picks, 6, **beside)
    check_same(predictor(architecture, SERIES), takes_lengths=True)


@pytest.mark.parametrize(("name", "task"), [("se_resnet", IMAGES), ("deep_fnn", TABLE), ("transformer", TOKENS)])
def test_images_tables_and_tokens(name: str, task: Task):
    """Images come channels first; numbers leave in their own unit; next tokens have as many steps as came in."""
    check_same(predictor(landmark(name, task), task), takes_lengths=False)


def test_raw_rows_are_read_as_in_the_training():
    """Channels are standardized, the mean stands for what is missing, the target's unit is restored."""
    made = predictor(landmark("deep_fnn", TABLE), TABLE)
    x = torch.randn(4, 5)
    x[1, 2] = torch.nan
    standardized = (x - made.units.mean) / made.units.deviation
    standardized[1, 2] = 0.0
    torch.testing.assert_close(made(x), made.network(standardized)[:, 0] * 3.0 + 7.0)


def test_shorter_rows_are_rows_with_padding():
    """A batch cut to its longest row gives what the padded one gives."""
    made = predictor(landmark("transformer", SERIES), SERIES)
    x, lengths = torch.randn(3, 9, 3), torch.tensor([4, 2, 3])
    torch.testing.assert_close(made(x[:, :4], lengths), made(x, lengths))
