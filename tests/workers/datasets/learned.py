"""How well a network, and a linear classifier, learn a data set: for the sets that are generated."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from spaces import landmark
from workers.datasets import Dataset
from workers.metrics import evaluate
from workers.recipe import Recipe
from workers.rows import Labelled, Rows
from workers.trainer import Trainer


def network_score(dataset: Dataset, name: str, steps: int) -> float:
    """Test accuracy of a landmark after so many steps of 32 rows."""
    rows = Rows.of(dataset, 0)
    torch.manual_seed(0)
    network = landmark(name, dataset.task).build(dataset.task)
    Trainer(network, Recipe(learning_rate=3e-3, batch_size=32), rows, steps, seed=0).run(steps)
    return evaluate(network, rows.test, rows.metric)


def linear_score(dataset: Dataset) -> float:
    """Test accuracy of a logistic regression on the flat rows; tokens are one-hot, zero in the padding."""
    rows, vocabulary = Rows.of(dataset, 0), dataset.task.vocabulary

    def flat(part: Labelled) -> np.ndarray:
        x = part.x.numpy() if vocabulary is None else np.eye(vocabulary)[part.x]
        if part.lengths is not None:
            x[np.arange(x.shape[1]) >= part.lengths.numpy()[:, None]] = 0
        return x.reshape(len(x), -1)

    classifier = LogisticRegression(C=0.1, max_iter=1000).fit(flat(rows.train), rows.train.y)
    return classifier.score(flat(rows.test), rows.test.y)
