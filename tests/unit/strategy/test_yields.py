"""What money yielded: per euro, per area, with doubt, and without pretending where nobody counted."""

import numpy as np
import pandas as pd
import pytest

from studie.data import means
from studie.data.demonstration import projects
from studie.errors import InputError, InsufficientDataError
from studie.strategy import yields

AREAS = ["a", "b", "c"]
SEEDS = np.random.SeedSequence(5)
KEYS = ["lever", "area", "quantity"]


def register(rows=24, *, lever="subsidy", kept=True, seed=1):
    """Grants of 50,000 euro that give three places each on average, of which two thirds last."""
    rng = np.random.default_rng(seed)
    places = rng.poisson(3.0, rows)
    return pd.DataFrame(
        {
            "lever": lever, "area": np.resize(AREAS[:2], rows), "year": np.resize([2020, 2021, 2022], rows),
            "euro": 50_000.0, "places": places.astype(float),
            "kept": rng.binomial(places, 2 / 3).astype(float) if kept else np.nan,
        }
    )  # fmt: skip


def row(result, lever, area, quantity):
    frame = result.to_frame()
    return frame[(frame["lever"] == lever) & (frame["area"] == area) & (frame["quantity"] == quantity)].iloc[0]


def test_euro_per_place_is_the_amount_over_the_places():
    grants = register(240)
    found = yields.yields(grants, areas=AREAS, seeds=SEEDS)
    price = row(found, "subsidy", "all", "euro_per_place")
    assert price["estimate"] == pytest.approx(grants["euro"].sum() / grants["places"].sum(), rel=0.03)
    assert price["lower"] < price["estimate"] < price["upper"]
    assert (price["n"], price["unit"]) == (240, "euro per place")
    lasting = row(found, "subsidy", "all", "euro_per_lasting_place")
    assert lasting["estimate"] == pytest.approx(grants["euro"].sum() / grants["kept"].sum(), rel=0.03)
    share = row(found, "subsidy", "all", "kept_share")
    assert share["n"] == grants["places"].sum()
    assert list(found.to_frame().columns) == [*KEYS, "estimate", "lower", "upper", "n", "unit"]


def test_an_area_without_grants_has_no_price_of_its_own_but_can_be_reckoned_with():
    found = yields.yields(register(), areas=AREAS, seeds=SEEDS)
    assert row(found, "subsidy", "c", "grants")["estimate"] == 0
    assert np.isnan(row(found, "subsidy", "c", "euro_per_place")["estimate"])
    borrowed, own = (np.ptp(np.quantile(found.created["subsidy"][area], [0.05, 0.95])) for area in ("c", "a"))
    assert borrowed > own


def test_a_place_that_counts_nowhere_else_counts_in_the_whole():
    grants = pd.concat([register(), register(6).assign(area="province")], ignore_index=True)
    found = yields.yields(grants, areas=AREAS, seeds=SEEDS)
    assert row(found, "subsidy", "all", "grants")["estimate"] == 30
    assert "province" not in set(found.to_frame()["area"])


def test_what_nobody_followed_has_no_share_kept():
    found = yields.yields(register(kept=False), areas=AREAS, seeds=SEEDS)
    assert "subsidy" not in found.lasting
    assert np.isnan(row(found, "subsidy", "all", "kept_share")["estimate"])
    assert np.isfinite(row(found, "subsidy", "all", "euro_per_place")["estimate"])


def test_nothing_created_has_no_upper_bound():
    found = yields.yields(register().assign(places=0.0, kept=0.0), areas=AREAS, seeds=SEEDS)
    assert np.isinf(row(found, "subsidy", "all", "euro_per_place")["upper"])
    assert row(found, "subsidy", "all", "euro_per_place")["lower"] > 0


def test_rows_without_amount_or_places_are_counted_and_left_out():
    grants = pd.concat(
        [register(), register(3).assign(euro=np.nan), register(2).assign(places=np.nan, kept=np.nan),
         register(1).assign(euro=0.0)], ignore_index=True,
    )  # fmt: skip
    found = yields.yields(grants, areas=AREAS, seeds=SEEDS)
    assert found.left_out == {"subsidy": 6}
    assert found.n == 24
    plain = yields.yields(register(), areas=AREAS, seeds=SEEDS)
    pd.testing.assert_frame_equal(found.to_frame(), plain.to_frame())


def test_another_lever_moves_nobodys_numbers():
    alone = yields.yields(register(), areas=AREAS, seeds=SEEDS)
    both = yields.yields(pd.concat([register(lever="loan", kept=False, seed=2), register()]), areas=AREAS, seeds=SEEDS)
    pd.testing.assert_frame_equal(alone.created["subsidy"], both.created["subsidy"])
    assert both.levers == ("loan", "subsidy")


