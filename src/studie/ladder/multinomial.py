"""Multinomial logit of the next step on the present step and covariates."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from studie.errors import InputError
from studie.ladder.intervals import LEVEL, check_level, normal_quantile

ORIGIN, CODE = "origin_", "destination_code_"


@dataclass(frozen=True, kw_only=True)
class MultinomialLogit:
    """Log odds of each next step against the reference step.

    Attributes
    ----------
    coefficients : DataFrame
        Columns to_step, term, estimate, se, lower, upper, odds_ratio [log odds; odds_ratio is exp(estimate)].
    deviance : float
        −2 log likelihood.
    log_likelihood : float
    converged : bool
    reason : str
        Why the optimiser stopped, or what keeps an effect from being estimated.
    empty_cells : tuple of (origin, destination)
        Moves never seen: their log odds run to −∞ and their intervals carry nothing.
    destinations : tuple
        Steps in order; the first is the reference.
    level : float
    n : int
        Rows used [count].
    """

    coefficients: pd.DataFrame
    deviance: float
    log_likelihood: float
    converged: bool
    reason: str
    empty_cells: tuple[tuple[Any, Any], ...]
    destinations: tuple[Any, ...]
    origin: str
    level: float
    n: int
    fitted: Any

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Probability of each next step for every row of `frame` (with the origin and the covariates)."""
        rows = frame.assign(**{ORIGIN: frame[self.origin]})
        values = np.asarray(self.fitted.predict(rows), float)
        return pd.DataFrame(values, index=frame.index, columns=list(self.destinations))

    def to_frame(self) -> pd.DataFrame:
        """One row per destination and term: to_step, term, then the six columns of every result."""
        return self.coefficients[["to_step", "term"]].assign(
            quantity="log_odds",
            estimate=self.coefficients["estimate"],
            lower=self.coefficients["lower"],
            upper=self.coefficients["upper"],
            n=self.n,
            unit="log odds",
        )


