"""What contrasts found, in words: "residual connections help (+.18 [.11, .25], 8 of 8 hosts)"."""

from collections.abc import Sequence
from dataclasses import dataclass

from search.verdict.bootstrap import Interval
from search.verdict.contrasts import ContrastRow, Decision
from search.verdict.figures import counted, difference_figure, interval_figure, listed, signed_figure
from search.verdict.unit import Metric, figure_scale, gain, title

NOUNS = {
    "connection": "{} connections",
    "gate": "{} gates",
    "normalization": "{} normalization",
    "initialization": "{} initialization",
    "position": "{} positions",
}
NOTHING = ("plain", "none")
"""References that are nothing at all: what is compared with them helps or hurts, anything else does better or worse."""
MOST_UNDECIDED = 3


@dataclass(frozen=True)
class ComponentFindings:
    """What is known of components.

    Attributes:
        rows: A row a contrast.
        untested: Components of which no contrast was tested.
        advice: What budget would test them.
    """

    rows: Sequence[ContrastRow] = ()
    untested: Sequence[str] = ()
    advice: str = ""


NOTHING_FOUND = ComponentFindings()


def component_statements(rows: Sequence[ContrastRow], metric: Metric) -> list[str]:
    """Returns a sentence for each contrast that is decided, and one for all that are not."""
    decided = [_statement(row, metric) for row in rows if row.decision is not Decision.UNDECIDED]
    open_rows = [row for row in rows if row.decision is Decision.UNDECIDED]
    if not open_rows:
        return decided
    told = [f"{question(row)} ({hosts_to_decide(row)})" for row in open_rows[:MOST_UNDECIDED]]
    if len(open_rows) > MOST_UNDECIDED:
        told.append(f"{counted(len(open_rows) - MOST_UNDECIDED, 'other contrast')}")
    return [*decided, f"undecided: {listed(told)}."]


def question(row: ContrastRow) -> str:
    """Returns what is asked: `whether residual connections help`."""
    return f"whether {_subject(row)} {_verb(row, 'help') if _is_knock_out(row) else _compared(row, 'better')}"


def hosts_to_decide(row: ContrastRow) -> str:
    """Returns how many hosts would decide."""
    if row.hosts_needed is None:
        return "no affordable number of hosts would decide"
    return f"about {row.hosts_needed} hosts would decide, {row.hosts} were tested"


def component_gain(row: ContrastRow, metric: Metric) -> tuple[float, Interval]:
    """Returns by how much the option is better and the interval of that, in the unit of the metric.

    Ends are told of networks that far from the mean score with the reference.
    """
    base = row.reference_score
    difference, low, high = (gain(metric, base + end, base) for end in (row.difference, *row.interval))
    return difference, (low, high)


def _statement(row: ContrastRow, metric: Metric) -> str:
    if row.decision is Decision.EQUIVALENT:
        within = difference_figure(abs(metric.difference(row.reference_score + row.epsilon, row.reference_score)))
        if _is_knock_out(row):
            return f"{_subject(row)} {_verb(row, 'make')} no difference beyond {within}."
        both = [_words(row.option), _words(row.reference)]
        return f"{_noun(row, listed(both))} are equivalent within {within}."
    evidence = _evidence(row, metric) + _by_depth(row, metric)
    if row.decision is Decision.DEPENDS:
        return f"what {_subject(row)} {_verb(row, 'do')} depends on the host {evidence}."
    helps = row.decision is Decision.HELPS
    if _is_knock_out(row):
        return f"{_subject(row)} {_verb(row, 'help' if helps else 'hurt')} {evidence}."
    return f"{_subject(row)} {_compared(row, 'better' if helps else 'worse')} {evidence}."


def _evidence(row: ContrastRow, metric: Metric) -> str:
    """Returns `(+.18 [.11, .25], 8 of 8 hosts)`, or `(RMSE better by .18 [.11, .25], 8 of 8 hosts)`."""
    scale = figure_scale(metric)
    difference, interval = component_gain(row, metric)
    told = signed_figure(difference, scale)
    if not metric.higher_is_better:
        told = f"{title(metric.name)} better by {difference_figure(difference, scale)}"
    gains = f"{row.hosts_positive} of {counted(row.hosts, 'host')}"
    return f"({told} {interval_figure(interval, difference, scale)}, {gains})"


def _by_depth(row: ContrastRow, metric: Metric) -> str:
    """Returns `: +.01 in networks of up to 2 blocks, +.24 in deeper ones`, where that is shown to differ."""
    if row.depth is None:
        return ""
    base, scale = row.reference_score, figure_scale(metric)
    gains = [gain(metric, base + effect, base) for effect in (row.depth.shallow, row.depth.deep)]
    figure = signed_figure if metric.higher_is_better else difference_figure
    shallow, deep = (figure(each, scale) for each in gains)
    return f": {shallow} in networks of up to {counted(row.depth.border, 'block')}, {deep} in deeper ones"


def _subject(row: ContrastRow) -> str:
    return _noun(row, _words(row.option))


def _noun(row: ContrastRow, name: str) -> str:
    return NOUNS.get(row.component, "{}").format(name.removesuffix(f" {row.component}"))  # no "context gate gates"


def _verb(row: ContrastRow, verb: str) -> str:
    if _is_plural(row):
        return verb
    return "does" if verb == "do" else f"{verb}s"


def _compared(row: ContrastRow, how: str) -> str:
    return f"{'do' if _is_plural(row) else 'does'} {how} than {_words(row.reference)}"


def _is_plural(row: ContrastRow) -> bool:
    return NOUNS.get(row.component, "").endswith("s")


def _is_knock_out(row: ContrastRow) -> bool:
    return row.reference in NOTHING


def _words(name: str) -> str:
    return name.replace("_", " ")
