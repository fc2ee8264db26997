"""One coherent forecast, and the part of it that concerns a region."""

import numpy as np
import pandas as pd
import pytest

from studie.data import vacancies
from studie.demand import outlook
from studie.errors import InputError

SECTORS = ["bouw", "zorg"]
AREAS = pd.DataFrame(
    {"province": "p", "arrondissement": ["a", "a", "b"], "grouping": ["g", "h", "h"],
     "municipality": ["municipality:1", "municipality:2", "municipality:3"]},
    index=pd.Index([1, 2, 3], name="refnis"),
)  # fmt: skip
HIERARCHY = vacancies.hierarchy(AREAS, SECTORS)


@pytest.fixture(scope="module")
def history():
    rng = np.random.default_rng(7)
    months = pd.period_range("2019-01", periods=72, freq="M").astype(str)
    season = 1 + 0.3 * np.sin(np.arange(72) * np.pi / 6)
    rows = [
        pd.DataFrame({"series": [label] * 72, "period": months, "value": rng.poisson(20 * season)})
        for label in HIERARCHY["municipality"]
    ]
    return pd.concat(rows, ignore_index=True)


@pytest.fixture(scope="module")
def whole(history):
    return outlook.outlook(history, HIERARCHY, rng=np.random.default_rng(1), horizon=14)


def test_every_joint_future_adds_up_at_every_level_and_none_is_negative(whole):
    position = {label: i for i, label in enumerate(whole.series)}
    for level in ("province", "arrondissement", "grouping"):
        for total, rows in HIERARCHY.groupby(level, sort=False):
            parts = whole.draws[:, [position[label] for label in rows["municipality"]]].sum(axis=1)
            assert np.abs(parts - whole.draws[:, position[total]]).max() < 1e-8
    assert whole.draws.min() >= 0


def test_regions_add_up_to_the_whole(whole, history):
    def expected(refnis):
        found = outlook.regional_demand(whole, history, vacancies.members(refnis, SECTORS))
        return found.totals.set_index("sector")["estimate"]

    together = expected([1]) + expected([2, 3])
    pd.testing.assert_series_equal(together, expected([1, 2, 3]), check_exact=False, rtol=1e-9)


def test_the_past_is_what_was_measured_and_the_interval_holds_the_estimate(whole, history):
    found = outlook.regional_demand(whole, history, vacancies.members([1, 2], SECTORS), span=6)
    frame = found.to_frame()
    assert ((frame["lower"] <= frame["estimate"]) & (frame["estimate"] <= frame["upper"])).all()
    before = found.totals.set_index("sector")["before"]["zorg"]
    labels = [("municipality:1", "zorg"), ("municipality:2", "zorg")]
    last = history[history["series"].isin(labels)].groupby("period")["value"].sum().iloc[-6:]
    assert before == last.sum()
    assert frame["period"].iloc[-1] == "2025-01/2025-06"


def test_a_wider_level_gives_a_wider_interval(whole, history):
    members = vacancies.members([1], SECTORS)
    narrow, wide = (outlook.regional_demand(whole, history, members, level=c).totals for c in (0.8, 0.95))
    assert (wide["upper"] - wide["lower"] > narrow["upper"] - narrow["lower"]).all()


def test_municipalities_add_up_to_their_region(whole, history):
    municipal = outlook.municipal_demand(whole, vacancies.by_municipality(AREAS.index, SECTORS)).totals
    regional = outlook.regional_demand(whole, history, vacancies.members([1, 2, 3], SECTORS)).totals
    assert municipal["estimate"].sum() == pytest.approx(regional["estimate"].sum())
    assert list(municipal.index) == [1, 2, 3]


@pytest.mark.parametrize(
    ("span", "members"), [(15, {"zorg": [("municipality:1", "zorg")]}), (12, {"zorg": ["elsewhere"]})]
)
def test_what_the_forecast_does_not_reach_is_refused(whole, history, span, members):
    with pytest.raises(InputError, match=r"span: must be|members: every series"):
        outlook.regional_demand(whole, history, members, span=span)


def test_the_same_generator_gives_the_same_futures(whole, history):
    again = outlook.outlook(history, HIERARCHY, rng=np.random.default_rng(1), horizon=14)
    np.testing.assert_array_equal(whole.draws, again.draws)
