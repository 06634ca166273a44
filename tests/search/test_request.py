import numpy as np
import pytest

from search.phases.census import census_trial
from search.request import StudyRequest, requested
from search.settings import Settings
from spaces import InvalidInput
from spaces.operation_file import register_operations
from tests.spaces.test_operation_file import ROLL
from workers.datasets import from_arrays, load_dataset


@pytest.fixture
def operation_file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(ROLL)
    return str(path)


def specify(**fields):
    return requested({"data": "iris", **fields}).specify(load_dataset("iris"))


def test_a_users_operations_take_part_with_their_file(operation_file):
    """The specification names the file, and the default space holds what it registers."""
    specification = specify(operations=[operation_file])
    assert "roll" in specification.space.operations
    assert list(specification.operation_files) == [operation_file]


def test_operations_of_another_study_stay_out(operation_file):
    """What this process knows and workers do not is left out of a built-in space, and refused where it is named."""
    register_operations([operation_file])
    assert "roll" not in specify().space.operations
    with pytest.raises(InvalidInput, match=r"^space: 'roll' is registered in this process alone, expected its file"):
        specify(space={"operations": ["roll", "lstm"]})


def test_a_band_that_no_network_of_a_family_meets_is_told_before_the_study_begins():
    """Not in the middle of the census."""
    with pytest.raises(InvalidInput, match=r"^parameters: found no network of .* with 1 to 5 parameters"):
        specify(space={"parameters": [1, 5], "families": ["recurrence"]})


def test_the_task_and_metric_that_were_found_are_specified():
    """So that a later default changes nothing of a recorded study."""
    specification = specify()
    assert (specification.task, specification.metric.name) == ("classification", "accuracy")
    request = requested({"data": "copy", "task": "next-token", "metric": "accuracy"})
    specification = request.specify(request.load_data())
    assert (specification.task, specification.metric.name) == ("next_token", "accuracy")


@pytest.mark.parametrize(("data", "kept"), [("iris", 84), ("diabetes", 247), ("copy", 2240)])
def test_epochs_are_counted_in_train_rows(data, kept):
    """Whatever is predicted; a batch has 32 rows, and the last may be smaller."""
    request = requested({"data": data, "epochs": 3})
    assert request.specify(request.load_data()).horizon == 3 * -(-kept // 32)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"data": 5}, "data: found 5, expected a valid string"),
        ({"metric": 5}, "metric: found 5, expected a valid string"),
        ({"trials": 5.0}, "trials: found 5.0, expected a valid integer"),
        ({"seed": True}, "seed: found True, expected a valid integer"),
    ],
)
def test_a_field_of_the_wrong_kind_is_told(fields, told):
    """In Python as in a study file, by one line."""
    with pytest.raises(InvalidInput) as error:
        requested({"data": "iris", **fields})
    assert str(error.value) == told


def test_the_environment_counts_less_than_what_is_asked_for(monkeypatch):
    """A study file's storage stands, whatever PENCHANT_STORAGE says."""
    monkeypatch.setenv("PENCHANT_STORAGE", "sqlite:///environment.db")
    assert StudyRequest(data="iris", storage="sqlite:///asked.db").settings().storage == "sqlite:///asked.db"
    assert StudyRequest(data="iris").settings() == Settings.resolve()
    assert Settings.resolve().storage == "sqlite:///environment.db"


def test_a_small_budget_searches_a_coarser_space_than_was_asked_for():
    """What was asked for is kept beside it: a finer landmark may still be the champion."""
    rng = np.random.default_rng(0)
    images = from_arrays("images", rng.normal(size=(60, 1, 28, 28)).astype(np.float32), np.arange(60) % 2)
    small, large = (requested({"data": "mine.npz", "budget": budget}).specify(images) for budget in ("5m", "2h"))
    assert small.space.options["stem.patch.size"] == (4,)
    assert small.asked.options["stem.patch.size"] == (2, 4) == large.space.options["stem.patch.size"]
    assert large.asked is None


def test_a_small_budget_compares_families_by_small_networks():
    """All lie in the space that is searched, as the record and the sampler need; the specification says so in words."""
    images = load_dataset("digits")
    small, large = (requested({"data": "digits", "budget": budget}).specify(images) for budget in ("5m", "20m"))
    drawn = [census_trial("census", small.census_space, f, n, 500, 0) for f in small.space.families for n in range(8)]
    assert all(trial.candidate.lies_in(small.space) for trial in drawn)
    assert max(trial.architecture["width"] for trial in drawn) == 32
    assert {len(trial.architecture.stages) for trial in drawn} == {1}
    assert small.census_networks == "1 stage, at most 32 wide"
    assert (large.census_space, large.census_networks) == (large.space, None)


def test_families_are_compared_by_all_of_a_space_that_is_small_anyway():
    """Nothing is said of small networks where there are no others."""
    tiny = requested({"data": "digits", "budget": "5m", "space": "tiny"}).specify(load_dataset("digits"))
    assert (tiny.census, tiny.census_networks) == (None, None)


def test_a_band_of_parameters_is_compared_as_it_was_asked_for():
    """Its networks are of one size, which is not made smaller."""
    asked = {"data": "digits", "budget": "5m", "space": {"parameters": [5_000, 50_000]}}
    specification = requested(asked).specify(load_dataset("digits"))
    assert (specification.census, specification.census_networks) == (None, None)
