"""Rates and shares of a few areas that borrow strength from each other, as draws."""

from __future__ import annotations

import numpy as np
from scipy import special

from studie.errors import InputError

Floats = np.ndarray
SPREAD = 0.5  # a priori scale of the differences between areas, relative to their mean
MOST_SPREAD = 2.0  # times that scale, beyond which areas would have nothing in common
SPREADS = 40
CENTRES = 241
NEGLIGIBLE = -25.0  # log weight below the largest
PRIOR_SIZES = np.geomspace(0.5, 20_000, 60)  # what the mean of the areas is worth, in places


def rates(
    counts: Floats, exposure: Floats, *, rng: np.random.Generator, draws: int = 1000, spread: float = SPREAD
) -> Floats:
    """Draws of the rate per unit of exposure in each area, shape (draws, areas).

    Parameters
    ----------
    counts : array, shape (areas,)
        Events [count]; they may be fractional (effective counts).
    exposure : array, shape (areas,)
        What they are counted over, at least 0 and above 0 somewhere; an area with 0 gets what the others say.
    rng : Generator
    draws : int, default 1000
    spread : float, default 0.5
        Scale of the half-normal prior on the coefficient of variation between areas, cut at twice that.

    Raises
    ------
    InputError
        Negative or missing numbers, other shapes, or no exposure at all.

    Notes
    -----
    y_r ~ Poisson(λ_r E_r), λ_r ~ Gamma with mean μ and coefficient of variation τ [1]_; p(μ) ∝ μ^−½, τ half-normal:
    with a handful of areas their spread is hardly known, so it is averaged over and not estimated [2]_. The λ are
    integrated out, (μ, τ) lie on a grid that is refined around the mass, and λ_r | μ, τ, y is a gamma again. An area
    without exposure has the mean of the others, by their exposure, times a gamma with mean 1 and that spread: μ itself
    has too long a tail when few areas speak. One area alone has Jeffreys' posterior Gamma(y + ½, E).

    References
    ----------
    .. [1] Christiansen, C. L. & Morris, C. N. (1997). J. Am. Stat. Assoc. 92(438), 618-632.
    .. [2] Gelman, A. (2006). Bayesian Analysis 1(3), 515-534.
    """
    y, e = _checked(counts, exposure, "exposure")
    seen = e > 0
    if seen.sum() == 1 and len(e) == 1:
        return rng.gamma(y[0] + 0.5, 1 / e[0], size=(draws, 1))
    taus = np.geomspace(spread / 25, MOST_SPREAD * spread, SPREADS)
    shape = 1 / taus[:, None] ** 2
    prior = -0.5 * (taus / spread) ** 2 + np.log(taus)  # half-normal, on a grid of equal ratios
    middle = np.log((y.sum() + 0.5) / e.sum())
    reach = 8.0
    for _ in range(3):
        centres = np.exp(np.linspace(middle - reach, middle + reach, CENTRES))
        weight = prior[:, None] + 0.5 * np.log(centres)[None, :]
        for count, over in zip(y[seen], e[seen], strict=True):
            weight = weight + _gamma_poisson(count, over, shape, shape / centres[None, :])
        likely = np.log(centres)[(weight.max(axis=0) - weight.max()) > NEGLIGIBLE]
        middle, reach = float(likely.mean()), max(float(np.ptp(likely)) / 2, 1e-3) * 1.1
    t, m = _picked(weight, draws, rng)
    a = shape[t, 0][:, None]
    found = rng.gamma(a + y[None, :], 1 / (a / centres[m][:, None] + e[None, :]))
    others = found[:, seen] @ (e[seen] / e[seen].sum())
    found[:, ~seen] = others[:, None] * rng.gamma(a, 1 / a, size=(draws, int((~seen).sum())))
    return found


def shares(successes: Floats, trials: Floats, *, rng: np.random.Generator, draws: int = 1000) -> Floats:
    """Draws of the share of successes in each area, shape (draws, areas).

    Parameters
    ----------
    successes, trials : array, shape (areas,)
        Counts; they may be fractional (effective counts). An area without trials gets what the others say.
    rng : Generator
    draws : int, default 1000

    Raises
    ------
    InputError
        As `rates`, or more successes than trials.

    Notes
    -----
    k_r ~ Binomial(n_r, p_r), p_r ~ Beta(m κ, (1 − m) κ); m has Jeffreys' prior Beta(½, ½) and κ the prior
    1/(1 + κ)^1.5 dκ of `ladder.pooling`; both are averaged over a grid. One area alone has Beta(k + ½, n − k + ½).
    """
    k, n = _checked(successes, trials, "trials")
    if (k > n + 1e-9).any():
        raise InputError(f"successes: at most the trials, got {k} of {n}")
    if len(n) == 1:
        return rng.beta(k[0] + 0.5, n[0] - k[0] + 0.5, size=(draws, 1))
    sizes = PRIOR_SIZES[:, None]
    means = (np.sin(np.linspace(0, np.pi / 2, CENTRES + 2)[1:-1]) ** 2)[None, :]  # equal steps of Jeffreys' prior
    weight = np.log(PRIOR_SIZES)[:, None] - 1.5 * np.log1p(sizes) + np.zeros_like(means)
    a, b = means * sizes, (1 - means) * sizes
    for got, of in zip(k[n > 0], n[n > 0], strict=True):
        weight = weight + special.betaln(a + got, b + of - got) - special.betaln(a, b)
    s, m = _picked(weight, draws, rng)
    a, b = a[s, m][:, None], b[s, m][:, None]
    return rng.beta(a + k[None, :], b + (n - k)[None, :])


def _gamma_poisson(count: float, over: float, shape: Floats, rate: Floats) -> Floats:
    """Log likelihood of a count with its rate integrated out, up to what does not depend on shape and rate."""
    found = special.gammaln(shape + count) - special.gammaln(shape)
    return found + shape * np.log(rate) - (shape + count) * np.log(rate + over)


def _picked(weight: Floats, draws: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Rows and columns of a grid, drawn in proportion to their weight (given as a log)."""
    mass = np.exp(weight - weight.max()).ravel()
    places = np.searchsorted(np.cumsum(mass / mass.sum()), rng.random(draws)).clip(max=mass.size - 1)
    return np.unravel_index(places, weight.shape)  # type: ignore[return-value]


def _checked(counts: Floats, over: Floats, name: str) -> tuple[Floats, Floats]:
    """Both as floats: known, of one length, at least 0, something to count over, and no count over nothing."""
    y, e = np.asarray(counts, float), np.asarray(over, float)
    if y.shape != e.shape or y.ndim != 1 or not (np.isfinite([y, e]).all() and (y >= 0).all() and (e >= 0).all()):
        raise InputError(f"counts, {name}: must be known, at least 0 and one per area, got {y} and {e}")
    if not e.sum() > 0 or (y[e == 0] > 0).any():
        raise InputError(f"{name}: must be above 0 somewhere and wherever something was counted, got {e}")
    return y, e
