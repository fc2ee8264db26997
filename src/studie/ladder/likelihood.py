"""How probable the observations are under given intensities, with gradient and information."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from studie.errors import InputError
from studie.ladder import derivatives
from studie.ladder.chains import Chains
from studie.ladder.coding import FloatArray, IntArray
from studie.ladder.collapse import Collapsed
from studie.ladder.observations import EXACT_ENTRY, EXACT_TIME, SNAPSHOT
from studie.ladder.structure import Structure

CHUNK_BYTES: Final = 64_000_000
_TINY: Final = 1e-300


@dataclass(frozen=True, kw_only=True)
class Likelihood:
    """Log-likelihood of collapsed observations as a function of the parameters.

    Attributes
    ----------
    data : Collapsed
    structure : Structure
    rows : array, shape (d, v)
        Design rows, centred and scaled to standard deviation one.
    center, scale : arrays, shape (v,)
    """

    data: Collapsed
    structure: Structure
    rows: FloatArray
    center: FloatArray
    scale: FloatArray

    def value(self, theta: FloatArray) -> float:
        """Log-likelihood."""
        total = 0.0
        for kernels, cells, M, _ in self._chunks(theta, derivative=False):
            L = self._cell_probability(M, kernels, cells)[0]
            with np.errstate(divide="ignore"):
                total += float(self.data.cell_count[cells] @ np.log(L))
        for chains in self.data.chains:
            total += float(chains.count @ self._chain(chains, theta, derivative=False)[0])
        return total

    def with_data(self, data: Collapsed) -> Likelihood:
        """The same likelihood of other counts."""
        return replace(self, data=data)

    def plain_matrices(self, kernels: IntArray, theta: FloatArray) -> FloatArray:
        """Matrix (n, k, k) of each unique interval."""
        return self._kernels(kernels, theta, derivative=False)[0]

    def matrices(self, kernels: IntArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Matrix (n, k, k) of each unique interval, and derivatives (n, k, p, k)."""
        M, dM = self._kernels(kernels, theta, derivative=True)
        assert dM is not None
        return M, dM

    def per_person(self, theta: FloatArray) -> FloatArray:
        """Log-likelihood per person, weights left out; needs collapsed data that kept its rows."""
        data = self.data
        total = np.zeros(data.n_persons)
        if data.interval_cell is None or data.interval_person is None:
            raise InputError("observations: collapse with keep_rows=True for values per person")
        logs = np.zeros(len(data.cell_count))
        for kernels, cells, M, _ in self._chunks(theta, derivative=False):
            with np.errstate(divide="ignore"):
                logs[cells] = np.log(self._cell_probability(M, kernels, cells)[0])
        np.add.at(total, data.interval_person, logs[data.interval_cell])
        for chains in data.chains:
            np.add.at(total, chains.row_person, self._chain(chains, theta, derivative=False)[0][chains.row])
        return total

    def evaluate(self, theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Log-likelihood, gradient, and information.

        The information is the expected one for snapshots of single states [1]_ and the sum of
        squared scores otherwise.

        References
        ----------
        .. [1] Kalbfleisch, J. D., & Lawless, J. F. (1985). J. Am. Stat. Assoc. 80(392), 863-871.
        """
        data = self.data
        p = self.structure.n_parameters
        total, gradient, information = 0.0, np.zeros(p), np.zeros((p, p))
        expected = data.panel_only
        for kernels, cells, M, dM in self._chunks(theta, derivative=True):
            assert dM is not None
            L, dL = self._cell_probability(M, kernels, cells, dM)
            count = data.cell_count[cells]
            with np.errstate(divide="ignore"):
                total += float(count @ np.log(L))
            score = dL / np.maximum(L, _TINY)[:, None]
            gradient += count @ score
            information += self._expected(M, dM, kernels, cells) if expected else (score * count[:, None]).T @ score
        for chains in data.chains:
            value, slope = self._chain(chains, theta, derivative=True)
            assert slope is not None
            total += float(chains.count @ value)
            gradient += chains.count @ slope
            information += (slope * chains.count[:, None]).T @ slope
        return total, gradient, information

    def observed_information(self, theta: FloatArray) -> FloatArray:
        """Minus the second derivatives, by central differences of the analytic gradient."""
        p = len(theta)
        hessian = np.zeros((p, p))
        for j in range(p):
            step = np.zeros(p)
            step[j] = 1e-4
            hessian[j] = (self.evaluate(theta - step)[1] - self.evaluate(theta + step)[1]) / 2e-4
        return (hessian + hessian.T) / 2

    def check(self, theta: FloatArray) -> None:
        """Refuse a sequence that has probability zero, naming a person."""
        for chains in self.data.chains:
            value = self._chain(chains, theta, derivative=False)[0]
            if not np.isfinite(value).all():
                code = int(chains.person[np.flatnonzero(~np.isfinite(value))[0]])
                raise InputError(f"moves: cannot produce the sequence of states and sets of person number {code}")

    def _expected(self, M: FloatArray, dM: FloatArray, kernels: IntArray, cells: slice) -> FloatArray:
        """Σ N_r Σ_s dP_rs dP_rs' / P_rs over the intervals of a chunk."""
        data = self.data
        n, k, _ = M.shape
        at = np.zeros((n, k))
        np.add.at(at, (data.cell_kernel[cells] - kernels[0], data.cell_from[cells]), data.cell_count[cells])
        used = np.nonzero(at)
        P = M[used]
        weight = np.where(P > 1e-200, at[used][:, None] / np.maximum(P, 1e-200), 0.0)
        root = dM[used] * np.sqrt(weight)[:, None, :]
        flat = np.moveaxis(root, 1, 0).reshape(self.structure.n_parameters, -1)
        return flat @ flat.T

    def _cell_probability(
        self, M: FloatArray, kernels: IntArray, cells: slice, dM: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Probability of each cell's end given its start, and its derivative."""
        data = self.data
        kernel = data.cell_kernel[cells] - kernels[0]
        start, end = data.cell_from[cells], data.cell_to[cells]
        if (end < data.masks.shape[1]).all():
            return M[kernel, start, end], np.empty(0) if dM is None else dM[kernel, start, :, end]
        mask = data.masks[end].astype(float)
        L = np.einsum("ns,ns->n", M[kernel, start], mask)
        return L, np.empty(0) if dM is None else np.einsum("nps,ns->np", dM[kernel, start], mask)

    def _chain(self, chains: Chains, theta: FloatArray, *, derivative: bool) -> tuple[FloatArray, FloatArray | None]:
        """Log probability of each sequence by forward recursion, and its score."""
        masks = self.data.masks.astype(float)
        used, local = np.unique(chains.kernel, return_inverse=True)
        local = local.reshape(chains.kernel.shape)
        M, dM = self._kernels(used, theta, derivative=derivative)
        alpha = masks[chains.start]
        total = np.zeros(len(alpha))
        p = self.structure.n_parameters
        d_alpha = np.zeros((len(alpha), p, alpha.shape[1])) if derivative else None
        for step in range(chains.kernel.shape[1]):
            k, mask = local[:, step], masks[chains.code[:, step]]
            if d_alpha is not None and dM is not None:
                d_alpha = d_alpha @ M[k] + np.einsum("nr,nrps->nps", alpha, dM[k])
                d_alpha *= mask[:, None, :]
            alpha = np.einsum("nr,nrs->ns", alpha, M[k]) * mask
            size = alpha.sum(axis=1)
            with np.errstate(divide="ignore"):
                total += np.log(size)
            size = np.maximum(size, _TINY)[:, None]
            alpha = alpha / size
            if d_alpha is not None:
                d_alpha /= size[:, :, None]
        return total, None if d_alpha is None else d_alpha.sum(axis=2)

    def _chunks(
        self, theta: FloatArray, *, derivative: bool
    ) -> Iterator[tuple[IntArray, slice, FloatArray, FloatArray | None]]:
        """Runs of kernels with their cells, small enough for memory; cells are sorted by kernel."""
        data = self.data
        if len(data.cell_kernel) == 0:
            return
        k = self.structure.size
        each = 8 * k * k * (1 + (3 * self.structure.n_parameters if derivative else 0))
        step = max(64, CHUNK_BYTES // each)
        last = int(data.cell_kernel[-1]) + 1
        for low in range(0, last, step):
            kernels = np.arange(low, min(low + step, last))
            cells = slice(*np.searchsorted(data.cell_kernel, [low, low + len(kernels)]))
            if cells.start == cells.stop:
                continue
            M, dM = self._kernels(kernels, theta, derivative=derivative)
            yield kernels, cells, M, dM

    def _kernels(
        self, kernels: IntArray, theta: FloatArray, *, derivative: bool
    ) -> tuple[FloatArray, FloatArray | None]:
        """Matrix (n, k, k) of each interval, and derivatives (n, k, p, k)."""
        data = self.data
        atoms, kind = data.kernel_atoms[kernels], data.kernel_kind[kernels]
        used, where = np.unique(atoms[atoms >= 0], return_inverse=True)
        local = np.full(atoms.shape, -1)
        local[atoms >= 0] = where
        design, back = np.unique(data.atom_design[used], return_inverse=True)
        with np.errstate(over="ignore"):
            rates = np.exp(np.clip(self.structure.log_rates(theta, self.rows[design]), -690, 690))
        Q = derivatives.generators(rates, self.structure.moves, self.structure.size)
        stretch = _Stretches(
            Q=Q, rates=rates, x=self.rows[design], index=back, time=data.atom_time[used], structure=self.structure
        )
        size = self.structure.size
        M = np.empty((len(kernels), size, size))
        dM = np.empty((len(kernels), size, self.structure.n_parameters, size)) if derivative else None
        for one in (SNAPSHOT, EXACT_TIME, EXACT_ENTRY):
            rows = np.flatnonzero(kind == one)
            if len(rows) == 0:
                continue
            part = (stretch.exact if one == EXACT_TIME else stretch.product)(local[rows], derivative)
            if one == EXACT_ENTRY:
                part = stretch.entered(local[rows], *part)
            M[rows] = part[0]
            if dM is not None and part[1] is not None:
                dM[rows] = part[1]
        return M, dM


@dataclass(frozen=True, kw_only=True)
class _Stretches:
    """Time spent under one generator each, and how they combine into intervals."""

    Q: FloatArray
    rates: FloatArray
    x: FloatArray
    index: IntArray
    time: FloatArray
    structure: Structure

    def parameters(self, D: FloatArray, atoms: IntArray) -> FloatArray:
        """Derivatives per move (n, k, m, k) as derivatives per parameter (n, k, p, k)."""
        s = self.structure
        p = s.n_parameters
        if len(s.columns) == 0 and p == len(s.moves):
            return D
        x = np.column_stack((np.ones(len(atoms)), self.x[self.index[atoms]]))
        out = np.zeros((*D.shape[:2], p, D.shape[3]))
        for column in range(-1, len(s.columns)):
            here = s.effect_column == column
            parameter, move = s.effect_parameter[here], s.effect_move[here]
            part = D[:, :, move, :] if column < 0 else D[:, :, move, :] * x[:, None, 1 + column, None, None]
            if len(set(parameter.tolist())) == len(parameter):
                out[:, :, parameter, :] = part
            else:
                for j, target in enumerate(parameter):
                    out[:, :, target, :] += part[:, :, j, :]
        return out

    def product(self, local: IntArray, derivative: bool) -> tuple[FloatArray, FloatArray | None]:
        """P of stretches that follow each other, and its derivatives."""
        moves, rates = self.structure.moves, self.rates
        all_atoms, back = np.unique(local[local >= 0], return_inverse=True)
        P, D = derivatives.propagate(
            self.Q,
            self.index[all_atoms],
            self.time[all_atoms],
            rates if derivative else None,
            moves if derivative else None,
        )
        dP = None if D is None else self.parameters(D, all_atoms)
        where = np.full(local.shape, -1)
        where[local >= 0] = back
        if local.shape[1] == 1 and (where[:, 0] >= 0).all():
            same = len(back) == len(all_atoms) and (back == np.arange(len(back))).all()
            first = where[:, 0]
            return (P, dP) if same else (P[first], None if dP is None else dP[first])
        n, size = len(local), self.structure.size
        M = np.broadcast_to(np.eye(size), (n, size, size)).copy()
        dM = None if dP is None else np.zeros((n, size, self.structure.n_parameters, size))
        for piece in range(local.shape[1]):
            rows = np.flatnonzero(where[:, piece] >= 0)
            if len(rows) == 0:
                continue
            step = where[rows, piece]
            if dM is not None and dP is not None:
                before = dM[rows].reshape(len(rows), -1, size) @ P[step]
                after = (M[rows] @ dP[step].reshape(len(rows), size, -1)).reshape(dM[rows].shape)
                dM[rows] = before.reshape(after.shape) + after
            M[rows] = M[rows] @ P[step]
        return M, dM

    def _last(self, local: IntArray) -> IntArray:
        """The last stretch of each interval."""
        return local[np.arange(len(local)), (local >= 0).sum(axis=1) - 1]

    def entered(self, local: IntArray, P: FloatArray, dP: FloatArray | None) -> tuple[FloatArray, FloatArray | None]:
        """Density of entering a state at the end: Σ_u P_ru q_us over states u other than s."""
        last = self._last(local)
        size = self.structure.size
        inflow = self.Q[self.index[last]].copy()
        inflow[:, np.arange(size), np.arange(size)] = 0.0
        M = P @ inflow
        if dP is None:
            return M, None
        moves = self.structure.moves
        D = np.zeros((len(last), size, len(moves), size))
        for j, (a, b) in enumerate(moves):
            D[:, :, j, b] = P[:, :, a] * self.rates[self.index[last], j][:, None]
        through = (dP.reshape(len(last), -1, size) @ inflow).reshape(dP.shape)
        return M, through + self.parameters(D, last)

    def exact(self, local: IntArray, derivative: bool) -> tuple[FloatArray, FloatArray | None]:
        """Density of no move until the end and then the observed one, or none at all."""
        s, size = self.structure, self.structure.size
        a, b = s.moves[:, 0], s.moves[:, 1]
        last = self._last(local)
        diagonal = np.arange(size)
        hazard = np.zeros((len(local), size))
        dM = np.zeros((len(local), size, s.n_parameters, size)) if derivative else None
        final = self.Q[self.index[last]].copy()
        final[:, diagonal, diagonal] = 1.0
        pieces = []
        for piece in range(local.shape[1]):
            rows = np.flatnonzero(local[:, piece] >= 0)
            atoms = local[rows, piece]
            hazard[rows] -= self.Q[self.index[atoms]][:, diagonal, diagonal] * self.time[atoms][:, None]
            pieces.append((rows, atoms))
        M = np.exp(-hazard)[:, :, None] * final
        if dM is None:
            return M, None
        for rows, atoms in pieces:
            D = np.zeros((len(rows), size, len(a), size))
            lost = self.rates[self.index[atoms]] * self.time[atoms][:, None]
            D[:, a, np.arange(len(a)), :] = -lost[:, :, None] * M[rows][:, a, :]
            dM[rows] += self.parameters(D, atoms)
        D = np.zeros((len(local), size, len(a), size))
        D[:, a, np.arange(len(a)), b] = M[:, a, b]
        return M, dM + self.parameters(D, last)