def multinomial_logit(
    frame: pd.DataFrame,
    *,
    origin: str,
    destination: str,
    formula: str = "1",
    person: str | None = None,
    level: float = LEVEL,
) -> MultinomialLogit:
    """Association of covariates with the next step, given the present one.

    Coefficients are log odds against the first destination (in sorted or categorical order). They are associations,
    not effects.

    Parameters
    ----------
    frame : DataFrame
        One row per observed pair of moments.
    origin, destination : str
        Columns with the step at the start and at the end.
    formula : str, default "1"
        Right-hand side in covariates, e.g. "woman + age10". The origin is added as a factor unless the formula
        names it; anything before "~" is ignored.
    person : str, optional
        Column naming the person: standard errors are then clustered by person, because several periods of one
        person are not independent.
    level : float, default 0.95
        Coverage of each interval.

    Returns
    -------
    MultinomialLogit

    Raises
    ------
    InputError
        If a column is missing, a row is incomplete, or fewer than two destinations occur.

    Notes
    -----
    log P(to = j) / P(to = 1) = x'β_j, maximum likelihood by Newton's method (statsmodels MNLogit); intervals are
    Wald's. The deviance is −2 log L of the rows, as in R nnet::multinom. Rows are assumed independent given the
    origin.

    References
    ----------
    .. [1] McFadden, D. (1974). In: Frontiers in Econometrics, 105-142.
    .. [2] Muenz, L. R. & Rubinstein, L. V. (1985). Markov models for covariate dependence of binary sequences.
       Biometrics 41(1), 91-101.
    """
    import patsy  # type: ignore[import-untyped]
    import statsmodels.formula.api as smf

    check_level(level)
    for argument, column in (("origin", origin), ("destination", destination), ("person", person)):
        if column is not None and column not in frame.columns:
            raise InputError(f"{argument}: must be a column of the frame, got {column!r}")
    incomplete = int(frame[[origin, destination]].isna().any(axis=1).sum())
    if incomplete:
        raise InputError(f"frame: origin and destination must be known, got {incomplete} rows without")
    outcome = pd.Categorical(frame[destination]).remove_unused_categories()
    if len(outcome.categories) < 2:
        raise InputError(f"destination: at least two steps must occur, got {list(outcome.categories)}")
    rows = frame.copy(deep=False)
    rows[ORIGIN] = frame[origin]
    _check_design(rows, _right_hand_side(formula, origin))
    rows[ORIGIN], rows[CODE] = frame[origin], outcome.codes.astype(int)
    options: dict[str, Any] = {"disp": 0, "maxiter": 100, "method": "newton"}
    if person is not None:
        options |= {"cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(frame[person])[0]}}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            fitted = smf.mnlogit(f"{CODE} ~ {_right_hand_side(formula, origin)}", rows).fit(**options)
        except patsy.PatsyError as error:
            raise InputError(f"formula: must be readable over the columns of the frame, {error}") from error
        except np.linalg.LinAlgError as error:
            raise InputError(
                f"formula: an effect cannot be estimated (singular information), got {formula!r}; "
                f"never seen: {_empty_cells(frame, origin, destination)}"
            ) from error
        errors = np.asarray(fitted.bse, float)
    empty = _empty_cells(frame, origin, destination)
    return MultinomialLogit(
        coefficients=_coefficients(fitted, errors, list(outcome.categories), level),
        deviance=float(-2 * fitted.llf),
        log_likelihood=float(fitted.llf),
        converged=bool(fitted.mle_retvals["converged"]) and bool(np.isfinite(errors).all()),
        reason=_reason([str(warning.message) for warning in said], empty),
        empty_cells=empty,
        destinations=tuple(outcome.categories),
        origin=origin,
        level=level,
        n=len(frame),
        fitted=fitted,
    )


def _check_design(rows: pd.DataFrame, right: str) -> None:
    """Refuse covariates that are missing or not finite, and terms that cannot be told apart."""
    import patsy

    try:
        design = patsy.dmatrix(right, rows, NA_action="raise", return_type="dataframe")
    except patsy.PatsyError as error:
        first = str(error).splitlines()[0]
        raise InputError(f"formula: must be readable over complete columns of the frame, {first}") from error
    values = design.to_numpy(dtype=float)
    if not np.isfinite(values).all():
        raise InputError(
            f"formula: covariates must be finite, got {int((~np.isfinite(values)).any(axis=1).sum())} rows that are not"
        )
    if np.linalg.matrix_rank(values) < values.shape[1]:
        names = ", ".join(map(str, design.columns))
        raise InputError(f"formula: terms must differ and vary (a covariate needs two values), got {names}")


def _right_hand_side(formula: str, origin: str) -> str:
    """The formula with the origin as a factor, under a name that is no Python keyword."""
    right = formula.split("~", maxsplit=1)[-1].strip()
    name = rf"(?<![\w.])(?:C\(\s*)?{re.escape(origin)}(?:\s*\))?(?![\w.(])"
    if re.search(name, right):
        return re.sub(name, f"C({ORIGIN})", right)
    return f"C({ORIGIN}) + {right}"


def _empty_cells(frame: pd.DataFrame, origin: str, destination: str) -> tuple[tuple[Any, Any], ...]:
    """Pairs of origin and destination that never occur."""
    table = pd.crosstab(frame[origin], frame[destination])
    return tuple((i, j) for i in table.index for j in table.columns if table.loc[i, j] == 0)


def _coefficients(fitted: Any, errors: np.ndarray, destinations: list[Any], level: float) -> pd.DataFrame:
    """Long table of coefficients with Wald intervals."""
    terms = [name.replace(f"C({ORIGIN})", "origin") for name in fitted.model.exog_names]
    values = np.asarray(fitted.params, float)
    k = len(terms)
    estimate, se = values.T.ravel(), errors.T.ravel()
    half = normal_quantile(level) * se
    return pd.DataFrame(
        {
            "to_step": np.repeat(np.array(destinations[1:], object), k),
            "term": terms * (len(destinations) - 1),
            "estimate": estimate,
            "se": se,
            "lower": estimate - half,
            "upper": estimate + half,
            "odds_ratio": np.exp(np.clip(estimate, -700, 700)),
        }
    )


def _reason(messages: list[str], empty: tuple[tuple[Any, Any], ...]) -> str:
    """Why the fit stopped or what it cannot say."""
    parts = list(dict.fromkeys(messages))
    if empty:
        moves = ", ".join(f"{i}→{j}" for i, j in empty)
        parts.append(f"never seen, so not estimable: {moves}")
    return "; ".join(parts) or "gradient below tolerance"
