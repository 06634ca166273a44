"""predict.py: prints what an exported network predicts of the rows in a file."""

from __future__ import annotations

from spaces.shapes import Kind
from workers.preprocessing import Preprocessing

_HEAD = '''
"""Prints what the network predicts of each row in a file: `python predict.py {example}`."""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from data import {constants}read_inputs
from model import Network

FOLDER = Path(__file__).parent


def load(weights: str | Path = FOLDER / "weights.safetensors") -> Network:
    """The network with its weights."""
    network = Network()
    network.load_state_dict(load_file(weights))
    return network.eval()
'''

_ENSEMBLE_HEAD = '''
"""Prints what the ensemble predicts of each row in a file: `python predict.py {example}`."""

import argparse

import torch
from torch import Tensor

from data import {constants}read_inputs
from ensemble import Ensemble, load
'''

_PREDICT = {
    Kind.CLASSIFICATION: '''
@torch.inference_mode()
def predict(network: {network}, inputs: tuple[Tensor, ...]) -> list[tuple[str, float]]:
    """The most likely class of each row, and its probability."""
    best = network(*inputs).softmax(-1).max(-1)
    return [(LABELS[place], share) for place, share in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
''',
    Kind.REGRESSION: '''
@torch.inference_mode()
def predict(network: {network}, inputs: tuple[Tensor, ...]) -> list[float]:
    """The number of each row, in its own unit."""
    scale = CONSTANTS["target"]
    return (network(*inputs).squeeze(-1).double() * scale["deviation"] + scale["mean"]).tolist()
''',
    Kind.NEXT_TOKEN: '''
@torch.inference_mode()
def predict(network: {network}, inputs: tuple[Tensor, ...]) -> list[int]:
    """The most likely token behind each row."""
    likeliest = network(*inputs).argmax(-1)
    return {last}.tolist()
''',
}

_PRINTED = {
    Kind.CLASSIFICATION: """for label, probability in predict({loaded}, inputs):
        print(f"{label}  {probability:.3f}")""",
    Kind.REGRESSION: """for number in predict({loaded}, inputs):
        print(f"{number:.6g}")""",
    Kind.NEXT_TOKEN: """for token in predict({loaded}, inputs):
        print(token)""",
}

_MAIN = '''
def main() -> None:
    """Reads rows and prints a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", help="{data_help}")
    {weights_argument}arguments = parser.parse_args()
    inputs = read_inputs(arguments.data)
    {printed}


if __name__ == "__main__":
    main()
'''


_WEIGHTS = 'parser.add_argument("--weights", default=FOLDER / "weights.safetensors", help="file of the weights")\n    '


def predict_file(preprocessing: Preprocessing, *, is_ensemble: bool = False) -> str:
    """The text of the file, not formatted yet.

    Args:
        preprocessing: of the rows.
        is_ensemble: whether ensemble.py lies beside it, or model.py.
    """
    kind, padded, is_table = preprocessing.task.kind, preprocessing.padded, bool(preprocessing.columns)
    constants = {Kind.CLASSIFICATION: "LABELS, ", Kind.REGRESSION: "CONSTANTS, ", Kind.NEXT_TOKEN: ""}[kind]
    head = (_ENSEMBLE_HEAD if is_ensemble else _HEAD).format(
        example="rows.csv" if is_table else "rows.npz", constants=constants
    )
    last = "likeliest[torch.arange(len(likeliest)), inputs[1] - 1]" if padded else "likeliest[:, -1]"
    predict = _PREDICT[kind].replace("{last}", last).replace("{network}", "Ensemble" if is_ensemble else "Network")
    arrays = "x and length" if padded else "x"
    main = _MAIN.format(
        data_help="a .csv file" if is_table else f"an .npz file of {arrays}",
        weights_argument="" if is_ensemble else _WEIGHTS,
        printed=_PRINTED[kind].replace("{loaded}", "load()" if is_ensemble else "load(arguments.weights)"),
    )
    return head + predict + main
