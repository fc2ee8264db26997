"""Adjusted associations with relapse (or another event) after a step up: discrete-time hazard regression."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from studie.errors import InputError, unknown
from studie.ladder.incidence import TOLERANCE
from studie.ladder.intervals import LEVEL, check_level
from studie.ladder.moves import EXIT, HIDDEN, RELAPSE, Moves

Link = Literal["cloglog", "logit"]
LINKS = ("cloglog", "logit")
FEWEST = 5
PERIOD = "period_since_move"


@dataclass(frozen=True, kw_only=True, eq=False)
class AdjustedHazards:
    """Association of covariates with the hazard of an event since the move, each adjusted for the others.

    Attributes
    ----------
    coefficients : DataFrame
        term, estimate, se, lower, upper [log ratio], ratio, ratio_lower, ratio_upper, identified.
    events : Series
        Events per period since the move [count].
    event, link : str
    reason : str
        Why the fit stopped, and which effects the data cannot carry.
    persons, rows : int
        Persons and person-periods used [count].
    level : float
    n : int
        Moves used [count].
    """

    coefficients: pd.DataFrame
    events: pd.Series
    event: str
    link: str
    reason: str
    persons: int
    rows: int
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """One row per term (the baseline left out): term, then the six columns of every result, as ratios."""
        rows = self.coefficients[~self.coefficients["baseline"]]
        return pd.DataFrame(
            {
                "term": rows["term"],
                "quantity": "hazard_ratio" if self.link == "cloglog" else "odds_ratio",
                "estimate": rows["ratio"],
                "lower": rows["ratio_lower"],
                "upper": rows["ratio_upper"],
                "n": self.n,
                "unit": "ratio",
            }
        ).reset_index(drop=True)


def adjusted_hazards(
    moves: Moves,
    *,
    formula: str,
    event: str = RELAPSE,
    link: Link = "cloglog",
    horizon: float = 24,
    width: float = 1,
    breaks: Sequence[float] = (3, 6, 12),
    level: float = LEVEL,
) -> AdjustedHazards:
    """Ratio of hazards of an event after a step up, by covariates at the move.

    An association, not an effect: who gets support differs in more than the support.

    Parameters
    ----------
    moves : Moves
        What `upward_moves` returns.
    formula : str
        Right-hand side in columns of `moves.table`, e.g. "C(support) + C(target_group) + C(move)".
    event : {"relapse", "exit", "out_of_sight"}, default "relapse"
        Event of interest; the others end the time at risk (cause-specific hazard).
    link : {"cloglog", "logit"}, default "cloglog"
        `cloglog` gives ratios of the underlying continuous hazards, `logit` odds ratios per period.
    horizon : float, default 24
        Follow-up used [time units].
    width : float, default 1
        Length of a person-period [time units]; the distance between snapshots.
    breaks : sequence of float, default (3, 6, 12)
        Where the baseline hazard may jump [time units]; periods with fewer than 5 events are joined with the one
        before.
    level : float, default 0.95
        Coverage of each interval.

    Returns
    -------
    AdjustedHazards

    Raises
    ------
    InputError
        If the event or link is unknown, a column is missing, fewer than 5 events were seen, or the model is singular.

    Notes
    -----
    P(event in period j | none before) = 1 − exp(−exp(α_j + x'β)) (or its logit version), maximum likelihood over
    person-periods [1]_ [2]_. A period cut short by the end of observation is left out; one cut short by another
    event counts as without. Standard errors are clustered by person with Student's t on persons − 1 degrees [3]_.
    An effect whose standard error exceeds 5 or whose size exceeds 10 runs away: it is marked as not identified and
    has no interval.

    References
    ----------
    .. [1] Prentice, R. L. & Gloeckler, L. A. (1978). Biometrics 34(1), 57-67.
    .. [2] Allison, P. D. (1982). Sociological Methodology 13, 61-98.
    .. [3] Liang, K.-Y. & Zeger, S. L. (1986). Biometrika 73(1), 13-22.
    """
    import patsy  # type: ignore[import-untyped]
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    check_level(level)
    if event not in (RELAPSE, EXIT, HIDDEN):
        raise unknown("event", event, (RELAPSE, EXIT, HIDDEN))
    if link not in LINKS:
        raise unknown("link", link, LINKS)
    slack = TOLERANCE if moves.unit == "month" else 1e-6
    rows = person_periods(moves.table, event=event, horizon=horizon, width=width, tolerance=slack)
    total = int(rows["event"].sum())
    if total < FEWEST:
        raise InputError(f"moves: at least {FEWEST} events of {event} are needed, got {total}")
    rows[PERIOD] = _periods(rows, breaks)
    several = len(rows[PERIOD].unique()) > 1
    right = f"C({PERIOD}) + {formula}" if several else formula
    family = sm.families.Binomial(link=sm.families.links.CLogLog() if link == "cloglog" else sm.families.links.Logit())
    groups = pd.factorize(rows["cluster"])[0]
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            fitted = smf.glm(f"event ~ {right}", rows, family=family, missing="raise").fit(
                cov_type="cluster", cov_kwds={"groups": groups}, maxiter=100
            )
        except np.linalg.LinAlgError as error:
            raise InputError(f"formula: the effects cannot be told apart (singular), got {formula!r}") from error
        except patsy.PatsyError as error:
            raise InputError(f"formula: must be readable over the columns of the moves, {error}") from error
    persons = int(groups.max()) + 1
    table = _coefficients(fitted, persons, total, level)
    return AdjustedHazards(
        coefficients=table,
        events=rows.groupby(PERIOD)["event"].sum(),
        event=event,
        link=link,
        reason=_reason(fitted, table, total, [str(warning.message) for warning in said]),
        persons=persons,
        rows=len(rows),
        level=level,
        n=int(rows["spell"].nunique()),
    )


def person_periods(table: pd.DataFrame, *, event: str, horizon: float, width: float, tolerance: float) -> pd.DataFrame:
    """One row per move and period at risk, with `event` 0 or 1 and `time`, the end of the period.

    Parameters
    ----------
    table : DataFrame
        `Moves.table`.
    event : str
        Event of interest.
    horizon, width, tolerance : float
        Follow-up, length of a period and slack of calendar months [time units].

    Raises
    ------
    InputError
        If horizon or width is not positive.
    """
    if not (width > 0 and horizon >= width):
        raise InputError(f"width: must be positive and at most the horizon, got {width} and {horizon}")
    duration, cause = table["duration"].to_numpy(float), table["cause"].to_numpy()
    last = np.floor(horizon / width + 1e-9)
    ended = np.ceil((duration - tolerance) / width)
    whole = np.floor((duration + tolerance) / width)
    n_rows = np.clip(np.where(cause != "", np.maximum(ended, 1), whole), 0, last).astype(int)
    spell = np.repeat(np.arange(len(table)), n_rows)
    number = np.arange(len(spell)) - np.repeat(np.cumsum(n_rows) - n_rows, n_rows) + 1
    rows = table.iloc[spell].reset_index(drop=True)
    happened = (cause[spell] == event) & (number == np.maximum(ended, 1)[spell])
    return rows.assign(spell=spell, time=number * width, event=happened.astype(int))


def _periods(rows: pd.DataFrame, breaks: Sequence[float]) -> np.ndarray:
    """Baseline period of each row; a period with few events is joined with the one before."""
    edges = sorted(float(b) for b in breaks)
    period = np.searchsorted(edges, rows["time"].to_numpy(float) - 1e-9, side="left")
    events = np.bincount(period, weights=rows["event"], minlength=len(edges) + 1)
    target = np.arange(len(events))
    for j in range(len(events) - 1, 0, -1):
        if events[j] < FEWEST:
            events[j - 1] += events[j]
            target[target == j] = j - 1
    if events[0] < FEWEST and len(set(target)) > 1:
        target[target == 0] = min(t for t in target if t > 0)
    return target[period]


def _coefficients(fitted: Any, persons: int, events: int, level: float) -> pd.DataFrame:
    """Coefficients with intervals, and which of them the data carry."""
    estimate, se = np.asarray(fitted.params, float), np.asarray(fitted.bse, float)
    identified = np.isfinite(se) & (se < 5) & (np.abs(estimate) < 10)
    half = stats.t.ppf(0.5 + level / 2, max(persons - 1, 1)) * se
    lower, upper = np.where(identified, estimate - half, -np.inf), np.where(identified, estimate + half, np.inf)
    terms = list(fitted.model.exog_names)
    return pd.DataFrame(
        {
            "term": terms,
            "estimate": estimate,
            "se": se,
            "lower": lower,
            "upper": upper,
            "ratio": np.exp(np.clip(estimate, -700, 700)),
            "ratio_lower": np.exp(lower),
            "ratio_upper": np.exp(upper),
            "identified": identified,
            "baseline": [name == "Intercept" or PERIOD in name for name in terms],
        }
    )


def _reason(fitted: Any, table: pd.DataFrame, events: int, messages: list[str]) -> str:
    """Why the fit stopped and what it cannot carry."""
    parts = ["converged" if fitted.converged else "did not converge within 100 iterations"]
    lost = table.loc[~table["identified"], "term"].tolist()
    if lost:
        parts.append(f"not identified: {', '.join(lost)} ({events} events)")
    if events < FEWEST * len(table):
        parts.append(f"{events} events for {len(table)} coefficients: fewer than {FEWEST} each")
    return "; ".join([*parts, *dict.fromkeys(messages)])
