"""Combinations of members: which there are, and the predictive quantiles each gives.

A term is a member on a scale (level or log1p). A combination averages terms: points and quantiles are taken back
to the level of the series first and averaged then.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from scipy import special, stats

from studie.demand import members

Kind = Literal["regular", "many", "small", "short", "zeros"]

_TAIL = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45)
PROBABILITIES = (*_TAIL, 0.5, *(1 - p for p in reversed(_TAIL)))
_MANY = 100
_LOG_CEILING = 40.0


class Term(NamedTuple):
    """One member on one scale."""

    member: str
    scale: Literal["level", "log1p"]


class Combination(NamedTuple):
    """Average of terms; `name` is what a result calls it."""

    name: str
    terms: tuple[Term, ...]


def _combinations(sets: tuple[tuple[str, ...], ...], scales: tuple[str, ...]) -> tuple[Combination, ...]:
    found = []
    for names in sets:
        for scale in scales:
            kept = ("level", "log1p") if scale == "level and log1p" else (scale,)
            terms = tuple(Term(name, one) for name in names for one in kept)  # type: ignore[arg-type]
            found.append(Combination(f"{' + '.join(names)}, {scale}", terms))
    return tuple(found)


_SMOOTH = ("exponential smoothing", "theta", "decomposition")
COMBINATIONS: dict[Kind, tuple[Combination, ...]] = {
    # The first of each is the widest: it holds before any error has been seen and unless another is clearly better.
    "regular": _combinations(
        (
            (*_SMOOTH, "seasonal naive", "naive"),
            (*_SMOOTH, "seasonal naive"),
            _SMOOTH,
            ("theta", "decomposition"),
            ("exponential smoothing", "theta"),
            ("seasonal naive",),
        ),
        ("level and log1p", "level", "log1p"),
    ),
    # Exponential smoothing costs three times the rest together and adds nothing measurable in large blocks.
    "many": _combinations(
        (
            ("theta", "decomposition", "seasonal naive", "naive"),
            ("theta", "decomposition", "seasonal naive"),
            ("theta", "decomposition"),
            ("theta",),
            ("seasonal naive",),
        ),
        ("level and log1p", "level", "log1p"),
    ),
    "small": _combinations(
        (
            ("mean", "level", "intermittent"),
            ("mean",),
            ("level",),
            ("intermittent",),
            ("level", "seasonal naive"),
            ("mean", "level", "theta", "seasonal naive"),
        ),
        ("level",),
    ),
    "short": _combinations((("naive", "mean"), ("naive",), ("mean",)), ("level",)),
    "zeros": _combinations((("mean",),), ("level",)),
}
TERMS: dict[Kind, tuple[Term, ...]] = {
    kind: tuple(dict.fromkeys(term for one in found for term in one.terms)) for kind, found in COMBINATIONS.items()
}


def kind_of(values: np.ndarray, season: int, *, block_size: int = 1) -> Kind:
    """Which list of combinations a series chooses from.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Complete history.
    season : int
        Periods in a season.
    block_size : int
        Number of series in the block.

    Returns
    -------
    {"zeros", "short", "small", "regular", "many"}
        All zeros; shorter than two seasons (and one period); more than a quarter zeros or a whole-numbered
        series with a mean below 5 over the last three seasons; anything else, apart for blocks of over 100.
    """
    if not values.any():
        return "zeros"
    if len(values) < 2 * season + 1 or len(values) < 4:
        return "short"
    recent = values[-3 * season :]
    whole = np.all(recent == np.round(recent))
    if not recent.any() or np.mean(recent == 0) > 0.25 or (whole and recent.mean() < 5):
        return "small"
    return "many" if block_size > _MANY else "regular"


class TermPredictions(NamedTuple):
    """Predictions of every term of a kind for several series.

    Attributes
    ----------
    centre, spread : ndarray, shape (series, terms, horizon)
        On the scale of the term.
    fitted : list of ndarray, each (terms, n)
        One-step predictions on the level of the series.
    """

    centre: np.ndarray
    spread: np.ndarray
    fitted: list[np.ndarray]


def term_predictions(kind: Kind, histories: list[np.ndarray], horizon: int, season: int) -> TermPredictions:
    """Predict every term of a kind for every series."""
    terms = TERMS[kind]
    centre = np.zeros((len(histories), len(terms), horizon))
    spread = np.zeros_like(centre)
    fitted = []
    for row, values in enumerate(histories):
        scaled = {"level": values, "log1p": np.log1p(values)}
        fits = np.full((len(terms), len(values)), np.nan)
        for column, term in enumerate(terms):
            found = members.predict(term.member, scaled[term.scale], horizon, season)
            centre[row, column], spread[row, column] = found.centre, found.spread
            fits[column] = np.expm1(np.minimum(found.fitted, _LOG_CEILING)) if term.scale == "log1p" else found.fitted
        fitted.append(fits)
    return TermPredictions(centre, spread, fitted)


def combine(
    kind: Kind, combination: Combination, predictions: TermPredictions, histories: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Points, quantiles and one-step errors of a combination.

    Parameters
    ----------
    kind : str
        Kind of the series; counts of kind "small" and "zeros" get quantiles of whole numbers.
    combination : Combination
        Terms to average.
    predictions : TermPredictions
        Of all terms of the kind.
    histories : list of ndarray
        The series, for the one-step errors.

    Returns
    -------
    estimate : ndarray, shape (series, horizon)
    quantiles : ndarray, shape (series, horizon, len(PROBABILITIES))
        Both >= 0, quantiles not decreasing.
    errors : list of ndarray, each (n,)
        Observed minus predicted one step ahead; nan where there is no prediction.
    """
    positions = [TERMS[kind].index(term) for term in combination.terms]
    errors = [
        values - np.maximum(fits[positions].mean(axis=0), 0.0)
        for values, fits in zip(histories, predictions.fitted, strict=True)
    ]
    if kind == "zeros":
        estimate, quantiles = _zeros(histories, predictions.centre.shape[2])
        return estimate, quantiles, errors
    if kind not in ("regular", "many"):
        return *_counts(predictions, positions), errors
    score = special.ndtri(np.array(PROBABILITIES))
    estimate = np.zeros((predictions.centre.shape[0], predictions.centre.shape[2]))
    quantiles = np.zeros((*estimate.shape, score.size))
    for position, term in zip(positions, combination.terms, strict=True):
        centre, spread = predictions.centre[:, position], predictions.spread[:, position]
        values = centre[..., None] + spread[..., None] * score
        if term.scale == "log1p":
            centre = np.expm1(np.clip(centre, 0.0, _LOG_CEILING))
            values = np.expm1(np.clip(values, 0.0, _LOG_CEILING))
        estimate += np.maximum(centre, 0.0) / len(positions)
        quantiles += np.maximum(values, 0.0) / len(positions)
    return estimate, quantiles, errors


