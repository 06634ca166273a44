"""Studies of tables from files, from the command line to the verdict."""

import numpy as np
import pandas as pd
import pytest

from search import Study
from spaces import InvalidInput
from workers.inline_engine import InlineEngine
from workers.rows import Rows

ROWS = 80


def houses() -> pd.DataFrame:
    """Numbers with gaps, a boolean, texts with gaps, an identifier and a constant; the class follows from them."""
    rng = np.random.default_rng(0)
    size, town = rng.normal(90, 30, ROWS).round(1), rng.choice(["north", "south"], ROWS)
    table = pd.DataFrame(
        {
            "house": [f"h{row}" for row in range(ROWS)],
            "size": size,
            "garden": rng.random(ROWS) < 0.5,
            "town": town,
            "country": "here",
            "price_band": np.where(size + 30 * (town == "north") > 105, "high", "low"),
        }
    )
    table.loc[::7, "size"] = None
    table.loc[::11, "town"] = None
    return table


@pytest.fixture
def houses_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "houses.csv"
    houses().to_csv(path, index=False)
    return path


def test_a_mixed_table_ends_in_a_verdict(houses_file, penchant):
    """From its file to the champion; what was done with each column is recorded and shown."""
    study = Study.create("houses.csv", target="price_band", trials=12, epochs=1)
    document = study.run(InlineEngine(), [])
    assert document.champion.sealed_test is not None
    assert "failed" not in set(study.trials()["state"])
    recorded = Study.load("houses").specification
    assert (recorded.dataset, recorded.target) == (str(houses_file), "price_band")
    assert recorded.dataset_notes == study.dataset.notes
    shown = penchant("show", "houses")[1]
    for note in (
        "column 'house': left out, 64 different texts in 64 rows",
        "column 'size': a number; with 'size is missing'",
        "column 'garden': a number",
        "column 'town': one-hot, 2 values; with 'town is missing'",
        "column 'country': left out, it has one value only",
    ):
        assert note in shown


def test_a_study_resumes_on_the_same_table_alone(houses_file):
    """A number that changed in the file is another data set."""
    Study.create(str(houses_file), target="price_band", trials=12, epochs=1)
    assert Study.load("houses").dataset.name == "houses"
    houses().assign(size=np.arange(ROWS) ** 2).to_csv(houses_file, index=False)
    with pytest.raises(InvalidInput, match="found other data"):
        _ = Study.load("houses").dataset


def test_gaps_are_measured_on_train_rows_alone(houses_file):
    """Each division has its own mean, of the numbers that its train rows have; a gap becomes that mean, zero."""
    study = Study.create(str(houses_file), target="price_band", trials=12, epochs=1)
    dataset = study.dataset
    for division in range(2):
        rows = Rows.of(dataset, division)
        size, missing = rows.train.x[:, 0], rows.train.x[:, 1] > 0
        assert missing.any()
        assert (size[missing] == 0).all()
        assert size[~missing].mean().item() == pytest.approx(0, abs=1e-5)
        assert size[~missing].std(correction=0).item() == pytest.approx(1, abs=1e-5)
        for part in (rows.search, rows.confirm, rows.test):
            assert part.x.isfinite().all()
        assert abs(rows.confirm.x[:, 0].mean().item()) > 1e-3


def test_a_table_is_evaluated_and_drawn_for(houses_file, penchant):
    """`evaluate` and `show --data` take the target as `run` does."""
    arguments = ("houses.csv", "--target", "price_band")
    assert penchant("evaluate", *arguments, "--architecture", "deep_fnn", "--steps", "3", "--seeds", "1")[0] == 0
    assert penchant("show", "deep_fnn", "--data", *arguments)[0] == 0


def rewritten(change):
    """A change of the table's text."""
    return lambda path: path.write_text(change(path.read_text()))


def recolumned(**columns):
    """A table with other columns."""
    return lambda path: houses().assign(**columns).to_csv(path, index=False)


CASES = {
    "no_target": (None, [], "without a target"),
    "near": (None, ["--target", "price_bend"], "did you mean 'price_band'?"),
    "modality": (None, ["--target", "price_band", "--modality", "series"], "expected 'tabular'"),
    "empty": (rewritten(lambda text: ""), None, "the file is empty"),
    "header_only": (rewritten(lambda text: text.splitlines()[0] + "\n"), None, "no rows"),
    "one_class": (recolumned(price_band="low"), None, "one class only"),
    "duplicate": (rewritten(lambda text: text.replace("garden", "size", 1)), None, "2 columns named 'size'"),
    "encoding": (lambda path: path.write_bytes(path.read_bytes() + b"\xe9,1,True,north,here,low\n"), None, "not UTF-8"),
    "ragged": (rewritten(lambda text: text + "h80,1\n"), None, "line 82 has 2 fields"),
    "folder": (lambda path: (path.unlink(), path.mkdir()), None, "found a folder"),
    "gone": (lambda path: path.unlink(), None, "no such file"),
    "binary": (lambda path: houses().to_parquet(path), None, "found a binary file"),
    "missing_target": (rewritten(lambda text: text.replace(",low\n", ",\n", 1)), None, "is missing in row "),
    "regression": (None, ["--target", "price_band", "--task", "regression"], "holds text: expected numbers"),
    "classes": (
        recolumned(price_band=np.linspace(0.5, 9, ROWS)),
        ["--target", "price_band", "--task", "classification"],
        "or task 'regression'",
    ),
    "dates": (recolumned(built=pd.Timestamp("2020-01-01")), None, "column 'built' holds dates"),
}


@pytest.mark.parametrize(("change", "options", "told"), CASES.values(), ids=CASES)
def test_a_wrong_table_is_one_line_and_code_two(penchant, houses_file, home, change, options, told):
    """The line says what was found and expected; nothing is left half-created."""
    if change is not None:
        change(houses_file)
    options = ["--target", "price_band"] if options is None else options
    code, output, error = penchant("run", "houses.csv", *options)
    assert (code, output, error.count("\n")) == (2, "", 1)
    assert error.startswith("penchant: ")
    assert "houses.csv" in error
    assert told in error
    assert not home.exists()


def test_other_wrong_sources_with_a_target_are_one_line(penchant, houses_file, home):
    """A text named .parquet, and a target of a registered set."""
    houses_file.rename("houses.parquet")
    for source, told in (("houses.parquet", "expected a Parquet file"), ("iris", "found target 'price_band'")):
        code, output, error = penchant("run", source, "--target", "price_band")
        assert (code, output, error.count("\n")) == (2, "", 1)
        assert told in error
    assert not home.exists()
