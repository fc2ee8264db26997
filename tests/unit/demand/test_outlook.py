"""One coherent forecast, and the part of it that concerns a region."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from studie.data import vacancies
from studie.demand import outlook
from studie.errors import InputError, InsufficientDataError

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
def told(history):
    return outlook.outlook(history, HIERARCHY, rng=np.random.default_rng(1), horizon=14, origins=3)


@pytest.fixture(scope="module")
def whole(told):
    return told.forecast


def around():
    return {sector: [("p", sector)] for sector in SECTORS}


def test_every_joint_future_adds_up_at_every_level_and_none_is_negative(whole):
    position = {label: i for i, label in enumerate(whole.series)}
    for level in ("province", "arrondissement", "grouping"):
        for total, rows in HIERARCHY.groupby(level, sort=False):
            parts = whole.draws[:, [position[label] for label in rows["municipality"]]].sum(axis=1)
            assert np.abs(parts - whole.draws[:, position[total]]).max() < 1e-8
    assert whole.draws.min() >= 0


def test_regions_add_up_to_the_whole(told, whole, history):
    def expected(refnis):
        found = outlook.regional_demand(told, history, vacancies.members(refnis, SECTORS), reference=around())
        return found.totals.set_index("sector")["estimate"]

    together = expected([1]) + expected([2, 3])
    pd.testing.assert_series_equal(together, expected([1, 2, 3]), check_exact=False, rtol=1e-9)


def test_the_past_is_what_was_measured_and_the_interval_holds_the_estimate(told, whole, history):
    found = outlook.regional_demand(told, history, vacancies.members([1, 2], SECTORS), reference=around(), span=6)
    frame = found.to_frame()
    assert ((frame["lower"] <= frame["estimate"]) & (frame["estimate"] <= frame["upper"])).all()
    before = found.totals.set_index("sector")["before"]["zorg"]
    labels = [("municipality:1", "zorg"), ("municipality:2", "zorg")]
    last = history[history["series"].isin(labels)].groupby("period")["value"].sum().iloc[-6:]
    assert before == last.sum()
    assert frame["period"].iloc[-1] == "2025-01/2025-06"


def test_a_wider_level_gives_a_wider_interval(told, whole, history):
    members = vacancies.members([1], SECTORS)
    narrow, wide = (
        outlook.regional_demand(told, history, members, reference=around(), level=c).totals for c in (0.8, 0.95)
    )
    assert (wide["upper"] - wide["lower"] > narrow["upper"] - narrow["lower"]).all()


def test_municipalities_add_up_to_their_region(told, whole, history):
    municipal = outlook.municipal_demand(told, vacancies.by_municipality(AREAS.index, SECTORS)).totals
    members = vacancies.members([1, 2, 3], SECTORS)
    regional = outlook.regional_demand(told, history, members, reference=around()).totals
    assert municipal["estimate"].sum() == pytest.approx(regional["estimate"].sum())
    assert list(municipal.index) == [1, 2, 3]


@pytest.mark.parametrize(
    ("span", "members"), [(15, {"zorg": [("municipality:1", "zorg")]}), (12, {"zorg": ["elsewhere"]})]
)
def test_what_the_forecast_does_not_reach_is_refused(told, whole, history, span, members):
    with pytest.raises(InputError, match=r"span: must be|members: every series"):
        outlook.regional_demand(told, history, members, reference=around(), span=span)


def test_the_same_generator_gives_the_same_futures(told, whole, history):
    again = outlook.outlook(history, HIERARCHY, rng=np.random.default_rng(1), horizon=14, origins=3)
    np.testing.assert_array_equal(whole.draws, again.forecast.draws)


def test_monthly_bounds_of_a_node_have_the_calibrated_width(told, whole, history):
    members = vacancies.members([1, 2, 3], SECTORS)
    found = outlook.regional_demand(told, history, members, reference=around())
    rows = found.months[(found.months["sector"] == "zorg") & (found.months["kind"] == "forecast")]
    lower, upper = whole.bounds(0.80)
    node = whole.series.index(("p", "zorg"))
    assert (rows["upper_80"] - rows["lower_80"]).mean() >= 0.95 * (upper[node] - lower[node]).mean()


def test_skill_is_told_per_sector_and_ends_at_the_first_band_without_it(told):
    found = outlook.sector_skill(told, {"zorg": [("p", "zorg")]})
    rows = found.table.sort_values("last_step")
    until = 0
    for lower, last in zip(rows["lower"], rows["last_step"], strict=True):
        if lower <= 0:
            break
        until = last
    assert found.until == {"zorg": until}
    with pytest.raises(InputError, match="nodes: every series must be in the forecast"):
        outlook.sector_skill(told, {"zorg": ["elsewhere"]})


def test_a_series_without_known_skill_shows_none_and_a_region_without_series_is_said(told, history):
    bare = dataclasses.replace(told, skill=told.skill.iloc[:0])
    with pytest.raises(InsufficientDataError, match="no series has a known skill"):
        outlook.sector_skill(bare, around())
    with pytest.raises(InsufficientDataError, match="members: at least one series"):
        outlook.regional_demand(told, history, {"zorg": []}, reference=around())


def test_any_level_has_its_own_monthly_bounds_and_a_wrong_one_is_refused(told, history):
    members = vacancies.members([1], SECTORS)
    frame = outlook.regional_demand(told, history, members, reference=around(), level=0.9).to_frame()
    assert ((frame["lower"] <= frame["estimate"]) & (frame["estimate"] <= frame["upper"])).all()
    with pytest.raises(InputError, match="level: must be"):
        outlook.regional_demand(told, history, members, reference=around(), level=95)
    with pytest.raises(InputError, match="reference: every sector"):
        outlook.regional_demand(told, history, members, reference={})
    with pytest.raises(InputError, match="every series may occur once"):
        twice = {"zorg": [("municipality:1", "zorg")] * 2}
        outlook.regional_demand(told, history, twice, reference=around())
