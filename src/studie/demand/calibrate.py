"""Calibrated intervals: native half-widths times what earlier errors on that side say they should have been.

Marginal: each level and horizon by itself. Calibrated intervals of parts and sums need not add up.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studie.demand.backtest import Backtest
from studie.demand.combination import COMBINATIONS, Combination, Kind
from studie.demand.forecast import Forecast
from studie.demand.origins import Key
from studie.demand.widths import widen
from studie.errors import InputError


def calibrate(forecast: Forecast, backtest_result: Backtest) -> Forecast:
    """Forecast with intervals as wide as its backtest says they should be.

    Parameters
    ----------
    forecast : Forecast
        Reconciled or not.
    backtest_result : Backtest
        Of the same series, horizon and season. Where the forecast was reconciled and the backtest walked with a
        hierarchy, errors are those after reconciliation.

    Returns
    -------
    Forecast
        Same points and draws; `quantiles` calibrated per block (level), third of the horizon and coverage.

    Raises
    ------
    InputError
        A series the backtest has not seen, another horizon or season.

    Notes
    -----
    Conformal, each side by itself: the factor is the weighted quantile of error ÷ native half-width on that side
    over series and earlier origins, weight 0.9 per quarter of age (`widths.multipliers`). A side becomes narrower
    only as far as each origin by itself allows and the whole interval never does, since a break makes earlier
    errors too small. It leans on errors being alike over the series of a block and over time. Where series or
    years share a shock, coverage of a single year may still be far off.

    References
    ----------
    Linusson, H., Johansson, U. & Löfström, T. (2014). Signed-error conformal regression. PAKDD, 224-236.
    Barber, R. F., Candès, E. J., Ramdas, A. & Tibshirani, R. J. (2023). Ann. Stat. 51, 816-845.
    """
    walk = backtest_result.walk
    if (forecast.horizon, forecast.season) != (walk.horizon, walk.season):
        raise InputError(
            f"backtest_result: needs horizon {forecast.horizon} and season {forecast.season}, "
            f"got {walk.horizon} and {walk.season}"
        )
    place = {one.label: k for k, one in enumerate(walk.series)}
    absent = [label for label in forecast.series if label not in place]
    if absent:
        raise InputError(f"backtest_result: must hold every series, got none for {', '.join(map(str, absent[:5]))}")
    reconciled = "reconciliation" in forecast.methods
    if walk.tree is not None and not reconciled:
        walk = replace(walk, tree=None, past_ratios={})
    cut = np.array([len(one.values) for one in walk.series])
    chosen: dict[Key, Combination] = {}
    keys: list[Key] = []
    for label, kind, method in forecast.methods[["series", "kind", "method"]].itertuples(index=False):
        key: Key = (walk.blocks[place[label]], kind)
        keys.append(key)
        chosen[key] = named(kind, method)
    factors = walk.factors(keys, cut, chosen)
    return replace(
        forecast,
        quantiles=widen(forecast.estimate, forecast.native, factors),
        calibration=f"{len(walk.past)} origins{', after reconciliation' if walk.tree is not None else ''}",
    )


def named(kind: Kind, method: str) -> Combination:
    """Combination by its name; the first of its kind where another procedure made the forecast."""
    candidates = COMBINATIONS[kind]
    return next((one for one in candidates if one.name == method), candidates[0])
