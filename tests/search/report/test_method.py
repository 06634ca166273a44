"""How a study proceeded, in the words of its page."""

import shlex

from search.cli import cli
from search.phases.adaptive import Adaptive
from search.phases.census import Census
from search.phases.confirmation import Confirmation
from search.phases.contrasts import Contrasts
from search.phases.doubling import Doubling
from search.phases.landmarks import LandmarksPhase
from search.phases.shortlist import Shortlist
from search.phases.timing import Timing
from search.report.method import ABOUT, Asked
from tests.search.storage.specification import SPECIFICATION


def test_the_page_says_what_every_phase_is_for():
    """In the order in which they come, and nothing of a phase that there is not."""
    phases = (Timing, LandmarksPhase, Census, Doubling, Contrasts, Adaptive, Shortlist, Confirmation)
    assert list(ABOUT) == [phase.name for phase in phases]


def test_the_command_that_asks_again_can_be_typed():
    """Switches have no value, and options the hyphens of the command line."""
    asked = {
        "data": "digits",
        "trials": 10,
        "prior": False,
        "reuse": True,
        "max_parameters": 900,
        "operations": ["a.py"],
    }
    command = Asked.of(SPECIFICATION.model_copy(update={"request": asked})).command
    assert command.startswith("penchant run digits ")
    given = cli.commands["run"].make_context("run", shlex.split(command)[2:]).params
    assert {name: given[name] for name in asked if name != "operations"} == {
        name: value for name, value in asked.items() if name != "operations"
    }
    assert given["operations"] == ("a.py",)
