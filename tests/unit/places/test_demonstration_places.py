"""The study finds on the demonstration data what was put in: need, planted blind spots, what is unknown."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from studie import regions
from studie.config import project_root
from studie.data import catalogue
from studie.data.demonstration import generate, inputs, make_truth
from studie.data.demonstration import need as demonstrated_need
from studie.data.demonstration import offer as demonstrated_offer
from studie.places import access, gaps, need

VTE_PER_PERSON = 0.8
STEPS = {10: 1.0, 20: 0.68, 30: 0.22}


def latest(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["date"] == frame["date"].max()]


def need_of(table: pd.DataFrame, *, seed: int = 1) -> need.Need:
    # the demonstration counts everybody in one target group
    return need.estimate(latest(table), rng=np.random.default_rng(seed), groups="disjoint")


def volume_of(found: need.Need, offer: pd.DataFrame, establishment: pd.DataFrame) -> gaps.Face:
    codes = sorted(found.table["refnis"].unique())
    return gaps.volume(
        found.total(), gaps.funded(latest(offer), establishment, refnis=codes), vte_per_person=VTE_PER_PERSON
    )


def assert_found(face: gaps.Face, planted: list[int]) -> None:
    """Every planted blind spot is among the worst with probability .8, and at most one of the worst five is false.

    Probabilities of the worst k add up to k, so with more than five planted k is their number: six alike cannot all
    have .8 of five seats (they would need 4.8 of them, whatever their noise).
    """
    probability = face.worst(max(5, len(planted))).probability
    assert (probability[planted] >= 0.8).all(), probability[planted]
    five = face.worst(5).probability.sort_values(ascending=False).index[:5]
    assert len(set(five) - set(planted)) <= max(0, 5 - len(planted)) + 1


@pytest.fixture(params=["tiny", "default"])
def study(request, monkeypatch) -> dict:
    monkeypatch.setenv("STUDIE_DEMONSTRATION_SIZE", request.param)
    tables = {
        name: catalogue.read(name, data="demonstration").frame
        for name in ("need", "offer", "establishment", "offer_target_group", "work_form")
    }
    truth = project_root() / "data" / "demonstration" / request.param / "truth.json"
    return {**tables, "truth": json.loads(truth.read_text(encoding="utf-8"))["places"]}


def test_planted_blind_spots_are_found_in_the_stored_data(study) -> None:
    face = volume_of(need_of(study["need"]), study["offer"], study["establishment"])
    assert_found(face, study["truth"]["planted_blind_spots"])


def test_unknown_offer_is_never_zero_in_the_stored_data(study) -> None:
    unknown = study["truth"]["unknown_offer"]
    found = need_of(study["need"])
    face = volume_of(found, study["offer"], study["establishment"])
    for measure in face.measures.values():
        table = measure.table
        assert set(table.index[table["state"] == "unknown"]) == set(unknown)
        assert table.loc[unknown, "estimate"].isna().all()
    codes = sorted(found.table["refnis"].unique())
    offer = gaps.funded(latest(study["offer"]), study["establishment"], refnis=codes)
    known = gaps.knowledge(offer, found.table).main.table["estimate"]
    assert (known[unknown] == 1.0).all()
    assert (known.drop(unknown) == 0.0).all()
    cost = access.travel_minutes(
        regions.municipalities().set_index("refnis"), regions.municipalities().set_index("refnis"), mode="car"
    )
    reached = access.two_step_floating_catchment(found.total().mean(), offer["places"], cost, STEPS)
    assert reached.unreachable.empty
    assert (reached.destinations.loc[unknown, "state"] == "unknown").all()
    assert reached.table["state"].isin(["published", "partly unknown"]).all()
    assert np.isclose((found.total().mean() * reached.access).sum(), reached.reachable_supply)


def test_reach_and_diversity_run_on_the_stored_data_and_keep_modes_apart(study) -> None:
    found = need_of(study["need"])
    weights = found.draws.T.groupby(level=["refnis", "target_group"]).sum().T
    homes = study["establishment"].set_index("establishment_number")["refnis"]
    keys = ["establishment_number", "work_form", "activity"]
    offer = latest(study["offer"])[[*keys, "places"]].merge(study["offer_target_group"][[*keys, "target_group"]])
    offer["refnis"] = offer["establishment_number"].map(homes)
    towns = regions.municipalities().set_index("refnis")
    costs = {mode: access.travel_minutes(towns, towns, mode=mode) for mode in ("car", "bicycle", "public_transport")}
    reach = gaps.reach(weights, offer, costs, minutes=30)
    means = {mode: reach.measures[f"reach {mode}"].table["estimate"].mean() for mode in costs}
    assert means["car"] > means["bicycle"]
    assert set(reach.to_frame()["state"]) <= {"published", "unknown", "unreachable"}
    diversity = gaps.diversity(
        offer,
        weights,
        activities=sorted(offer["activity"].unique()),
        unknown=study["truth"]["unknown_offer"],
        rng=np.random.default_rng(1),
    )
    table = diversity.main.table
    assert (table["state"] == "unknown").sum() == len(study["truth"]["unknown_offer"])
    assert table["estimate"].dropna().between(0, 1).all()


def test_the_gap_clusters_are_context_with_a_generator_of_our_own(study) -> None:
    face = volume_of(need_of(study["need"]), study["offer"], study["establishment"])
    found = gaps.autocorrelation(face.main.draws, regions.adjacency(), rng=np.random.default_rng(1))
    assert found.n + len(found.left_out) == 67
    assert set(study["truth"]["unknown_offer"]) <= set(found.left_out)
    assert -1 < found.lower <= found.moran <= found.upper < 1


def truth_of(study) -> pd.DataFrame:
    return pd.DataFrame(study["truth"]["need"]).rename(columns={"persons": "truth"})


def test_estimated_need_of_the_source_covers_the_stored_truth(study) -> None:
    table = need_of(study["need"]).table.merge(truth_of(study), on=["refnis", "target_group", "step"])
    table = table[table["basis"] == "source estimate"]
    share = ((table["truth"] >= table["lower"]) & (table["truth"] <= table["upper"])).mean()
    assert share >= 0.95 - 2 * np.sqrt(0.95 * 0.05 / len(table))


@pytest.mark.parametrize("by", ["cell", "municipality"])
def test_fitted_need_covers_the_stored_truth_with_its_interaction(study, by: str) -> None:
    """Half of the counts of step 5 are taken away; margins and the other half remain."""
    level, shares = 0.9, []
    full = latest(study["need"])
    full = full[full["step"] == "5"].merge(truth_of(study), on=["refnis", "target_group", "step"])
    inhabitants = inputs.municipalities(project_root()).set_index("refnis")["inhabitants"]
    composition = full[["refnis", "target_group"]].assign(units=full["refnis"].map(inhabitants))
    margins = pd.concat(
        [
            full.groupby(name)["persons"].sum().rename("persons").rename_axis("key").reset_index().assign(margin=name)
            for name in ("refnis", "target_group")
        ]
    ).assign(step="5", lower=lambda frame: frame["persons"], upper=lambda frame: frame["persons"])
    for seed in range(10):
        rng = np.random.default_rng(seed)
        codes = rng.permutation(full["refnis"].unique())[:33]
        kept = full["refnis"].isin(codes).to_numpy() if by == "municipality" else rng.random(len(full)) < 0.5
        result = need.estimate(
            full.loc[kept].drop(columns=["truth", "placed", "waiting"]),
            composition=composition,
            margins=margins,
            groups="disjoint",
            rng=rng,
            draws=400,
            level=level,
        )
        table = result.table.merge(full[["refnis", "target_group", "truth"]], on=["refnis", "target_group"])
        table = table[table["method"] == "estimated"]
        assert len(table) == (~kept).sum()
        shares.append(((table["truth"] >= table["lower"]) & (table["truth"] <= table["upper"])).mean())
    assert np.mean(shares) >= level - 2 * np.sqrt(level * (1 - level) / (~kept).sum())


@pytest.mark.slow
def test_planted_blind_spots_are_found_whatever_the_seed() -> None:
    root = project_root()
    places, waiting = inputs.municipalities(root), inputs.provincial_waiting(root)
    for seed in range(1, 13):
        truth = make_truth(places, seed=seed)
        firms = demonstrated_offer.participants(places, seed=seed)
        face = volume_of(
            need_of(demonstrated_need.need(truth, waiting), seed=seed),
            demonstrated_offer.offer_table(firms, truth),
            demonstrated_offer.establishment_table(firms),
        )
        assert_found(face, list(truth.municipality.index[truth.municipality["blind_spot"]]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_a_newly_generated_study_gives_its_blind_spots_back(tmp_path: Path, seed: int) -> None:
    for folder in ("reference", "observed"):
        shutil.copytree(project_root() / "data" / folder, tmp_path / "data" / folder)
    generate(size="tiny", seed=seed, root=tmp_path)
    folder = tmp_path / "data" / "demonstration" / "tiny"
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in ("need", "offer", "establishment")}
    planted = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["places"]["planted_blind_spots"]
    face = volume_of(need_of(tables["need"]), tables["offer"], tables["establishment"])
    assert_found(face, planted)
