"""Periods as publishers write them, in the one way in which the study does."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

_YEAR = r"(?P<year>(?:18|19|20|21)\d\d)"
_MONTHS = (
    ("january", "januari"), ("february", "februari"), ("march", "maart"), ("april",), ("may", "mei"), ("june", "juni"),
    ("july", "juli"), ("august", "augustus"), ("september",), ("october", "oktober"), ("november",), ("december",),
)  # fmt: skip
_NUMBER = {word: number for number, words in enumerate(_MONTHS, start=1) for word in words}
_NAMED_MONTH = re.compile(rf"(?P<month>{'|'.join(_NUMBER)})[ ]+{_YEAR}")
_FORMS = (
    (re.compile(_YEAR), "{year}"),
    (re.compile(rf"{_YEAR}[ -]?[kq](?P<part>[1-4])"), "{year}-Q{part}"),
    (re.compile(rf"(?P<part>[1-4])(?:ste|de|e) kwartaal (?:van )?{_YEAR}"), "{year}-Q{part}"),
    (re.compile(rf"{_YEAR}[ -]?s(?P<part>[12])"), "{year}-S{part}"),
    (re.compile(rf"{_YEAR}[ -]?m?(?P<part>0[1-9]|1[0-2])"), "{year}-{part}"),
)
RULE = "must be a period such as 2024, 2025 K4, 4de kwartaal 2018, 2024-03 or March 2024"


@lru_cache(maxsize=4096)
def period_of(text: str) -> str:
    """Period of a text as the contracts write it (2024, 2024-Q1, 2024-S1, 2024-03); '' if it is none."""
    bare = re.sub(r"\s+", " ", text.strip()).lower()
    named = _NAMED_MONTH.fullmatch(bare)
    if named:
        return f"{named['year']}-{_NUMBER[named['month']]:02d}"
    for form, written in _FORMS:
        match = form.fullmatch(bare)
        if match:
            return written.format(**match.groupdict())
    return ""


def month_of(value: object) -> str:
    """Month of a cell: `March 2024`, `maart 2024`, `2024-03` or a date on the first or last day; '' if it is none."""
    if isinstance(value, datetime.datetime | datetime.date):
        following = (value + datetime.timedelta(days=1)).day == 1 if value.year < datetime.MAXYEAR else False
        return f"{value.year:04d}-{value.month:02d}" if value.day == 1 or following else ""
    found = period_of(value) if isinstance(value, str) else ""
    return found if re.fullmatch(r"\d{4}-\d\d", found) else ""


def months_in(text: str) -> list[str]:
    """Months that a sentence names, each once."""
    found = (f"{m['year']}-{_NUMBER[m['month']]:02d}" for m in _NAMED_MONTH.finditer(text.lower()))
    return list(dict.fromkeys(found))
