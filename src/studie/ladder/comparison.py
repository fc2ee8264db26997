"""Which of two models describes or predicts people better: likelihood ratio and held-out persons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from studie.errors import InputError
from studie.ladder.coding import FloatArray
from studie.ladder.model import Model, plain_likelihood
from studie.ladder.observations import Observations, select


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """Log probability that a model gives to persons who were left out of its fit.

    Attributes
    ----------
    score, score_against : float
        Mean log probability per interval; higher is better.
    gain, lower, upper : float
        Difference per interval, with its interval over persons.
    persons : DataFrame
        Per person: fold, score, score_against, intervals.
    level : float
    n : int
        Intervals.
    """

    score: float
    score_against: float
    gain: float
    lower: float
    upper: float
    persons: pd.DataFrame
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Rows for the score, the score compared with, and the gain."""
        nothing = np.nan
        rows = [
            ("log_score", self.score, nothing, nothing),
            ("log_score_against", self.score_against, nothing, nothing),
            ("log_score_gain", self.gain, self.lower, self.upper),
        ]
        return pd.DataFrame(
            [
                {"quantity": q, "estimate": e, "lower": a, "upper": b, "n": self.n, "unit": "log probability"}
                for q, e, a, b in rows
            ]
        )


def likelihood_ratio(smaller: Any, larger: Any) -> pd.DataFrame:
    """Twice the difference in log-likelihood against chi-square with the difference in parameters."""
    df = len(larger.parameters) - len(smaller.parameters)
    if df <= 0:
        raise InputError(f"larger: must have more parameters than `smaller`, got {df} more")
    if smaller.n != larger.n or not smaller.events.equals(larger.events):
        raise InputError("larger: must be fitted to the same observations as `smaller`")
    for name, one in (("smaller", smaller), ("larger", larger)):
        if not one.converged:
            raise InputError(f"{name}: must have converged, got: {one.reason}")
    statistic = max(2 * (larger.log_likelihood - smaller.log_likelihood), 0.0)
    return pd.DataFrame({"statistic": [statistic], "df": [df], "p_value": [float(stats.chi2.sf(statistic, df))]})


def person_scores(observations: Observations, model: Model) -> FloatArray:
    """Log-likelihood per person under a fit."""
    if model.emission is not None:
        raise InputError("held_out: not for models with misclassification")
    return plain_likelihood(observations, model, keep_rows=True).per_person(model.theta)


def held_out(
    observations: Observations,
    moves: Any,
    fit: Callable[..., Any],
    *,
    rng: np.random.Generator,
    folds: int,
    against: Mapping[str, Any],
    options: Mapping[str, Any],
    level: float,
) -> HeldOut:
    """Scores per person from fits to the other folds."""
    order = rng.permutation(observations.n_persons)
    fold = np.empty(observations.n_persons, dtype=int)
    fold[order] = np.arange(observations.n_persons) % folds
    score = np.zeros((observations.n_persons, 2))
    for f in range(folds):
        inside, outside = np.flatnonzero(fold != f), np.flatnonzero(fold == f)
        training, test = select(observations, inside), select(observations, outside)
        for column, chosen in enumerate((options, against)):
            score[outside, column] = person_scores(test, fit(training, moves, **chosen).model)
    intervals = np.bincount(observations.person[observations.starts], minlength=observations.n_persons)
    total = int(intervals.sum())
    gain = score[:, 0] - score[:, 1]
    mean = float(gain.sum() / total)
    # A ratio of sums over independent persons.
    residual = gain - mean * intervals
    se = float(np.sqrt(np.sum((residual - residual.mean()) ** 2)) / total)
    half = float(stats.norm.ppf(0.5 + level / 2)) * se
    return HeldOut(
        score=float(score[:, 0].sum() / total),
        score_against=float(score[:, 1].sum() / total),
        gain=mean,
        lower=mean - half,
        upper=mean + half,
        persons=pd.DataFrame(
            {"fold": fold, "score": score[:, 0], "score_against": score[:, 1], "intervals": intervals},
            index=pd.Index(observations.persons, name="person"),
        ),
        level=level,
        n=total,
    )
