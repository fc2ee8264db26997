"""Euro in sentences and tables: rounded as far as the interval allows, never more digits than are known."""

from __future__ import annotations

import math
from typing import Any

from studie.present import numbers
from studie.present.words import CELL_STATUS

MILLION = 1e6


def euro(amount: float) -> str:
    """Amount in three digits: 1,5 miljoen euro, 326.000 euro."""
    return f"{digits(amount)} euro" if numbers.is_known(amount) else numbers.UNKNOWN


def amount(row: Any) -> str:
    """Estimate and interval of a number of euro, or why there is none; an endless bound is said in words."""
    if row.cell_status != "published":
        return CELL_STATUS[row.cell_status]
    estimate, lower, upper = (float(row[name]) for name in ("estimate", "lower", "upper"))
    if math.isinf(estimate):
        return "geen bedrag: gemiddeld komt er niets bij"
    if not (numbers.is_known(lower) and numbers.is_known(upper)):
        return euro(estimate)
    if math.isinf(upper):
        return f"{euro(estimate)} (minstens {digits(lower)}, zonder bovengrens)"
    return f"{euro(estimate)} ({digits(lower)} tot {digits(upper)})"


def bare(row: Any) -> str:
    """As `amount`, without the word euro: for a column that says it in its head."""
    return amount(row).replace(" euro", "")


def digits(value: float) -> str:
    """Three digits, in millions from one million up, without the word euro: for a column that says it in its head."""
    if not numbers.is_known(value):
        return numbers.UNKNOWN
    value = float(value)
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    rounded = round(value, 2 - size)
    if abs(rounded) >= MILLION:
        whole = rounded / MILLION
        return f"{numbers.number(whole, decimals=1 if abs(whole) < 100 else 0)} miljoen"
    return numbers.number(rounded)
