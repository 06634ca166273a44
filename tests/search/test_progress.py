"""What a person is told while a study runs."""

import io
from types import SimpleNamespace

import pandas as pd
import pytest
from rich.console import Console

from search.progress import progress_display
from search.terminal import print_trials
from tests.search.made import made_trial
from tests.search.verdict.censuses import ACCURACY, PERPLEXITY, RMSE
from workers.outcome import Status

METRICS = pytest.mark.parametrize(
    ("metric", "told"),
    [(ACCURACY, ".900 accuracy"), (RMSE, ".500 RMSE"), (PERPLEXITY, "2.344 perplexity")],
    ids=lambda given: getattr(given, "name", ""),
)


@METRICS
@pytest.mark.parametrize("interactive", [False, True])
def test_the_best_so_far_is_a_value_of_the_metric(metric, told, interactive):
    """The best score, whichever trial came last, in the metric's unit and with its family; failures are counted."""
    console = Console(file=io.StringIO(), width=160, force_terminal=interactive, force_interactive=interactive)
    display = progress_display(console, lambda: None, metric)
    display.study_starts([])
    display.phase_starts("adaptive", 3)
    trials = [made_trial(0, scores={90: 0.9}), made_trial(1, scores={90: 0.5}), made_trial(2, failure=Status.CRASHED)]
    for trial in trials:
        display.trial_ends(trial)
    display.phase_starts("confirmation", None)
    display.close()
    assert f"best {told} (convolution) · 1 failed" in console.file.getvalue()


@pytest.mark.parametrize("interactive", [False, True])
def test_what_was_done_before_counts(interactive):
    """A resumed study goes on from its counts and its best; a trial that ends late counts for its own phase."""
    console = Console(file=io.StringIO(), width=160, force_terminal=interactive, force_interactive=interactive)
    display = progress_display(console, lambda: None, ACCURACY)
    display.study_starts([made_trial(n, phase="census", scores={90: 0.9}) for n in range(3)])
    display.phase_starts("census", 4)
    display.phase_starts("adaptive", 7)
    display.trial_ends(made_trial(3, phase="census", scores={90: 0.5}))
    display.phase_starts("shortlist", None)
    display.close()
    told = console.file.getvalue()
    assert "best .900 accuracy" in told
    assert ("4/4" if interactive else "census: 3/4 trials") in told
    assert "1/7" not in told


@pytest.mark.parametrize("interactive", [False, True])
def test_a_phase_may_have_more_trials_than_it_began_with(interactive):
    """What contrasts leave is the search's, which began while they waited."""
    console = Console(file=io.StringIO(), width=160, force_terminal=interactive, force_interactive=interactive)
    display = progress_display(console, lambda: None, ACCURACY)
    display.study_starts([])
    display.phase_starts("adaptive", 1)
    for number in range(2):
        display.trial_ends(made_trial(number, scores={90: 0.9}))
    if not interactive:
        display._print()  # ten seconds later, say
    display.close()
    assert ("2/2" if interactive else "adaptive: 2/2 trials") in console.file.getvalue()


class Shown:
    """A study with two full trainings."""

    specification = SimpleNamespace(prior=None)

    def trials(self):
        rows = [("census", "lstm", 0.5), ("adaptive", "convolution", 0.9)]
        fields = ("phase", "family", "search_score")
        frame = pd.DataFrame([dict(zip(fields, row, strict=True)) for row in rows])
        return frame.assign(number=[0, 1], state="complete", reason="", served_from="", parameters=100)

    def trials_by_phase(self):
        return {"census": 1, "adaptive": 1}


@METRICS
def test_the_best_trials_are_told_in_the_metrics_unit(metric, told):
    """The best first, under the name of the metric."""
    console = Console(file=io.StringIO(), width=80)
    print_trials(console, Shown(), metric)
    value, name = told.split()
    *_, header, first, second = console.file.getvalue().splitlines()
    assert f"search {name}" in header
    assert first.split() == ["1", "adaptive", "convolution", value, "100"]
    assert second.split()[2] == "lstm"
