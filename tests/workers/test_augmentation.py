"""Augmentations: what each of them may do to the rows of a batch."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from workers.augmentation import AUGMENTATIONS, JITTER, SCALE, jitter, scale, shift, shift_flip
from workers.recipe import IMAGE_AUGMENTATION, SERIES_AUGMENTATION


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def moved(images: Tensor, down: int, right: int) -> Tensor:
    """Images `(batch, height, width, channels)` at their new place, cut out of a wide frame of zeros."""
    framed = F.pad(images, (0, 0, 3, 3, 3, 3))
    return framed[:, 3 - down : 3 - down + images.shape[1], 3 - right : 3 - right + images.shape[2]]


def test_recipes_name_augmentations_that_there_are():
    """Every option but none is one of them."""
    options = {*IMAGE_AUGMENTATION.options, *SERIES_AUGMENTATION.options}
    assert options == {"none", *AUGMENTATIONS}


@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
def test_the_generator_alone_decides(augmentation: str):
    """The same state gives the same batch and another one another; the batch that came in is left as it was."""
    x = torch.randn((16, 10, 10, 2) if augmentation in IMAGE_AUGMENTATION.options else (16, 10, 2))
    before = x.clone()
    first, again, other = (AUGMENTATIONS[augmentation](x, seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(x, before)
    assert (first.shape, first.dtype) == (x.shape, x.dtype)


@pytest.mark.parametrize("mirrors", [False, True])
def test_images_move_by_a_tenth_at_most(mirrors: bool):
    """Each is the one that came in, moved by up to two of 20 rows and one of 8 columns, and perhaps mirrored first."""
    images = torch.randn(200, 20, 8, 2)
    changed = (shift_flip if mirrors else shift)(images, seeded())
    found: dict[int, list[tuple[int, int, bool]]] = {}
    for down, right, mirrored in product(range(-3, 4), range(-2, 3), (False, True)):
        same = (changed == moved(images.flip(2) if mirrored else images, down, right)).flatten(1).all(1)
        for image in same.nonzero()[:, 0].tolist():
            found.setdefault(image, []).append((down, right, mirrored))
    assert [len(found[image]) for image in range(200)] == [1] * 200
    moves = product(range(-2, 3), range(-1, 2), (False, True) if mirrors else (False,))
    assert {move for (move,) in found.values()} == set(moves)


def test_images_of_one_row_stay_in_it():
    """An axis of a single position has no other."""
    images = torch.randn(20, 1, 1, 3)
    assert torch.equal(shift_flip(images, seeded()), images)


def test_jitter_is_noise_of_a_tenth():
    """Independent at each step and channel."""
    noise = jitter(torch.zeros(400, 25, 2), seeded())
    assert float(noise.mean()) == pytest.approx(0, abs=3e-3)
    assert float(noise.std()) == pytest.approx(JITTER, rel=0.02)


def test_scale_is_one_factor_a_row():
    """About 1, the same at every step and channel, so that zeros stay zeros."""
    factors = scale(torch.ones(4000, 3, 2), seeded())
    assert torch.equal(factors, factors[:, :1, :1].expand_as(factors))
    assert float(factors.log().mean()) == pytest.approx(0, abs=6e-3)
    assert float(factors[:, 0, 0].log().std()) == pytest.approx(SCALE, rel=0.05)
    assert not scale(torch.zeros(4, 3, 2), seeded()).any()
