"""A Markov model with numbers: its generator at any covariate value, and its likelihood elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from studie.errors import InputError
from studie.ladder.coding import FloatArray
from studie.ladder.collapse import collapse
from studie.ladder.covariates import Design
from studie.ladder.likelihood import Likelihood
from studie.ladder.misclassification import Emission, HiddenLikelihood, hidden
from studie.ladder.observations import Observations
from studie.ladder.structure import Structure


@dataclass(frozen=True, kw_only=True)
class Model:
    """A structure with numbers: the parameters, their draws, and the covariate means.

    Attributes
    ----------
    structure : Structure
    design : Design
    means : array, shape (v,)
    theta : array, shape (p,)
        Baseline log intensities at the means, then log hazard ratios per unit of the covariate.
    breaks : tuple of float
    draws : array, shape (b, p), or None
        Parameter draws that intervals are quantiles over; None for the delta method.
    emission : Emission or None
        How true states are confused; its log odds end `theta`.
    """

    structure: Structure
    design: Design
    means: FloatArray
    theta: FloatArray
    breaks: tuple[float, ...]
    draws: FloatArray | None
    emission: Emission | None = None

    def point(self, values: Mapping[str, Any], period: int | None = None) -> FloatArray:
        """Design columns at these covariate values, the mean where not given."""
        return self.design.point(self.means, values, period)

    def generator(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """Generator at a point, shape (k, k)."""
        # Draws along a flat direction may run away; a rate above e^30 is instantaneous all the same.
        rates = np.exp(np.minimum(self.structure.log_rates(theta, (x - self.means)[None, :])[0], 30.0))
        Q = np.zeros((self.structure.size, self.structure.size))
        Q[self.structure.moves[:, 0], self.structure.moves[:, 1]] = rates
        np.fill_diagonal(Q, -Q.sum(axis=1))
        return Q

    def stretches(self, values: Mapping[str, Any], begin: float, end: float) -> list[tuple[FloatArray, float]]:
        """Points and durations of the periods between two times."""
        if not self.breaks:
            return [(self.point(values), end - begin)]
        edges = [-np.inf, *self.breaks, np.inf]
        found = []
        for p in range(len(edges) - 1):
            low, high = max(begin, edges[p]), min(end, edges[p + 1])
            if high > low or (begin == end and edges[p] <= begin < edges[p + 1]):
                found.append((self.point(values, p + 1), high - low))
        return found

    @property
    def absorbing(self) -> np.ndarray:
        """True for states without moves."""
        absorbing = np.ones(self.structure.size, dtype=bool)
        absorbing[self.structure.moves[:, 0]] = False
        return absorbing


def plain_likelihood(observations: Observations, model: Model, *, keep_rows: bool = False) -> Likelihood:
    """Likelihood of observations in the intensity parameters of an existing fit."""
    if observations.states != model.structure.states:
        raise InputError(f"observations: states must be {model.structure.states}, got {observations.states}")
    data = collapse(
        observations if model.emission is None else hidden(observations, model.emission),
        moves=model.structure.moves,
        covariates=model.design.names,
        breaks=model.breaks,
        keep_rows=keep_rows,
        like=model.design,
    )
    rows = data.design.rows - model.means
    return Likelihood(data=data, structure=model.structure, rows=rows, center=model.means, scale=np.ones(rows.shape[1]))


def whole_likelihood(
    observations: Observations, model: Model, *, keep_rows: bool = False
) -> Likelihood | HiddenLikelihood:
    """Likelihood of observations in all parameters of an existing fit, those of confusion included."""
    base = plain_likelihood(observations, model, keep_rows=keep_rows)
    return base if model.emission is None else HiddenLikelihood(base=base, emission=model.emission)
