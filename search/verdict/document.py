"""The verdict as a JSON document. Its field names are a contract: readers exist outside this project.

Levels and spreads are values of `metric`, intervals have their lower end first, and a gain above 0 is an improvement
whichever way the metric goes.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class _Part(BaseModel):
    """Frozen, knows all of its fields, and holds no NaN or infinity, which JSON cannot say."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class FamilyVerdict(_Part):
    """One family; `curve` holds E_1 ... E_N, `p_adjusted` is 1 for the leader.

    `gain_on_doubling` is by how much the metric was better after training twice as long.
    """

    family: str
    trials: int
    failed: int
    expected_best: float
    interval: tuple[float, float]
    p_adjusted: float
    in_winner_set: bool
    curve: tuple[float, ...]
    steps: int
    gain_on_doubling: float | None
    still_learning: bool
    rung_rank_correlation: float | None


class ComponentVerdict(_Part):
    """One contrast of a component, on and off in the same hosts."""

    component: str
    contrast: str
    difference: float
    interval: tuple[float, float]
    effect_size: float | None
    hosts: int
    hosts_positive: int
    p_adjusted: float
    decision: Literal["helps", "hurts", "equivalent", "undecided", "depends"]
    hosts_needed: int | None


class SealedTest(_Part):
    """Mean and deviation on the sealed test of the values of fresh seeds; one seed has no `sd`."""

    mean: float
    sd: float | None
    seeds: int


class LandmarkVerdict(_Part):
    """A hand-designed network on the sealed test."""

    name: str
    sealed_test: SealedTest


class ChampionVerdict(_Part):
    """The best network found; `architecture` is its own JSON, and so is what is known of the runner-up."""

    fingerprint: str
    architecture: dict[str, JsonValue]
    families: tuple[str, ...]
    parameters: int
    flops: int
    sealed_test: SealedTest | None
    runner_up: dict[str, JsonValue] | None
    landmarks: tuple[LandmarkVerdict, ...]
    beats_landmarks: bool


class FairnessVerdict(_Part):
    """The winner under equal trials, equal parameters and equal time."""

    equal_trials: str | None
    equal_parameters: str | None
    equal_time: str | None
    agree: bool


class BudgetSpent(_Part):
    """What the study spent."""

    trials: int
    core_seconds: float
    wall_seconds: float
    worker_busy_share: float | None


class VerdictDocument(_Part):
    """The whole verdict; `champion` is None where nothing finished."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    study: str
    dataset: str
    metric: str
    higher_is_better: bool
    sentence: str
    winner: str | None
    winner_set: tuple[str, ...]
    families: tuple[FamilyVerdict, ...]
    components: tuple[ComponentVerdict, ...]
    champion: ChampionVerdict | None
    fairness: FairnessVerdict
    budget: BudgetSpent
    undecided: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Returns the document as JSON values, under the names of the contract."""
        return self.model_dump(mode="json", by_alias=True)
