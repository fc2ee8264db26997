"""Steps that are recorded wrongly: a hidden Markov model, and the most probable true path.

What is recorded given the true step is a multinomial per true step; the true steps follow the
Markov model [1]_. A row that is known to be right (`known`) and a state that is never confused decouple what
came before from what follows.

References
----------
.. [1] Jackson, C. H., et al. (2003). J. R. Stat. Soc. D 52(2), 193-209.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from studie.errors import InputError, unknown
from studie.ladder.coding import FloatArray, IntArray
from studie.ladder.collapse import Collapsed
from studie.ladder.likelihood import Likelihood
from studie.ladder.observations import Observations
from studie.ladder.structure import Move, Structure

Confusions = Mapping[Move, float]
_TINY: Final = 1e-300


@dataclass(frozen=True, kw_only=True)
class Emission:
    """Probabilities of what is recorded given the true state, as log odds against recording it right.

    Attributes
    ----------
    states : tuple
    cells : int array, shape (c, 2)
        True and recorded state of each confusion, by true and then recorded state.
    start : array, shape (c,)
        Starting log odds.
    initial : array, shape (states,)
        Distribution of the true state at a first row that is not known.
    """

    states: tuple[Hashable, ...]
    cells: IntArray
    start: FloatArray
    initial: FloatArray

    @property
    def names(self) -> list[str]:
        """``'recorded 2 | true 1'`` per parameter."""
        return [f"recorded {self.states[s]} | true {self.states[r]}" for r, s in self.cells]

    def probabilities(self, eta: FloatArray) -> FloatArray:
        """Probability of each recorded state (columns) given the true one (rows)."""
        k = len(self.states)
        odds = np.eye(k)
        odds[self.cells[:, 0], self.cells[:, 1]] = np.exp(np.minimum(eta, 500.0))
        return odds / odds.sum(axis=1, keepdims=True)

    def derivatives(self, E: FloatArray) -> FloatArray:
        """Derivative of the probabilities to each log odds, shape (c, states, states)."""
        D = np.zeros((len(self.cells), *E.shape))
        for j, (r, s) in enumerate(self.cells):
            D[j, r] = -E[r] * E[r, s]
            D[j, r, s] += E[r, s]
        return D


def emission(states: Sequence[Hashable], confusions: Confusions, initial: Mapping[Hashable, float] | None) -> Emission:
    """Emission with these starting probabilities of recording a wrong state.

    Raises
    ------
    InputError
        A label is unknown, a probability is not between 0 and 1, those of a true state sum to 1 or more,
        or the initial distribution does not sum to 1.
    """
    position = {label: i for i, label in enumerate(states)}
    table = np.zeros((len(states), len(states)))
    for (true, recorded), probability in confusions.items():
        for label in (true, recorded):
            if label not in position:
                raise unknown("misclassification", label, map(str, states))
        if true == recorded or not 0 < probability < 1:
            raise InputError(
                f"misclassification: must be {{(true, recorded): probability in (0, 1)}} of two different states, "
                f"got {(true, recorded)}: {probability}"
            )
        table[position[true], position[recorded]] = probability
    right = 1 - table.sum(axis=1)
    if (right <= 0).any():
        raise InputError(
            f"misclassification: probabilities given a true state must sum to less than 1, got {1 - right.min():g}"
        )
    cells = np.argwhere(table > 0)
    first = np.zeros(len(states))
    if initial is None:
        first[0] = 1.0
    else:
        for label, probability in initial.items():
            if label not in position:
                raise unknown("initial", label, map(str, states))
            first[position[label]] = probability
    if (first < 0).any() or abs(first.sum() - 1) > 1e-8:
        raise InputError(f"initial: must be probabilities that sum to 1, got a sum of {first.sum():g}")
    start = np.log(table[cells[:, 0], cells[:, 1]] / right[cells[:, 0]])
    return Emission(states=tuple(states), cells=cells, start=start, initial=first)


def hidden(observations: Observations, confused: Emission) -> Observations:
    """The same panel in which a row that may be wrong is the set of true states it can stand for.

    Raises
    ------
    InputError
        The panel has sets of states besides.
    """
    if observations.sets:
        raise InputError("misclassification: not together with sets of states")
    k = len(observations.states)
    possible = np.eye(k, dtype=bool)
    possible[confused.cells[:, 1], confused.cells[:, 0]] = True
    certain = np.ones(k, dtype=bool)
    certain[confused.cells.ravel()] = False
    sets = tuple(tuple(np.flatnonzero(row).tolist()) for row in possible)
    doubtful = ~certain[observations.state]
    if observations.known is not None:
        doubtful &= ~observations.known
    state = np.where(doubtful, observations.state + k, observations.state)
    return replace(observations, state=state, sets=sets)


@dataclass(frozen=True, kw_only=True)
class HiddenLikelihood:
    """Log-likelihood of a hidden Markov model in the intensities and the log odds of confusion.

    Attributes
    ----------
    base : Likelihood
        Of the intensities, on observations made by `hidden`.
    emission : Emission
    """

    base: Likelihood
    emission: Emission

    @property
    def data(self) -> Collapsed:
        """Collapsed observations."""
        return self.base.data

    @property
    def structure(self) -> Structure:
        """Structure of the intensities."""
        return self.base.structure

    def with_data(self, data: Collapsed) -> HiddenLikelihood:
        """The same likelihood of other counts."""
        return replace(self, base=self.base.with_data(data))

    def value(self, theta: FloatArray) -> float:
        """Log-likelihood."""
        return self._evaluate(theta, derivative=False)[0]

    def evaluate(self, theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Log-likelihood, gradient, and the sum of squared scores."""
        return self._evaluate(theta, derivative=True)

    def observed_information(self, theta: FloatArray) -> FloatArray:
        """Minus the second derivatives, by central differences of the analytic gradient."""
        steps = np.eye(len(theta)) * 1e-4
        rows = [(self.evaluate(theta - e)[1] - self.evaluate(theta + e)[1]) / 2e-4 for e in steps]
        return np.asarray((np.array(rows) + np.array(rows).T) / 2)

    def weights(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weight of each true state given each code (codes, states), and derivatives (c, codes, states)."""
        k = len(self.emission.states)
        E = self.emission.probabilities(eta)
        D = self.emission.derivatives(E)
        single = np.eye(k)
        return np.vstack((single, E.T)), np.concatenate((np.zeros((len(D), k, k)), np.swapaxes(D, 1, 2)), axis=1)

    def _evaluate(self, theta: FloatArray, *, derivative: bool) -> tuple[float, FloatArray, FloatArray]:
        p = self.structure.n_parameters
        inner, eta = theta[:p], theta[p:]
        size = len(theta)
        total, gradient, information = 0.0, np.zeros(size), np.zeros((size, size))
        W, dW = self.weights(eta)
        data = self.data
        for kernel, start, code, count in (
            (data.cell_kernel[:, None], data.cell_from, data.cell_to[:, None], data.cell_count),
            *((c.kernel, c.start, c.code, c.count) for c in data.chains),
        ):
            if len(kernel) == 0:
                continue
            value, score = self._forward((kernel, start, code), inner, (W, dW), derivative=derivative)
            total += float(count @ value)
            if derivative:
                gradient += count @ score
                information += (score * count[:, None]).T @ score
        return total, gradient, information

    def _forward(
        self,
        path: tuple[IntArray, IntArray, IntArray],
        inner: FloatArray,
        weights: tuple[FloatArray, FloatArray],
        *,
        derivative: bool,
    ) -> tuple[FloatArray, FloatArray]:
        """Log probability of each sequence and its score."""
        kernel, start, code = path
        W, dW = weights
        k, p = W.shape[1], self.structure.n_parameters
        used, local = np.unique(kernel, return_inverse=True)
        local = local.reshape(kernel.shape)
        M, dM = self.base.matrices(used, inner) if derivative else (self.base.plain_matrices(used, inner), None)
        first = np.where(start[:, None] < k, 1.0, self.emission.initial)
        alpha = first * W[start]
        d = np.zeros((len(alpha), p + len(dW), k)) if derivative else None
        if d is not None:
            d[:, p:] = np.swapaxes(dW[:, start], 0, 1) * first[:, None, :]
        total = np.zeros(len(alpha))
        for step in range(kernel.shape[1]):
            at, now = local[:, step], code[:, step]
            ahead = np.einsum("nr,nrs->ns", alpha, M[at])
            if d is not None and dM is not None:
                d = d @ M[at]
                d[:, :p] += np.einsum("nr,nrps->nps", alpha, dM[at])
                d *= W[now][:, None, :]
                d[:, p:] += ahead[:, None, :] * np.swapaxes(dW[:, now], 0, 1)
            alpha = ahead * W[now]
            size = alpha.sum(axis=1)
            with np.errstate(divide="ignore"):
                total += np.log(size)
            size = np.maximum(size, _TINY)[:, None]
            alpha = alpha / size
            if d is not None:
                d /= size[:, :, None]
        return total, np.empty(0) if d is None else d.sum(axis=2)

    def check(self, theta: FloatArray) -> None:
        """Refuse a panel that has probability zero."""
        if not np.isfinite(self.value(theta)):
            raise InputError(
                "misclassification: an observed sequence has probability zero under these moves and confusions"
            )


def most_probable_path(
    observations: Observations, hidden_likelihood: Likelihood, theta: FloatArray, weights: tuple[FloatArray, FloatArray]
) -> IntArray:
    """Code of the most probable true state per row (Viterbi), all rows of a person taken together.

    Parameters
    ----------
    observations : Observations
        As the likelihood saw them.
    hidden_likelihood : Likelihood
        Of the intensities; its data kept their rows.
    theta : array
        Intensity parameters.
    weights : arrays, shapes (codes, states) and (states,)
        Weight of each true state given each code, and at a first row that is a set.
    """
    data = hidden_likelihood.data
    k = hidden_likelihood.structure.size
    assert data.interval_kernel is not None
    M = hidden_likelihood.plain_matrices(np.arange(len(data.kernel_kind)), theta)
    with np.errstate(divide="ignore"):
        logs, weight, first = np.log(M), np.log(weights[0]), np.log(weights[1])
    kernel = np.full(observations.n, -1)
    kernel[observations.starts] = data.interval_kernel
    fitted = np.empty(observations.n, dtype=int)
    for low, high in itertools.pairwise(np.append(observations.first, observations.n)):
        code = int(observations.state[low])
        score = weight[code] + (first if code >= k else 0.0)
        back = np.zeros((high - low, k), dtype=int)
        for i in range(low + 1, high):
            reached = score[:, None] + logs[kernel[i - 1]]
            back[i - low] = reached.argmax(axis=0)
            score = reached.max(axis=0) + weight[int(observations.state[i])]
        state = int(score.argmax())
        for i in range(high - 1, low - 1, -1):
            fitted[i] = state
            state = back[i - low, state]
    return fitted


def crude_start(observations: Observations, form: Structure) -> FloatArray:
    """Starting values of the intensities as if the recorded states were true; effects start at zero."""
    k = form.size
    row = observations.starts
    start, end = observations.state[row], observations.state[row + 1]
    spent = np.bincount(start, weights=observations.time[row + 1] - observations.time[row], minlength=k)
    moved = np.bincount(start.astype(int) * k + end, minlength=k * k).reshape(k, k)
    a, b = form.moves.T
    usual = (moved.sum() - np.trace(moved) + 1) / max(float(spent.sum()), 1e-12) / 10
    rate = (moved[a, b] + 0.5) / np.where(spent[a] > 0, spent[a], 0.5 / usual)
    theta = np.zeros(form.n_parameters)
    base = form.effect_column < 0
    total = np.bincount(form.effect_parameter[base], weights=np.log(rate)[form.effect_move[base]])
    theta[: len(total)] = total / np.bincount(form.effect_parameter[base])
    return theta
