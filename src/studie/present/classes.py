"""Classes of a map: breaks that a whole series shares, their Dutch labels, and the states that are not a number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from studie.errors import InputError, unknown
from studie.present import numbers

Form = Literal["number", "share"]
MOST = 7  # classes that a reader still tells apart
MOST_DECIMALS = 4


@dataclass(frozen=True, kw_only=True)
class State:
    """How a municipality without a number in a class is named and filled; the hatch also works in grey."""

    label: str
    fill: str
    hatch: str | None


STATES: dict[str, State] = {
    "zero": State(label="nul", fill="#ffffff", hatch=None),
    "unreachable": State(label="onbereikbaar", fill="#ffffff", hatch="...."),
    "suppressed": State(label="onderdrukt", fill="#eef0f2", hatch="xxxx"),
    "missing": State(label="geen gegevens", fill="#ffffff", hatch="////"),
    "outside": State(label="buiten deze regio", fill="#e3e6e8", hatch=None),
    "no_need": State(label="geen vraag", fill="#f4f6f7", hatch="\\\\\\\\"),
    "not_applicable": State(label="niet van toepassing", fill="#d5d9dc", hatch="---"),
}
KNOWN = "published"
HIDDEN = ("primary", "secondary")  # what a suppression plan calls its two reasons


def breaks(values: Iterable[float], k: int = 5) -> tuple[float, ...]:
    """Edges of at most `k` classes that hold about as many municipalities each, on round numbers.

    Compute them once over all values of a series of maps (years, sectors, faces) and give them to each map, so that one
    colour means the same everywhere.

    Parameters
    ----------
    values : iterable of float
        All known values of the series, pooled; nan is left out.
    k : int, default 5
        Classes wanted, 1 to 7; fewer come back when the values have fewer distinct levels.

    Returns
    -------
    tuple of float, length 2 to k + 1
        Rising (two equal edges when all values are the same). A class holds its lower edge, the last also its upper.

    Raises
    ------
    InputError
        If `k` is not 1 to 7 or no value is known.

    Notes
    -----
    Quantiles are rounded to multiples of 1, 2 or 5 times a power of ten, at most half as wide as the narrowest class
    (at least one for whole numbers). An edge so moves by at most a quarter of that class: some classes hold a few more
    municipalities than others, and readers get numbers that they can repeat.
    """
    if not 1 <= k <= MOST:
        raise InputError(f"k: must be 1 to {MOST}, got {k}")
    known = np.asarray([v for v in values if numbers.is_known(v)], dtype=float)
    if known.size == 0:
        raise InputError("values: must hold at least one known value, got none")
    low, high = known.min(), known.max()
    if low == high:
        return (float(low), float(high))
    whole = bool(np.all(known == np.round(known)))
    distinct = np.unique(known)
    edges = np.quantile(known, np.linspace(0, 1, min(k, distinct.size) + 1))
    edges[1:][edges[1:] == low] = distinct[1]  # many ties at the bottom get a class of their own
    edges = np.unique(np.round((edges - low) / (high - low), 9)) * (high - low) + low  # ties differ by a rounding error
    step = _round_step(float(np.diff(edges).min()) / 2, whole=whole)
    inner = np.round(edges[1:-1] / step) * step
    outer = [math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step]
    if whole:
        outer = [low, high]
    inside = [e for e in inner if outer[0] < e < outer[1]]
    tidy = np.round(np.unique([*outer, *inside]), 10)
    return tuple(float(e) for e in tidy)


def _round_step(width: float, *, whole: bool) -> float:
    """Largest of 1, 2 or 5 times a power of ten that is not above `width`; at least one for whole numbers."""
    power = 10.0 ** math.floor(math.log10(width))
    step = max(m * power for m in (1.0, 2.0, 5.0) if m * power <= width * (1 + 1e-9))
    return max(step, 1.0) if whole else step


def checked(edges: Sequence[float], values: pd.Series) -> tuple[float, ...]:
    """The given edges, if they rise and cover every value.

    Raises
    ------
    InputError
        With what the edges are and what they have to cover.
    """
    given = tuple(float(e) for e in edges)
    rising = all(a < b for a, b in pairwise(given)) or (len(given) == 2 and given[0] == given[1])
    if not (2 <= len(given) <= MOST + 1 and rising):
        raise InputError(f"breaks: must be 2 to {MOST + 1} rising numbers, got {given}")
    if len(values) and not given[0] <= values.min() <= values.max() <= given[-1]:
        raise InputError(f"breaks: must cover {values.min():g} to {values.max():g}, got {given[0]:g} to {given[-1]:g}")
    return given


def class_of(values: pd.Series, edges: Sequence[float]) -> npt.NDArray[np.intp]:
    """Class number of each value, 0 for the lowest."""
    return np.searchsorted(np.asarray(edges[1:-1]), values.to_numpy(dtype=float), side="right")


def labels(
    edges: Sequence[float], *, form: Form = "number", whole: bool = False, decimals: int | None = None
) -> list[str]:
    """Dutch label per class: *10-24* for whole numbers, else *2,5 tot 5,0*; the last class holds its upper edge.

    Parameters
    ----------
    edges : sequence of float
        From `breaks`; shares are in [0, 1].
    form : {"number", "share"}
        Shares are printed as percentages.
    whole : bool, default False
        Whether only whole numbers occur (counts).
    decimals : int, optional
        Decimals printed; as many as the edges need when left out.
    """
    shown = [100 * e for e in edges] if form == "share" else list(edges)
    if decimals is None:
        decimals = next(
            (d for d in range(MOST_DECIMALS) if np.allclose(shown, np.round(shown, d), atol=1e-9)), MOST_DECIMALS
        )
    text = [numbers.number(e, decimals=decimals) for e in shown]
    if edges[0] == edges[-1]:
        return [text[0]]
    closed = whole and form == "number" and decimals == 0 and edges[0] >= 0
    last = len(edges) - 2
    if not closed:
        return [f"{text[i]} tot {'en met ' if i == last else ''}{text[i + 1]}" for i in range(last + 1)]
    ends = [numbers.number(e - 1) for e in edges[1:-1]] + [text[-1]]
    return [start if start == end else f"{start}-{end}" for start, end in zip(text[:-1], ends, strict=True)]


def states(frame: pd.DataFrame, *, value: str, status: str | None, zero: Literal["class", "own"]) -> pd.Series:
    """State per row: `published` or a key of `STATES`; a row without number and reason is `missing`.

    Raises
    ------
    InputError
        If `status` holds an unknown word.
    """
    if status is None:
        found = pd.Series(KNOWN, index=frame.index, dtype=object)
    else:
        found = (
            frame[status]
            .astype(object)
            .where(frame[status].notna(), KNOWN)
            .replace(dict.fromkeys(HIDDEN, "suppressed"))
        )
    for word in sorted(set(found) - set(STATES) - {KNOWN}):
        raise unknown(status or "status", word, [KNOWN, *HIDDEN, *STATES])
    number = pd.to_numeric(frame[value]).astype(float)
    found = found.mask((found == KNOWN) & ~np.isfinite(number), "missing")
    if zero == "own":
        found = found.mask((found == KNOWN) & (number == 0), "zero")
    return found
