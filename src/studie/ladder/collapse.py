"""Which intervals are the same: a panel reduced to unique intervals with counts.

The likelihood of a Markov model needs only how often each (time passed, covariates, from, to)
occurred [1]_, so the cost of a fit does not grow with the number of persons.

References
----------
.. [1] Kalbfleisch, J. D., & Lawless, J. F. (1985). J. Am. Stat. Assoc. 80(392), 863-871.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studie.errors import InputError
from studie.ladder.chains import Chains, Intervals, absorbed, find_chains, in_chain, intervals
from studie.ladder.coding import LISTED, FloatArray, IntArray
from studie.ladder.counting import count_whole
from studie.ladder.covariates import Design, design, table
from studie.ladder.observations import EXACT_ENTRY, EXACT_TIME, SNAPSHOT, Observations, events, pair_table

DECIMALS: Final = 13


@dataclass(frozen=True, kw_only=True)
class Collapsed:
    """Unique intervals of a panel, how often each was seen, and the sequences through a set.

    Attributes
    ----------
    design : Design
        Unique covariate values, periods included.
    atom_design, atom_time : arrays, shape (a,)
        A stretch under one generator: row of the design and duration [time unit].
    kernel_atoms : int array, shape (u, p)
        The stretches that follow each other in an interval; -1 where there are fewer.
    kernel_kind : int array, shape (u,)
        How the end of the interval was observed.
    cell_kernel, cell_from, cell_to : int arrays, shape (c,)
        Intervals from a known state: from a state code, to a state or set code.
    cell_count : array, shape (c,)
        How often [count], weights included.
    chains : tuple of Chains
        Sequences of intervals that start on or pass through a set, by length.
    masks : bool array, shape (states + sets, states)
        Which states each code allows.
    absorbing : bool array, shape (states,)
    means : array, shape (v,)
        Mean of each design column over all intervals (as R msm centres).
    pairs : DataFrame
        Observed pairs of states, from × to, sets included [count].
    interval_cell, interval_person : int arrays, or None
        Cell and person of each interval from a known state, kept only for the bootstrap.
    interval_kernel : int array, or None
        Unique interval of every interval, kept with the two above.
    """

    design: Design
    atom_design: IntArray
    atom_time: FloatArray
    kernel_atoms: IntArray
    kernel_kind: IntArray
    cell_kernel: IntArray
    cell_from: IntArray
    cell_to: IntArray
    cell_count: FloatArray
    chains: tuple[Chains, ...]
    masks: NDArray[np.bool_]
    absorbing: NDArray[np.bool_]
    means: FloatArray
    n_persons: int
    n_intervals: float
    pairs: pd.DataFrame
    interval_cell: IntArray | None = None
    interval_person: IntArray | None = None
    interval_kernel: IntArray | None = None

    @property
    def panel_only(self) -> bool:
        """True when all is snapshots of single states, so that the expected information exists."""
        single = self.cell_to < self.masks.shape[1]
        return not self.chains and bool((self.kernel_kind == SNAPSHOT).all() and single.all())

    def reweighted(self, weight: FloatArray) -> Collapsed:
        """The same intervals with other weights per person (bootstrap)."""
        if self.interval_cell is None or self.interval_person is None:
            raise InputError("weight: the rows were not kept, collapse with keep_rows=True")
        counts = np.bincount(self.interval_cell, weights=weight[self.interval_person], minlength=len(self.cell_count))
        chains = tuple(c.reweighted(weight) for c in self.chains)
        return replace(self, cell_count=counts.astype(float), chains=chains)


def collapse(
    observations: Observations,
    *,
    moves: IntArray,
    covariates: Sequence[str] = (),
    breaks: Sequence[float] = (),
    keep_rows: bool = False,
    like: Design | None = None,
) -> Collapsed:
    """Unique intervals of a panel with their counts.

    Parameters
    ----------
    observations : Observations
    moves : int array, shape (m, 2)
        State codes of the allowed instantaneous moves; a state without moves is absorbing.
    covariates : sequence of str
        Columns of `observations.covariates` that may act on a move.
    breaks : sequence of float
        Times [unit] at which the intensities change for everyone.
    keep_rows : bool, default False
        Keep which interval belongs to which person (8 bytes per interval).
    like : Design, optional
        Levels of the covariates from an existing fit.

    Raises
    ------
    InputError
        A covariate is missing where an interval starts, or an observed pair cannot happen under
        `moves` (names the person and the times).
    """
    if not (keep_rows or breaks or like):
        quick = _from_counts(observations, moves, covariates)
        if quick is not None:
            return quick
    seen = intervals(observations)
    k = len(observations.states)
    masks = _masks(observations)
    absorbing = np.ones(k, dtype=bool)
    absorbing[moves[:, 0]] = False

    row_design, values = design(observations, seen.row, covariates, len(breaks) + 1, like=like)
    pieces = _pieces(observations.time[seen.row], observations.time[seen.row + 1], breaks)
    kernel, atoms, means = _kernels(row_design, values, pieces, seen)

    _refuse_impossible(observations, seen, moves, masks)
    done = absorbed(observations, seen, absorbing)
    linked = in_chain(seen, k) if observations.sets else np.zeros(len(seen.row), dtype=bool)
    plain = ~(done | linked)
    everything = bool(plain.all())

    def kept(array: NDArray[Any]) -> NDArray[Any]:
        return array if everything else array[plain]

    size = len(masks)
    key = (kept(kernel[0]).astype(np.int64) * k + kept(seen.start)) * size + kept(seen.end)
    cell, distinct = compact(key, len(kernel[1]) * k * size)
    count = np.bincount(cell, weights=None if seen.weight is None else kept(seen.weight), minlength=len(distinct))
    chains = find_chains(np.flatnonzero(linked & ~done), seen, kernel[0], k) if linked.any() else ()
    return Collapsed(
        design=values,
        atom_design=atoms[0],
        atom_time=atoms[1],
        kernel_atoms=kernel[1],
        kernel_kind=kernel[2],
        cell_kernel=distinct // (k * size),
        cell_from=distinct // size % k,
        cell_to=distinct % size,
        cell_count=count.astype(float),
        chains=chains,
        masks=masks,
        absorbing=absorbing,
        means=means,
        n_persons=observations.n_persons,
        n_intervals=float(len(seen.row) if seen.weight is None else seen.weight.sum()),
        pairs=events(observations),
        interval_cell=cell.astype(np.int32) if keep_rows else None,
        interval_person=kept(seen.person) if keep_rows else None,
        interval_kernel=kernel[0].astype(np.int32) if keep_rows else None,
    )


def compact(key: IntArray, upper: int) -> tuple[IntArray, IntArray]:
    """Codes 0 .. u - 1 in the order of the keys, and the distinct keys."""
    if upper <= max(4 * len(key), 1024):
        present = np.flatnonzero(np.bincount(key, minlength=1))
        if len(present) == upper:
            return key, present
        lookup = np.zeros(upper, dtype=np.int64)
        lookup[present] = np.arange(len(present))
        return lookup[key], present
    codes, distinct = pd.factorize(key, sort=True)
    return codes, np.asarray(distinct)


def distinct_times(duration: FloatArray, scale: float) -> tuple[IntArray, FloatArray]:
    """Code per duration and the distinct durations, rounded so that t/12 gives one gap, not six."""
    if len(duration) == 0:
        return np.empty(0, dtype=np.int64), duration
    with np.errstate(invalid="ignore"):
        whole = duration.astype(np.int32)
    if (whole == duration).all() and whole.max() < 100_000:
        codes, distinct = compact(whole, int(whole.max()) + 1)
        return codes, distinct.astype(float)
    decimals = DECIMALS - int(np.ceil(np.log10(max(scale, 1e-300))))
    codes, found = pd.factorize(np.round(duration, decimals), sort=True)
    return codes, np.asarray(found, dtype=float)


def _from_counts(observations: Observations, moves: IntArray, covariates: Sequence[str]) -> Collapsed | None:
    """The same from one pass over a plain panel; None where the panel is not plain or something is wrong."""
    counted = count_whole(observations, covariates)
    k = len(observations.states)
    if counted is None or len(counted.count) == 0:
        return None
    pairs = np.bincount(counted.start * k + counted.end, weights=counted.count, minlength=k * k)
    if (pairs.reshape(k, k)[~reachable(moves, k)] > 0).any():
        return None
    present, code = np.unique(counted.code, return_inverse=True)
    values = counted.values.iloc[present]
    if any(values[name].nunique() < 2 for name in covariates):
        return None
    unique = table(values, 1)
    total = counted.count.sum()
    means = np.asarray(np.bincount(code, weights=counted.count) @ unique.rows / total)
    absorbing = np.ones(k, dtype=bool)
    absorbing[moves[:, 0]] = False
    on = ~absorbing[counted.start]
    start, end, count = (a[on] for a in (counted.start, counted.end, counted.count))
    radix = int(counted.duration.max()) + 1
    found, kernel = np.unique(code[on] * radix + counted.duration[on], return_inverse=True)
    cell = np.lexsort((end, start, kernel))
    return Collapsed(
        design=unique,
        atom_design=found // radix,
        atom_time=(found % radix).astype(float),
        kernel_atoms=np.arange(len(found))[:, None],
        kernel_kind=np.full(len(found), SNAPSHOT),
        cell_kernel=kernel[cell],
        cell_from=start[cell],
        cell_to=end[cell],
        cell_count=count[cell].astype(float),
        chains=(),
        masks=_masks(observations),
        absorbing=absorbing,
        means=means,
        n_persons=observations.n_persons,
        n_intervals=float(total),
        pairs=pair_table(observations, pairs.reshape(k, k)),
    )


def _pieces(begin: FloatArray, finish: FloatArray, breaks: Sequence[float]) -> list[tuple[IntArray, FloatArray]]:
    """Per period: code and distinct values of the time that each interval spends in it."""
    scale = float(max(np.abs(finish).max(initial=0.0), np.abs(begin).max(initial=0.0)))
    if not len(breaks):
        return [distinct_times(finish - begin, scale)]
    edges = [-np.inf, *breaks, np.inf]
    pieces = []
    for low, high in itertools.pairwise(edges):
        inside = np.minimum(finish, high) - np.maximum(begin, low)
        pieces.append(distinct_times(np.maximum(inside, 0.0), scale))
    return pieces


def _kernels(
    row_design: IntArray,
    values: Design,
    pieces: list[tuple[IntArray, FloatArray]],
    seen: Intervals,
) -> tuple[tuple[IntArray, IntArray, IntArray], tuple[IntArray, FloatArray], FloatArray]:
    """Interval code per row with its stretches and kind; the stretches; the covariate means."""
    periods = len(pieces)
    n_rows_design = len(values.rows) // periods
    key: IntArray = row_design.astype(np.int64)
    upper = n_rows_design
    parts: IntArray = np.arange(n_rows_design)[:, None]
    for codes, distinct in pieces:
        key, found = compact(key * len(distinct) + codes, upper * len(distinct))
        upper = len(found)
        parts = np.column_stack((parts[found // len(distinct)], found % len(distinct)))
    if seen.kind.any():
        key, found = compact(key * 3 + seen.kind, upper * 3)
        parts, kernel_kind = parts[found // 3], found % 3
    else:
        kernel_kind = np.full(len(parts), SNAPSHOT)
    count = np.bincount(key, weights=seen.weight, minlength=len(parts))
    atoms: IntArray = np.full((len(parts), periods), -1, dtype=np.int64)
    atom_design, atom_time, mean_parts, total = [], [], np.zeros(len(values.columns)), 0.0
    offset = 0
    for p, (_, distinct) in enumerate(pieces):
        times = distinct[parts[:, 1 + p]]
        used = np.flatnonzero(times > 0)
        rows = parts[used, 0] * periods + p
        code, found = compact(rows * len(distinct) + parts[used, 1 + p], len(values.rows) * len(distinct))
        atoms[used, p] = code + offset
        atom_design.append(found // len(distinct))
        atom_time.append(distinct[found % len(distinct)])
        offset += len(found)
        mean_parts += count[used] @ values.rows[rows]
        total += count[used].sum()
    stacked = (np.concatenate(atom_design), np.concatenate(atom_time))
    if periods > 1:
        atoms = _front(atoms)
    return (key, atoms, kernel_kind), stacked, mean_parts / max(total, 1e-300)


def _front(atoms: IntArray) -> IntArray:
    """Stretches moved to the left in their order, so that -1 stands only behind them."""
    order = np.argsort(atoms < 0, axis=1, kind="stable")
    moved = np.take_along_axis(atoms, order, axis=1)
    return moved[:, : max(1, int((moved >= 0).sum(axis=1).max(initial=1)))]


def _masks(observations: Observations) -> NDArray[np.bool_]:
    k = len(observations.states)
    masks = np.zeros((k + len(observations.sets), k), dtype=bool)
    masks[np.arange(k), np.arange(k)] = True
    for j, members in enumerate(observations.sets):
        masks[k + j, list(members)] = True
    return masks


def reachable(moves: IntArray, k: int) -> NDArray[np.bool_]:
    """True where a state can be reached from another by allowed moves, itself included."""
    reach = np.eye(k, dtype=bool)
    reach[moves[:, 0], moves[:, 1]] = True
    for _ in range(max(1, int(np.ceil(np.log2(max(k, 2)))))):
        reach = (reach.astype(int) @ reach.astype(int)) > 0
    return reach


def _refuse_impossible(observations: Observations, seen: Intervals, moves: IntArray, masks: NDArray[np.bool_]) -> None:
    """Error for an observed pair that the allowed moves cannot produce."""
    k, size = len(observations.states), len(masks)
    stay = np.eye(k, dtype=bool)
    direct = np.zeros((k, k), dtype=bool)
    direct[moves[:, 0], moves[:, 1]] = True
    reach = reachable(moves, k)
    entered = (reach.astype(int) @ direct.astype(int) > 0) | stay
    possible_by_kind = np.stack([reach, direct | stay, entered]).astype(int)
    possible = ((masks.astype(int) @ possible_by_kind @ masks.T.astype(int)) > 0).reshape(3, size * size)
    if not seen.kind.any() and not events(observations).to_numpy().ravel()[~possible[SNAPSHOT]].any():
        return
    bad = np.flatnonzero(~possible[seen.kind, seen.start.astype(np.int64) * size + seen.end])
    labels: tuple[Hashable, ...] = observations.labels
    words = {SNAPSHOT: "", EXACT_TIME: " at an exact time", EXACT_ENTRY: " by exact entry"}
    problems = [
        f"moves: cannot lead from {labels[seen.start[i]]} to {labels[seen.end[i]]}{words[int(seen.kind[i])]}, "
        f"which person {observations.persons[seen.person[i]]} did between time "
        f"{observations.time[seen.row[i]]:g} and {observations.time[seen.row[i] + 1]:g}"
        for i in bad[:LISTED]
    ]
    if len(bad) > LISTED:
        problems.append(f"moves: {len(bad) - LISTED} more such pairs")
    if problems:
        raise InputError(*problems)
