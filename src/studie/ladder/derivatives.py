"""Transition probabilities of many generators at once, with their derivatives to each move.

`propagate` answers: where is a person after t, and how does that change when one intensity
changes by one percent. The eigenvectors of each generator are used where they are well
conditioned [1]_; a Padé approximation of a block-triangular matrix [2]_ takes over where
eigenvalues are (nearly) equal and the eigenvectors (nearly) dependent.

References
----------
.. [1] Kalbfleisch, J. D., & Lawless, J. F. (1985). J. Am. Stat. Assoc. 80(392), 863-871.
.. [2] Van Loan, C. F. (1978). IEEE Trans. Autom. Control 23(3), 395-404.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

# A relative error of eps times this is left in P(t): far below every tolerance used.
WELL_CONDITIONED: Final = 1e5

Array = NDArray[np.float64]
Moves = NDArray[np.integer[Any]]


@dataclass(frozen=True, kw_only=True)
class Spectrum:
    """Eigenvalues and eigenvectors of a stack of generators.

    Attributes
    ----------
    values : array, shape (n, k)
    vectors, inverse : arrays, shape (n, k, k)
        Right eigenvectors in columns, and the inverse.
    usable : bool array, shape (n,)
        False where the eigenvectors are too close to dependent to be used.
    """

    values: NDArray[Any]
    vectors: NDArray[Any]
    inverse: NDArray[Any]
    usable: NDArray[np.bool_]


def generators(rates: Array, moves: Moves, size: int) -> Array:
    """Generators with these intensities on the allowed moves; shape (n, size, size).

    Parameters
    ----------
    rates : array, shape (n, m)
        Intensity per move [1 / time unit].
    moves : int array, shape (m, 2)
        Codes of origin and destination.
    size : int
        Number of states.
    """
    Q = np.zeros((len(rates), size, size))
    Q[:, moves[:, 0], moves[:, 1]] = rates
    diagonal = np.arange(size)
    Q[:, diagonal, diagonal] = -Q.sum(axis=2)
    return Q


def spectrum(Q: Array) -> Spectrum:
    """Eigen-decomposition of a stack of generators, marked where it cannot be trusted."""
    values, vectors = np.linalg.eig(Q)
    try:
        inverse = np.linalg.inv(vectors)
    except np.linalg.LinAlgError:
        inverse = np.stack([_inverse_or_nan(v) for v in vectors])
    with np.errstate(invalid="ignore", over="ignore"):
        condition = np.abs(vectors).sum(axis=1).max(axis=1) * np.abs(inverse).sum(axis=1).max(axis=1)
        usable = np.isfinite(condition) & (condition < WELL_CONDITIONED)
    return Spectrum(values=values, vectors=vectors, inverse=inverse, usable=usable)


def _inverse_or_nan(matrix: NDArray[Any]) -> NDArray[Any]:
    try:
        return np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        return np.full_like(matrix, np.nan)


def probabilities(Q: Array, index: NDArray[np.integer[Any]], t: Array) -> Array:
    """Transition probabilities P(t) = exp(Q t), rows from and columns to.

    Parameters
    ----------
    Q : array, shape (g, k, k)
        Generators [1 / time unit].
    index : int array, shape (n,)
        Which generator each result uses.
    t : array, shape (n,)
        Time passed [time unit], not negative.

    Returns
    -------
    array, shape (n, k, k)
    """
    return propagate(Q, index, t)[0]


def propagate(
    Q: Array,
    index: NDArray[np.integer[Any]],
    t: Array,
    rates: Array | None = None,
    moves: Moves | None = None,
    *,
    eigen: Spectrum | None = None,
) -> tuple[Array, Array | None]:
    """P(t) and its derivative to the logarithm of each move's intensity.

    Parameters
    ----------
    Q, index, t
        As in `probabilities`.
    rates : array, shape (g, m), optional
        Intensity per generator and move; without it no derivative is made.
    moves : int array, shape (m, 2), optional
        Codes of origin and destination.
    eigen : Spectrum, optional
        Of `Q`, when it is known already.

    Returns
    -------
    P : array, shape (n, k, k)
    D : array, shape (n, k, m, k), or None
        ``D[i, r, j, s]`` = dP[i, r, s] / d log(rate of move j).
    """
    eigen = spectrum(Q) if eigen is None else eigen
    usable = eigen.usable[index]
    if usable.all():
        return _by_eigenvectors(eigen, index, t, rates, moves)
    size = Q.shape[1]
    P = np.empty((len(t), size, size))
    D = None if rates is None or moves is None else np.empty((len(t), size, len(moves), size))
    for chosen, method in ((usable, _by_eigenvectors), (~usable, None)):
        rows = np.flatnonzero(chosen)
        if len(rows) == 0:
            continue
        part = (
            _by_eigenvectors(eigen, index[rows], t[rows], rates, moves)
            if method is not None
            else by_pade(Q, index[rows], t[rows], rates, moves)
        )
        P[rows] = part[0]
        if D is not None and part[1] is not None:
            D[rows] = part[1]
    return P, D


def _by_eigenvectors(
    eigen: Spectrum,
    index: NDArray[np.integer[Any]],
    t: Array,
    rates: Array | None,
    moves: Moves | None,
) -> tuple[Array, Array | None]:
    """P = V exp(Λt) V⁻¹ and dP = V [(V⁻¹ dQ V) ∘ Φ] V⁻¹."""
    V, U = eigen.vectors[index], eigen.inverse[index]
    z = eigen.values[index] * t[:, None]
    growth = np.exp(z)
    P = np.clip(((V * growth[:, None, :]) @ U).real, 0.0, 1.0)
    if rates is None or moves is None:
        return P, None
    n, size = z.shape
    a, b = moves[:, 0], moves[:, 1]
    phi = divided_difference(z, growth) * t[:, None, None]
    lift = U[:, :, a] * rates[index][:, None, :]
    change = V[:, b, :] - V[:, a, :]
    core = lift[:, :, :, None] * change[:, None, :, :] * phi[:, :, None, :]
    half = (V @ core.reshape(n, size, -1)).reshape(n, -1, size)
    return P, (half @ U).real.reshape(n, size, len(moves), size)


def divided_difference(z: NDArray[Any], growth: NDArray[Any]) -> NDArray[Any]:
    """(exp z_i - exp z_j) / (z_i - z_j), exact when the two are close."""
    # exp(z_j) (exp(d) - 1) / d with the larger real part as base, so that nothing overflows.
    gap = z[:, :, None] - z[:, None, :]
    forward = gap.real <= 0
    gap = np.where(forward, gap, -gap)
    base = np.where(forward, growth[:, None, :], growth[:, :, None])
    near = np.abs(gap) < 1e-12
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(near, 1.0, np.expm1(gap) / np.where(near, 1.0, gap))
    return base * ratio


def by_pade(
    Q: Array,
    index: NDArray[np.integer[Any]],
    t: Array,
    rates: Array | None = None,
    moves: Moves | None = None,
) -> tuple[Array, Array | None]:
    """The same as `propagate`, from exp([[Q, dQ], [0, Q]] t): slower, and never ill-conditioned."""
    size = Q.shape[1]
    if rates is None or moves is None:
        return np.clip(linalg.expm(Q[index] * t[:, None, None]), 0.0, 1.0), None
    D = np.empty((len(t), size, len(moves), size))
    P = np.empty((len(t), size, size))
    block = np.zeros((len(t), 2 * size, 2 * size))
    block[:, :size, :size] = block[:, size:, size:] = Q[index]
    for j, (a, b) in enumerate(moves):
        block[:, :size, size:] = 0.0
        block[:, a, size + b] = rates[index, j]
        block[:, a, size + a] = -rates[index, j]
        whole = linalg.expm(block * t[:, None, None])
        D[:, :, j, :] = whole[:, :size, size:]
        P = whole[:, :size, :size]
    return np.clip(P, 0.0, 1.0), D
