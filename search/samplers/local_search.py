"""Local search."""

from __future__ import annotations

import numpy as np

from search.samplers import SAMPLERS, Sampler
from search.samplers.domain import P
from search.samplers.history import History
from search.samplers.variation import asked, neighbour, realized, sample, steps


@SAMPLERS.register("local_search")
class LocalSearchSampler(Sampler[P]):
    """Tries the neighbours of the best network in random order, and those of a better one as soon as it is found.

    White et al. 2021. Where all neighbours of the best are tried, those of the second best follow, in place of a start
    from somewhere else: the record tells no path, and noise makes any second best the best for a while.
    """

    schedule = "full_length"

    def propose(self, history: History[P], rng: np.random.Generator) -> P:
        """See `Sampler.propose`."""
        known, values = history.utilities()
        for index in known[np.argsort(-values, kind="stable")]:
            if history[index].failed:
                break
            best = history[index].proposal.choices()
            around = steps(best, asked(self.domain, best))
            for place in rng.permutation(len(around)):
                sketch = neighbour(self.domain, best, around[place], rng)
                if not history.was_tried(sketch):
                    return realized(self.domain, sketch, rng)
        return sample(self.domain, rng)
