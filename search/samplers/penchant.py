"""The default: a model of what is known picks among variations of the best and fresh samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from search.samplers import SAMPLERS, Sampler
from search.samplers.domain import Domain, P, Record
from search.samplers.surrogate import Encoding, Surrogate
from search.samplers.utility import utilities
from search.samplers.variation import asked, crossed, mutated, neighbours, realized, sample
from spaces.choices import Choice, Value, sampling

INITIAL = 5
"""Records below which there is nothing to learn from."""
SEEN_BEST, SEEN_LATEST = 80, 40
"""Records the model learns from: its cost grows with the cube of their number."""
PARENTS = 3
NEIGHBOURS, MUTANTS, CROSSES, SAMPLES = 90, 20, 10, 100
EARLY_NOISE = 2.0
"""By how much the noise of a score of an unfinished training exceeds that of a full one."""

Sketch = Mapping[str, Value]


@SAMPLERS.register("penchant")
class PenchantSampler(Sampler[P]):
    """Proposes what a Gaussian process on the choices expects to improve most on the best.

    Candidates are the neighbours of the networks predicted best, mutations and crosses of these, and uniform samples.
    What is in training counts as if it had scored what is expected of it, so that proposals stay diverse.
    """

    def __init__(self, domain: Domain[P]) -> None:
        super().__init__(domain)
        self._choices: dict[str, Choice] = {}
        self._read: set[frozenset[tuple[str, Value]]] = set()

    def propose(self, records: Sequence[Record[P]], rng: np.random.Generator) -> P:
        """See `Sampler.propose`."""
        known = [record for record in records if record.scores or record.failed]
        if len(known) < INITIAL:
            return sample(self.domain, rng)
        values = utilities(known)
        chosen = _seen(values)
        seen = [known[index].proposal.choices() for index in chosen]
        running = [record.proposal.choices() for record in records if not record.scores and not record.failed]
        late = [0.0 if known[index].full_score is not None or known[index].failed else EARLY_NOISE for index in chosen]
        top = [seen[index] for index in np.argsort(-values[chosen], kind="stable")[:PARENTS]]
        tried = {frozenset(record.proposal.choices().items()) for record in records}
        pool = {frozenset(sketch.items()): sketch for sketch in self._pool(top, rng)}
        fresh = [sketch for key, sketch in pool.items() if key not in tried]
        if not fresh:
            return sample(self.domain, rng)
        encoding = Encoding(self._asked([*seen, *running, *fresh]), [*seen, *running, *fresh])
        rows, waiting, noise = encoding(seen), encoding(running), np.array(late)
        model = Surrogate(rows, values[chosen], noise)
        if running:
            expected, _ = model.predict(waiting)
            rows, noise = np.concatenate([rows, waiting]), np.concatenate([noise, np.zeros(len(running))])
            model = Surrogate(rows, np.concatenate([values[chosen], expected]), noise)
        improvement = _expected_improvement(*model.predict(encoding(fresh)), model.predict(rows)[0].max())
        return realized(self.domain, fresh[int(np.argmax(improvement))], rng)

    def _pool(self, best: Sequence[Sketch], rng: np.random.Generator) -> Iterator[dict[str, Value]]:
        around = [sketch for parent in best for sketch in neighbours(self.domain, parent, rng)]
        yield from (around[index] for index in rng.permutation(len(around))[:NEIGHBOURS])
        for _ in range(MUTANTS):
            yield mutated(self.domain, best[int(rng.random() * len(best))], rng)
        for _ in range(CROSSES):
            first, second = (best[int(rng.random() * len(best))] for _ in range(2))
            yield crossed(self.domain, first, second, rng)
        for _ in range(SAMPLES):
            yield self.domain.sketch(sampling(rng))

    def _asked(self, sketches: Sequence[Sketch]) -> dict[str, Choice]:
        """Every choice that is asked for one of them."""
        for sketch in sketches:
            if (key := frozenset(sketch.items())) not in self._read:
                self._read.add(key)
                self._choices |= {name: choice.domain for name, choice in asked(self.domain, sketch).items()}
        return self._choices


def _seen(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which records the model learns from: the best and the latest."""
    if len(values) <= SEEN_BEST + SEEN_LATEST:
        return np.arange(len(values))
    best = np.argsort(-values, kind="stable")[:SEEN_BEST]
    return np.union1d(best, np.arange(len(values) - SEEN_LATEST, len(values)))


def _expected_improvement(
    mean: NDArray[np.float64], deviation: NDArray[np.float64], best: float
) -> NDArray[np.float64]:
    """Expected improvement. Jones et al. 1998, equation 15."""
    z = (mean - best) / deviation
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return np.asarray(deviation * (z * ndtr(z) + density))
