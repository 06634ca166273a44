import json

import pytest

from search.candidate import Candidate
from search.specification import Specification
from spaces import Grid, InvalidInput, SearchSpace, Task
from spaces.choices import Categorical
from spaces.operation_file import OperationFile
from spaces.operations import OPERATIONS
from tests.contracts.cases import registered
from tests.search.made import made_trial
from tests.spaces.test_operation_file import ROLL

FACTS = {"dataset": "digits", "dataset_fingerprint": "00", "strategy": "tpe", "seed": 0, "tracking_uri": "sqlite://"}
SPACE = SearchSpace.named("everything").fitted(Task(Grid((8, 8), 1), 10))

FIRST_VERSION = {
    **FACTS,
    "identity": "0123456789ab",
    "budget_seconds": None,
    "trials": 14,
    "horizon": 32,
    "workers": None,
    "address": None,
    "space": {
        "operations": ["context_attention", "convolution", "dense", "lstm", "multi_head_attention", "wavelet_network"],
        "stems": ["linear", "patch"],
        "positions": ["learned", "none"],
        "heads": ["flatten", "last", "mean"],
        "connections": ["plain", "residual"],
        "normalizations": ["layer", "none"],
        "activations": ["gelu", "relu", "silu", "tanh"],
        "initializations": ["glorot", "he"],
        "stages": [1, 2],
        "blocks": [1, 2],
        "widths": [16, 32, 64],
        "expansions": [0, 2],
        "dropouts": [0.0, 0.1, 0.2],
        "any_stem": False,
    },
}
"""What the first version recorded of a study."""


def test_what_is_recorded_reads_as_it_was():
    """Through JSON and back nothing changes, the fitted space with all its sub-choices included."""
    specification = Specification(**FACTS, space=SPACE)
    document = json.loads(json.dumps(specification.model_dump(mode="json")))
    assert Specification.recorded(document) == specification


def test_a_study_keeps_the_options_it_was_created_with(monkeypatch):
    """When a later version of an operation offers more, Optuna is asked what it was asked before."""
    document = Specification(**FACTS, space=SPACE).model_dump(mode="json")
    trial = made_trial(family="recurrence")
    before = trial.candidate.parameters(SPACE)
    more = {"bidirectional": Categorical((False, True, "both"))}
    for name in ("lstm", "gru", "rnn", "linear_recurrence"):
        monkeypatch.setattr(OPERATIONS[name], "choices", more)
    assert trial.candidate.parameters(Specification.recorded(document).space) == before


def test_an_earlier_study_is_not_offered_what_came_later():
    """Its attentions look both ways, as all did; its task told how many classes there are."""
    document = Specification(**FACTS, space=SPACE).model_dump(mode="json")
    document["space"]["options"] = {k: v for k, v in document["space"]["options"].items() if "attention" not in k}
    document["space"]["task"]["classes"] = document["space"]["task"].pop("outputs")
    del document["space"]["task"]["kind"]
    recorded = Specification.recorded(document)
    assert recorded.space.options["multi_head_attention.causal"] == (False,)
    assert recorded.space.task == SPACE.task


def test_a_study_of_the_first_version_goes_on_with_its_choices():
    """It offers neither gates nor causal filters nor eight heads, whatever there is now."""
    recorded = Specification.recorded(FIRST_VERSION)
    assert (recorded.schedule, recorded.components) == ("halving", False)
    assert (recorded.target, recorded.dataset_notes) == (None, ())
    assert (recorded.task, recorded.metric.name) == ("classification", "accuracy")
    space = recorded.space
    asked = {}

    def choose(name, choice):
        asked[name] = choice
        return choice.options[-1] if isinstance(choice, Categorical) else choice.high

    Candidate.decide(space.only(["attention"]), choose)
    assert asked["stage1.multi_head_attention.heads"] == Categorical((1, 2, 4))
    asked.clear()
    Candidate.decide(space.only(["convolution"]), choose)
    assert asked["stage1.convolution.kernel_size"] == Categorical((3, 5))
    assert not [name for name in asked if name.endswith("causal") or name == "gate"]


def test_a_record_that_cannot_be_read_is_told_in_one_line():
    """An operation that is not there: which one, and what there is."""
    document = Specification(**FACTS, space=SPACE).model_dump(mode="json")
    document["space"]["operations"] = ["nosuch"]
    with pytest.raises(InvalidInput, match=r"^the study's record: .*'nosuch'"):
        Specification.recorded(document)


def test_operations_that_changed_are_refused(tmp_path):
    """A study with an operation of the user's own wants the very file it was created with."""
    path = tmp_path / "mine.py"
    path.write_text(ROLL)
    with registered():
        file = OperationFile.read(path)
        file.register()
        space = SearchSpace.named("everything").only(["shift"]).fitted(Task(Grid((8,), 1), 2))
        specification = Specification(**FACTS, space=space, operation_files={file.path: file.fingerprint})
        document = specification.model_dump(mode="json")
    with registered():
        assert Specification.recorded(document).space == space
        assert [file.source for file in specification.operations()] == [ROLL]
    path.write_text(ROLL + "\n")
    with pytest.raises(InvalidInput, match=r"mine\.py: found another source .* expected the same"):
        Specification.recorded(document)
    path.unlink()
    with pytest.raises(InvalidInput, match=r"mine\.py: no such file"):
        Specification.recorded(document)
