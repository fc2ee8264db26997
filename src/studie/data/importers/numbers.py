"""Numbers as publishers write them: thousands marks, decimal commas and flags, read by a stated locale."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

import pandas as pd

Locale = Literal["nl", "en"]
_BLANKS = "\u0020\u00a0\u2007\u2009\u202f"  # blank, no-break, figure, thin and narrow no-break: all mark thousands
_MARKS = {"nl": (".", ","), "en": (",", ".")}  # thousands, decimals
_MINUS = str.maketrans({"\u2212": "-"})
_LARGEST = 2**53  # beyond it a float no longer holds every whole number
_WHOLE = "must be a whole number"
_DECIMAL = {
    "nl": "must be a number with a comma as decimal mark",
    "en": "must be a number with a point as decimal mark",
}


class Whole(NamedTuple):
    """A whole number, or why a text is none; both are empty for an empty text."""

    value: int | None
    rule: str


class Decimal(NamedTuple):
    """A number, or why a text is none; both are empty for an empty text."""

    value: float | None
    rule: str


class Flagged(NamedTuple):
    """A number with the letters that its publisher puts behind it (Eurostat: `p` provisional, `b` break, …)."""

    value: float | None
    flags: str
    rule: str


def whole_number(text: str, *, locale: Locale = "nl") -> Whole:
    """Whole number of a text such as `14 293`, `14.293` (nl), `14,293` (en) or `14293.0` (en).

    Notes
    -----
    Decimals are allowed if they are one or two zeros, as programs write whole numbers that they keep as floats. Three
    zeros are refused: `14.000` may be fourteen in one locale and fourteen thousand in the other.
    """
    bare = _bare(text)
    if not bare:
        return Whole(None, "")
    sign, whole, decimals = _parts(bare, locale)
    if whole is None or (decimals and not re.fullmatch("0{1,2}", decimals)):
        return Whole(None, _WHOLE)
    value = int(f"{sign}{whole}") if len(whole) < 20 else _LARGEST + 1
    return Whole(value, "") if abs(value) <= _LARGEST else Whole(None, f"must be at most {_LARGEST}")


def decimal_number(text: str, *, locale: Locale = "nl") -> Decimal:
    """Number of a text such as `1.234,5` (nl), `1,234.5` (en) or `1 234,5`; no exponents, no infinity."""
    bare = _bare(text)
    if not bare:
        return Decimal(None, "")
    sign, whole, decimals = _parts(bare, locale)
    if whole is None or len(whole) > 300:
        return Decimal(None, _DECIMAL[locale])
    return Decimal(float(f"{sign}{whole}.{decimals or '0'}"), "")


def flagged_number(text: str, *, locale: Locale = "en", missing: str = ":") -> Flagged:
    """Number and flags of a text such as `4.7 p`, `4.7bd`, `:` or `: c`."""
    bare = _bare(text)
    match = re.fullmatch(rf"(?P<number>.*?)[{_BLANKS}]*(?P<flags>[a-z]*)", bare)
    if match is None:
        return Flagged(None, "", _DECIMAL[locale])
    number, flags = match["number"], match["flags"]
    if number == missing:
        return Flagged(None, flags, "")
    if flags and not number:
        return Flagged(None, "", _DECIMAL[locale])
    value, rule = decimal_number(number, locale=locale)
    return Flagged(value, "" if rule else flags, rule)


def whole_numbers(texts: pd.Series, *, locale: Locale = "nl") -> tuple[pd.Series, pd.Series]:
    """Values (Int64) and rules ('' where sound) of a column of texts; each distinct text is read once."""
    return _column(texts, lambda text: whole_number(text, locale=locale), "Int64")


def decimal_numbers(texts: pd.Series, *, locale: Locale = "nl") -> tuple[pd.Series, pd.Series]:
    """Values (float, nan where empty or wrong) and rules ('' where sound) of a column of texts."""
    return _column(texts, lambda text: decimal_number(text, locale=locale), "float64")


def _bare(text: str) -> str:
    """A text without blanks around it and with one kind of minus."""
    return text.strip().strip(_BLANKS).translate(_MINUS)


def _parts(text: str, locale: Locale) -> tuple[str, str | None, str]:
    """Sign, digits before and digits after the decimal mark; None for digits if the text is no number."""
    thousands, point = _MARKS[locale]
    match = re.fullmatch(rf"([+-]?)([0-9]+|[0-9]{{1,3}}(?:([{thousands}{_BLANKS}])[0-9]{{3}}(?:\3[0-9]{{3}})*))"
                         rf"(?:[{point}]([0-9]+))?", text)  # fmt: skip
    if match is None:
        return "", None, ""
    return match[1], re.sub(r"[^0-9]", "", match[2]), match[4] or ""


def _column(
    texts: pd.Series, read: Callable[[str], Whole | Decimal], dtype: Literal["Int64", "float64"]
) -> tuple[pd.Series, pd.Series]:
    """Values and rules of a column of texts."""
    codes, distinct = pd.factorize(texts.fillna(""))
    read_once = [read(str(text)) for text in distinct]
    values = pd.Series([one.value for one in read_once], dtype=dtype).take(codes)
    rules = pd.Series([one.rule for one in read_once], dtype=object).take(codes)
    return values.set_axis(texts.index), rules.set_axis(texts.index)
