"""Retraining: what is learned from, what is kept, and going on after Ctrl-C."""

import os
import signal

import numpy as np
import pytest
import torch

from search.candidate import Candidate
from search.retraining.retraining import Interrupted, Retraining
from search.retraining.rows import ALL_ROWS, TrainingRows
from search.retraining.store import RetrainedStore
from search.trial import Trial
from spaces import InvalidInput, landmark
from workers.datasets import Dataset, from_arrays
from workers.recipe import Recipe


def trial(dataset: Dataset) -> Trial:
    candidate = Candidate(landmark("lenet", dataset.task), Recipe(batch_size=16))
    return Trial("confirmation", "it/0", candidate, division=3, seed=7, horizon=10, number=4)


def unheard(step: int, steps: int, point: object) -> None:
    """Of somebody who does not listen."""


def test_the_sealed_test_stays_closed(blobs, tmp_path):
    """19 of 20 development rows are learned from, and the score is that of the others, in the study's metric."""
    store = RetrainedStore(tmp_path)
    retrained = Retraining(trial(blobs), 3, all_data=False, seed=1).run(blobs, store, unheard)
    assert retrained.rows + retrained.held_out_rows == len(blobs.y)
    assert retrained.rows == 91
    assert retrained.steps == 3 * (91 // 16)
    assert retrained.score == 1.0
    assert store.latest("blobs") == retrained
    network = landmark("lenet", blobs.task).build(blobs.task)
    network.load_state_dict(store.weights(retrained))


def test_all_data_leave_no_score(blobs, tmp_path):
    """The sealed rows are learned from as well, and nothing is said of how good it is."""
    retrained = Retraining(trial(blobs), 1, all_data=True, seed=1).run(blobs, RetrainedStore(tmp_path), unheard)
    assert (retrained.rows, retrained.held_out_rows, retrained.score) == (120, 0, None)
    preprocessing = TrainingRows.of(blobs, ALL_ROWS).preprocessing()
    mean = np.concatenate([blobs.x, blobs.x_test]).mean(axis=(0, 1, 2))
    np.testing.assert_allclose(preprocessing.standardization.mean, mean, rtol=1e-6)


def test_a_class_of_the_sealed_test_alone_is_not_learned():
    """No output stands for it."""
    rng, y = np.random.default_rng(0), np.repeat([0, 1], 20)
    data = from_arrays("unseen", rng.normal(size=(40, 3)), y, rng.normal(size=(10, 3)), [0, 1] * 4 + [1, 2])
    joined = TrainingRows.of(data, ALL_ROWS).dataset
    assert len(joined.y) == 49
    assert set(joined.y) == {0, 1}


def test_ctrl_c_loses_nothing(blobs, tmp_path):
    """Interrupted at the first point of its curve and called again, it has the weights of an undisturbed training."""
    undisturbed, disturbed = RetrainedStore(tmp_path / "a"), RetrainedStore(tmp_path / "b")
    retraining = Retraining(trial(blobs), 3, all_data=False, seed=1)
    whole = retraining.run(blobs, undisturbed, unheard)

    def interrupt(step: int, steps: int, point: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted, match="interrupted at step 5 of 15"):
        retraining.run(blobs, disturbed, interrupt)
    assert disturbed.all() == []
    heard: list[int] = []
    resumed = retraining.run(blobs, disturbed, lambda step, steps, point: heard.append(step))
    assert min(heard) > 5
    for name, tensor in undisturbed.weights(whole).items():
        assert torch.equal(tensor, disturbed.weights(resumed)[name]), name


def test_nothing_was_trained_again(tmp_path):
    """One line says what comes first."""
    with pytest.raises(InvalidInput, match="no network of study 'digits' was trained again; expected penchant retrain"):
        RetrainedStore(tmp_path).latest("digits")
