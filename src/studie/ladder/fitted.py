"""What is known after a fit: parameters, how the search ended, and all that follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from studie.errors import InputError
from studie.ladder import estimates, functionals, pearson, prevalence, search, starting
from studie.ladder.coding import FloatArray
from studie.ladder.estimates import Estimate
from studie.ladder.misclassification import hidden, most_probable_path
from studie.ladder.model import Model, plain_likelihood, whole_likelihood
from studie.ladder.observations import Observations
from studie.ladder.structure import Move


@dataclass(frozen=True, kw_only=True)
class IntensityFit:
    """A fitted Markov model of moves between states, with what can be derived from it.

    Every derived quantity takes covariate values by name (``fit.sojourn(sex=1)``); a covariate that
    is not given stands at its mean over all intervals: R msm does so when none is given, and sets the
    others to zero when only some are. Names that clash with an option
    go in ``at={...}``. Intervals are by the delta method; `with_simulation` and `with_bootstrap`
    give the same fit with the two other kinds.

    Attributes
    ----------
    log_likelihood : float
    converged : bool
        True only at a maximum with every parameter identified.
    reason : str
        Why the search stopped; names the moves and their events where the likelihood is flat.
    parameters : DataFrame
        Per parameter: name, estimate (log intensity at the covariate means, log hazard ratio),
        se, lower, upper, identified.
    covariance : DataFrame, shape (p, p)
        Of the estimates; very large along directions without information.
    information : {'expected', 'observed'}
        What the covariance was inverted from.
    events : DataFrame
        Observed consecutive pairs, from × to.
    means : dict
        Covariate means.
    n, n_persons : int
        Intervals and persons.
    level : float
        Coverage of the intervals.
    unit : str
        Unit of time.
    """

    log_likelihood: float
    converged: bool
    reason: str
    parameters: pd.DataFrame
    covariance: pd.DataFrame
    information: str
    events: pd.DataFrame
    n: int
    n_persons: int
    level: float
    unit: str
    iterations: int
    model: Model

    @property
    def minus_twice_log_likelihood(self) -> float:
        """-2 log L."""
        return -2.0 * self.log_likelihood

    @property
    def aic(self) -> float:
        """Akaike's information criterion, 2 p - 2 log L."""
        return 2.0 * len(self.parameters) + self.minus_twice_log_likelihood

    @property
    def states(self) -> tuple[Any, ...]:
        """Labels of the states."""
        return self.model.structure.states

    @property
    def means(self) -> dict[str, float]:
        """Covariate means over all intervals, at which `generator()` stands by default."""
        return dict(zip(self.model.design.columns, self.model.means.tolist(), strict=True))

    def to_frame(self) -> pd.DataFrame:
        """Intensities at the covariate means and hazard ratios, with intervals; n is events."""
        parts = [self.intensities().to_frame().assign(covariate="")]
        if self.model.design.columns:
            parts.append(self.hazard_ratios().to_frame())
        frame = pd.concat(parts, ignore_index=True)
        return frame[["from_step", "to_step", "covariate", *estimates.COLUMNS]]

    def generator(
        self, *, period: int | None = None, at: Mapping[str, Any] | None = None, **covariates: Any
    ) -> pd.DataFrame:
        """Generator matrix: intensity from row to column [1 / unit], rows sum to zero.

        With `breaks` and no `period` the period indicators stand at their mean, as in R msm.
        """
        x = self.model.point({**(at or {}), **covariates}, period)
        return estimates.labelled(self.model, self.model.generator(self.model.theta, x))

    def intensities(
        self, *, period: int | None = None, at: Mapping[str, Any] | None = None, **covariates: Any
    ) -> Estimate:
        """Intensity of each allowed move [1 / unit]; interval on the log scale."""
        return functionals.intensities(self, self.model.point({**(at or {}), **covariates}, period))

    def hazard_ratios(self, *, scale: float | Mapping[str, float] = 1.0) -> Estimate:
        """Ratio of intensities per `scale` more of a covariate, per move."""
        return functionals.hazard_ratios(self, scale)

    def transition_probabilities(
        self, t: float, *, start: float = 0.0, at: Mapping[str, Any] | None = None, **covariates: Any
    ) -> Estimate:
        """Probability to be on each state a time `t` after `start` [unit], from × to."""
        return functionals.transition_probabilities(self, t, start, {**(at or {}), **covariates})

    def sojourn(self, *, period: int | None = None, at: Mapping[str, Any] | None = None, **covariates: Any) -> Estimate:
        """Mean length of one stay on a state [unit], for states that can be left."""
        return functionals.sojourn(self, self.model.point({**(at or {}), **covariates}, period))

    def next_step(
        self, *, period: int | None = None, at: Mapping[str, Any] | None = None, **covariates: Any
    ) -> Estimate:
        """Probability that the next state, whenever it comes, is this one."""
        return functionals.next_step(self, self.model.point({**(at or {}), **covariates}, period))

    def intensity_ratio(
        self,
        one: Move,
        other: Move,
        *,
        period: int | None = None,
        at: Mapping[str, Any] | None = None,
        **covariates: Any,
    ) -> Estimate:
        """Intensity of one move divided by that of another."""
        x = self.model.point({**(at or {}), **covariates}, period)
        return functionals.intensity_ratio(self, one, other, x)

    def total_time(
        self,
        horizon: float = np.inf,
        *,
        since: float = 0.0,
        at: Mapping[str, Any] | None = None,
        **covariates: Any,
    ) -> Estimate:
        """Expected time on each state between `since` and `horizon` [unit], per starting state at time 0."""
        return functionals.total_time(self, horizon, since, {**(at or {}), **covariates})

    def expected_visits(
        self, horizon: float = np.inf, *, at: Mapping[str, Any] | None = None, **covariates: Any
    ) -> Estimate:
        """Expected number of times that a state is entered before `horizon`, per starting state."""
        return functionals.expected_visits(self, horizon, {**(at or {}), **covariates})

    def first_passage(
        self, to: Any, *, period: int | None = None, at: Mapping[str, Any] | None = None, **covariates: Any
    ) -> Estimate:
        """Expected time until `to` (a state, or a list of states) is first reached [unit].

        Infinite from where it may never be reached.
        """
        x = self.model.point({**(at or {}), **covariates}, period)
        return functionals.first_passage(self, to, x)

    def reach(self, to: Any, *, within: float, at: Mapping[str, Any] | None = None, **covariates: Any) -> Estimate:
        """Probability to have reached `to` at least once within a time [unit], per starting state."""
        return functionals.reach(self, to, within, {**(at or {}), **covariates})

    def prevalence(
        self,
        observations: Observations,
        times: Sequence[float],
        *,
        interpolation: Literal["start", "midpoint"] = "start",
    ) -> prevalence.Prevalence:
        """Observed and expected numbers on each state over time."""
        return prevalence.prevalence(self, observations, np.asarray(times, dtype=float), interpolation=interpolation)

    def pearson(
        self,
        observations: Observations,
        *,
        time_groups: int = 3,
        interval_groups: int = 3,
        covariate_groups: int = 3,
        transitions: Sequence[int] | None = None,
        imputations: int = 100,
        rng: np.random.Generator | None = None,
    ) -> pearson.PearsonTest:
        """Pearson-type test of fit (Aguirre-Hernandez and Farewell)."""
        return pearson.pearson(
            self,
            observations,
            time_groups=time_groups,
            interval_groups=interval_groups,
            covariate_groups=covariate_groups,
            transitions=transitions,
            imputations=imputations,
            rng=rng,
        )

    def misclassification(self) -> Estimate:
        """Probability of what is recorded (column) given the true state (row); logit intervals."""
        return functionals.misclassification(self)

    def viterbi(self, observations: Observations) -> pd.DataFrame:
        """Most probable true state per row, from all rows of the person: person, time, observed, fitted.

        For a model without misclassification the rows that are sets are filled in.
        """
        model = self.model
        likelihood = plain_likelihood(observations, model, keep_rows=True)
        p, k = model.structure.n_parameters, model.structure.size
        if model.emission is None:
            watched = observations
            weights = (likelihood.data.masks.astype(float), np.ones(k))
        else:
            watched = hidden(observations, model.emission)
            E = model.emission.probabilities(model.theta[p:])
            weights = (np.vstack((np.eye(k), E.T)), model.emission.initial)
        path = most_probable_path(watched, likelihood, model.theta[:p], weights)
        return pd.DataFrame(
            {
                "person": observations.persons[observations.person],
                "time": observations.time,
                "observed": pd.Series([observations.labels[s] for s in observations.state], dtype=object),
                "fitted": pd.Series([self.states[s] for s in path], dtype=object),
            }
        )

    def with_simulation(self, rng: np.random.Generator, *, draws: int = 1000) -> IntensityFit:
        """The same fit whose intervals are quantiles over normal draws of the parameters."""
        values, vectors = np.linalg.eigh(self.covariance.to_numpy())
        spread = np.sqrt(np.clip(values, 0.0, search.FLAT_SE**2))
        sample = self.model.theta + (rng.standard_normal((draws, len(values))) * spread) @ vectors.T
        return replace(self, model=replace(self.model, draws=sample))

    def with_bootstrap(self, observations: Observations, rng: np.random.Generator, *, draws: int = 200) -> IntensityFit:
        """The same fit whose intervals are quantiles over refits to resampled persons."""
        return replace(self, model=replace(self.model, draws=_bootstrap(self, observations, rng, draws)))

    def log_likelihood_of(self, observations: Observations) -> float:
        """Log-likelihood of other observations under this fit, such as persons who were held out."""
        return whole_likelihood(observations, self.model).value(self.model.theta)


def _bootstrap(fitted: IntensityFit, observations: Observations, rng: np.random.Generator, draws: int) -> FloatArray:
    """Parameters of refits to resampled persons; a refit that does not converge is left out."""
    base = whole_likelihood(observations, fitted.model, keep_rows=True)
    own = np.ones(base.data.n_persons) if observations.weight is None else observations.weight
    found = []
    for _ in range(draws):
        drawn = np.bincount(rng.integers(len(own), size=len(own)), minlength=len(own))
        likelihood = base.with_data(base.data.reweighted(own * drawn))
        optimum = starting.maximum(likelihood, fitted.model.theta, "expected", False, 50)
        if optimum.stopped in {"maximum", "flat"}:
            found.append(optimum.theta)
    if len(found) < 0.9 * draws:
        raise InputError(f"draws: only {len(found)} of {draws} refits converged, too few for an interval")
    return np.array(found)
