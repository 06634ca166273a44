import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as made

from search.request import StudyRequest
from search.study_file import is_study_file, read_study_file
from spaces import InvalidInput


def written(tmp_path, text: str, name: str = "study.yaml"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_a_file_asks_for_what_it_says(tmp_path):
    """Every key is a field of the request; a space may be written in place."""
    text = """
    data: digits
    budget: 1h
    seed: 3
    name: careful
    space:
      extends: convolutional
      blocks: [1, 2]
    """
    assert read_study_file(written(tmp_path, text)) == StudyRequest(
        data="digits", budget="1h", seed=3, name="careful", space={"extends": "convolutional", "blocks": [1, 2]}
    )


def test_json_reads_as_yaml_does(tmp_path):
    """A file of either kind."""
    document = {"data": "digits", "trials": 12, "epochs": 2}
    path = written(tmp_path, json.dumps(document), "study.json")
    assert is_study_file(str(path))
    assert read_study_file(path) == StudyRequest(**document)


def test_paths_are_relative_to_the_file(tmp_path):
    """A study file, its data, its space and its operations lie together, wherever the command is run."""
    path = written(tmp_path, "{data: mine.npz, space: mine.yaml, operations: [mine.py, /elsewhere/other.py]}")
    request = read_study_file(path)
    assert request.data == str(tmp_path / "mine.npz")
    assert request.space == str(tmp_path / "mine.yaml")
    assert request.operations == [str(tmp_path / "mine.py"), "/elsewhere/other.py"]


@pytest.mark.parametrize("name", ["mine.csv", "mine.tsv", "mine.parquet", "tables/mine.CSV"])
def test_a_table_lies_beside_the_file_and_names_its_target(tmp_path, name: str):
    """As other data do; a target given beside counts more."""
    path = written(tmp_path, f"{{data: {name}, target: price_band}}")
    assert read_study_file(path) == StudyRequest(data=str(tmp_path / name), target="price_band")
    assert read_study_file(path, target="colour").target == "colour"


def test_a_file_says_what_is_predicted_and_how_it_is_scored(tmp_path):
    """Under the names that the command line has."""
    request = read_study_file(written(tmp_path, "{data: mine.npz, task: regression, metric: rmse}"), metric="r2")
    assert (request.task, request.metric) == ("regression", "r2")


def test_names_stay_names(tmp_path):
    """A registered data set and a built-in space are no paths."""
    request = read_study_file(written(tmp_path, "{data: digits, space: tiny}"))
    assert (request.data, request.space) == ("digits", "tiny")


def test_what_is_given_beside_counts_more(tmp_path):
    """An option on the command line overrides the file."""
    request = read_study_file(written(tmp_path, "{data: digits, seed: 3, budget: 1h}"), seed=4)
    assert (request.seed, request.budget) == (4, "1h")


def test_a_length_given_beside_replaces_the_other_kind(tmp_path):
    """Trials given replace the file's budget, a budget given replaces its trials and epochs."""
    timed, exact = written(tmp_path, "{data: digits, budget: 1h}"), "{data: digits, trials: 20, epochs: 2}"
    assert read_study_file(timed, trials=12) == StudyRequest(data="digits", trials=12)
    assert read_study_file(written(tmp_path, exact), budget="5m") == StudyRequest(data="digits", budget="5m")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "no such file: expected a study in YAML or JSON"),
        ("[1, 2]", "found list, expected keys such as data and budget"),
        ("{data: digits", "not YAML ("),
        ("{data: digits, buget: 5m}", "unknown key 'buget': expected some of data, "),
        ("{data: digits, buget: 5m}", "(did you mean 'budget'?)"),
        ("{budget: 5m}", "data missing: expected a registered name or the path of a file"),
        ("{data: digits, trials: many}", "trials: found 'many', expected a valid integer"),
        ("{data: digits, seed: 1.5}", "seed: found 1.5, expected a valid integer"),
        ("{data: digits, budget: 5}", "budget: found 5, expected a valid string"),
        ("{data: digits, operations: mine.py}", "operations: found 'mine.py', expected a valid list"),
    ],
)
def test_a_wrong_file_is_told_in_one_line(tmp_path, text: str | None, told: str):
    """The line begins with the file and says what was found and what was expected."""
    path = tmp_path / "study.yaml" if text is None else written(tmp_path, text)
    with pytest.raises(InvalidInput) as error:
        read_study_file(path)
    assert str(error.value).startswith(f"{path}: ")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


SCALARS = made.none() | made.booleans() | made.integers() | made.floats() | made.text(max_size=20)
VALUES = made.recursive(
    SCALARS | made.sampled_from(["digits", "5m", "everything", "score,parameters", "tpe"]),
    lambda inner: made.lists(inner, max_size=3) | made.dictionaries(made.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = made.sampled_from(sorted(StudyRequest.model_fields)) | made.text(max_size=8)


def refusal(path: Path) -> str:
    """The line by which a file is refused; nothing where it is read."""
    try:
        read_study_file(path)
    except InvalidInput as error:
        return str(error)
    return ""


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made.dictionaries(KEYS, VALUES, max_size=5))
def test_any_mapping_is_read_or_refused_in_one_line(tmp_path, document: dict):
    """Whatever stands under whatever key: one line says what is wrong, and there is no other error."""
    path = written(tmp_path, json.dumps({"data": "digits", **document}))
    told = refusal(path)
    assert "\n" not in told
    assert told.startswith(f"{path}: ") or not told


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")) | made.binary(max_size=60))
def test_any_file_is_read_or_refused_in_one_line(tmp_path, content: bytes):
    """Also where it is no YAML, or no text."""
    path = tmp_path / "study.yaml"
    path.write_bytes(content)
    told = refusal(path)
    assert "\n" not in told
    assert told.startswith(f"{path}: ")