def _counts(predictions: TermPredictions, positions: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of a negative binomial (Poisson without overdispersion) with the mean and variance of the terms."""
    estimate = np.maximum(predictions.centre[:, positions].mean(axis=1), 0.0)
    between = predictions.centre[:, positions].var(axis=1)
    variance = np.mean(predictions.spread[:, positions] ** 2, axis=1) + between
    probability = np.array(PROBABILITIES)
    expected = np.maximum(estimate, 1e-6)[..., None]
    excess = np.maximum(variance[..., None] - expected, 0.01 * expected)
    size = np.minimum(expected**2 / excess, 1e6)
    quantiles = stats.nbinom.ppf(probability, size, size / (size + expected))
    return estimate, np.maximum(np.nan_to_num(quantiles), 0.0)


def _zeros(histories: list[np.ndarray], horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Predictive quantiles after n zeros: Poisson counts with Jeffreys' prior on the rate."""
    estimate = np.zeros((len(histories), horizon))
    quantiles = np.stack(
        [
            np.broadcast_to(
                stats.nbinom.ppf(np.array(PROBABILITIES), 0.5, len(values) / (len(values) + 1)),
                (horizon, len(PROBABILITIES)),
            )
            for values in histories
        ]
    )
    return estimate, np.nan_to_num(quantiles)
