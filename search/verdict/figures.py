"""Numbers and lists as the sentence writes them: .887, +.31, [.26, .36], "a, b and c".

Figures go by the `scale` of what they measure: 1, or the range of the metric where that is smaller.
"""

import math
from collections.abc import Iterable

from search.verdict.bootstrap import Interval


def score_figure(value: float, scale: float = 1.0) -> str:
    """Returns a value with three decimals: `.887`.

    Values from 10 on have four significant digits, `12.41`, and those on a scale below .01 as many decimals as show
    three digits of the scale.
    """
    return _figure(value, _decimals(value, scale))


def spread_figure(mean: float, sd: float | None, scale: float = 1.0) -> str:
    """Returns a mean with its standard deviation, if there is one, on one scale: `.884 ± .006`."""
    return score_figure(mean, scale) + ("" if sd is None else f" ± {score_figure(sd, max(abs(mean), scale))}")


def difference_figure(difference: float, scale: float = 1.0) -> str:
    """Returns a difference with two decimals: `.31`, or `.004` where two would not show it; `12.3` from 10 on."""
    return _figure(difference, _difference_decimals(difference, scale))


def signed_figure(difference: float, scale: float = 1.0) -> str:
    """Returns a difference with its sign: `+.31`."""
    figure = difference_figure(difference, scale)
    return figure if figure.startswith("-") else f"+{figure}"


def interval_figure(interval: Interval, difference: float, scale: float = 1.0) -> str:
    """Returns the interval of a difference with as many decimals as that has: `[.26, .36]`."""
    low, high = (_figure(end, _difference_decimals(difference, scale)) for end in interval)
    return f"[{low}, {high}]"


def listed(words: Iterable[str]) -> str:
    """Returns the words as an English list: `a, b and c`."""
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last


def counted(count: int, noun: str) -> str:
    """Returns a count with its noun: `1 trial`, `2,400 steps`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _decimals(value: float, scale: float) -> int:
    largest = max(abs(value), scale)
    if largest >= 10:
        return max(0, 3 - _magnitude(largest))
    return 2 - _magnitude(largest) if 0 < largest < 0.01 else 3


def _difference_decimals(difference: float, scale: float) -> int:
    if abs(difference) >= 10:
        return max(0, 2 - _magnitude(difference))
    if scale < 0.01:
        return _decimals(difference, scale)
    return 2 if abs(difference) >= 0.01 else 3


def _magnitude(number: float) -> int:
    return math.floor(math.log10(abs(number)))


def _figure(number: float, decimals: int) -> str:
    rounded = round(number, decimals)
    text = f"{abs(rounded):,.{decimals}f}"
    return ("-" if rounded < 0 else "") + (text[1:] if text.startswith("0.") else text)


def are(words: list[str]) -> str:
    """Returns the verb that goes with a list as its subject."""
    return "is" if len(words) == 1 else "are"
