"""ensemble.py: asks the members of an exported ensemble together."""

from __future__ import annotations

from collections.abc import Sequence

from spaces.shapes import Kind
from workers.preprocessing import Preprocessing

_FILE = '''
"""Networks of {count} families, asked together: their {averaged} are averaged."""

{math}
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

{imports}

FOLDER = Path(__file__).parent


class Ensemble(nn.Module):
    """The mean of what its members say. Hansen & Salamon 1990."""

    def __init__(self) -> None:
        super().__init__()
        {members}

    def forward(self, {parameters}) -> Tensor:
        """Returns {returned}."""
        outputs = torch.stack([{called}])
        {mean}


def load() -> Ensemble:
    """The ensemble with the weights of its members."""
    ensemble = Ensemble()
    for family, member in ensemble.named_children():
        member.load_state_dict(load_file(FOLDER / family / "weights.safetensors"))
    return ensemble.eval()
'''

_RETURNED = {
    Kind.CLASSIFICATION: "the logarithm of the mean probability of each class `(batch, classes)`",
    Kind.REGRESSION: "the mean of standardized numbers `(batch, 1)`",
    Kind.NEXT_TOKEN: "the logarithm of the mean probability of each next token `(batch, steps, tokens)`",
}


def ensemble_file(preprocessing: Preprocessing, families: Sequence[str]) -> str:
    """The text of the file, not formatted yet.

    Args:
        preprocessing: of the rows.
        families: of the members, each the name of a folder.
    """
    is_regression = preprocessing.task.kind is Kind.REGRESSION
    given = "x, lengths" if preprocessing.padded else "x"
    mean = "return outputs.log_softmax(-1).logsumexp(0) - math.log(len(outputs))"
    return _FILE.format(
        count=len(families),
        averaged="numbers" if is_regression else "probabilities",
        math="" if is_regression else "import math",
        imports="\n".join(f"from {family}.model import Network as {_class(family)}" for family in families),
        members="\n        ".join(f"self.{family} = {_class(family)}()" for family in families),
        parameters="x: Tensor, lengths: Tensor" if preprocessing.padded else "x: Tensor",
        returned=_RETURNED[preprocessing.task.kind],
        called=", ".join(f"self.{family}({given})" for family in families),
        mean="return outputs.mean(0)" if is_regression else mean,
    )


def _class(family: str) -> str:
    return family.title().replace("_", "")
