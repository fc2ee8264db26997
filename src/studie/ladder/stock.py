"""How many persons stand on each step at one moment, with bounds for those whose step is known only up to a set."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InsufficientDataError
from studie.ladder.observations import Observations


@dataclass(frozen=True, kw_only=True)
class Stock:
    """Persons per step at one moment.

    Attributes
    ----------
    known : Series, index step
        Persons seen on exactly this step [persons].
    possible : Series, index step
        Persons who may be on it: the known ones and those in a set that holds the step [persons].
    time : float
        Moment of the count [time units of the observations].
    n : int
        Persons seen at that moment [persons].
    """

    known: pd.Series
    possible: pd.Series
    time: float
    n: int
    level: None = None

    def to_frame(self) -> pd.DataFrame:
        """Key `step`, then the six columns of every result; the bounds are exact, not statistical."""
        return pd.DataFrame(
            {
                "step": self.known.index,
                "quantity": "stock",
                "estimate": self.known.to_numpy(dtype=float),
                "lower": self.known.to_numpy(dtype=float),
                "upper": self.possible.to_numpy(dtype=float),
                "n": self.known.to_numpy(dtype=float),
                "unit": "persons",
            }
        )

    def on(self, *steps: Hashable) -> int:
        """Persons known to be on one of these steps [persons]."""
        return int(self.known.reindex(list(steps), fill_value=0).sum())


def stock(obs: Observations, *, time: float | None = None) -> Stock:
    """Persons per step at one moment.

    Parameters
    ----------
    obs : Observations
    time : float, optional
        Moment [time units of the observations]; default the last one at which anyone was seen.

    Raises
    ------
    InsufficientDataError
        If nobody was seen at that moment.

    Notes
    -----
    A person seen in a set such as {5,6} counts in no single step; each step's upper bound counts them all, so the
    upper bounds of several steps do not add up to persons.
    """
    moment = float(obs.time.max()) if time is None else time
    state = obs.state[np.isclose(obs.time, moment)]
    if not len(state):
        raise InsufficientDataError(f"time: somebody must be seen at that moment, got nobody at {moment:g}")
    k = len(obs.states)
    known = np.bincount(state[state < k], minlength=k)
    possible = known.copy()
    for j, members in enumerate(obs.sets):
        possible[list(members)] += int((state == k + j).sum())
    index = pd.Index([str(s) for s in obs.states], name="step")
    return Stock(known=pd.Series(known, index), possible=pd.Series(possible, index), time=moment, n=len(state))
