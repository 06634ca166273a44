"""The default: a model of what is known picks among variations of the best and fresh samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from search.samplers import SAMPLERS, Sampler
from search.samplers.domain import Domain, P, Record, Remembering
from search.samplers.history import History, ascending
from search.samplers.surrogate import Surrogate, encoded, one_thread
from search.samplers.variation import asked, crossed, mutated, neighbour, realized, sample, steps
from spaces.choices import Value, sampling

INITIAL = 5
"""Records below which there is nothing to learn from."""
BEST_LEARNT, LATEST_LEARNT = 60, 30
"""Records the model learns from: its cost grows with the cube of their number."""
LATEST_RUNNING = 30
"""Records in training that the model believes in; with a thousand workers the latest are what it may repeat."""
PARENTS = 3
NEIGHBOURS, MUTANTS, CROSSES, SAMPLES = 60, 20, 10, 20
EARLY_NOISE = 2.0
"""By how much the noise of a score of an unfinished training exceeds that of a full one."""

Sketch = Mapping[str, Value]


@SAMPLERS.register("penchant")
class PenchantSampler(Sampler[P]):
    """Proposes what a Gaussian process on the choices expects to improve most on the best.

    Candidates are the neighbours of the three best networks, mutations and crosses of these, and uniform samples.
    What is in training counts as if it had scored what is expected of it, so that proposals stay diverse. Where time is
    what the search has to spend, expected improvement counts per second. Snoek et al. 2012, section 3.2.
    """

    takes_prior = True

    def __init__(self, domain: Domain[P]) -> None:
        super().__init__(domain)
        self._sketches = Remembering(domain)
        self._read: set[P] = set()  # proposals of which all choices are remembered

    def propose(self, history: History[P], rng: np.random.Generator) -> P:
        """See `Sampler.propose`."""
        known, values = history.utilities()
        if len(known) < INITIAL:
            return sample(self.domain, rng)
        learnt, values = _learnt(known, values)
        seen = [self._choices(history[index]) for index in learnt]
        running = [self._choices(record) for record in history.running[-LATEST_RUNNING:]]
        top = [seen[place] for place in np.argsort(-values, kind="stable")[:PARENTS]]
        fresh = history.untried(_pool(self._sketches, top, rng))
        if not fresh:
            return sample(self.domain, rng)
        rows = encoded(self._sketches.choices, [*seen, *running, *fresh])
        rows_seen, rows_running, rows_fresh = np.split(rows, [len(seen), len(seen) + len(running)])
        noise = np.array([_noise(history[index]) for index in learnt])
        with one_thread():
            model = Surrogate(rows_seen, values, noise).believing(rows_running)
            likeness = model.likeness(rows_fresh)
            improvement = _expected_improvement(*model.predict(likeness), float(model.fitted.max()))
            improvement /= _seconds(model, [history[index].seconds for index in learnt], likeness)
        return realized(self.domain, fresh[int(np.argmax(improvement))], rng)

    def _choices(self, record: Record[P]) -> Sketch:
        """The choices of what was proposed, and sees to it that all of them are remembered."""
        choices = record.proposal.choices()
        if record.proposal not in self._read:
            asked(self._sketches, choices)
            self._read.add(record.proposal)
        return choices


def _pool(domain: Domain[P], best: Sequence[Sketch], rng: np.random.Generator) -> Iterator[dict[str, Value]]:
    questions = [asked(domain, parent) for parent in best]
    around = [(parent, step) for parent, own in zip(best, questions, strict=True) for step in steps(parent, own)]
    for place in rng.permutation(len(around))[:NEIGHBOURS]:
        parent, step = around[place]
        yield neighbour(domain, parent, step, rng)
    for _ in range(MUTANTS):
        parent = int(rng.random() * len(best))
        yield mutated(domain, best[parent], questions[parent], rng)
    for _ in range(CROSSES):
        first, second = (best[int(rng.random() * len(best))] for _ in range(2))
        yield crossed(domain, first, second, rng)
    for _ in range(SAMPLES):
        yield domain.sketch(sampling(rng))


def _learnt(known: NDArray[np.int64], values: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """What the model learns from: the best records and the latest."""
    latest = np.arange(max(0, len(known) - LATEST_LEARNT), len(known))
    places = np.union1d(ascending(-values)[:BEST_LEARNT], latest)
    return known[places], values[places]


def _seconds(model: Surrogate, known: Sequence[float], likeness: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a training of each row is expected to take, from those the model has learnt; 1 where nothing is known."""
    logarithms = np.log(known)
    if np.isnan(logarithms).all():
        return np.ones(len(likeness))
    logarithms = np.where(np.isnan(logarithms), np.nanmean(logarithms), logarithms)
    logarithms = np.append(logarithms, np.full(len(model.fitted) - len(known), logarithms.mean()))  # those in training
    return np.asarray(np.exp(model.expected(logarithms, likeness)))


def _noise(record: Record[P]) -> float:
    return 0.0 if record.failed or record.full_score is not None else EARLY_NOISE


def _expected_improvement(
    mean: NDArray[np.float64], deviation: NDArray[np.float64], best: float
) -> NDArray[np.float64]:
    """Expected improvement. Jones et al. 1998, equation 15."""
    z = (mean - best) / deviation
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return np.asarray(deviation * (z * ndtr(z) + density))