def test_grants_that_differ_more_than_places_widen_the_interval():
    lumpy = register(40).assign(places=np.resize([0.0, 0.0, 12.0, 12.0], 40), kept=np.resize([0.0, 0.0, 9.0, 9.0], 40))
    even = register(40).assign(places=6.0, kept=4.5)
    wide, narrow = (yields.yields(one, areas=AREAS, seeds=SEEDS) for one in (lumpy, even))
    assert wide.dispersion.loc["subsidy", "places"] > 4
    assert narrow.dispersion.loc["subsidy", "places"] == 1
    width = [np.ptp(np.quantile(one.created["subsidy"]["all"], [0.025, 0.975])) for one in (wide, narrow)]
    assert width[0] > 1.7 * width[1]


def test_the_busiest_year_is_counted_per_area():
    grants = register(6).assign(area=["a", "a", "a", "b", "b", "b"], year=[2020, 2020, 2021, 2019, 2020, 2021])
    found = yields.yields(grants, areas=AREAS, seeds=SEEDS)
    assert [found.counted("subsidy", area, "busiest") for area in (*AREAS, "all")] == [2, 1, 0, 3]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"grants": register().drop(columns="kept")}, "got no kept"),
        ({"grants": register().assign(kept=99.0)}, "at most the created places"),
        ({"level": 1.0}, "level, draws"),
        ({"draws": 0}, "level, draws"),
    ],
)
def test_wrong_input_is_refused(change, says):
    settings = {"grants": register(), "areas": AREAS, "seeds": SEEDS} | change
    with pytest.raises(InputError, match=says):
        yields.yields(settings.pop("grants"), **settings)


def test_nothing_on_record_is_too_little():
    with pytest.raises(InsufficientDataError, match="no row with an amount"):
        yields.yields(register().iloc[:0], areas=AREAS, seeds=SEEDS)
    with pytest.raises(InsufficientDataError, match="no row with an amount"):
        yields.yields(register().assign(euro=np.nan), areas=AREAS, seeds=SEEDS)


def test_the_truth_of_the_demonstration_is_recovered():
    """95 % intervals of the share kept and of euro lent per job, in 60 registers drawn as the demonstration."""
    towns = pd.DataFrame({"refnis": [11001, 11002, 12001, 12002, 13001], "inhabitants": [3, 5, 3, 2, 4]})
    home = {11001: "A", 11002: "A", 12001: "M", 12002: "M", 13001: "T"}
    hierarchy = pd.DataFrame({"arrondissement": home})
    hit = np.zeros(2)
    for seed in range(60):
        project, loan = (draw(towns, seed=seed) for draw in (projects.projects, projects.loans))
        grants = means.grants(project, loan, hierarchy)
        found = yields.yields(grants, areas=["A", "M", "T"], seeds=SEEDS, draws=500)
        for place, (lever, quantity, truth) in enumerate(
            [("projectsubsidie", "kept_share", projects.KEPT), ("trividend", "euro_per_place", 22_000.0)]
        ):
            told = row(found, lever, "all", quantity)
            hit[place] += told["lower"] <= truth <= told["upper"]
    assert (hit >= 60 * (0.95 - 3 * (0.95 * 0.05 / 60) ** 0.5)).all(), hit


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["independent", "lumpy", "regardless of the amount"])
def test_intervals_cover_what_was_put_in(shape):
    """95 % intervals of euro per lasting place per area, in 200 registers of about twenty grants per area."""
    rng = np.random.default_rng(8)
    hit = np.zeros(4)
    times = 200
    for number in range(times):
        rate = 6e-5 * rng.gamma(16, 1 / 16, 3)
        share = rng.beta(13, 7, 3)
        area = rng.integers(0, 3, 60)
        euro = rng.integers(4, 21, 60) * 5_000.0
        wanted = rate[area] * (euro if shape != "regardless of the amount" else euro.mean())
        grown = rng.gamma(2, 0.5, 60) if shape == "lumpy" else 1.0
        places = rng.poisson(wanted * grown)
        kept = rng.binomial(places, share[area]).astype(float)
        kept[rng.random(60) < 0.2] = np.nan
        grants = pd.DataFrame(
            {"lever": "s", "area": np.array(AREAS)[area], "year": 2020, "euro": euro, "places": places, "kept": kept}
        )
        seeds = np.random.SeedSequence(number)
        frame = yields.yields(grants, areas=AREAS, seeds=seeds, draws=500).to_frame().set_index(KEYS)
        spent = np.bincount(area, weights=euro, minlength=3)
        truth = [*(1 / (rate * share)), spent.sum() / (spent * rate * share).sum()]
        for place, name in enumerate((*AREAS, "all")):
            one = frame.loc[("s", name, "euro_per_lasting_place")]
            hit[place] += one["lower"] <= truth[place] <= one["upper"]
    assert (hit / times > 0.95 - 3 * (0.95 * 0.05 / times) ** 0.5 - 0.01).all(), hit / times
