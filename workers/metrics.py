"""Metrics: from what a network gives and what is true to one number, and to the score that candidates have."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workers.device import mixed_precision
from workers.metric import Metric
from workers.rows import NO_TOKEN, Labelled

EVALUATION_BATCH = 128  # little above a training batch: scoring must not need more memory than training

LEAST_PROBABILITY = float(np.finfo(np.float64).eps)
"""What a log loss takes the true class's probability for where it is smaller, as scikit-learn does."""


class Diverged(Exception):
    """The loss or an output is no longer finite."""


@dataclass(frozen=True)
class Measure:
    """How the value of a metric comes about, in float64.

    Attributes:
        keep: maps the outputs and `y` of a batch to what is kept of it: a score for each token at each step of a whole
            set of rows may be larger than memory.
        conclude: maps all that was kept and all of `y` to the value.
    """

    keep: Callable[[Tensor, Tensor], Tensor]
    conclude: Callable[[Tensor, Tensor], float]

    def value(self, outputs: Tensor, y: Tensor) -> float:
        """The value on rows that are a single batch."""
        return self.conclude(self.keep(outputs, y), y)


def hits(outputs: Tensor, y: Tensor) -> Tensor:
    """One where the largest score `(rows, classes)` is the true class's, else zero, `(rows,)`; -1 is never hit."""
    return (outputs.argmax(dim=-1) == y).double()


def surprises(outputs: Tensor, y: Tensor) -> Tensor:
    """-log of the probability given to the true class, `(rows,)`, in nats; infinite for a class never seen, -1."""
    nats = F.cross_entropy(outputs.double(), y.clamp(min=0), reduction="none")
    return nats.masked_fill(y < 0, math.inf)


def _log_loss(surprise: Tensor, y: Tensor) -> float:
    return float(surprise.clamp(max=-math.log(LEAST_PROBABILITY)).mean())


def _perplexity(surprise: Tensor, y: Tensor) -> float:
    return float(surprise.mean().exp())


def _mean(kept: Tensor, y: Tensor) -> float:
    return float(kept.mean())


def _balanced_accuracy(hit: Tensor, y: Tensor) -> float:
    """Mean over the classes present of the share of their rows that are right. Brodersen et al. 2010."""
    return float(torch.stack([hit[y == label].mean() for label in y.unique()]).mean())


def _auroc(probabilities: Tensor, y: Tensor) -> float:
    """Mean over classes of the area under the curve of that class against the rest. Fawcett 2006, section 9.2.

    Classes that no row has, or all, are passed over; NaN where none remains.
    """
    from sklearn.metrics import roc_auc_score  # here: most data sets have another metric

    scores, labels = probabilities.cpu().numpy(), y.cpu().numpy()
    told = [label for label in range(scores.shape[1]) if 0 < (labels == label).sum() < len(labels)]
    areas = [roc_auc_score(labels == label, scores[:, label]) for label in told]
    return float(np.mean(areas)) if areas else math.nan


def _rmse(predicted: Tensor, y: Tensor) -> float:
    return float((predicted - y).square().mean().sqrt())


def _r2(predicted: Tensor, y: Tensor) -> float:
    """Share of the variance explained; where there is none, minus infinity, or NaN of predictions without an error."""
    truth = y.double()
    return float(1 - (predicted - truth).square().sum() / (truth - truth.mean()).square().sum())


def _probabilities(outputs: Tensor, y: Tensor) -> Tensor:
    return outputs.double().softmax(dim=-1)


def _predictions(outputs: Tensor, y: Tensor) -> Tensor:
    return outputs.double()


MEASURES: Mapping[str, Measure] = {
    "accuracy": Measure(hits, _mean),
    "balanced_accuracy": Measure(hits, _balanced_accuracy),
    "log_loss": Measure(surprises, _log_loss),
    "auroc": Measure(_probabilities, _auroc),
    "perplexity": Measure(surprises, _perplexity),
    "r2": Measure(_predictions, _r2),
    "rmse": Measure(_predictions, _rmse),
}
"""One for each name in `workers.metric.METRICS`; classes and tokens at steps with data are measured alike."""


def evaluate(network: nn.Module, rows: Labelled, metric: Metric) -> float:
    """Score of a network on some rows, see `Metric`; the network is left in training mode if it was.

    Raises:
        Diverged: an output is not finite.
    """
    return metric.score(MEASURES[metric.name].conclude(*answers(network, rows, metric)))


@torch.inference_mode()
def answers(network: nn.Module, rows: Labelled, metric: Metric) -> tuple[Tensor, Tensor]:
    """What the metric keeps of a network's outputs for some rows, and the truths, of all tokens in the order of rows.

    Raises:
        Diverged: an output is not finite.
    """
    was_training = network.training
    network.eval()
    measure = MEASURES[metric.name]
    kept, truths, finite = [], [], []
    for start in range(0, len(rows), EVALUATION_BATCH):
        outputs, y = _predicted(network, rows, slice(start, start + EVALUATION_BATCH))
        kept.append(measure.keep(outputs, y))
        truths.append(y)
        finite.append(outputs.isfinite().all())
    network.train(was_training)
    if not bool(torch.stack(finite).all()):
        raise Diverged("an output of the network is not finite")
    return torch.cat(kept), torch.cat(truths)


def _predicted(network: nn.Module, rows: Labelled, batch: slice) -> tuple[Tensor, Tensor]:
    """Outputs and truths of a batch: numbers in their own unit, tokens of all steps with data in one row."""
    with mixed_precision(rows.y.device):
        outputs = network(*rows.inputs(batch))
    y = rows.targets(batch)
    if rows.scale is not None:
        return rows.scale.restored(outputs), y
    if y.ndim == 2:
        return outputs[y != NO_TOKEN], y[y != NO_TOKEN]
    return outputs, y
