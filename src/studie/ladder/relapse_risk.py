"""Predicted risk of relapse after a step up, and how well it is calibrated on persons it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown
from studie.ladder.incidence import TOLERANCE
from studie.ladder.intervals import LEVEL, Floats, check_level, exact
from studie.ladder.moves import RELAPSE, Moves


@dataclass(frozen=True, kw_only=True, eq=False)
class RelapseRisk:
    """Out-of-fold predictions of relapse with their calibration.

    Attributes
    ----------
    predictions : DataFrame
        Per move with a known outcome: person, predicted, reference (share in the other folds), outcome (0 or 1),
        weight (for those whose outcome the end of observation hid), fold.
    reliability : DataFrame
        Per class of predicted risk: predicted (mean), quantity, estimate (observed share), lower, upper, n, unit.
    scores : DataFrame
        quantity, estimate, lower, upper, n, unit: brier, brier_reference, brier_skill, calibration_intercept,
        calibration_slope, concordance.
    within : float
        Horizon of the prediction [time units].
    level : float
    n : int
        Moves with a known outcome [count].
    unknown : int
        Moves whose outcome the end of observation hid [count].
    """

    predictions: pd.DataFrame
    reliability: pd.DataFrame
    scores: pd.DataFrame
    within: float
    level: float
    n: int
    unknown: int

    def to_frame(self) -> pd.DataFrame:
        """The scores, in the six columns of every result."""
        return self.scores.copy()


def relapse_risk(
    moves: Moves,
    rng: np.random.Generator,
    *,
    features: Sequence[str],
    within: float = 12,
    folds: int = 5,
    classes: int = 10,
    draws: int = 200,
    level: float = LEVEL,
) -> RelapseRisk:
    """Risk of relapse within h of a step up, predicted for persons left out, and its calibration.

    Parameters
    ----------
    moves : Moves
        What `upward_moves` returns.
    rng : Generator
        Shuffles persons over folds and resamples persons for the intervals.
    features : sequence of str
        Columns of `moves.table` known at the move (e.g. from_step, support); numbers are standardised, words become
        indicators.
    within : float, default 12
        Horizon [time units].
    folds : int, default 5
        Groups of persons; all moves of a person are in one fold.
    classes : int, default 10
        Classes of predicted risk in the reliability curve (equal numbers of moves).
    draws : int, default 200
        Bootstrap samples of persons for the intervals of the scores.
    level : float, default 0.95
        Coverage of each interval.

    Returns
    -------
    RelapseRisk

    Raises
    ------
    InputError
        If a feature is missing, fewer persons than folds are there, or one outcome occurs fewer than 10 times.

    Notes
    -----
    Penalised logistic regression in a scikit-learn pipeline, calibrated by Platt's sigmoid on out-of-fold log odds
    inside the training persons (nested GroupKFold by person) [1]_. Outcome: 1 = relapse within h; 0 = followed
    through h without, or gone or out of sight first. Moves censored before h are weighted away by the inverse
    probability of still being followed [2]_. Brier = Σ w (p − y)² / Σ w, skill = 1 − Brier / Brier of the share in
    the training persons. Bounds of the scores are percentiles over resampled persons, of the reliability curve
    exact binomial at the effective number. A prediction is no cause: it says who, not why.

    References
    ----------
    .. [1] Platt, J. (1999). In: Advances in Large Margin Classifiers, 61-74.
    .. [2] Graf, E. et al. (1999). Stat. Med. 18(17-18), 2529-2545.
    """
    check_level(level)
    for name in features:
        if name not in moves.table.columns:
            raise unknown("features", name, map(str, moves.table.columns))
    slack = TOLERANCE if moves.unit == "month" else 1e-6
    outcome, weight, known = _outcomes(moves.table, within, slack)
    table = moves.table[known].reset_index(drop=True)
    y, w = outcome[known], weight[known]
    groups = pd.factorize(table["cluster"])[0]
    if groups.max(initial=-1) + 1 < 2 * folds:
        raise InputError(f"folds: at least two persons per fold are needed, got {groups.max(initial=-1) + 1} persons")
    if min(int(y.sum()), int((1 - y).sum())) < 10:
        raise InputError(f"moves: both outcomes must occur at least 10 times, got {int(y.sum())} of {len(y)} relapses")
    predicted, reference, fold = _out_of_fold(table[list(features)], y, w, groups, folds=folds, rng=rng)
    points = _Points(y=y, w=w, p=predicted, reference=reference)
    return RelapseRisk(
        predictions=pd.DataFrame(
            {
                "person": table["person"], "predicted": predicted, "reference": reference, "outcome": y, "weight": w,
                "fold": fold,
            }
        ),
        reliability=_reliability(points, classes, level),
        scores=_scores(points, groups, rng, draws, level),
        within=within,
        level=level,
        n=len(y),
        unknown=int((~known).sum()),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Points:
    """Outcome, weight, prediction and reference per move."""

    y: Floats
    w: Floats
    p: Floats
    reference: Floats


def _outcomes(table: pd.DataFrame, within: float, slack: float) -> tuple[Floats, Floats, np.ndarray]:
    """Outcome, inverse probability of being followed, and whether the outcome is known."""
    duration, cause = table["duration"].to_numpy(float), table["cause"].to_numpy()
    relapsed = (cause == RELAPSE) & (duration <= within + slack)
    decided = (cause != "") & (duration <= within + slack)
    followed = duration >= within - slack
    known = decided | followed
    at = np.where(decided, duration, within) - 2 * slack
    return relapsed.astype(float), 1 / np.maximum(_still_followed(duration, cause, at), 0.02), known


def _still_followed(duration: Floats, cause: np.ndarray, at: Floats) -> Floats:
    """Product-limit probability of not being censored before given times."""
    times, counts = np.unique(duration[cause == ""], return_counts=True)
    risk = len(duration) - np.searchsorted(np.sort(duration), times, side="left")
    curve = np.concatenate([[1.0], np.cumprod(1 - counts / risk)])
    return np.asarray(curve[np.searchsorted(times, at, side="right")])


def _model(features: pd.DataFrame) -> Any:
    """Pipeline of encoding and penalised logistic regression."""
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [c for c in features if pd.api.types.is_numeric_dtype(features[c]) and features[c].dtype != bool]
    words = [c for c in features if c not in numbers]
    encode = ColumnTransformer(
        [("words", OneHotEncoder(handle_unknown="ignore"), words), ("numbers", StandardScaler(), numbers)]
    )
    return Pipeline([("encode", encode), ("logit", LogisticRegression(C=1.0, max_iter=1000))])


def _out_of_fold(
    features: pd.DataFrame, y: Floats, w: Floats, groups: np.ndarray, *, folds: int, rng: np.random.Generator
) -> tuple[Floats, Floats, np.ndarray]:
    """Calibrated prediction and reference share for each move, from persons in the other folds."""
    from sklearn.model_selection import GroupKFold

    predicted, reference, fold = np.empty(len(y)), np.empty(len(y)), np.empty(len(y), int)
    outer = GroupKFold(folds, shuffle=True, random_state=int(rng.integers(2**31)))
    for number, (train, test) in enumerate(outer.split(features, y, groups)):
        inner = GroupKFold(folds, shuffle=True, random_state=int(rng.integers(2**31)))
        score = np.empty(len(train))
        for a, b in inner.split(train, y[train], groups[train]):
            score[b] = _log_odds(features.iloc[train[a]], y[train[a]], w[train[a]], features.iloc[train[b]])
        slope, intercept = _sigmoid(score, y[train], w[train])
        raw = _log_odds(features.iloc[train], y[train], w[train], features.iloc[test])
        predicted[test] = 1 / (1 + np.exp(-(intercept + slope * raw)))
        reference[test] = np.average(y[train], weights=w[train])
        fold[test] = number
    return predicted, reference, fold


def _log_odds(features: pd.DataFrame, y: Floats, w: Floats, new: pd.DataFrame) -> Floats:
    """Log odds for new rows of the model fitted on some."""
    if len(np.unique(y)) < 2:
        return np.zeros(len(new))
    model = _model(features).fit(features, y, logit__sample_weight=w)
    return np.asarray(model.decision_function(new), float)


def _sigmoid(score: Floats, y: Floats, w: Floats) -> tuple[float, float]:
    """Slope and intercept of the outcome on the log odds, by Newton's method on the weighted logistic likelihood."""
    x = np.column_stack([score, np.ones_like(score)])
    beta = np.array([1.0, 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        information = (x * (w * p * (1 - p))[:, None]).T @ x + 1e-6 * np.eye(2)
        step = np.linalg.solve(information, x.T @ (w * (y - p)))
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    return float(beta[0]), float(beta[1])


def _reliability(points: _Points, classes: int, level: float) -> pd.DataFrame:
    """Observed share per class of predicted risk."""
    rank = np.argsort(np.argsort(points.p, kind="stable"), kind="stable")
    place = rank * classes // len(rank)
    rows = []
    for value in np.unique(place):
        here = place == value
        w = points.w[here]
        share = float(np.average(points.y[here], weights=w))
        effective = float(w.sum() ** 2 / np.square(w).sum())
        low, high = exact(share * effective, effective, level=level)
        mean = float(np.average(points.p[here], weights=w))
        rows.append((mean, "observed_relapse", share, float(low), float(high), int(here.sum()), "probability"))
    return pd.DataFrame(rows, columns=["predicted", "quantity", "estimate", "lower", "upper", "n", "unit"])


def _measures(points: _Points, w: Floats) -> Floats:
    """Brier, its reference, skill, calibration intercept and slope, concordance."""
    brier = np.average((points.p - points.y) ** 2, weights=w)
    reference = np.average((points.reference - points.y) ** 2, weights=w)
    odds = np.log(points.p / (1 - points.p))
    slope, intercept = _sigmoid(odds, points.y, w)
    return np.array([brier, reference, 1 - brier / reference, intercept, slope, _concordance(points, w)])


def _concordance(points: _Points, w: Floats) -> float:
    """Weighted share of pairs, one relapse and one not, ranked rightly; ties count half."""
    values, place = np.unique(points.p, return_inverse=True)
    ones = np.bincount(place, weights=w * points.y, minlength=len(values))
    zeros = np.bincount(place, weights=w * (1 - points.y), minlength=len(values))
    below = np.cumsum(zeros) - zeros
    total = ones.sum() * zeros.sum()
    return float(ones @ (below + zeros / 2) / total) if total > 0 else float("nan")


def _scores(points: _Points, groups: np.ndarray, rng: np.random.Generator, draws: int, level: float) -> pd.DataFrame:
    """Scores with percentile intervals over resampled persons."""
    m = int(groups.max()) + 1
    estimate = _measures(points, points.w)
    sampled = np.array(
        [_measures(points, points.w * rng.multinomial(m, np.full(m, 1 / m))[groups]) for _ in range(draws)]
    )
    tail = (1 - level) / 2
    low, high = np.nanquantile(sampled, [tail, 1 - tail], axis=0)
    names = ["brier", "brier_reference", "brier_skill", "calibration_intercept", "calibration_slope", "concordance"]
    units = ["probability squared", "probability squared", "share", "log odds", "ratio", "share"]
    return pd.DataFrame(
        {
            "quantity": names,
            "estimate": estimate,
            "lower": np.minimum(low, estimate),
            "upper": np.maximum(high, estimate),
            "n": len(points.y),
            "unit": units,
        }
    )
