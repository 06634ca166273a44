"""How it was done: the phases in plain words, what each took, and how to do it again."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from search.plan import SHORTEST_MEANINGFUL_HORIZON
from search.report.record import Record
from search.specification import Specification

ABOUT: Mapping[str, str] = {
    "timing": "Random networks, a few steps each: how much training does the budget hold on this machine?",
    "landmarks": "The networks people would try first, such as a ResNet or an LSTM, as far as they fit the data.",
    "census": "Blocks of random networks, one of each family, under equal conditions and never stopped early. "
    "What is said about families comes from these alone.",
    "doubling": "Each family's best networks of the census again, from scratch and for twice as long: "
    "does the ranking hold when everybody trains longer?",
    "contrasts": "The same networks with a part and without it, each at its best learning rate, to see what the part "
    "is worth.",
    "adaptive": "The search for the best network. It learns from all results so far, may mix families, "
    "and stops most candidates early.",
    "shortlist": "The best networks again on fresh divisions of the rows; the best mean is the champion.",
    "confirmation": "Champion, runner-up and the best hand-designed networks, trained afresh with new seeds on nearly "
    "all rows, and scored on the sealed test, which nothing else has opened.",
}
"""What each phase is for."""

UNITS = ((3600, "h"), (60, "m"), (1, "s"))


@dataclass(frozen=True)
class PhaseSpent:
    """What a phase took: trials, failures among them, steps of one of its trainings at most, seconds of workers."""

    name: str
    about: str
    trials: int
    failed: int
    steps: int
    seconds: float
    share: float


def phases(record: Record) -> list[PhaseSpent]:
    """In the order in which they began."""
    whole = sum(trial.seconds for trial in record.trials) or 1.0
    found = []
    for name in dict.fromkeys(trial.phase for trial in record.trials):
        own = record.of_phase(name)
        seconds = sum(trial.seconds for trial in own)
        steps, failed = max(trial.horizon for trial in own), sum(trial.failed for trial in own)
        found.append(PhaseSpent(name, ABOUT.get(name, ""), len(own), failed, steps, seconds, seconds / whole))
    return found


def machines(record: Record) -> int:
    """On which trainings ran, as far as they were told."""
    return len({outcome.node for trial in record.trials for outcome in trial.outcomes if outcome.node})


@dataclass(frozen=True)
class Asked:
    """What asks for a study: a command, or where it takes more than options to say so, a study file.

    Attributes:
        command: for a terminal; None where a search space or the like was written out.
        file: the same as a study file.
    """

    command: str | None
    file: str

    @classmethod
    def of(cls, specification: Specification, times: int = 1) -> Asked | None:
        """The same study, or one with so many times its budget; None where an earlier version did not record it.

        Without its name, which is taken now, and its cluster, which may be gone.
        """
        request = {key: value for key, value in specification.request.items() if key not in ("name", "address")}
        if not request:
            return None
        asked = {**request, **_budget(specification, times), "seed": specification.seed}
        file = yaml.safe_dump(asked, sort_keys=False, allow_unicode=True)
        if all(isinstance(value, str | int | list) for value in asked.values()):
            return cls(_command(asked), file)
        return cls(None, file)


def _command(asked: Mapping[str, Any]) -> str:
    words = [word for name, value in asked.items() if name != "data" for word in _option(name.replace("_", "-"), value)]
    return shlex.join(["penchant", "run", asked["data"], *words])


def _option(name: str, value: str | int | list[Any]) -> Iterator[str]:
    if isinstance(value, bool):
        yield f"--{name}" if value else f"--no-{name}"
        return
    for each in value if isinstance(value, list) else [value]:
        yield from (f"--{name}", str(each))


def _budget(specification: Specification, times: int) -> dict[str, Any]:
    """Written out, whatever the default will be: `{"budget": "5m"}`, `{"trials": 100}`.

    More trials alone decide nothing where trainings were too short to mean anything: then there are more epochs, too.
    """
    if specification.budget_seconds is None:
        trials, horizon = times * (specification.trials or 0), specification.horizon or 0
        epochs = specification.request.get("epochs")
        if times == 1 or epochs is None or horizon >= SHORTEST_MEANINGFUL_HORIZON:
            return {"trials": trials}
        return {"trials": trials, "epochs": math.ceil(epochs * SHORTEST_MEANINGFUL_HORIZON / horizon)}
    seconds = times * specification.budget_seconds
    unit, letter = next((unit, letter) for unit, letter in UNITS if seconds % unit == 0 or unit == 1)
    return {"budget": f"{seconds / unit:g}{letter}"}
