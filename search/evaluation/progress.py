"""What a person sees while an architecture is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from search.verdict.figures import score_figure
from workers.outcome import Outcome


@contextmanager
def told(console: Console, seeds: int) -> Iterator[Callable[[Outcome], None]]:
    """Tells of every outcome it is called with: live on a terminal, as a line elsewhere."""
    if not console.is_interactive:
        yield lambda outcome: console.print(_line(outcome), highlight=False, soft_wrap=True)
        return
    ended: list[Outcome] = []
    with console.status(f"training 1 of {seeds}") as status:

        def tell(outcome: Outcome) -> None:
            ended.append(outcome)
            now = f"training {len(ended) + 1} of {seeds}" if len(ended) < seeds else "linear classifier"
            status.update(f"{now} [dim]· {_line(outcome)}[/]")

        yield tell


def _line(outcome: Outcome) -> str:
    score = outcome.status if outcome.confirm_score is None else score_figure(outcome.confirm_score)
    return f"seed {outcome.trial}: {score}, {outcome.seconds:.1f} s"
