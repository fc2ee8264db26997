"""Where people who started on a step are after some time: observed, and expected if every month were alike."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from studie.errors import InputError, InsufficientDataError
from studie.ladder.intervals import LEVEL
from studie.ladder.matrices import TransitionMatrix, k_step, transition_matrix
from studie.ladder.observations import Observations
from studie.ladder.pairs import counts


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """Share of those who started on a step who are on each state after a time.

    Attributes
    ----------
    table : DataFrame
        from_step, time [time units], to_step, persons (distinct, who started), cell_persons (distinct, behind the
        observed share; nan beside the expected one), quantity (`observed_share` with its interval,
        `expected_share` from powers of the one-lag matrix without one), estimate, lower, upper,
        n [starts followed], unit.
    level : float
        Coverage of the observed shares' intervals.
    n : int
        Starts followed at the first time [count].
    """

    adds_up: ClassVar[tuple[str, ...]] = ("from_step", "time", "quantity")

    table: pd.DataFrame
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """One row per start, time, state and quantity, with the six columns of every result."""
        return self.table.copy()


def outcomes(
    obs: Observations,
    *,
    origins: Sequence[Hashable],
    times: Sequence[int] = (12, 24, 36),
    absorbing: Sequence[Hashable] = (),
    level: float = LEVEL,
) -> Outcomes:
    """Where people are some time after standing on a step, beside what a memoryless ladder would give.

    Parameters
    ----------
    obs : Observations
        Observed about once per time unit.
    origins : sequence
        Steps to start from.
    times : sequence of int, default (12, 24, 36)
        Times after the start [time units].
    absorbing : sequence
        States that nobody leaves.
    level : float, default 0.95
        Coverage of the observed shares' intervals, clustered by person.

    Raises
    ------
    InputError
        Without times, or for a time below 1.
    InsufficientDataError
        If nobody started on any of the origins.

    Notes
    -----
    Observed: pairs one `time` apart, every moment a person stands on the origin is a start [1]_; who reached an
    absorbing state within `time` is there at its end. Expected: the power
    P^time of the one-unit matrix. Where the two differ, moves depend on more than the present step.

    References
    ----------
    .. [1] Anderson, T. W. & Goodman, L. A. (1957). Ann. Math. Stat. 28(1), 89-110.
    """
    if not times or any(time < 1 for time in times):
        raise InputError(f"times: must be whole numbers of at least 1, got {list(times)}")
    one = transition_matrix(counts(obs, lag=1), level=level)
    started = one.started.to_dict()
    present = [step for step in origins if step in started and started[step] > 0]
    if not present:
        raise InsufficientDataError(f"origins: somebody must start on one of them, got nobody on {list(origins)}")
    ends = [state for state in absorbing if state in started]
    parts = [_at(obs, one, present, int(time), absorbing=ends, level=level) for time in times]
    return Outcomes(table=pd.concat(parts, ignore_index=True), level=level, n=int(parts[0]["n"].max()))


def _at(
    obs: Observations,
    one: TransitionMatrix,
    origins: Sequence[Hashable],
    time: int,
    *,
    absorbing: Sequence[Hashable],
    level: float,
) -> pd.DataFrame:
    """Observed and expected shares at one time."""
    seen = transition_matrix(counts(obs, lag=time, absorbing=absorbing), level=level, method="clustered").to_frame()
    expected = k_step(one, time, absorbing=absorbing).to_frame()
    keyed = seen[seen["from_step"].isin(list(origins))].assign(quantity="observed_share", unit="share")
    model = expected[expected["from_step"].isin(list(origins))].assign(
        quantity="expected_share", unit="share",
        lower=np.nan, upper=np.nan, n=keyed["n"].to_numpy(),
        persons=keyed["persons"].to_numpy(), cell_persons=np.nan,
    )  # fmt: skip
    return pd.concat([keyed, model], ignore_index=True).assign(time=float(time))[
        [
            "from_step",
            "time",
            "to_step",
            "persons",
            "cell_persons",
            "quantity",
            "estimate",
            "lower",
            "upper",
            "n",
            "unit",
        ]
    ]
