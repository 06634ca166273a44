"""Image folders: what is read, what is left out, and the line for each folder that is not usable."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from spaces.errors import InvalidInput
from spaces.shapes import Grid
from tests.workers.datasets.drawn import draw_folder, noise
from workers.datasets import images, load_dataset
from workers.datasets.dataset import Dataset
from workers.datasets.image_folder import load_image_folder
from workers.rows import Rows


def refusal(folder: Path) -> str:
    """The line that refuses a folder."""
    with pytest.raises(InvalidInput) as caught:
        load_image_folder(folder)
    assert str(caught.value).isprintable()
    return str(caught.value)


def in_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """The same folder as if its images were too many to hold."""
    monkeypatch.setattr(images, "LIMIT_BYTES", 0)
    return load_image_folder(folder)


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    return draw_folder(tmp_path / "pets", {"dog": 11, "cat": 9})


def test_a_folder_by_class_becomes_images(pets: Path) -> None:
    """Classes and files in the order of their names, channels last, a fifth sealed, nothing done that needs a note."""
    dataset = load_dataset(str(pets))
    pixels = [np.asarray(Image.open(file)) for file in sorted(pets.glob("*/*.png"))]

    assert (dataset.name, dataset.modality, dataset.labels, dataset.notes) == ("pets", "image", ("cat", "dog"), ())
    assert dataset.task.grid == Grid((4, 6), 3)
    assert dataset.x.dtype == np.float32
    assert (len(dataset.x), len(dataset.x_test)) == (16, 4)
    rows = {pixel.tobytes(): int(place >= 9) for place, pixel in enumerate(pixels)}
    for x, y in zip((*dataset.x, *dataset.x_test), (*dataset.y, *dataset.y_test), strict=True):
        assert rows.pop(x.astype(np.uint8).tobytes()) == y
    assert not rows


def test_train_and_test_folders_are_the_parts(tmp_path: Path) -> None:
    """The images of test are sealed, those of a validation folder are joined to train, whatever order they lie in."""
    for part, count in (("train", 6), ("val", 2), ("test", 3)):
        draw_folder(tmp_path / part, {"cat": count, "dog": count})
    (tmp_path / "extra").mkdir()
    dataset = load_image_folder(tmp_path)

    assert (len(dataset.x), len(dataset.x_test)) == (16, 6)
    assert dataset.notes == (
        "the images of val were joined to those of train",
        "left out, since no images of a class: 1 file or folder ('extra')",
    )
    np.testing.assert_array_equal(dataset.x_test[0], np.asarray(Image.open(tmp_path / "test" / "cat" / "000.png")))


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    """A folder of that name with images rather than folders in it is a class like others."""
    assert load_image_folder(draw_folder(tmp_path / "a", {"train": 8, "bus": 8})).labels == ("bus", "train")


def test_images_of_many_sizes_become_one(pets: Path) -> None:
    """The median of heights and of widths; the note tells the smallest and the largest."""
    for number, (height, width) in enumerate(((5, 5), (40, 30), (6, 6))):
        noise(height, width).save(pets / "cat" / f"other{number}.png")
    dataset = load_image_folder(pets)

    assert dataset.task.grid == Grid((4, 6), 3)
    assert dataset.notes == ("resized from 4 × 6 … 40 × 30 to 4 × 6, cropped to the centre",)


def test_large_images_become_small_ones(tmp_path: Path) -> None:
    """No side is longer than 64 pixels; the ratio of the sides stays."""
    dataset = load_image_folder(draw_folder(tmp_path / "a", {"x": 7, "y": 7}, height=100, width=128))

    assert dataset.task.grid == Grid((50, 64), 3)
    assert dataset.notes == ("resized from 100 × 128 to 50 × 64, cropped to the centre",)


def test_grey_images_have_one_channel_and_mixed_ones_three(tmp_path: Path) -> None:
    """What is done to some of the images is told with their number."""
    folder = draw_folder(tmp_path / "a", {"x": 8, "y": 8}, mode="L")
    assert load_image_folder(folder).task.grid.channels == 1

    noise(4, 6, "RGBA").save(folder / "x" / "colour.png")
    noise(4, 6, "I;16").save(folder / "x" / "deep.png")
    dataset = load_image_folder(folder)
    assert dataset.task.grid.channels == 3
    assert dataset.notes == (
        "1 of 18 images with transparency were laid on white",
        "1 of 18 images with 16 bits a pixel were cut to 8",
        "17 of 18 images in grey were given 3 channels, as the others",
    )


def test_other_files_and_hidden_ones_are_left_out_with_a_note(pets: Path) -> None:
    """Wherever they lie; the first three are named."""
    before = load_image_folder(pets)
    (pets / "labels.csv").touch()
    (pets / ".DS_Store").touch()
    (pets / ".cache").mkdir()
    (pets / "cat" / "readme.txt").touch()
    (pets / "cat" / ".000.png").touch()
    (pets / "dog" / "folder.png").mkdir()
    dataset = load_image_folder(pets)

    assert dataset.fingerprint == before.fingerprint
    assert dataset.notes == (
        "left out, since no images of a class: 6 files or folders ('.DS_Store', '.cache', 'labels.csv', …)",
    )


def test_the_fingerprint_tells_pixels_and_classes(pets: Path, tmp_path: Path) -> None:
    """Not where or when they were written: a copy has the same, one changed pixel another."""
    before = load_image_folder(pets).fingerprint
    copy = shutil.copytree(pets, tmp_path / "elsewhere", copy_function=shutil.copyfile)
    assert load_image_folder(copy).fingerprint == before
    with Image.open(copy / "cat" / "000.png") as image:
        image.load()
    image.putpixel((0, 0), tuple(255 - value for value in image.getpixel((0, 0))))
    image.save(copy / "cat" / "000.png")
    assert load_image_folder(copy).fingerprint != before


def test_images_too_large_to_hold_stay_in_files(pets: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rows and labels as in memory; what is sent to a worker is the paths."""
    held = load_image_folder(pets)
    dataset = in_files(pets, monkeypatch)

    assert isinstance(dataset.x, np.memmap)
    assert isinstance(dataset.x_test, np.memmap)
    assert dataset.x.dtype == np.uint8
    for name in ("x", "y", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(dataset, name), getattr(held, name))
    assert (dataset.task, dataset.labels, dataset.modality) == (held.task, held.labels, held.modality)
    message = pickle.dumps(dataset)
    assert dataset.x[:4].tobytes() not in message
    assert Path(pickle.loads(message).x.filename).parent == home / "cache" / "images"
    assert pickle.loads(message).fingerprint == dataset.fingerprint


