"""The look ahead starts from the region's own people, queue and newcomers."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from studie.config import read_config
from studie.errors import InputError, InsufficientDataError
from studie.strategy import flows
from studie.strategy.priors import Prior
from studie.study import baseline

READY = Prior(name="ready", distribution="lognormal", centre=0.04, lower=0.01, upper=0.08, interval_level=0.9)
REGIONS = {"arrondissement:a": [11001, 11002], "arrondissement:b": [12001]}
RATES = {
    "2": {"2": 0.95, "4": 0.03, "uit_beeld": 0.01, "exit_moved": 0.01},
    "4": {"2": 0.03, "4": 0.91, "5": 0.03, "6": 0.02, "exit_moved": 0.01},
    "5": {"4": 0.01, "5": 0.97, "6": 0.01, "exit_pension": 0.01},
    "6": {"4": 0.03, "5": 0.01, "6": 0.95, "uit_beeld": 0.01},
    "uit_beeld": {"2": 0.05, "4": 0.05, "uit_beeld": 0.9},
}


def walked(persons=900, months=49, seed=3):
    """People followed month by month, some known only as between two steps."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2020-12-31", periods=months, freq="ME")
    rows = []
    for person in range(persons):
        state, begins = str(rng.choice(["2", "4", "5", "6"])), int(rng.choice([0, 0, 0, 12, 30]))
        refnis = int(rng.choice([11001, 11002, 12001]))
        for day in days[begins:]:
            seen = "4-5" if state == "4" and rng.random() < 0.02 else "{5,6}" if rng.random() < 0.01 else state
            rows.append((f"p{person:04d}", day, seen if not state.startswith("exit") else state, refnis))
            if state.startswith("exit"):
                break
            options = RATES[state]
            state = str(rng.choice(list(options), p=list(options.values())))
    return pd.DataFrame(rows, columns=["person_id", "date", "step", "refnis"])


def counted(*numbers):
    """Who waits for step 5, per year, over three municipalities."""
    rows = [
        (refnis, "5", pd.Timestamp(f"{2020 + year}-12-31"), share * number)
        for year, number in enumerate(numbers)
        for refnis, share in ((11001, 0.4), (11002, 0.2), (12001, 0.4))
    ]
    return pd.DataFrame(rows, columns=["refnis", "step", "date", "waiting"])


@pytest.fixture(scope="module")
def panel():
    return walked()


def build(panel, need, **options):
    given = {"regions": REGIONS, "day": dt.date(2027, 1, 1), "years": 5, "ready": READY, "draws": 60}
    return baseline.baseline(panel, need, rng=np.random.default_rng(1), **{**given, **options})


@pytest.fixture(scope="module")
def base(panel):
    return build(panel, counted(60, 80, 70, 75, 65))


def test_the_counted_queue_is_repeated_and_the_assumed_one_kept_apart(base):
    waits = base.calibration.check.query("quantity == 'waiting' and step == '5'")
    assert waits["estimate"].to_numpy() == pytest.approx([60, 80, 70, 75, 65], rel=0.01)
    assert base.situation.counted == ("5",)
    assert base.calibration.check.query("quantity == 'waiting' and step == '6'")["estimate"].gt(0).all()


def test_levers_begin_on_the_day_of_the_decision(base):
    assert (base.first_month, base.first_year, base.months) == ("2020-12", 2027, 60)
    later = flows.Walk(base.calibration.situation)
    later.on(24)
    assert np.allclose(later.stock, base.situation.stock)
    waits = flows.waiting_for(base.situation, later.waiting)[1].mean(axis=-1).sum()
    assert sum(base.queue.values()) == pytest.approx(waits)
    settings = read_config().levers
    made = baseline.levers(settings, vte_per_person=0.8)
    assert all(made[name].start_month == settings[name].start_month for name in settings)
    here = base.within("arrondissement:b")
    own = here.levers(settings, vte_per_person=0.8)
    assert own["extra_plaatsen"].amount == pytest.approx(settings["extra_plaatsen"].amount * here.part)
    assert own["ondersteuningsnetwerk"].cost.value == pytest.approx(
        settings["ondersteuningsnetwerk"].cost.value * here.part
    )


def test_a_day_of_decision_in_the_past_counts_from_now(panel):
    found = build(panel, counted(60, 80), day=dt.date(2019, 1, 1))
    assert found.first_year == 2022
    assert np.allclose(found.situation.stock, found.calibration.situation.stock)


def test_everybody_followed_is_somewhere(panel, base):
    start = panel[panel["date"] == panel["date"].min()]
    parts = {code: baseline._people(panel, inside, panel["date"].min(), panel["date"].max())
             for code, inside in REGIONS.items()}  # fmt: skip
    standing = pd.concat(baseline._standing(p, c, [str(s) for s in base.situation.states]) for c, p in parts.items())
    assert standing["persons"].sum() == pytest.approx(len(start))
    assert (standing["persons"] >= 0).all()


def test_a_part_of_the_regions_adds_up_to_the_whole(base):
    assert sum(base.within(code).part for code in REGIONS) == pytest.approx(1)
    whole = flows.project(base.situation, months=24)
    for place, code in enumerate(REGIONS):
        alone = flows.project(base.within(code).situation, months=24)
        for quantity, step in (("persons", "5"), ("waiting", "5")):
            assert alone.of(quantity, step)[0, -1, 0, 0] == pytest.approx(whole.of(quantity, step)[0, -1, 0, place])
    with pytest.raises(InputError, match="regions"):
        base.within("arrondissement:elders")


def test_what_follows_a_move_is_estimated_from_the_move(base):
    assert "5" not in base.after.markov
    place = base.after.states.index("5")
    assert 0 < base.after.relapse[place].mean() < 0.4


def test_intervals_of_rates_widen_where_months_of_one_person_resemble_each_other():
    rng = np.random.default_rng(5)
    rows = []
    for person in range(300):  # half of the people never move, the others each month
        restless = person % 2
        steps = rng.choice(["4", "5"], size=30) if restless else ["4"] * 30
        rows += [(f"p{person}", pd.Timestamp("2020-12-31") + pd.offsets.MonthEnd(m), s, 11001)
                 for m, s in enumerate(steps)]  # fmt: skip
    seen = pd.DataFrame(rows, columns=["person_id", "date", "step", "refnis"])
    from studie.ladder import matrices

    pairs = matrices.counts(baseline._observed(seen), lag=1)
    own = baseline._effective(pairs)
    assert own.loc["4"].sum() < 0.5 * pairs.matrix.loc["4"].sum()
    assert own.loc["4", "5"] / own.loc["4"].sum() == pytest.approx(
        pairs.matrix.loc["4", "5"] / pairs.matrix.loc["4"].sum()
    )


def test_too_little_to_start_from_is_said(panel):
    with pytest.raises(InsufficientDataError, match="two dates"):
        build(panel, counted(60))
    with pytest.raises(InsufficientDataError, match="followed"):
        build(panel[panel["refnis"] != 12001], counted(60, 80))
    with pytest.raises(InsufficientDataError, match="two dates"):
        build(panel, counted(60, 80).assign(waiting=np.nan))


def test_the_same_seed_gives_the_same_draws(panel, base):
    again = build(panel, counted(60, 80, 70, 75, 65))
    assert np.array_equal(again.situation.matrices.values, base.situation.matrices.values)
