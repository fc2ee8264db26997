"""The demonstration data meet what they are calibrated to, and hold what their truth says was planted."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from studie.config import project_root, read_config
from studie.data import contracts
from studie.data.demonstration import default_truth, functionals, generate, inputs, need, offer, simulate_panel
from studie.data.demonstration.panel import ABSENT, draw_people, simulate_states
from studie.data.demonstration.streams import largest_remainder
from studie.data.demonstration.truth import POSITION, STATES, TARGET_GROUPS, Truth
from studie.errors import InputError

ROOT = project_root()
SIZES = ("tiny", "default")
TABLES = (
    "employment", "enterprise", "establishment", "ladder_panel", "loan", "need", "offer", "offer_target_group",
    "partner_tie", "project", "task", "vacancy",
)  # fmt: skip
CALIBRATED_TO = (
    "data/reference/municipality.csv",
    "data/observed/population.csv",
    "data/observed/vacancy.csv",
    "data/observed/employment.csv",
    "data/observed/cmw_waiting.csv",
)
STEP_4, STEP_5, STEP_6 = STATES.index("4"), STATES.index("5"), STATES.index("6")


def folder(size: str) -> Path:
    return ROOT / "data" / "demonstration" / size


def table(name: str, size: str = "default") -> pd.DataFrame:
    return pd.read_parquet(folder(size) / f"{name}.parquet")


def stored(size: str = "default") -> dict[str, Any]:
    return json.loads((folder(size) / "truth.json").read_text(encoding="utf-8"))


def stored_functionals() -> pd.DataFrame:
    frame = pd.DataFrame(stored()["functionals"])
    return frame.set_index(["quantity", "to_step", "target_group", "support"]).sort_index()


@pytest.fixture(scope="module")
def truth() -> Truth:
    return default_truth(1, root=ROOT)


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return table("ladder_panel")


@pytest.fixture(scope="module")
def states(truth: Truth) -> np.ndarray:
    """Independent of the committed panel: another seed for the persons, the same truth."""
    people = draw_people(20_251, persons=60_000, months=84, truth=truth)
    return simulate_states(people, truth)


@pytest.fixture
def empty_study(tmp_path: Path) -> Path:
    for name in CALIBRATED_TO:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


# --- files --------------------------------------------------------------------


def test_the_same_seed_gives_the_committed_bytes_and_another_seed_other_ones(empty_study: Path) -> None:
    rows = generate(size="tiny", seed=1, root=empty_study)
    made = empty_study / "data/demonstration/tiny"
    assert sorted(rows) == sorted(TABLES)
    names = sorted(path.name for path in made.iterdir())
    assert names == sorted([*(f"{name}.parquet" for name in TABLES), "truth.json"])
    for name in names:
        assert (made / name).read_bytes() == (folder("tiny") / name).read_bytes(), name
    before = (made / "ladder_panel.parquet").read_bytes()
    generate(size="tiny", seed=2, root=empty_study)
    assert (made / "ladder_panel.parquet").read_bytes() != before


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", TABLES)
def test_every_table_keeps_its_contract(name: str, size: str) -> None:
    frame = contracts.validate(table(name, size), name, where=name)
    assert len(frame) == stored(size)["rows"][name] > 0


def test_every_committed_file_is_smaller_than_a_megabyte() -> None:
    sizes = {path: path.stat().st_size for size in SIZES for path in folder(size).iterdir()}
    assert max(sizes.values()) < 1_000_000
    assert sum(sizes.values()) < 4_000_000


def test_an_unknown_size_is_refused_with_the_nearest_known_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="size: unknown value 'tiney'; did you mean 'tiny'"):
        generate(size="tiney", seed=1, root=tmp_path)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", CALIBRATED_TO)
def test_a_missing_file_to_calibrate_to_is_named_and_leaves_no_table(name: str, empty_study: Path) -> None:
    (empty_study / name).unlink()
    with pytest.raises(InputError, match=f"{name}: file is missing"):
        generate(size="tiny", seed=1, root=empty_study)
    assert not list(empty_study.glob("data/demonstration/**/*.unfinished"))
    assert not (empty_study / "data/demonstration/tiny/ladder_panel.parquet").exists()


# --- vacancies and employment ---------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_construction_adds_up_to_the_share_of_the_observed_flemish_series_in_every_month(size: str) -> None:
    frame = table("vacancy", size)
    summed = frame[frame["sector"] == "bouw"].groupby("period")[["open", "received"]].sum()
    flemish = inputs.construction_vacancies(ROOT).loc[summed.index]
    assert read_config().construction_share.value == inputs.CONSTRUCTION_SHARE
    pd.testing.assert_frame_equal(summed, (flemish * inputs.CONSTRUCTION_SHARE).round().astype("int64"))
    assert summed["open"].iloc[-1] == round(4420 * 0.29) == 1282


def test_vacancies_hold_every_municipality_sector_and_month_once() -> None:
    frame = table("vacancy")
    assert frame["region"].nunique() == 67
    assert frame["period"].agg(["min", "max", "nunique"]).tolist() == ["2016-01", "2026-04", 124]
    assert len(frame) == 67 * 4 * 124 == len(frame.drop_duplicates(["region", "sector", "period"]))


def test_synthetic_sectors_show_the_dip_of_2020_and_the_surge_of_2021_and_2022() -> None:
    frame = table("vacancy")
    for sector in ("zorg", "nijverheid", "logistiek"):
        series = frame[frame["sector"] == sector].groupby("period")["received"].sum()
        assert series["2020-04"] < 0.85 * series["2019-04"]
        assert series["2021-09":"2022-08"].sum() > 1.1 * series["2018-09":"2019-08"].sum()  # type: ignore[misc]


def test_construction_employment_adds_up_to_the_observed_province_in_every_year() -> None:
    frame = table("employment")
    summed = frame[frame["sector"] == "bouw"].groupby("period")["persons"].sum()
    observed = inputs.construction_workers(ROOT)
    assert summed.to_dict() == {str(year): int(observed[year]) for year in range(2016, 2025)}


# --- the panel against its calibration -------------------------------------------


def test_about_6871_persons_stand_on_step_3_to_5_in_every_month(states: np.ndarray) -> None:
    on_steps = np.isin(states, [STATES.index(s) for s in ("3", "4", "5", "3-4", "4-5")]).sum(axis=0)
    scaled = on_steps * inputs.STOCK_PERSONS / len(states)
    # the order of magnitude is what is published (2018, one figure): 3 % either side in all 84 months
    assert np.abs(scaled / inputs.LADDER_STOCK - 1).max() < 0.03


def test_activation_reaches_the_published_shares_within_its_simulation_error(states: np.ndarray) -> None:
    arrived = (states[:, 1:] == STEP_4) & (states[:, :-1] != STEP_4)
    person, month = np.nonzero(arrived[:, : 84 - 25])
    at_work = np.stack([np.isin(states[person, month + 1 + k], [STEP_5, STEP_6]) for k in range(1, 25)])
    shares = [at_work[:h].any(axis=0).mean() for h in (6, 12, 18, 24)]
    published = np.array([0.1308, 0.2130, 0.2640, 0.2950])  # facts F01-F04
    error = np.sqrt(published * (1 - published) / len(person))
    assert np.all(np.abs(shares - published) < 3.5 * error), (shares, error)


def test_hazards_of_activation_fall_from_half_year_to_half_year(states: np.ndarray) -> None:
    arrived = (states[:, 1:] == STEP_4) & (states[:, :-1] != STEP_4)
    person, month = np.nonzero(arrived[:, : 84 - 25])
    still = np.ones(len(person), dtype=bool)
    hazards = []
    for half_year in range(4):
        at_risk, left = 0, 0
        for k in range(6 * half_year + 1, 6 * half_year + 7):
            now = states[person, month + 1 + k]
            at_risk += int(still.sum())
            left += int((still & np.isin(now, [STEP_5, STEP_6])).sum())
            still &= now == STEP_4
        hazards.append(left / at_risk)
    assert hazards == sorted(hazards, reverse=True)
    assert hazards[3] < 0.6 * hazards[0]


def test_those_who_just_moved_up_fall_back_most(states: np.ndarray) -> None:
    person, month = functionals.upward_moves(states)
    relapse, competing = functionals.outcome_month(states, person, month)
    first = np.minimum(relapse, competing)
    early = (relapse <= 3).sum() / np.minimum(first, 3).sum()
    late = ((relapse > 12) & (relapse <= 24)).sum() / np.clip(first - 12, 0, 12).sum()
    assert early > 3 * late


def test_between_1_and_2_per_cent_move_from_step_5_to_6_in_a_year(panel: pd.DataFrame) -> None:
    following = panel.groupby("person_id")["step"].shift(-1)
    stay = panel["step"].isin(["5"]) & following.notna()
    moves = stay & (following == "6")
    yearly = 12 * moves.sum() / stay.sum()
    assert 0.01 < yearly < 0.02
    by_year = 12 * moves.groupby(panel["date"].dt.year).sum() / stay.groupby(panel["date"].dt.year).sum()
    error = 12 * np.sqrt(yearly / 12 / stay.groupby(panel["date"].dt.year).sum())
    assert ((by_year > 0.01 - 3 * error) & (by_year < 0.02 + 3 * error)).all()


@pytest.mark.parametrize(("size", "persons", "months"), [("tiny", 600, 36), ("default", 12_000, 84)])
def test_the_panel_has_the_promised_persons_months_and_all_municipalities(size: str, persons: int, months: int) -> None:
    frame = table("ladder_panel", size)
    assert frame["person_id"].nunique() == persons
    assert frame["refnis"].nunique() == 67
    assert frame["date"].max() == pd.Timestamp("2026-04-30")
    expected = pd.period_range(end="2026-04", periods=months, freq="M")
    seen = set(frame["date"].dt.to_period("M"))
    assert set(expected) - seen == ({pd.Period("2020-04")} & set(expected))
    assert len(frame[["person_id", "refnis"]].drop_duplicates()) == persons


def test_persons_are_spread_by_inhabitants(panel: pd.DataFrame) -> None:
    people = panel.groupby("refnis")["person_id"].nunique()
    inhabitants = inputs.municipalities(ROOT).set_index("refnis")["inhabitants"]
    expected = inhabitants / inhabitants.sum() * 12_000
    assert (people - expected).abs().max() <= 67 * expected.max() / 12_000 + 1.5  # the floor of one person each
    assert people[11002] == people.max()


def test_rows_are_in_order_once_per_month_and_an_exit_is_the_last_one(panel: pd.DataFrame) -> None:
    assert panel.equals(panel.sort_values(["person_id", "date"], kind="stable"))
    assert not panel.assign(period=panel["date"].dt.to_period("M")).duplicated(["person_id", "period"]).any()
    last = ~panel.duplicated("person_id", keep="last")
    gone = panel["step"].str.startswith("exit_")
    assert gone.any()
    assert last[gone].all()


def test_the_panel_is_as_imperfect_as_real_ones(panel: pd.DataFrame) -> None:
    counts = panel["step"].value_counts(normalize=True)
    assert 0.005 < counts["{5,6}"] < 0.015
    assert 0.03 < counts["uit_beeld"] < 0.12
    assert 0 < counts[["3-4", "4-5", "5-6"]].sum() < 0.01
    assert pd.Timestamp("2022-06-15") in set(panel["date"])
    late = panel.groupby("person_id")["date"].min() > pd.Timestamp("2019-05-31")
    assert 0.15 < late.mean() < 0.25


def test_only_the_oldest_retire(panel: pd.DataFrame) -> None:
    retired = panel[panel["step"] == "exit_pension"]
    assert len(retired) > 100
    assert set(retired["age_band"]) == {"55-64"}


# --- the panel against its truth ---------------------------------------------------


def test_one_seed_gives_one_panel_and_other_persons_from_another_chunk(truth: Truth) -> None:
    one = simulate_panel(3, persons=300, months=24, truth=truth)
    again = simulate_panel(3, persons=300, months=24, truth=truth)
    other = simulate_panel(3, persons=300, months=24, truth=truth, chunk=1)
    pd.testing.assert_frame_equal(one, again)
    assert not set(one["person_id"]) & set(other["person_id"])


def test_leaving_out_a_municipality_moves_nobody_elsewhere(truth: Truth) -> None:
    all_of_them = simulate_panel(3, persons=1_000, months=24, truth=truth)
    without = simulate_panel(
        3, persons=1_000, months=24, truth=replace(truth, municipality=truth.municipality.drop(index=13040))
    )
    common = np.intersect1d(all_of_them["person_id"].unique(), without["person_id"].unique())
    assert len(common) > 900
    pd.testing.assert_frame_equal(
        all_of_them[all_of_them["person_id"].isin(common)].reset_index(drop=True),
        without[without["person_id"].isin(common)].reset_index(drop=True),
    )


def test_simulated_moves_occur_as_often_as_their_hazards_say(truth: Truth) -> None:
    rate_up, rate_down = 0.03, 0.02
    simple = replace(
        truth,
        municipality=truth.municipality.assign(up_ratio=1.0),
        moves=(("1", "2", "up", rate_up, "constant"), ("1", "uit_beeld", "out", rate_down, "constant")),
        exits={},
        effects={},
        shares={**truth.shares, "entrants": 0.0, "start": {"1": 1.0}},
    )
    people = draw_people(5, persons=20_000, months=13, truth=simple)
    end = simulate_states(people, simple)[:, -1]
    stay = np.exp(-12 * (rate_up + rate_down))
    expected = {0: stay, 1: 0.6 * (1 - stay), STATES.index("uit_beeld"): 0.4 * (1 - stay)}
    for state, share in expected.items():
        assert abs((end == state).mean() - share) < 4 * np.sqrt(share * (1 - share) / 20_000)


def test_outcomes_of_upward_moves_equal_those_of_a_slow_reading_per_person(truth: Truth) -> None:
    people = draw_people(11, persons=1_500, months=60, truth=truth)
    states = simulate_states(people, truth)
    expected = []
    for row in states:
        for month in range(1, 60 - 24):
            before, now = row[month - 1], row[month]
            if ABSENT in (before, now) or now > 5 or not POSITION[now] > POSITION[before]:
                continue
            relapse, competing = 99, 99
            for later in range(1, 25):
                state = row[month + later]
                if state == ABSENT or STATES[state].startswith(("uit_beeld", "exit_")):
                    competing = later
                    break
                if POSITION[state] < POSITION[now]:
                    relapse = later
                    break
            expected.append((relapse, competing))
    person, month = functionals.upward_moves(states)
    relapse, competing = functionals.outcome_month(states, person, month)
    assert len(expected) > 100
    assert list(zip(relapse.tolist(), competing.tolist(), strict=True)) == expected


def test_stored_functionals_agree_with_an_independent_simulation(truth: Truth, states: np.ndarray) -> None:
    known = stored_functionals()
    person, month = functionals.upward_moves(states)
    relapse, competing = functionals.outcome_month(states, person, month)
    to_6 = states[person, month] == STEP_6
    for quantity, seen in {
        "relapse_within_12": relapse[to_6] <= 12,
        "lasting_24": (relapse[to_6] > 24) & (competing[to_6] > 24),
    }.items():
        row = known.loc[(quantity, "6", "alle", "alle")].iloc[0]
        error = np.hypot(row["simulation_error"], np.sqrt(seen.var() / len(seen)))
        assert abs(seen.mean() - row["value"]) < 3.5 * error


def test_support_protects_against_relapse_as_its_stored_effect_says() -> None:
    ladder = stored()["ladder"]
    assert ladder["effects"]["support"]["ja"]["down"] == 0.65
    known = stored_functionals()
    given = known.loc[("relapse_within_12 | do(support=ja)", "6", "alle", "alle")].iloc[0]
    withheld = known.loc[("relapse_within_12 | do(support=nee)", "6", "alle", "alle")].iloc[0]
    ratio = np.log(1 - given["value"]) / np.log(1 - withheld["value"])
    # ratio of cumulative hazards; competing moves and heterogeneous persons move it a little from the hazard ratio
    assert 0.58 < ratio < 0.75
    assert withheld["value"] - given["value"] > 3 * np.hypot(given["simulation_error"], withheld["simulation_error"])


@pytest.mark.parametrize("size", SIZES)
def test_the_truth_defines_and_bounds_every_functional(size: str) -> None:
    known = pd.DataFrame(stored(size)["functionals"])
    assert set(known["target_group"]) == {"alle", *TARGET_GROUPS}
    chances = known[~known["quantity"].isin(["sojourn"])]
    assert chances["value"].between(0, 1).all()
    assert (known["simulation_error"] >= 0).all()
    monthly = known[(known["quantity"] == "monthly_probability") & (known["target_group"] == "alle")]
    assert np.allclose(monthly.groupby("from_step")["value"].sum(), 1, atol=1e-4)


# --- need and places -----------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_people_waiting_add_up_to_the_observed_province_in_every_year(size: str) -> None:
    frame = table("need", size)
    summed = frame.groupby(frame["date"].dt.year)["waiting"].sum()
    assert summed.to_dict() == inputs.provincial_waiting(ROOT).to_dict()
    assert summed[2024] == 1083
    counted = frame[frame["step"] == "5"]
    assert (counted["persons"] == counted["placed"] + counted["waiting"]).all()


def test_hidden_counts_are_intervals_and_never_zero() -> None:
    frame = table("need")
    hidden = frame["persons"].isna()
    assert 0 < hidden.sum() < len(frame) / 3
    assert set(frame.loc[hidden, "step"]) == {"4"}
    assert frame.loc[hidden, ["lower", "upper"]].drop_duplicates().to_numpy().tolist() == [[1, 3]]


def test_intervals_of_estimated_need_cover_the_truth_as_often_as_they_say(truth: Truth) -> None:
    expected = need.expected_need(truth)
    frame = table("need").merge(expected.rename(columns={"persons": "true"}), on=["refnis", "target_group", "step"])
    frame = frame[(frame["method"] == "estimated") & (frame["true"] >= 10)]
    covered = ((frame["lower"] <= frame["true"]) & (frame["true"] <= frame["upper"])).mean()
    # nominal .95; bounds rounded outwards to whole persons widen an interval of 10 persons by up to a quarter
    error = np.sqrt(0.95 * 0.05 / len(frame))
    assert 0.95 - 3.5 * error < covered < 0.995


def test_need_has_an_interaction_that_proportional_fitting_lacks(truth: Truth) -> None:
    cells = need.expected_need(truth).pivot_table(
        index="refnis", columns="target_group", values="persons", aggfunc="sum"
    )
    fitted = np.outer(cells.sum(axis=1), cells.sum(axis=0)) / cells.to_numpy().sum()
    away = np.abs(cells.to_numpy() / fitted - 1)
    assert (away > 0.25).mean() > 0.15


def test_planted_blind_spots_have_30_per_cent_fewer_places_per_need(truth: Truth) -> None:
    planted = stored()["places"]["planted_blind_spots"]
    assert planted == truth.municipality.index[truth.municipality["blind_spot"]].tolist()
    assert {refnis // 1000 for refnis in planted} == {11, 12, 13}
    offered = table("offer").merge(table("establishment"), on="establishment_number")
    places = offered[offered["date"] == "2024-12-31"].groupby("refnis")["places"].sum(min_count=1)
    needed = need.expected_need(truth).groupby("refnis")["persons"].sum()
    per_need = (places / needed).dropna()
    blind = per_need.index.isin(planted)
    assert per_need[blind].mean() / per_need[~blind].mean() == pytest.approx(0.7, abs=0.03)  # whole places


def test_unknown_offer_is_missing_and_never_zero(truth: Truth) -> None:
    offered = table("offer").merge(table("establishment"), on="establishment_number")
    unknown = offered["status"] == "unknown"
    assert sorted(offered.loc[unknown, "refnis"].unique()) == stored()["places"]["unknown_offer"]
    assert len(stored()["places"]["unknown_offer"]) == offer.UNKNOWN_OFFER
    assert offered["places"].isna().equals(unknown)
    assert not offered.loc[~unknown, "refnis"].isin(stored()["places"]["unknown_offer"]).any()
    assert offered["refnis"].nunique() == 67
    assert not set(stored()["places"]["planted_blind_spots"]) & set(stored()["places"]["unknown_offer"])


def test_places_hang_together_with_establishments_enterprises_and_work_forms() -> None:
    establishments, offered = table("establishment"), table("offer")
    assert establishments["enterprise_number"].isin(table("enterprise")["enterprise_number"]).all()
    assert offered["establishment_number"].isin(establishments["establishment_number"]).all()
    assert set(offered["work_form"]) <= set(pd.read_csv(ROOT / "data/reference/work_form.csv")["work_form"])
    assert len(table("enterprise")) > 450  # "more than 450 enterprises" (level L01)
    assert (offered["filled_vte"].dropna() <= 1.2 * offered["places"].dropna() + 1).all()
    bridge = table("offer_target_group")
    key = ["establishment_number", "work_form", "activity"]
    assert len(bridge[key].drop_duplicates()) == len(offered[key].drop_duplicates())


def test_invented_numbers_cannot_be_real_ones_and_names_say_so() -> None:
    assert table("enterprise")["enterprise_number"].str.match(r"0000\.\d{4}\.\d{4}").all()
    assert table("establishment")["establishment_number"].str.match(r"9\.\d{4}\.\d{4}").all()
    assert table("enterprise")["name"].str.startswith("Demonstratie ").all()
    assert set(table("partner_tie")["origin"]) == {"demonstration"}


# --- whole numbers in proportion -------------------------------------------------------


def test_largest_remainder_adds_up_and_stays_within_one_of_the_exact_share() -> None:
    rng = np.random.default_rng(4)
    weights, totals = rng.gamma(0.5, size=(50, 67)), rng.integers(0, 900, 50)
    parts = largest_remainder(weights, totals)
    exact = weights / weights.sum(axis=1, keepdims=True) * totals[:, None]
    assert (parts.sum(axis=1) == totals).all()
    assert np.abs(parts - exact).max() < 1
    assert (parts >= 0).all()
