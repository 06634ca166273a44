"""How a study proceeded, in the words of its page."""

from search.phases.adaptive import Adaptive
from search.phases.census import Census
from search.phases.confirmation import Confirmation
from search.phases.contrasts import Contrasts
from search.phases.doubling import Doubling
from search.phases.landmarks import LandmarksPhase
from search.phases.shortlist import Shortlist
from search.phases.timing import Timing
from search.report.method import ABOUT


def test_the_page_says_what_every_phase_is_for():
    """In the order in which they come, and nothing of a phase that there is not."""
    phases = (Timing, LandmarksPhase, Census, Doubling, Contrasts, Adaptive, Shortlist, Confirmation)
    assert list(ABOUT) == [phase.name for phase in phases]
