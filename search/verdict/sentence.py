"""The verdict in words that a person can quote, and nothing that the comparison does not support."""

from dataclasses import dataclass

from search.verdict.caveats import (
    ChampionFacts,
    budget_caveats,
    champion_statements,
    doubling_caveats,
    evidence_caveats,
)
from search.verdict.comparison import FamilyComparison
from search.verdict.component_statements import NOTHING_FOUND, ComponentFindings, component_statements
from search.verdict.fairness import FairnessRows
from search.verdict.family_equivalence import equivalence_statements
from search.verdict.headline import headline
from search.verdict.undecided import undecided_questions
from search.verdict.unit import Metric

__all__ = ["ChampionFacts", "VerdictText", "verdict_sentence"]


@dataclass(frozen=True)
class VerdictText:
    """The sentence, and what is not decided, one question an entry."""

    sentence: str
    undecided: list[str]


def verdict_sentence(
    comparison: FamilyComparison,
    *,
    dataset: str,
    metric: Metric,
    champion: ChampionFacts | None = None,
    fairness: FairnessRows | None = None,
    components: ComponentFindings = NOTHING_FOUND,
    networks: str | None = None,
) -> VerdictText:
    """Returns the verdict as a sentence or a few, and the list of what is undecided.

    Args:
        comparison: All families against the leader.
        dataset: The name of the data.
        metric: What the scores compared are told in.
        champion: The best network found, None if there is none.
        fairness: The winners under other budgets, None if they were not computed.
        components: What contrasts found.
        networks: What families were compared by, None if by all of the space.
    """
    sentences = [headline(comparison, dataset, metric)]
    sentences += equivalence_statements(comparison, metric)
    sentences += evidence_caveats(comparison, metric, networks)
    sentences += doubling_caveats(comparison, metric)
    if fairness is not None:
        sentences += budget_caveats(fairness)
    sentences += component_statements(components.rows, metric)
    if champion is not None:
        sentences += champion_statements(champion, comparison, metric)
    text = " ".join(sentence[0].upper() + sentence[1:] for sentence in sentences)
    return VerdictText(text, undecided_questions(comparison, fairness, champion, components))
