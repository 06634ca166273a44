"""From trials to what the verdict reads."""

from search.evidence import censuses
from tests.search.made import made_trial
from workers.outcome import Status


def test_running_out_of_time_says_nothing_of_longer_training():
    """A doubling check that met the limit is left out; one that diverged counts as nothing learned."""
    census = [
        made_trial(n, phase="census", slot=f"convolution/{n}", scores={90: 0.5}, confirm=0.5 + n / 10) for n in range(3)
    ]
    doubled = [
        made_trial(3, phase="doubling", slot="convolution/0", scores={180: 0.6}, confirm=0.6, horizon=180),
        made_trial(4, phase="doubling", slot="convolution/1", horizon=180, failure=Status.TIMED_OUT),
    ]
    (family,) = censuses([*census, *doubled], ["convolution"])
    assert (family.doubled.at_horizon, family.doubled.at_double) == (0.5, 0.6)
    diverged = made_trial(5, phase="doubling", slot="convolution/2", horizon=180, failure=Status.DIVERGED)
    (family,) = censuses([*census, *doubled, diverged], ["convolution"])
    assert (family.doubled.at_horizon, family.doubled.at_double) == (0.6, 0.3)
