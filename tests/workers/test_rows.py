"""Rows of a division as tensors: what is standardized, and what stands in the padding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from spaces.shapes import Kind
from workers.datasets import Dataset, divide, from_arrays
from workers.rows import NO_TOKEN, Labelled, Rows

STEPS = 6
Y = np.arange(60) % 2


def lengths_of_rows() -> np.ndarray:
    return np.random.default_rng(1).integers(1, STEPS + 1, 60)


def padded_series() -> Dataset:
    x = np.random.default_rng(0).normal(5, 3, (60, STEPS, 2)).astype(np.float32)
    return from_arrays("padded", x, Y, lengths=lengths_of_rows())


def padded_tokens() -> Dataset:
    tokens = np.random.default_rng(0).integers(0, 9, (60, STEPS))
    return from_arrays("tokens", tokens, Y, lengths=lengths_of_rows())


def parts_of(rows: Rows) -> tuple[Labelled, ...]:
    return rows.train, rows.search, rows.confirm, rows.test


def test_lengths_stay_with_their_rows():
    """In every part a row has the length that the data set gives it, and full rows have none."""
    dataset = padded_series()
    rows, division = Rows.of(dataset, 3), divide(dataset.y, 3)

    for part, numbers in (
        (rows.train, division.train),
        (rows.search, division.search),
        (rows.confirm, division.confirm),
    ):
        assert part.lengths.tolist() == dataset.lengths[numbers].tolist()
    assert rows.test.lengths.tolist() == dataset.lengths_test.tolist()
    x = np.random.default_rng(0).normal(size=(60, STEPS, 2))
    full = Rows.of(from_arrays("full", x, Y, lengths=np.full(60, STEPS)), 0)
    assert [part.lengths for part in parts_of(full)] == [None] * 4


def test_standardization_is_measured_on_data_alone():
    """Over the steps with data the train rows have mean 0 and deviation 1; the padding of every part is zero."""
    rows = Rows.of(padded_series(), 0)
    for part in parts_of(rows):
        padding = torch.arange(STEPS) >= part.lengths[:, None]
        assert padding.any()
        assert (part.x[padding] == 0).all()
    data = rows.train.x[torch.arange(STEPS) < rows.train.lengths[:, None]]
    torch.testing.assert_close(data.mean(0), torch.zeros(2), atol=1e-5, rtol=0)
    torch.testing.assert_close(data.std(0, correction=0), torch.ones(2), atol=1e-5, rtol=0)


def test_tokens_are_not_standardized():
    """Ids arrive as the int64 they are stored as, and zero in the padding."""
    dataset = padded_tokens()
    rows, division = Rows.of(dataset, 0), divide(dataset.y, 0)

    assert rows.train.x.dtype == torch.int64
    np.testing.assert_array_equal(rows.train.x.numpy(), dataset.x[division.train])
    np.testing.assert_array_equal(rows.test.x.numpy(), dataset.x_test)


def test_a_network_is_called_with_lengths_only_where_there_are_any():
    """Rows without padding are passed as x alone, so that a network need not know of lengths."""
    x, y = torch.arange(12.0).reshape(6, 2, 1), torch.zeros(6, dtype=torch.int64)
    lengths = torch.tensor([1, 2, 1, 2, 1, 2])
    chosen = torch.tensor([4, 1])

    (alone,) = Labelled(x, y).inputs(chosen)
    with_lengths = Labelled(x, y, lengths).inputs(chosen)
    assert torch.equal(alone, x[chosen])
    assert torch.equal(with_lengths[0], x[chosen])
    assert with_lengths[1].tolist() == [1, 2]
    assert Labelled(x, y, lengths).inputs(slice(2, 4))[1].tolist() == [1, 2]


def test_arrays_that_nobody_may_write_make_rows():
    """Ray's object store hands out read-only arrays; torch takes copies of those, without a warning."""
    dataset = padded_tokens()
    arrays = {name: getattr(dataset, name).copy() for name in ("x", "y", "x_test", "y_test", "lengths", "lengths_test")}
    for array in arrays.values():
        array.flags.writeable = False

    rows, expected = Rows.of(replace(dataset, **arrays), 0), Rows.of(dataset, 0)
    for part, other in zip(parts_of(rows), parts_of(expected), strict=True):
        pairs = zip((*part.inputs(slice(None)), part.y), (*other.inputs(slice(None)), other.y), strict=True)
        assert all(torch.equal(mine, theirs) for mine, theirs in pairs)


def test_numbers_keep_their_unit_and_come_with_their_scale():
    """Mean and deviation are those of the train rows, for all parts alike."""
    y = np.random.default_rng(0).normal(50, 20, 60).astype(np.float32)
    dataset = from_arrays("numbers", np.random.default_rng(1).normal(size=(60, 3)).astype(np.float32), y)
    rows, division = Rows.of(dataset, 0), divide(dataset.y, 0)

    assert rows.task.kind is Kind.REGRESSION
    np.testing.assert_array_equal(rows.confirm.y.numpy(), dataset.y[division.confirm])
    train = dataset.y[division.train].astype(np.float64)
    for part in parts_of(rows):
        assert (part.scale.mean, part.scale.deviation) == (pytest.approx(train.mean()), pytest.approx(train.std()))


def test_nothing_is_predicted_behind_the_end_of_a_row():
    """The tokens to predict are those of the data set, but for the padding, which no loss and no metric reads."""
    tokens = np.random.default_rng(0).integers(0, 9, (60, STEPS + 1))
    lengths = np.random.default_rng(1).integers(2, STEPS + 2, 60)
    dataset = from_arrays("text", tokens, None, lengths=lengths)
    rows, division = Rows.of(dataset, 0), divide(dataset.y, 0)

    assert rows.task.kind is Kind.NEXT_TOKEN
    for part, y in ((rows.train, dataset.y[division.train]), (rows.test, dataset.y_test)):
        padding = torch.arange(y.shape[1]) >= part.lengths[:, None]
        assert torch.equal(part.y.masked_fill(padding, 0), torch.from_numpy(y).masked_fill(padding, 0))
        assert (part.y[padding] == NO_TOKEN).all()
        assert padding.any()


def test_rows_go_to_a_device_as_a_whole():
    """Every tensor of every part lies there; `meta` is one that every machine has."""
    meta = torch.device("meta")
    rows = Rows.of(padded_series(), 0).to(meta)
    for part in parts_of(rows):
        assert {part.x.device, part.y.device, part.lengths.device} == {meta}


def test_a_final_training_learns_from_nearly_all_rows():
    """Standardization included; the curve is scored on the few confirm rows that stay out."""
    dataset = padded_series()
    searched, final = Rows.of(dataset, 0), Rows.of(dataset, 0, is_final=True)
    everything = len(searched.train) + len(searched.search) + len(searched.confirm)
    assert len(final.train) + len(final.search) == everything
    assert torch.equal(final.search.y, searched.confirm.y[::3])
    assert not torch.equal(final.search.x, searched.confirm.x[::3]), "measured on other rows"
