"""How a number, a share, a month or an interval is written in Dutch (Flanders)."""

from __future__ import annotations

import math
from collections.abc import Sequence

UNKNOWN = "onbekend"
MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip
SHORT_MONTHS = tuple(month[:3] if month != "maart" else "mrt" for month in MONTHS)
NO_BREAK = "\u00a0"


def is_known(value: object) -> bool:
    """Whether a value is there: neither None nor nan nor NA."""
    try:
        return value is not None and not math.isnan(float(value))  # type: ignore[arg-type]
    except TypeError:
        return False


def number(value: float | None, *, decimals: int = 0) -> str:
    """Number with a point for thousands and a comma for decimals: 1.234,5; unknown is *onbekend*."""
    if not is_known(value):
        return UNKNOWN
    text = f"{float(value):,.{decimals}f}"  # type: ignore[arg-type]
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.translate(str.maketrans(",.-", ".,−"))


def share(value: float | None) -> str:
    """Share in [0, 1] as a percentage: no decimals from 10 % up, one below, two below 1 %."""
    if not is_known(value):
        return UNKNOWN
    return f"{_percent(100 * float(value))}{NO_BREAK}%"  # type: ignore[arg-type]


def _percent(percent: float) -> str:
    """Two decimals below one, one below ten, none above, so that 9.96 is 10 and not 10,0; exact zero stays whole."""
    size = abs(percent)
    decimals = 2 if 0 < round(size, 2) < 1 else 1 if 0 < round(size, 1) < 10 else 0
    return number(percent, decimals=decimals)


def chance(value: float | None) -> str:
    """Probability from draws in whole percents; near 0 and 1 only what the draws can tell."""
    if not is_known(value):
        return UNKNOWN
    percent = 100 * float(value)  # type: ignore[arg-type]
    edge = "< 1" if percent < 1 else "> 99" if percent > 99 else number(percent)
    return f"{edge}{NO_BREAK}%".replace(" ", NO_BREAK)


def share_interval(lower: float | None, upper: float | None) -> str:
    """Interval of a share: 12-15 %, or −5 tot 3 % where a bound is negative."""
    if not (is_known(lower) and is_known(upper)):
        return UNKNOWN
    low, high = float(lower), float(upper)  # type: ignore[arg-type]
    return f"{_percent(100 * low)}{_between(low)}{_percent(100 * high)}{NO_BREAK}%"


def interval(lower: float | None, upper: float | None, *, decimals: int = 0) -> str:
    """Interval of a number: 1.234-1.456, or −5 tot 3 where a bound is negative."""
    if not (is_known(lower) and is_known(upper)):
        return UNKNOWN
    return f"{number(lower, decimals=decimals)}{_between(float(lower))}{number(upper, decimals=decimals)}"  # type: ignore[arg-type]


def _between(lower: float) -> str:
    """What stands between two bounds: a minus sign there would read as another one."""
    return " tot " if lower < 0 else "-"


def month(period: str) -> str:
    """Period in words: `2026-04` and `2026-04-30` are *april 2026*, `2026-Q2` *2e kwartaal 2026*."""
    year, _, part = period.partition("-")
    if not part:
        return year
    if part.startswith("Q"):
        return f"{part[1]}e kwartaal {year}"
    if part.startswith("S"):
        return f"{part[1]}e helft {year}"
    return f"{MONTHS[int(part[:2]) - 1]} {year}"


def day(date: str) -> str:
    """ISO date as *1 januari 2025*."""
    year, month_, day_ = date.split("-")
    return f"{int(day_)} {MONTHS[int(month_) - 1]} {year}"


def span(first: str, last: str) -> str:
    """Two periods as *januari 2016 tot april 2026*, one when they are the same."""
    if not first:
        return UNKNOWN
    return month(first) if month(first) == month(last) else f"{month(first)} tot {month(last)}"


def listing(words: Sequence[str], last: str = "en") -> str:
    """Words joined as in a Dutch sentence: a, b en c."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def plural(count: float, singular: str, plural_: str) -> str:
    """Count with its noun: 1 gemeente, 67 gemeenten."""
    return f"{number(count)} {singular if count == 1 else plural_}"


def certainty(probability: float) -> str:
    """How sure: *zeker* from .95, *waarschijnlijk* from .80, else *onzeker*.

    `probability` is the share of draws (or one minus a one-sided error) in which the finding holds.
    """
    if probability >= 0.95:
        return "zeker"
    return "waarschijnlijk" if probability >= 0.80 else "onzeker"
