"""Where the likelihood is highest, and why the search stopped there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from studie.ladder import curvature
from studie.ladder.coding import FloatArray, IntArray
from studie.ladder.likelihood import Likelihood
from studie.ladder.misclassification import HiddenLikelihood

DECREMENT: Final = 1e-9
FLAT_SE: Final = 10.0
FLOOR: Final = 1e-8
NEWTON: Final = 0.01
SHORT: Final = 1e-4
NEARLY: Final = 1e-3
NEGATIVE: Final = 1e-4
_LONGEST_STEP: Final = 3.0


@dataclass(frozen=True, kw_only=True)
class Optimum:
    """The end of a search.

    Attributes
    ----------
    theta : array, shape (p,)
    log_likelihood : float
    gradient : array, shape (p,)
    information : array, shape (p, p)
        Expected or observed, as asked.
    flat : int array
        Parameters whose standard error exceeds 10 on the log scale (per standard deviation of
        the covariate): the likelihood does not change along them.
    stopped : str
        ``'maximum'``, ``'flat'``, ``'iterations'``, ``'no ascent'`` or ``'saddle'``.
    iterations : int
    """

    theta: FloatArray
    log_likelihood: float
    gradient: FloatArray
    information: FloatArray
    flat: IntArray
    stopped: str
    iterations: int


def solve(information: FloatArray, gradient: FloatArray) -> FloatArray:
    """Newton or scoring step; directions without information get none."""
    root = np.sqrt(np.maximum(np.diag(information), 0.0))
    used = root > 1e-8 * max(1.0, float(root.max(initial=0.0)))
    step = np.zeros(len(gradient))
    if not used.any():
        return step
    scaled = information[np.ix_(used, used)] / np.outer(root[used], root[used])
    values, vectors = np.linalg.eigh(scaled)
    keep = values > 1e-10
    inverse = (vectors[:, keep] / values[keep]) @ vectors[:, keep].T
    step[used] = (inverse @ (gradient[used] / root[used])) / root[used]
    return step


def flat_directions(information: FloatArray) -> IntArray:
    """Parameters with a standard error above `FLAT_SE`, those in a singular direction included."""
    values, vectors = np.linalg.eigh((information + information.T) / 2)
    variance = (vectors**2) @ (1.0 / np.maximum(values, FLOOR))
    return np.flatnonzero(variance > FLAT_SE**2)


def covariance(information: FloatArray) -> FloatArray:
    """Inverse of the information; a direction without information gets a very large variance."""
    values, vectors = np.linalg.eigh((information + information.T) / 2)
    return (vectors / np.maximum(values, FLOOR)) @ vectors.T


def scoring(
    likelihood: Likelihood,
    theta: FloatArray,
    *,
    information: Literal["expected", "observed"] = "observed",
    max_iterations: int = 100,
) -> Optimum:
    """Fisher scoring with step halving, for data whose expected information exists.

    Notes
    -----
    Near the maximum, where the observed information is positive definite, Newton steps with it
    take over (`information='observed'`). Stops where the squared length of the remaining step in
    the metric of the information (twice the log-likelihood still to gain) is below 1e-9, or where
    it is small and a direction is flat.
    """
    value, gradient, metric = likelihood.evaluate(theta)
    stopped, iterations, newton, last, observed = "iterations", 0, False, np.inf, metric
    while iterations < max_iterations:
        iterations += 1
        step = solve(metric, gradient)
        left = float(gradient @ step)
        if information == "observed" and (newton or left < NEWTON):
            # The information hardly changes over a step this short: the last one still holds.
            if not (newton and last < SHORT):
                observed = curvature.observed_information(likelihood, theta)
                newton = float(np.linalg.eigvalsh(observed)[0]) > 0
            if newton:
                metric, step = observed, solve(observed, gradient)
                left = float(gradient @ step)
        last = left
        if left < DECREMENT:
            stopped = "maximum"
            break
        if left < NEARLY and len(flat_directions(metric)):
            stopped = "flat"
            break
        step = _limited(step)
        for _ in range(40):
            new = likelihood.evaluate(theta + step)
            if new[0] >= value - 1e-12 * abs(value):
                break
            step /= 2
        else:
            stopped = "no ascent"
            break
        theta = theta + step
        value, gradient, metric = new
    if information == "observed" and not newton:
        metric = curvature.observed_information(likelihood, theta)
        if stopped == "maximum" and float(np.linalg.eigvalsh(metric)[0]) < -NEGATIVE:
            stopped = "saddle"
    return Optimum(
        theta=theta,
        log_likelihood=value,
        gradient=gradient,
        information=metric,
        flat=flat_directions(metric),
        stopped=stopped,
        iterations=iterations,
    )


def quasi_newton(likelihood: Likelihood | HiddenLikelihood, theta: FloatArray, *, max_iterations: int = 200) -> Optimum:
    """BFGS with analytic gradient, then Newton steps with the observed information.

    Notes
    -----
    The first metric is the sum of squared scores. Newton steps end the search, so that what is
    called a maximum has a vanishing gradient and a positive definite observed information.
    """
    _, slope, information = likelihood.evaluate(theta)

    def down(x: FloatArray) -> tuple[float, FloatArray]:
        value, gradient, _ = likelihood.evaluate(x)
        if not np.isfinite(value):
            return 1e100, np.zeros_like(gradient)
        return -value, -gradient

    start = theta + _limited(solve(information, slope))
    if not likelihood.value(start) > likelihood.value(theta):
        start = theta
    ridge = information + np.eye(len(theta)) * max(1e-3, 1e-6 * float(np.trace(information)))
    options: Any = {"hess_inv0": _symmetric(np.linalg.inv(ridge)), "gtol": 1e-4, "maxiter": max_iterations}
    result: Any = optimize.minimize(down, start, jac=True, method="BFGS", options=options)
    theta, iterations, stopped = result.x, int(result.nit), "iterations"
    value, gradient, _ = likelihood.evaluate(theta)
    observed = curvature.observed_information(likelihood, theta)
    for _ in range(20):
        step = solve(observed, gradient)
        left = float(gradient @ step)
        lowest = float(np.linalg.eigvalsh(observed)[0])
        if left < DECREMENT:
            stopped = "maximum" if lowest > -NEGATIVE else "saddle"
            break
        if left < NEARLY and len(flat_directions(observed)):
            stopped = "flat"
            break
        step = _limited(step)
        while likelihood.value(theta + step) < value - 1e-12 * abs(value) and np.abs(step).max() > 1e-10:
            step /= 2
        if np.abs(step).max() <= 1e-10:
            stopped = "no ascent"
            break
        theta = theta + step
        iterations += 1
        value, gradient, _ = likelihood.evaluate(theta)
        observed = curvature.observed_information(likelihood, theta)
    return Optimum(
        theta=theta,
        log_likelihood=value,
        gradient=gradient,
        information=observed,
        flat=flat_directions(observed),
        stopped=stopped,
        iterations=iterations,
    )


def _limited(step: FloatArray) -> FloatArray:
    longest = float(np.abs(step).max(initial=0.0))
    return step * min(1.0, _LONGEST_STEP / longest) if longest > 0 else step


def _symmetric(matrix: NDArray[Any]) -> FloatArray:
    return np.asarray((matrix + matrix.T) / 2, dtype=float)
