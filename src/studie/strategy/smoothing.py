"""Conditional expectation of an outcome given some of its inputs, by regression on draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import SplineTransformer, StandardScaler

from studie.errors import InputError, InsufficientDataError

Floats = np.ndarray
KNOTS = 5
PER_COLUMN = 10  # draws per regression column below which a surface is noise


@dataclass(frozen=True, kw_only=True, eq=False)
class Surface:
    """Fitted conditional expectations, with what is needed to say how uncertain they are.

    Attributes
    ----------
    basis : array, shape (n, p)
        Orthonormal columns that span the regression, the constant included.
    fitted, residual : array, shape (n, outcomes)
    """

    basis: Floats
    fitted: Floats
    residual: Floats

    @property
    def degrees(self) -> int:
        """Degrees of freedom left."""
        return len(self.basis) - self.basis.shape[1]

    def simulated(self, *, rng: np.random.Generator, times: int) -> Floats:
        """Fitted values as they could have been, shape (times, n, outcomes), coefficients redrawn."""
        covariance = self.residual.T @ self.residual / self.degrees
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.maximum(values, 0))
        noise = rng.standard_normal((times, self.basis.shape[1], len(root))) @ root.T
        return self.fitted + self.basis @ noise


def surface(inputs: pd.DataFrame, outcomes: Floats, *, knots: int = KNOTS) -> Surface:
    """Additive cubic splines in each input, and products of inputs where there are several [1]_.

    Parameters
    ----------
    inputs : DataFrame, shape (n, inputs)
        Draws of the inputs; one without spread is left out.
    outcomes : array, shape (n, outcomes)
    knots : int, default 5
        Knots per input, at quantiles.

    Raises
    ------
    InputError
        A missing value, or other numbers of draws.
    InsufficientDataError
        Fewer than ten draws per column of the regression.

    References
    ----------
    .. [1] Strong, M., Oakley, J. E. & Brennan, A. (2014). Med. Decis. Making 34(3), 311-326.
    """
    X, Y = inputs.to_numpy(float), np.asarray(outcomes, dtype=float)
    if len(X) != len(Y) or not np.isfinite(X).all() or not np.isfinite(Y).all():
        raise InputError(f"inputs: must be known for every draw, got {X.shape} for {Y.shape}, or a missing value")
    X = X[:, np.ptp(X, axis=0) > 0] if len(X) else X
    columns = [np.ones((len(X), 1))]
    if X.shape[1]:
        splines = SplineTransformer(n_knots=knots, degree=3, knots="quantile", include_bias=False)
        columns.append(splines.fit_transform(X))
        Z = StandardScaler().fit_transform(X)
        columns.extend(Z[:, [a]] * Z[:, [b]] for a in range(Z.shape[1]) for b in range(a))
    basis = np.hstack(columns)
    if len(X) < PER_COLUMN * basis.shape[1]:
        raise InsufficientDataError(
            f"inputs: {basis.shape[1]} columns need at least {PER_COLUMN * basis.shape[1]} draws, got {len(X)}"
        )
    left, sizes, _ = np.linalg.svd(basis, full_matrices=False)
    kept = left[:, sizes > sizes[0] * 1e-10]
    fitted = LinearRegression(fit_intercept=False).fit(kept, Y).predict(kept)
    return Surface(basis=kept, fitted=fitted, residual=Y - fitted)
