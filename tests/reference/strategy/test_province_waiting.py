"""The province's published waiting list for collectief maatwerk, reproduced by the calibrated baseline."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import linalg

from studie.strategy import calibration, flows, limits, matrix_draws

PUBLISHED = Path(__file__).resolve().parents[3] / "data" / "observed" / "cmw_waiting.csv"
STATES = ("1", "2", "3", "4", "5", "6", "uit_beeld", "exit")
# Stocks of the order of the province's 6,871 doelgroepmedewerkers (published_level L01); rates per month that keep them
# there: 5 → 6 between 1 and 2 % a year (F11), about a fifth of step 4 at work within a year (F02).
STOCK = (900, 1500, 1300, 1900, 4300, 1100, 900, 0)
ENTRANTS = (10, 40, 5, 60, 5, 0, 0, 0)
RATES = {
    ("1", "2"): 0.012, ("2", "1"): 0.006, ("2", "3"): 0.012, ("2", "4"): 0.02, ("3", "2"): 0.003, ("3", "4"): 0.008,
    ("3", "5"): 0.002, ("4", "2"): 0.01, ("4", "3"): 0.006, ("4", "5"): 0.014, ("4", "6"): 0.006, ("5", "4"): 0.0012,
    ("5", "6"): 0.0014, ("6", "4"): 0.003, ("6", "5"): 0.002, ("uit_beeld", "2"): 0.016, ("uit_beeld", "4"): 0.02,
    **{(step, "uit_beeld"): 0.004 for step in STATES[:6]}, **{(step, "exit"): 0.005 for step in STATES[:7]},
}  # fmt: skip


@pytest.fixture(scope="module")
def situation():
    """Observed rates, which happened under full places on step 5."""
    rng = np.random.default_rng(1)
    Q = np.zeros((200, 8, 8))
    for (a, b), rate in RATES.items():
        Q[:, STATES.index(a), STATES.index(b)] = rate * np.exp(0.05 * rng.standard_normal(200))
    Q[:, range(8), range(8)] = -Q.sum(axis=2)
    P = linalg.expm(Q)
    matrices = matrix_draws.MatrixDraws(states=STATES, values=(P / P.sum(axis=-1, keepdims=True))[None, None])
    people = pd.DataFrame({"region": "province:10000", "step": STATES, "persons": STOCK})
    places = pd.DataFrame([("province:10000", "5", 4300.0, "persons")], columns=["region", "step", "value", "unit"])
    return flows.situation(
        matrices, people, steps=STATES[:6], inflow=people.assign(persons=ENTRANTS),
        limits=limits.limits(places, regions=("province:10000",)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def published():
    table = pd.read_csv(PUBLISHED)
    rows = table[(table["region"] == "province:10000")].sort_values("period")
    assert rows["value"].tolist() == [1276, 1533, 1449, 1325, 1441, 1083]
    return rows["value"].to_numpy(float)


def test_the_range_of_the_published_years_is_reproduced(situation, published):
    history = pd.DataFrame(
        [("5", 0, published.mean(), published.min(), published.max())],
        columns=["step", "month", "estimate", "lower", "upper"],
    )
    done = calibration.calibrate(situation, history, months=60, interval_level=0.9, rng=np.random.default_rng(2))
    assert done.reproduces
    ends = done.check[done.check["quantity"] == "waiting"]
    assert ends["estimate"].between(1083, 1533).all()
    assert ends["lower"].gt(900).all()
    assert ends["upper"].lt(1700).all()
    assert (done.factor["estimate"] > 1.01).all()


def test_the_counted_path_is_followed_year_by_year(situation, published):
    history = pd.DataFrame(
        {"step": "5", "month": np.arange(6) * 12, "estimate": published, "lower": published, "upper": published}
    )
    done = calibration.calibrate(situation, history, months=60, interval_level=0.9, rng=np.random.default_rng(2))
    waits = done.check[done.check["quantity"] == "waiting"]
    assert waits["estimate"].to_numpy() == pytest.approx(published, rel=0.02)
    moved = done.check[done.check["quantity"] == "moves_up"]
    assert np.allclose(moved["estimate"], moved["history"], rtol=1e-3)
    assert done.reproduces


def test_the_projection_goes_on_where_the_history_ended_at_the_chosen_pressure(situation, published):
    history = pd.DataFrame(
        {"step": "5", "month": np.arange(6) * 12, "estimate": published, "lower": published, "upper": published}
    )
    waits = {}
    for pressure in calibration.PRESSURES:
        done = calibration.calibrate(
            situation, history, months=60, interval_level=0.9, rng=np.random.default_rng(2), pressure=pressure
        )
        waits[pressure] = flows.project(done.situation, months=12).of("waiting", "5")[0, :, 0, 0]
    assert waits["last_year"][0] == pytest.approx(1083, rel=0.05)
    assert waits["last_year"][11] < waits["whole_history"][11]
    assert done.situation.stock.sum(axis=(0, 1, 2)) == pytest.approx(sum(STOCK) + 60 * sum(ENTRANTS))
