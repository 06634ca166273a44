import csv
from dataclasses import replace

from search.tracking.study_run import LONGEST_DESCRIPTION, description, leaderboard, study_metrics, study_tags
from search.trial import TrialState
from search.verdict.document import VerdictDocument
from spaces import landmark
from tests.search.made import made_trial
from tests.search.verdict.test_document import CONTRACT
from workers.outcome import Status

CHAMPION = landmark("lenet")
DOCUMENT = VerdictDocument.model_validate(
    {**CONTRACT, "champion": {**CONTRACT["champion"], "architecture": CHAMPION.to_json()}}
)


def test_the_description_tells_the_verdict():
    """Sentence, families with interval and p, the champion with its baselines, components, and where to read on."""
    text = description(DOCUMENT, "#/experiments/1/runs/ab", ["verdict.json", "leaderboard.csv"])
    assert text.startswith(DOCUMENT.sentence)
    assert "[verdict.json](#/experiments/1/runs/ab/artifacts/verdict.json)" in text
    assert "| **convolution** | .887 | [.850, .900] | 2 | 0 | 1.000 | wins |" in text
    assert f"`{CHAMPION}`: 1,200 parameters, 34,000 FLOPs a row" in text
    assert "| **champion** | .884 ± .006 (10 fresh seeds) |" in text
    assert "| lenet | .884 ± .006 (10 fresh seeds) |" in text
    assert "| connection: residual over plain | .100 | [.050, .150] | 8 | .010 | helps |" in text
    assert "`penchant verdict first`" in text


def test_a_description_too_long_for_mlflow_leaves_off_whole_sections():
    """What is left is whole, within the limit, and says where the rest is."""
    questions = tuple(f"whether {n} matters: about {n} hosts would decide" for n in range(400))
    text = description(DOCUMENT.model_copy(update={"undecided": questions}), "#/runs", ["verdict.json"])
    assert len(text) <= LONGEST_DESCRIPTION
    assert text.startswith(DOCUMENT.sentence)
    assert "| **convolution** |" in text
    assert text.endswith("*The rest is in verdict.json among the artifacts.*")


def test_studies_are_compared_by_their_figures():
    """What a table of parent runs can be sorted by: expected bests, the champion, what it took."""
    figures = study_metrics(DOCUMENT)
    assert figures["expected_best.convolution"] == 0.887
    assert figures["champion.sealed_test"] == 0.884
    assert figures["core_seconds"] == DOCUMENT.budget.core_seconds
    assert study_tags(DOCUMENT)["winner"] == "convolution"


def test_the_leaderboard_holds_complete_trials_best_first():
    """A CSV table; pruned and failed trials have no place in it, and commas in a network do no harm."""
    trials = [
        made_trial(0, scores={90: 0.5}),
        made_trial(1, scores={90: 0.7}, confirm=0.6),
        made_trial(2, scores={10: 0.9}, state=TrialState.PRUNED),
        made_trial(3, failure=Status.DIVERGED),
    ]
    rows = list(csv.DictReader(leaderboard(trials).splitlines()))
    assert [row["trial"] for row in rows] == ["1", "0"]
    assert rows[0]["network"] == str(trials[1].architecture)
    assert (rows[0]["search_score"], rows[0]["confirm_score"], rows[0]["test_score"]) == ("0.7", "0.6", "")
    assert rows[1]["steps"] == "90"
    assert leaderboard([replace(trials[0], outcomes=[], state=TrialState.RUNNING)]).count("\n") == 1
