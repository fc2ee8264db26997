"""How long people stay on each step and whether they reach a step in time, per group of persons."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InputError, InsufficientDataError
from studie.ladder import intensities
from studie.ladder.intervals import LEVEL
from studie.ladder.observations import Observations, events, select

LEAST_EVENTS = 5
KEYS = ("group", "step")
COLUMNS = (*KEYS, "quantity", "estimate", "lower", "upper", "n", "unit")


@dataclass(frozen=True, kw_only=True)
class Profiles:
    """Time on a step and the probability to reach one in time, per group.

    Attributes
    ----------
    table : DataFrame
        `group, step, quantity` (`sojourn` or `reach`), then estimate, lower, upper, n [persons seen on the step], unit.
    reasons : Series, index group
        Why each fit stopped, or why there is none.
    target : label
        Step to be reached.
    within : float
        Time to reach it in [time units].
    level : float
        Coverage of each interval.
    n : int
        Persons in all [count].
    """

    table: pd.DataFrame
    reasons: pd.Series
    target: Hashable
    within: float
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """One row per group, step and quantity, with the six columns of every result."""
        return self.table.copy()


def observed_moves(obs: Observations, *, least: int = LEAST_EVENTS) -> list[tuple[Hashable, Hashable]]:
    """Moves that the data carry: consecutive pairs of single states seen at least `least` times.

    Moves from or to a rare state are kept whatever their number when they are all the state has, so that every
    observed pair stays possible.
    """
    seen = events(obs)
    singles = [state for state in seen.index if state in obs.states]
    counted = {(a, b): int(seen.loc[a, b]) for a in singles for b in singles if a != b}
    rare = {
        state for state in singles if max((n for pair, n in counted.items() if state in pair), default=0) < 10 * least
    }
    return [pair for pair, n in counted.items() if n >= least or (n > 0 and not rare.isdisjoint(pair))]


def profiles(
    obs: Observations,
    *,
    by: str | None = None,
    target: Hashable,
    within: float = 24.0,
    steps: Sequence[Hashable] | None = None,
    level: float = LEVEL,
) -> Profiles:
    """Mean stay on each step and probability to reach a step in time, from one intensity model per group.

    Parameters
    ----------
    obs : Observations
        Several states of several persons.
    by : str, optional
        Covariate that names the group; its first value per person counts. None: everybody together.
    target : label
        Step to be reached.
    within : float, default 24
        Time to reach it in [time units].
    steps : sequence, optional
        Steps to report; default all that can be left.
    level : float, default 0.95
        Coverage of each interval.

    Returns
    -------
    Profiles
        A group whose model has no maximum has nan and its reason: never a number from a search that failed.

    Raises
    ------
    InputError
        If `by` is no covariate or `target` no state.
    InsufficientDataError
        If no group has a model.

    Notes
    -----
    Assumes a Markov model in each group (`intensities.fit`): the chance to leave a step does not depend on the
    time already spent there. Where it falls with time, the mean stay is right on average and wrong for newcomers;
    `hazards.markov_test` shows whether it does.

    References
    ----------
    .. [1] Kalbfleisch, J. D., & Lawless, J. F. (1985). J. Am. Stat. Assoc. 80(392), 863-871.
    """
    if target not in obs.states:
        raise InputError(f"target: must be a state, got {target!r}")
    if by is not None and by not in obs.covariates:
        raise InputError(f"by: must be a covariate, got {by!r}")
    values = pd.Series("all", index=range(obs.n_persons)) if by is None else obs.covariates[by].iloc[obs.first]
    groups = {str(value): np.flatnonzero((values == value).to_numpy()) for value in sorted(set(values))}
    parts, reasons = [], {}
    for name, persons in groups.items():
        table, reasons[name] = _profile(select(obs, persons), target=target, within=within, level=level)
        parts.append(table.assign(group=name))
    whole = pd.concat(parts, ignore_index=True)
    wanted = list(whole["step"].unique()) if steps is None else list(steps)
    table = whole[whole["step"].isin(wanted)].reset_index(drop=True)[list(COLUMNS)]
    if table["estimate"].isna().all():
        raise InsufficientDataError(f"obs: no group has a model ({'; '.join(reasons.values())})")
    return Profiles(table=table, reasons=pd.Series(reasons), target=target, within=within, level=level, n=obs.n_persons)


def _profile(obs: Observations, *, target: Hashable, within: float, level: float) -> tuple[pd.DataFrame, str]:
    """Rows of one group and why its search stopped."""
    on_step = _persons_on(obs)
    try:
        fit = intensities.fit(obs, observed_moves(obs), level=level)
    except InputError as error:
        return _empty(on_step), str(error.problems[0])
    if not fit.converged:
        return _empty(on_step), fit.reason
    stay = fit.sojourn().to_frame()
    reach = fit.reach(target, within=within).to_frame().rename(columns={"from_step": "step"})
    reach = reach[reach["step"].isin(stay["step"]) & (reach["step"] != target)]
    both = pd.concat([stay, reach], ignore_index=True)
    return both.assign(n=both["step"].map(on_step).astype(float)), fit.reason


def _persons_on(obs: Observations) -> dict[Hashable, int]:
    """Persons ever seen on each state."""
    single = obs.state < len(obs.states)
    pairs = np.unique(np.column_stack([obs.state[single], obs.person[single]]), axis=0)
    counts = np.bincount(pairs[:, 0], minlength=len(obs.states))
    return dict(zip(obs.states, counts.tolist(), strict=True))


def _empty(on_step: dict[Hashable, int]) -> pd.DataFrame:
    """Rows without estimate for a group without a model."""
    steps = [step for step, persons in on_step.items() if persons]
    rows = [
        {"step": step, "quantity": quantity, "n": float(on_step[step]), "unit": unit}
        for step in steps
        for quantity, unit in (("sojourn", "month"), ("reach", "probability"))
    ]
    return pd.DataFrame(rows, columns=["step", "quantity", "n", "unit"]).assign(
        estimate=np.nan, lower=np.nan, upper=np.nan
    )
