"""Which cells may not be printed: small counts of persons, and what would tell them by adding up or differencing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

THRESHOLD = 10
VALUES = ("estimate", "lower", "upper", "n")
BEHIND = ("persons", "cell_persons")  # distinct persons behind the origin of a cell, and behind the cell itself
PUBLISHED_UNIT = "personen"  # of figures that others counted and published
COUNT_COLUMNS = ("persons", "lower", "upper", "placed", "waiting", "participants", "duos", "completed", "to_work")
PERSON_UNITS = frozenset({"persons", "moves", "person-months", PUBLISHED_UNIT})
OTHERS = "draws or areas"  # what n counts where it does not count persons
SHARE_UNITS = frozenset({"share", "probability"})
QUOTED = (12.0, 24.0)  # moments of a curve that sentences and tables quote
LEANS = 0.5  # weight on the region above from which a figure says more of that region than of its own persons
STATES = {"unknown": "missing", "unreachable": "unreachable", "not applicable": "not_applicable", "no need": "no_need"}
NOTHING = 1e-9  # a difference of shares this small is no event
YEARLY_UNITS = frozenset({"person a year"})  # a number of persons whose n counts years, not persons
PERSON_TABLES = frozenset(
    {"ladder_panel", "ladder_stock", "ladder_flow", "need", "training", "mentorship", "event", "employment"}
)


def about_persons(tables: Iterable[str]) -> bool:
    """Whether a result made from these tables counts persons, so that the threshold rule applies to it."""
    return not PERSON_TABLES.isdisjoint(tables)


def small(counts: pd.Series, *, threshold: float = THRESHOLD) -> pd.Series:
    """Mask of counts that may not be printed: above 0 and below the threshold.

    Parameters
    ----------
    counts : Series
        Counts of persons [count]; unknown is never small.
    threshold : float, default 10
        Smallest count that may be printed.

    Raises
    ------
    ValueError
        If the threshold is not positive.
    """
    if threshold <= 0:
        raise ValueError(f"threshold: must be positive, got {threshold}")
    numeric = pd.to_numeric(counts, errors="coerce")
    return (numeric > 0) & (numeric < threshold)


def protected(result: Any, *, threshold: float = THRESHOLD, persons: bool = True) -> pd.DataFrame:
    """Frame of a result in which no count of persons below the threshold stands or follows.

    Parameters
    ----------
    result : result of a method
        With `to_frame()`. Its class may name `adds_up`, the keys of the groups whose cells add up, or `sums`, the
        quantities of a curve that are the sum of others (with `by`, the keys of one curve).
    threshold : float, default 10
        Smallest count that may be printed.
    persons : bool, default True
        Whether the result was made from tables about persons; if not, only published counts of persons are treated.

    Returns
    -------
    DataFrame
        With `cell_status`; see `primary`, `complementary`, `leaning`, `thin`. `persons` and `cell_persons` are
        rounded down to a multiple of the threshold, so that their differences tell nothing.

    Notes
    -----
    Protects one frame against itself. Frames beside each other (a region and its parts, a group and everybody,
    this year and the last) are not compared.

    References
    ----------
    .. [1] Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, ch. 4-5.
    """
    frame = result.to_frame().reset_index(drop=True)
    if not persons and not (frame["unit"] == PUBLISHED_UNIT).any():
        return frame.assign(cell_status=_status(frame))
    hidden = small_cells(frame, threshold=threshold)
    if not persons:
        hidden &= frame["unit"] == PUBLISHED_UNIT
    bare = pd.Series(False, index=frame.index)
    if "shrinkage" in frame:
        hidden, bare = leaning(frame, hidden, threshold=threshold)
    if getattr(result, "adds_up", ()):
        hidden = complementary(frame, hidden, group=result.adds_up, threshold=threshold)
    dropped = pd.Series(False, index=frame.index)
    if persons and hasattr(result, "sums"):
        close = ~thin(frame, ~hidden, by=result.by, sums=result.sums, threshold=threshold)
        close &= ~hidden & frame["estimate"].notna()
        dropped = close & ~frame["time"].isin(QUOTED)
        hidden |= close
    done = _emptied(_coarse(frame, threshold=threshold) if persons else frame, hidden)
    if bare.any():
        done.loc[bare, ["n", "shrinkage", *BEHIND]] = np.nan
    return done[~dropped].reset_index(drop=True)


def primary(frame: pd.DataFrame, *, threshold: float = THRESHOLD) -> pd.DataFrame:
    """Result frame with its small cells emptied and a column `cell_status`.

    A row is suppressed when it states a count of persons below the threshold, when its estimate rests on fewer
    persons than the threshold, or when a share and its `n` together state such a count: 3 % of 100 are three
    persons, and so are the rest of 97 %. Suppressed, missing and zero
    stay three different things: `cell_status` is `suppressed`, `missing` (nothing observed) or `published`.

    Parameters
    ----------
    frame : DataFrame
        Columns `quantity, estimate, lower, upper, n, unit` and any keys.
    threshold : float, default 10
        Smallest count that may be printed.

    Returns
    -------
    DataFrame
        A copy; `estimate`, `lower`, `upper` and `n` are NA where suppressed.

    Raises
    ------
    ValueError
        If one of the six columns is missing.

    Notes
    -----
    `n` may count pairs or months; where the frame has `persons` (distinct persons behind the origin of a cell) and
    `cell_persons` (behind the cell itself), these must reach the threshold too. Primary suppression only: what
    `protected` adds keeps a hidden cell from following from the others.

    References
    ----------
    .. [1] Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, ch. 4-5.
    """
    return _emptied(frame, small_cells(frame, threshold=threshold))


def small_cells(frame: pd.DataFrame, *, threshold: float = THRESHOLD) -> pd.Series:
    """Mask of the rows that `primary` empties."""
    absent = [column for column in ("quantity", *VALUES, "unit") if column not in frame]
    if absent:
        raise ValueError(f"frame: needs columns quantity, estimate, lower, upper, n, unit, got none named {absent}")
    yearly = frame["unit"].isin(YEARLY_UNITS)
    hidden = ~yearly & small(frame["n"], threshold=threshold)
    for column in [name for name in BEHIND if name in frame]:
        hidden |= small(frame[column], threshold=threshold)
    counts_persons = yearly | frame["unit"].isin(PERSON_UNITS)
    hidden |= counts_persons & small(frame["estimate"].abs(), threshold=threshold)
    part = (frame["estimate"] * frame["n"]).where(frame["unit"].isin(SHARE_UNITS))
    return hidden | small(part.round(6), threshold=threshold) | small((frame["n"] - part).round(6), threshold=threshold)


def complementary(
    frame: pd.DataFrame, hidden: pd.Series, *, group: Sequence[str], threshold: float = THRESHOLD
) -> pd.Series:
    """Mask of hidden cells, widened so that none follows from the others of its group, which add up.

    Parameters
    ----------
    frame : DataFrame
        Result frame with its values.
    hidden : Series of bool
        Cells that are hidden already.
    group : sequence of str
        Keys of the groups; the cells of a group add up to one, or to a total that is one of its cells.
    threshold : float, default 10
        What the hidden cells of a group must hold together [persons].

    Notes
    -----
    The smallest cells that are not zero are hidden until two or more are hidden that hold at least the threshold, or
    none is left. Several cells may be about the same persons: together they hold at least the persons of the largest,
    which is what counts here; without `cell_persons` cells are taken to be about different persons. Not the
    fewest cells possible: that needs an optimisation over all tables.
    """
    wider = hidden.copy()
    size = _size(frame)
    persons = pd.to_numeric(frame["cell_persons"]).astype(float) if "cell_persons" in frame else size * np.nan
    for rows in frame.groupby(list(group), sort=False, dropna=False).groups.values():
        if not wider[rows].any():
            continue
        overlap = bool(persons[rows].notna().all())
        held = persons[rows] if overlap else size[rows]
        held = held[held > 0]
        for cell in held[~wider[held.index]].sort_values(kind="stable").index:
            chosen = held[wider[held.index]]
            if len(chosen) >= 2 and (chosen.max() if overlap else chosen.sum()) >= threshold:
                break
            wider[cell] = True
    return wider


def leaning(frame: pd.DataFrame, hidden: pd.Series, *, threshold: float = THRESHOLD) -> tuple[pd.Series, pd.Series]:
    """Estimates that lean on the region above: figures mostly of the region's own few are hidden, its counts left out.

    Parameters
    ----------
    frame : DataFrame
        With `from_step`, `shrinkage` (weight on the region above, 0-1), `persons`, `cell_persons` of the region itself.
    hidden : Series of bool
        Cells that are small.
    threshold : float, default 10
        Smallest count that may be printed.

    Returns
    -------
    (Series of bool, Series of bool)
        The cells that stay hidden, and the rows of an origin with a small cell, which are shown without n, weight and
        persons.

    Notes
    -----
    An estimate that is for at least half that of the region above is about many persons, also where the region has
    few. With n and the weight it would give the region's own count back, so these are left out for the whole origin.
    """
    few = pd.Series(False, index=frame.index)
    for column in BEHIND:
        few |= small(frame[column], threshold=threshold)
    return few & (frame["shrinkage"] < LEANS), hidden.groupby(frame["from_step"]).transform("any")


def thin(
    frame: pd.DataFrame,
    shown: pd.Series,
    *,
    by: Sequence[str],
    time: str = "time",
    sums: Mapping[str, Sequence[str]],
    threshold: float = THRESHOLD,
) -> pd.Series:
    """Mask of the moments of cumulative curves that may stand beside each other.

    Between two moments kept, nobody or at least the threshold of persons has an event. The moments in `QUOTED` are
    kept first, then the last, then the others from the first on.

    Parameters
    ----------
    frame : DataFrame
        Result frame of cumulative shares, with `cell_persons` (distinct persons with an event so far) if known.
    shown : Series of bool
        Rows that may be printed by themselves.
    by : sequence of str
        Keys of one group.
    time : str
        Column of the moment.
    sums : mapping
        Quantity → quantities it sums; none named: all others. It is kept where all its parts are kept, and only where
        what it has more than each of them is no small count either.
    threshold : float, default 10
        Smallest number of persons between two moments.

    Notes
    -----
    Persons new since the moment before are counted: at least so many had an event in between.
    """
    kept = pd.Series(False, index=frame.index)
    possible = shown & frame["estimate"].notna()
    groups = [part for _, part in frame.groupby(list(by), sort=False, dropna=False)] if by else [frame]
    for part in groups:
        curves = {str(name): _curve(table, time) for name, table in part.groupby("quantity", sort=False)}
        moments: dict[str, set[float]] = {}
        for name in sorted(curves, key=lambda quantity: quantity in sums):  # parts before their sums
            own = (part["quantity"] == name) & possible[part.index]
            parts = [] if name not in sums else [q for q in sums[name] or curves if q in curves and q != name]
            times = set(part.loc[own, time]).intersection(*(moments.get(q, set()) for q in parts))
            gaps = [_gap(curves[name], curves[q], times) for q in parts]
            moments[name] = _apart([curves[name], *gaps], sorted(times), threshold=threshold)
            kept[part.index[own & part[time].isin(list(moments[name]))]] = True
    return kept


Curve = dict[float, tuple[float, float]]  # moment → share and persons with an event so far


def _curve(rows: pd.DataFrame, time: str) -> Curve:
    """Share and persons at each moment; without `cell_persons` what the share and its n make."""
    persons = _size(rows)
    if "cell_persons" in rows:
        persons = pd.to_numeric(rows["cell_persons"]).astype(float).fillna(persons)
    return dict(zip(rows[time], zip(rows["estimate"].astype(float), persons, strict=True), strict=True))


def _gap(one: Curve, other: Curve, times: Iterable[float]) -> Curve:
    """What one curve has more than another."""
    return {t: (abs(one[t][0] - other[t][0]), abs(one[t][1] - other[t][1])) for t in times}


def _apart(curves: Sequence[Curve], times: Sequence[float], *, threshold: float) -> set[float]:
    """Moments between which no curve has a small number of new persons, chosen greedily."""
    kept: list[float] = []
    for moment in dict.fromkeys([t for t in (*QUOTED, *times[-1:], *times) if t in times]):
        before = max((t for t in kept if t < moment), default=None)
        after = min((t for t in kept if t > moment), default=None)
        pairs = [(before, moment)] if after is None else [(before, moment), (moment, after)]
        if all(_enough(curve, one, other, threshold=threshold) for curve in curves for one, other in pairs):
            kept.append(moment)
    return set(kept)


def _enough(curve: Curve, one: float | None, other: float, *, threshold: float) -> bool:
    """Whether nobody or enough persons had an event between two moments, or before the first."""
    share, persons = curve[other]
    if one is None:
        share = min(share, abs(1 - share))  # a curve that falls starts at one
    else:
        share, persons = share - curve[one][0], abs(persons - curve[one][1])
    return (abs(share) < NOTHING and persons < 1) or persons >= threshold


def _size(frame: pd.DataFrame) -> pd.Series:
    """How much each cell holds: a count itself, or a share of its n."""
    estimate, n = (pd.to_numeric(frame[column]).astype(float) for column in ("estimate", "n"))
    return estimate.where(~frame["unit"].isin(SHARE_UNITS), estimate * n.fillna(1.0)).abs()


def _coarse(frame: pd.DataFrame, *, threshold: float) -> pd.DataFrame:
    """Frame whose persons are rounded down, and whose exact bounds on a count are moved out, to multiples of it."""
    counted = frame["unit"].isin(PERSON_UNITS) & (frame["lower"] == frame["estimate"])
    room = ((frame["upper"] - frame["estimate"]) / threshold).astype(float)
    wide = frame["upper"].where(~counted, frame["estimate"] + np.ceil(room) * threshold)
    whole = {name: np.floor(pd.to_numeric(frame[name]) / threshold) * threshold for name in BEHIND if name in frame}
    return frame.assign(upper=wide, **whole)


def _emptied(frame: pd.DataFrame, hidden: pd.Series) -> pd.DataFrame:
    """Frame without the hidden values, and the status of every cell."""
    emptied = [*VALUES, *(name for name in BEHIND if name in frame)]
    bare = frame.astype(dict.fromkeys(emptied, "Float64"))
    bare.loc[hidden, emptied] = pd.NA
    return bare.assign(cell_status=np.where(hidden, "suppressed", _status(frame)))


def _status(frame: pd.DataFrame) -> pd.Series:
    """Why a cell has no number, as far as the result says so in its column `state`; `published` where it has one."""
    why = frame["state"].map(STATES).fillna("missing") if "state" in frame else "missing"
    return pd.Series(np.where(frame["estimate"].isna(), why, "published"), index=frame.index)
