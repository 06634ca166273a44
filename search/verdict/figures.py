"""Numbers and lists as the sentence writes them: .887, +.31, [.26, .36], "a, b and c"."""

from collections.abc import Iterable

from search.verdict.bootstrap import Interval


def score_figure(score: float) -> str:
    """Returns a score with three decimals: `.887`."""
    return _figure(score, 3)


def signed_figure(difference: float) -> str:
    """Returns a difference with its sign: `+.31`, or `+.004` where two decimals would not show it."""
    figure = _figure(difference, _decimals(difference))
    return figure if figure.startswith("-") else f"+{figure}"


def margin_figure(difference: float, interval: Interval, name: str) -> str:
    """Returns a difference over or against something with its interval: `+.31 over the next family [.26, .36]`."""
    low, high = (_figure(end, _decimals(difference)) for end in interval)
    return f"{signed_figure(difference)} {name} [{low}, {high}]"


def listed(words: Iterable[str]) -> str:
    """Returns the words as an English list: `a, b and c`."""
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last


def counted(count: int, noun: str) -> str:
    """Returns a count with its noun: `1 trial`, `2,400 steps`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _decimals(difference: float) -> int:
    return 2 if abs(difference) >= 0.01 else 3


def _figure(number: float, decimals: int) -> str:
    rounded = round(number, decimals)
    text = f"{abs(rounded):,.{decimals}f}"
    return ("-" if rounded < 0 else "") + (text[1:] if text.startswith("0.") else text)


def are(words: list[str]) -> str:
    """Returns the verb that goes with a list as its subject."""
    return "is" if len(words) == 1 else "are"
