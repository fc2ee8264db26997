"""People in need per municipality, target group and step: with planted blind spots and the observed waiting list."""

from __future__ import annotations

import numpy as np
import pandas as pd

from studie.data.demonstration.inputs import LADDER_STOCK
from studie.data.demonstration.streams import Floats, largest_remainder, stream
from studie.data.demonstration.truth import BLIND_SPOT_FACTOR, TARGET_GROUPS, Truth

NEED_STEPS = ("3", "4", "5")
STOCK_SHARE = (0.255, 0.160, 0.585)  # of LADDER_STOCK on step 3, 4, 5: the panel's own division
COVERAGE = (0.72, 0.85, 0.80)  # places per person in need on step 3, 4, 5 outside blind spots
HIDDEN_UP_TO = 3  # the source for step 4 hides 1-3
ESTIMATE_SPREAD = 0.10  # log scale, need on step 3
_NOISE = 40.0  # shape of the yearly gamma noise on a cell: a spread of 16 %
# how much more often a target group is in need of step 3, 4, 5 than its share says
STEP_TILT = np.array(
    [[0.9, 1.2, 0.9], [0.8, 0.4, 1.4], [1.9, 0.9, 0.8], [0.4, 1.7, 0.8], [0.6, 1.6, 0.9]],
)


def true_need(truth: Truth, *, total: float) -> Floats:
    """Expected persons in need by municipality, target group and step, shape (municipalities, 5, 3)."""
    table = truth.municipality
    mix = table[[f"mix:{group}" for group in TARGET_GROUPS]].to_numpy()
    rate = np.exp([stream(truth.seed, "need rate", int(r)).normal(0, 0.12) for r in table.index])
    weights = (table["share"].to_numpy() * rate)[:, None, None] * mix[:, :, None] * STEP_TILT[None]
    per_step = total * np.array(STOCK_SHARE) / np.array(COVERAGE)
    return np.asarray(weights / weights.sum(axis=(0, 1)) * per_step)


def expected_need(truth: Truth) -> pd.DataFrame:
    """Expected persons in need: refnis, target_group, step, persons."""
    cells = true_need(truth, total=LADDER_STOCK)
    place, group, step = (index.ravel() for index in np.indices(cells.shape))
    return pd.DataFrame(
        {
            "refnis": truth.municipality.index.to_numpy()[place],
            "target_group": np.array(TARGET_GROUPS, dtype=object)[group],
            "step": np.array(NEED_STEPS, dtype=object)[step],
            "persons": cells.ravel().round(2),
        }
    )


def coverage(truth: Truth) -> Floats:
    """Places per person in need by municipality and step: planted blind spots have 30 % fewer."""
    factor = np.where(truth.municipality["blind_spot"], BLIND_SPOT_FACTOR, 1.0)
    return np.asarray(factor[:, None] * np.array(COVERAGE))


def need(truth: Truth, waiting: pd.Series) -> pd.DataFrame:
    """Persons in need per municipality, target group, step and year.

    Parameters
    ----------
    truth : Truth
    waiting : Series, indexed by year
        Observed people waiting for collectief maatwerk in the province: met exactly each year.

    Returns
    -------
    DataFrame
        refnis, target_group, step, date (31 December), persons, placed, waiting, lower, upper, method. Step 5 is
        counted (placed + waiting); step 4 is counted by a source that hides 1-3 (persons missing, bounds 1 and 3);
        step 3 is estimated, at least those placed, with a 95 % interval. `waiting` exists for step 5 only: for 3
        and 4 nobody registers it.
    """
    expected = true_need(truth, total=LADDER_STOCK)
    share = coverage(truth)[:, None, :]
    refnis = truth.municipality.index.to_numpy()
    totals = largest_remainder(np.array(STOCK_SHARE), np.array([LADDER_STOCK]))[0]
    frames = []
    for year, provincial in waiting.astype(int).to_dict().items():
        streams = [stream(truth.seed, f"need {year}", int(r)) for r in refnis]
        noise = np.array([rng.standard_gamma(_NOISE, (5, 3, 2)) for rng in streams]) / _NOISE
        placed = _cells(expected * share * noise[..., 0], totals)
        unmet = expected * (1 - share) * noise[..., 1]
        queue = _cells(unmet, np.array([0, 0, provincial]))
        unmet_persons = np.rint(unmet).astype(np.int64)
        unmet_persons[:, :, 2] = queue[:, :, 2]
        error = np.exp(ESTIMATE_SPREAD * np.array([rng.standard_normal((5, 3)) for rng in streams]))
        estimate = np.maximum(np.rint(expected * error), placed)
        frames.append(
            _need_year(int(str(year)), refnis, placed=placed, unmet=unmet_persons, queue=queue, estimate=estimate)
        )
    return pd.concat(frames, ignore_index=True)


def _cells(weights: Floats, totals: np.ndarray) -> np.ndarray:
    """Whole persons per municipality × target group, adding up to the total of each step."""
    parts = [
        largest_remainder(weights[:, :, step].ravel(), totals[step : step + 1])[0] for step in range(len(NEED_STEPS))
    ]
    return np.stack([part.reshape(weights.shape[:2]) for part in parts], axis=2)


def _need_year(
    year: int, refnis: np.ndarray, *, placed: np.ndarray, unmet: np.ndarray, queue: np.ndarray, estimate: Floats
) -> pd.DataFrame:
    """Need of one year in long form, as its three sources show it."""
    place, group, step = (index.ravel() for index in np.indices(placed.shape))
    persons = (placed + unmet).ravel()
    estimated, hiding, counted = (step == 0), (step == 1), (step == 2)
    shown = np.where(estimated, estimate.ravel(), persons).astype(float)
    hidden = hiding & (persons >= 1) & (persons <= HIDDEN_UP_TO)
    factor = np.exp(1.96 * ESTIMATE_SPREAD)
    lower = np.where(estimated, np.floor(shown / factor), np.where(hidden, 1, shown))
    upper = np.where(estimated, np.ceil(shown * factor), np.where(hidden, HIDDEN_UP_TO, shown))
    missing = np.nan
    return pd.DataFrame(
        {
            "refnis": refnis[place],
            "target_group": np.array(TARGET_GROUPS, dtype=object)[group],
            "step": np.array(NEED_STEPS, dtype=object)[step],
            "date": pd.Timestamp(year, 12, 31),
            "persons": pd.array(np.where(hidden, missing, shown), dtype="Int64"),
            "placed": pd.array(np.where(hidden, missing, placed.ravel()), dtype="Int64"),
            "waiting": pd.array(np.where(counted, queue.ravel(), missing), dtype="Int64"),
            "lower": lower,
            "upper": upper,
            "method": np.where(estimated, "estimated", "counted"),
        }
    )
