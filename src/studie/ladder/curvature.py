"""How the log-likelihood of snapshots bends: its exact second derivatives, without differences.

With W_rs = n_rs / P_rs the observed information is Σ n (dlog P)(dlog P)ᵀ - Σ W_rs d²P_rs. The second
derivative of the matrix exponential in two directions has in the basis of eigenvectors the
entries Σ_k (E_ik F_km + F_ik E_km) exp[z_i, z_k, z_m] t² with the second divided difference of exp [1]_,
so that W is carried to that basis once and all pairs of moves follow by two products.

References
----------
.. [1] Najfeld, I., & Havel, T. F. (1995). Adv. Appl. Math. 16(3), 321-375.
"""

from __future__ import annotations

import itertools
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studie.ladder import derivatives
from studie.ladder.coding import FloatArray, IntArray
from studie.ladder.likelihood import Likelihood
from studie.ladder.misclassification import HiddenLikelihood

CLOSE: Final = 0.1
_TERMS: Final = 9
_CHUNK: Final = 4000


def observed_information(likelihood: Likelihood | HiddenLikelihood, theta: FloatArray) -> FloatArray:
    """Minus the second derivatives of the log-likelihood, shape (p, p).

    Exact for snapshots within one period; by central differences of the analytic gradient for
    other observations and where eigenvectors are nearly dependent.
    """
    data = likelihood.data
    if isinstance(likelihood, HiddenLikelihood):
        return likelihood.observed_information(theta)
    if not data.panel_only or data.kernel_atoms.shape[1] > 1:
        return likelihood.observed_information(theta)
    form = likelihood.structure
    effects = len(form.effect_move)
    total = np.zeros((effects, effects))
    starts = np.searchsorted(data.cell_kernel, np.arange(0, int(data.cell_kernel[-1]) + 1 + _CHUNK, _CHUNK))
    for low, high in itertools.pairwise(starts):
        if low == high:
            continue
        part = _bend(likelihood, theta, slice(int(low), int(high)))
        if part is None:
            return likelihood.observed_information(theta)
        total += part
    share = np.zeros((effects, form.n_parameters))
    share[np.arange(effects), form.effect_parameter] = 1.0
    hessian = share.T @ total @ share
    return (hessian + hessian.T) / 2


def _bend(likelihood: Likelihood, theta: FloatArray, cells: slice) -> FloatArray | None:
    """Observed information of some cells between all pairs of effects."""
    data, form = likelihood.data, likelihood.structure
    kernel, local = np.unique(data.cell_kernel[cells], return_inverse=True)
    atom = data.kernel_atoms[kernel, 0]
    design, index = np.unique(data.atom_design[atom], return_inverse=True)
    t, x = data.atom_time[atom], likelihood.rows[design][index]
    with np.errstate(over="ignore"):
        rates = np.exp(np.clip(form.log_rates(theta, likelihood.rows[design]), -690, 690))
    Q = derivatives.generators(rates, form.moves, form.size)
    eigen = derivatives.spectrum(Q)
    if not eigen.usable.all():
        return None
    P, D = derivatives.propagate(Q, index, t, rates, form.moves, eigen=eigen)
    assert D is not None
    start, end, count = data.cell_from[cells], data.cell_to[cells], data.cell_count[cells]
    p = np.maximum(P[local, start, end], 1e-300)
    W = np.zeros_like(P)
    np.add.at(W, (local, start, end), count / p)
    n, m = len(kernel), len(form.moves)
    score = D[local, start, :, end] / p[:, None]
    bent = _second(eigen, (index, t), W, rates, form.moves)
    bent[:, np.arange(m), np.arange(m)] += np.einsum("nrjs,nrs->nj", D, W)
    squares = np.zeros((n, m, m))
    np.add.at(squares, local, count[:, None, None] * score[:, :, None] * score[:, None, :])
    moves = form.effect_move
    weight = np.column_stack((np.ones(n), x))[:, form.effect_column + 1]
    both = (squares - bent)[:, moves[:, None], moves[None, :]]
    return np.einsum("ne,nef,nf->ef", weight, both, weight, optimize=True)


def _second(
    eigen: derivatives.Spectrum, over: tuple[IntArray, FloatArray], W: FloatArray, rates: FloatArray, moves: IntArray
) -> FloatArray:
    """Σ_rs W_rs d²P_rs for all pairs of moves, the curvature of the intensities themselves left out."""
    index, t = over
    V, U = eigen.vectors[index], eigen.inverse[index]
    z = eigen.values[index] * t[:, None]
    a, b = moves[:, 0], moves[:, 1]
    lift = U[:, :, a] * (rates[index] * t[:, None])[:, None, :]
    change = V[:, b, :] - V[:, a, :]
    Y = np.swapaxes(V, 1, 2) @ W @ np.swapaxes(U, 1, 2)
    T = Y[:, :, None, :] * second_difference(z)
    n, k = z.shape
    inner = (T.reshape(n, k * k, k) @ np.swapaxes(change, 1, 2)).reshape(n, k, k, -1) * lift[:, None, :, :]
    outer = (lift[:, :, None, :] * np.swapaxes(change, 1, 2)[:, None, :, :]).reshape(n, k * k, -1)
    A = (np.swapaxes(outer, 1, 2) @ inner.reshape(n, k * k, -1)).real
    return A + np.swapaxes(A, 1, 2)


def second_difference(z: NDArray[Any]) -> NDArray[Any]:
    """Second divided differences exp[z_i, z_k, z_m], shape (n, k, k, k), also for equal values.

    They do not depend on the order of i, k and m. The pair that lies furthest apart is divided
    by; where all three are close a Taylor series in complete homogeneous symmetric polynomials
    takes over.
    """
    size = z.shape[1]
    triples = np.array(list(itertools.combinations_with_replacement(range(size), 3)))
    first = derivatives.divided_difference(z, np.exp(z))
    i, k, m = triples.T
    x, y, w = z[:, i], z[:, k], z[:, m]
    fik, fkm, fim = first[:, i, k], first[:, k, m], first[:, i, m]
    im, ik, km = np.abs(x - w), np.abs(x - y), np.abs(y - w)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(
            im >= np.maximum(ik, km),
            (fik - fkm) / (x - w),
            np.where(ik >= km, (fim - fkm) / (x - y), (fik - fim) / (y - w)),
        )
    near = np.nonzero(np.maximum(np.maximum(im, ik), km) < CLOSE)
    if len(near[0]):
        value[near] = _series(x[near], y[near], w[near])
    code = np.sort(np.indices((size, size, size)).reshape(3, -1), axis=0)
    where = np.searchsorted(triples @ [size * size, size, 1], code.T @ [size * size, size, 1])
    return value[:, where].reshape(len(z), size, size, size)


def _series(x: NDArray[Any], y: NDArray[Any], w: NDArray[Any]) -> NDArray[Any]:
    """exp[x, y, w] = exp(c) Σ_j h_j(x - c, y - c, w - c) / (j + 2)!."""
    c = (x + y + w) / 3
    x, y, w = x - c, y - c, w - c
    power, two, three = np.ones_like(x), np.ones_like(x), np.ones_like(x)
    factorial = 2.0
    total = three / factorial
    for j in range(1, _TERMS):
        power = power * x
        two = y * two + power
        three = w * three + two
        factorial *= j + 2
        total = total + three / factorial
    return np.exp(c) * total
