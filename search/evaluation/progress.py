"""What a person sees while an architecture is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from search.verdict.figures import score_figure
from search.verdict.unit import figure_scale, title
from workers.metric import Metric
from workers.outcome import Outcome


@contextmanager
def told(console: Console, seeds: int, metric: Metric, baseline: str) -> Iterator[Callable[[Outcome], None]]:
    """Tells of every outcome it is called with, in the metric's unit: live on a terminal, as a line elsewhere."""
    if not console.is_interactive:
        yield lambda outcome: console.print(_line(outcome, metric), highlight=False, soft_wrap=True)
        return
    ended: list[Outcome] = []
    with console.status(f"training 1 of {seeds}") as status:

        def tell(outcome: Outcome) -> None:
            ended.append(outcome)
            now = f"training {len(ended) + 1} of {seeds}" if len(ended) < seeds else baseline
            status.update(f"{now} [dim]· {_line(outcome, metric)}[/]")

        yield tell


def _line(outcome: Outcome, metric: Metric) -> str:
    told = str(outcome.status)
    if outcome.confirm_score is not None:
        told = f"{score_figure(metric.value(outcome.confirm_score), figure_scale(metric))} {title(metric.name)}"
    return f"seed {outcome.trial}: {told}, {outcome.seconds:.1f} s"
