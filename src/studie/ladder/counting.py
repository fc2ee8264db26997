"""How often each kind of interval occurred, counted in one pass through memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from studie.ladder.coding import IntArray
from studie.ladder.observations import Observations

# Blocks that stay in the processor's cache are several times faster than whole columns.
_BLOCK: Final = 32_768
_LONGEST: Final = 64
_LARGEST: Final = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Kinds of interval of a panel of snapshots with whole durations.

    Attributes
    ----------
    code, duration, start, end, count : int arrays, shape (c,)
        Covariate combination, time passed, states at both ends, and how often [count].
    values : DataFrame, shape (u, v)
        Covariate values per combination.
    """

    code: IntArray
    duration: IntArray
    start: IntArray
    end: IntArray
    count: IntArray
    values: pd.DataFrame


def count_whole(observations: Observations, covariates: Sequence[str]) -> Counted | None:
    """Counts of all intervals, or None where the panel is not this plain.

    Plain: snapshots of single states without weights, whole durations below 64, no covariate
    missing where an interval starts, and few covariate combinations.
    """
    if observations.sets or observations.weight is not None or observations.kind.any():
        return None
    if any(name not in observations.covariates.columns for name in covariates):
        return None
    k = len(observations.states)
    each = _LONGEST * k * k
    code, values = _combinations(observations, covariates, _LARGEST // each)
    if values is None:
        return None
    time, state, follows = observations.time, observations.state, observations.follows
    total = np.zeros(len(values) * each, dtype=np.int64)
    for low in range(0, len(follows), _BLOCK):
        high = min(low + _BLOCK, len(follows))
        same = follows[low:high]
        passed = time[low + 1 : high + 1] - time[low:high]
        passed *= same
        with np.errstate(invalid="ignore"):
            whole = passed.astype(np.int32)
        if (whole != passed).any() or whole.max(initial=0) >= _LONGEST:
            return None
        key = whole * k
        key += state[low:high]
        key *= k
        key += state[low + 1 : high + 1]
        if code is not None:
            key += code[low:high] * np.int32(each)
        total += np.bincount(key, minlength=len(total))
    shaped = total.reshape(len(values), _LONGEST, k, k)
    shaped[:, 0] = 0  # a change of person
    found = np.nonzero(shaped)
    return Counted(code=found[0], duration=found[1], start=found[2], end=found[3], count=shaped[found], values=values)


def _combinations(
    observations: Observations, covariates: Sequence[str], most: int
) -> tuple[IntArray | None, pd.DataFrame | None]:
    """Code of the covariate combination per row, and the values of each combination that occurs."""
    if not covariates:
        return None, pd.DataFrame(index=[0])
    code: IntArray | None = None
    radix: list[int] = []
    levels = []
    for name in covariates:
        each, distinct = pd.factorize(observations.covariates[name])
        size = len(distinct)
        if size == 0 or np.prod([*radix, size]) > most:
            return None, None
        absent = each < 0
        if absent.any():
            if (absent[:-1] & observations.follows).any():
                return None, None
            each = np.where(absent, 0, each)
        part = each.astype(np.int32)
        code = part if code is None else code * np.int32(size) + part
        radix.append(size)
        levels.append(distinct)
    numbers = np.unravel_index(np.arange(int(np.prod(radix))), radix)
    columns = {
        name: pd.Series(distinct.take(n) if hasattr(distinct, "take") else distinct[n]).reset_index(drop=True)
        for name, distinct, n in zip(covariates, levels, numbers, strict=True)
    }
    return code, pd.DataFrame(columns)