def test_images_in_files_are_trained_on_like_others(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch is read from the file and standardized as the same images in memory are."""
    held, mapped = (Rows.of(dataset, 0).train for dataset in (load_image_folder(pets), in_files(pets, monkeypatch)))

    np.testing.assert_allclose(mapped.inputs(slice(0, 5))[0], held.inputs(slice(0, 5))[0], atol=1e-5)


def test_images_are_decoded_into_files_once(pets: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Again only when an image, or the file of pixels, has changed."""
    first = in_files(pets, monkeypatch)
    files = {file: file.stat().st_ino for file in (home / "cache" / "images").iterdir()}
    assert in_files(pets, monkeypatch).fingerprint == first.fingerprint
    assert {file: file.stat().st_ino for file in (home / "cache" / "images").iterdir()} == files

    for file in files:
        file.write_bytes(file.read_bytes()[:-1])
    assert in_files(pets, monkeypatch).fingerprint == first.fingerprint
    assert set((home / "cache" / "images").iterdir()) == set(files)

    noise(4, 6, seed=7).save(pets / "cat" / "000.png")
    os.utime(pets / "cat" / "000.png", (1, 1))
    assert in_files(pets, monkeypatch).fingerprint != first.fingerprint


def test_folders_that_hold_no_classes_are_refused(tmp_path: Path, pets: Path) -> None:
    """No folders, no images in one, one class alone, too few images, an unknown part."""
    empty = tmp_path / "empty"
    empty.mkdir()
    assert refusal(empty).startswith(f"{empty}: found no folders of classes: expected FOLDER/CLASS/IMAGE or")
    noise(2, 2).save(empty / "a.png")
    assert refusal(empty).startswith(f"{empty}: found no folders of classes")
    (pets / "bird").mkdir()
    assert refusal(pets).startswith(f"{pets / 'bird'}: found no images: expected at least one of this class")
    one = draw_folder(tmp_path / "one", {"cat": 9})
    assert refusal(one) == f"{one}: y_train has one class only, 'cat': expected at least two classes"
    few = draw_folder(tmp_path / "few", {"cat": 9, "dog": 3})
    assert refusal(few).startswith(f"{few}: y_train has 3 rows of class 'dog': expected at least 7 rows a class")


def test_an_image_that_cannot_be_read_is_named(pets: Path) -> None:
    """A broken one, a pipe, a link to nothing."""
    path = pets / "cat" / "zzz.JPG"
    path.write_bytes(b"\xff\xd8\xff\xe0")
    assert refusal(pets).startswith(f"{path}: found no image")
    path.unlink()
    os.mkfifo(path)
    assert refusal(pets) == f"{path}: found no regular file: expected an image"
    path.unlink()
    path.symlink_to("nothing.jpg")
    assert refusal(pets) == f"{path}: found no regular file: expected an image"


@pytest.mark.parametrize("is_class", [True, False])
def test_a_link_out_of_the_folder_is_refused(pets: Path, tmp_path: Path, is_class: bool) -> None:
    """A link within it is followed."""
    (pets / "dog" / "same.png").symlink_to(pets / "dog" / "000.png")
    dataset = load_image_folder(pets)
    assert len(dataset.x) + len(dataset.x_test) == 21
    outside = draw_folder(tmp_path / "outside", {"owl": 9})
    link = pets / "owl" if is_class else pets / "dog" / "owl.png"
    link.symlink_to(outside / "owl" if is_class else outside / "owl" / "000.png")
    assert refusal(pets).startswith(f"{link}: found a symbolic link that leads out of {pets}")


def test_names_that_break_a_line_are_quoted(pets: Path) -> None:
    """An image's name is shown escaped; a class must have a name that can be shown."""
    (pets / "cat" / "a\nb.png").touch()
    assert r"cat/a\nb.png': found no image" in refusal(pets)
    (pets / "cat").rename(pets / "c\nat")
    assert "found a class whose name cannot be shown" in refusal(pets)


def test_a_folder_of_images_is_nothing_else(pets: Path) -> None:
    """Another modality, and a target, are refused."""
    with pytest.raises(InvalidInput, match=r"pets: found modality 'series': expected 'image'"):
        load_dataset(str(pets), "series")
    with pytest.raises(InvalidInput, match=r"^found target 'cat' for .*pets'"):
        load_dataset(str(pets), target="cat")
