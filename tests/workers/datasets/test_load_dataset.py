"""Data sets by name or path, and the registry behind the names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spaces.errors import InvalidInput
from workers.datasets import DATASETS, load_dataset


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_registered_name_loads() -> None:
    """Each entry of the registry is a data set of that name, with rows to develop and rows to test."""
    for name in DATASETS:
        dataset = load_dataset(name)
        assert dataset.name == name
        assert len(dataset.x) > len(dataset.x_test) > 0


@pytest.mark.parametrize("file", ["set.npz", "set.NPZ"])
def test_a_path_to_an_archive_loads(file: str) -> None:
    """A relative path that ends in .npz is read from there."""
    with Path(file).open("wb") as archive:
        np.savez(archive, x_train=np.eye(20), y_train=np.arange(20) % 2)

    assert load_dataset(file).name == "set"
    assert load_dataset(str(Path(file).resolve())).name == "set"


def test_a_wanted_modality_reads_a_file_another_way() -> None:
    """Integer columns of an archive are tokens, or a table where that is wanted."""
    np.savez("set.npz", x_train=np.eye(20, dtype=np.int64), y_train=np.arange(20) % 2)

    assert load_dataset("set.npz").modality == "tokens"
    assert load_dataset("set.npz", "tabular").modality == "tabular"


def test_a_registered_set_has_one_task_and_any_of_its_metrics() -> None:
    """Its own task may be named, in either spelling; another is refused, and so is another task's metric."""
    assert load_dataset("copy", task="next-token", metric="accuracy").metric.name == "accuracy"
    assert load_dataset("copy", task="next_token").metric.name == "perplexity"
    for given, line in (
        ({"task": "regression"}, r"^found task 'regression' for iris: expected 'classification'$"),
        ({"task": "ranking"}, r"^task: found 'ranking', expected one of classification, regression, next_token$"),
        ({"metric": "rmse"}, r"^iris: metric: found 'rmse', expected one of accuracy, .* for classification$"),
    ):
        with pytest.raises(InvalidInput, match=line):
            load_dataset("iris", **given)


def test_a_registered_set_has_one_modality() -> None:
    """Its own may be named; another is refused in a line that names both."""
    assert load_dataset("iris", "tabular").modality == "tabular"
    with pytest.raises(InvalidInput, match=r"^found modality 'series' for iris: expected 'tabular', as it is register"):
        load_dataset("iris", "series")


@pytest.mark.parametrize("file", ["set.csv", "set.TSV", "set.parquet"])
def test_a_path_to_a_table_loads_with_its_target(file: str) -> None:
    """Its modality may be named; another one, or no target, is refused before the file is looked for."""
    for given, line in (
        ((), r"without a target: expected the name"),
        (("image", "b"), r"'image' .* expected 'tabular'"),
    ):
        with pytest.raises(InvalidInput, match=line):
            load_dataset(file, *given)
    table = pd.DataFrame({"a": np.arange(20) ** 2, "b": np.arange(20) % 2})
    if file.endswith("parquet"):
        table.to_parquet(file)
    else:
        table.to_csv(file, index=False, sep="," if file.endswith("csv") else "\t")

    assert load_dataset(file, target="b").name == "set"
    assert load_dataset(str(Path(file).resolve()), "tabular", "b").modality == "tabular"


@pytest.mark.parametrize("source", ["iris", "set.npz"])
def test_only_a_table_has_a_target(source: str) -> None:
    """Elsewhere the classes have a place of their own."""
    np.savez("set.npz", x_train=np.eye(20), y_train=np.arange(20) % 2)
    with pytest.raises(InvalidInput, match=rf"^found target 'b' for '{source}': expected one with \.csv, \.tsv and"):
        load_dataset(source, target="b")


def test_data_without_columns_have_no_notes() -> None:
    """Nothing was done with them that would have to be declared."""
    assert load_dataset("iris").notes == ()


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (
            "digit",
            r"unknown dataset 'digit': expected one of .*digits.*did you mean 'digits'\?\); or the path of an .npz",
        ),
        ("", r"unknown dataset '': expected one of breast_cancer"),
        ("none.npz", r"^none\.npz: no such file: expected an \.npz file"),
        (
            "none.txt",
            r"'none\.txt': no such file: expected the path of an \.npz, .* images, or a registered name \(.*digits",
        ),
        ("folder/none", r"'folder/none': no such file"),
        (
            "rows.txt",
            r"'rows\.txt': found a file that ends otherwise: expected the path of an \.npz, \.csv, \.tsv or \.parq",
        ),
        ("folder", r"folder: found no folders of classes: expected FOLDER/CLASS/IMAGE"),
        ("n" * 5000, r"unknown dataset 'n+': expected one of"),
        ("a\n\0b", r"unknown dataset 'a\\n\\x00b': expected one of"),
    ],
)
def test_a_source_that_is_neither_is_refused(source: str, line: str) -> None:
    """The line says what was found under that name and what is expected: registered names, or a file."""
    Path("rows.txt").write_text("1,2\n")
    Path("folder").mkdir()
    with pytest.raises(InvalidInput, match=line) as caught:
        load_dataset(source)
    assert "\n" not in str(caught.value)


def test_a_fresh_process_finds_the_names() -> None:
    """A process that has imported nothing, or a registering file first, knows the registered names."""
    program = "import workers.datasets.digits; from workers.datasets import DATASETS; assert 'digits' in DATASETS"
    root = Path(__file__).parents[3]

    assert subprocess.run([sys.executable, "-c", program], cwd=root, check=False).returncode == 0
