"""The five faces: states are words, unknown is never zero, and the worst are a probability."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError, InsufficientDataError
from studie.places import gaps


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def offer(**columns) -> pd.DataFrame:
    frame = pd.DataFrame(columns, index=pd.Index([1, 2, 3], name="refnis"))
    return frame.assign(filled_persons=frame.get("filled_persons", 0.0))


def draws(values: dict[object, list[float]]) -> pd.DataFrame:
    return pd.DataFrame(values)


def test_funded_places_count_unknown_offers_apart_and_never_as_zero() -> None:
    table = pd.DataFrame(
        {
            "establishment_number": ["e1", "e1", "e2", "e3"],
            "work_form": ["CMW", "IMW", "CMW", "AMA"],
            "activity": "montage",
            "date": "2024-12-31",
            "places": pd.array([4, 2, None, None], dtype="Int64"),
            "filled_persons": pd.array([5, 1, None, None], dtype="Int64"),
            "status": ["counted", "counted", "unknown", "unknown"],
        }
    )
    homes = pd.DataFrame({"establishment_number": ["e1", "e2", "e3"], "refnis": [1, 1, 2]})
    found = gaps.funded(table, homes, refnis=[1, 2, 3])
    assert found["state"].tolist() == ["partly unknown", "unknown", "unknown"]
    assert found.loc[1, ["places", "filled_persons", "offers", "unknown"]].tolist() == [6, 6, 3, 1]
    assert found.loc[[2, 3], "places"].isna().all()
    five = gaps.funded(table, homes, refnis=[1], step_of={"CMW": "5", "IMW": "5", "AMA": "3"}, steps=["3"])
    assert five.loc[1, "state"] == "unknown"
    with pytest.raises(InputError, match="one date"):
        gaps.funded(pd.concat([table, table.assign(date="2023-12-31")]), homes, refnis=[1])
    with pytest.raises(InputError, match="establishments must be known"):
        gaps.funded(table, homes.iloc[:1], refnis=[1])


def test_volume_is_need_minus_places_in_persons() -> None:
    need = draws({1: [100.0, 110.0], 2: [50.0, 50.0], 3: [0.0, 0.0]})
    face = gaps.volume(
        need, offer(places=[64.0, 40.0, 8.0], filled_persons=[70.0, 50.0, 4.0], state="known"), vte_per_person=0.8
    )
    assert face.measures["gap"].table["estimate"].tolist()[:2] == [25.0, 0.0]
    assert face.measures["gap share"].table.loc[1, "estimate"] == pytest.approx((20 / 100 + 30 / 110) / 2)
    assert face.measures["gap"].table.loc[3, "state"] == "no need"
    assert face.measures["vacant places"].table["estimate"].tolist() == [10.0, 0.0, 6.0]
    with pytest.raises(InputError, match="vte_per_person"):
        gaps.volume(need, offer(places=1.0, state="known"), vte_per_person=0.0)


def test_unknown_offer_gives_a_bound_and_no_estimate() -> None:
    need = draws({1: [100.0] * 4, 2: [50.0] * 4, 9: [20.0] * 4})
    table = offer(places=[np.nan, 40.0, 8.0], state=["unknown", "partly unknown", "known"])
    face = gaps.volume(need, table, vte_per_person=1.0)
    found = face.measures["gap"].table
    assert found["state"].tolist() == ["unknown"] * 3  # 9 is in no table at all
    assert found["estimate"].isna().all()
    assert found["lower"].isna().all()
    assert found["upper"].tolist() == [100.0, 10.0, 20.0]
    assert face.measures["gap share"].table["upper"].tolist() == [1.0, 0.2, 1.0]
    assert face.main.draws.isna().all(axis=None)


def test_an_uncertain_factor_widens_the_gap() -> None:
    need = pd.DataFrame(100.0, index=range(2000), columns=[1])
    table = offer(places=64.0, state="known")
    sure = gaps.volume(need, table, vte_per_person=0.8).measures["gap"].table.loc[1]
    unsure = gaps.volume(need, table, vte_per_person=rng().normal(0.8, 0.03, 2000)).measures["gap"].table.loc[1]
    assert sure["lower"] == sure["upper"] == 20.0
    assert unsure["upper"] - unsure["lower"] == pytest.approx(2 * 1.96 * 0.03 * 100, rel=0.1)


def test_the_probabilities_of_the_worst_add_up_to_k_and_ties_share() -> None:
    table = draws({"a": [9, 9, 1, 5], "b": [8, 7, 2, 5], "c": [1, 8, 3, 5], "d": [np.nan] * 4})
    found = gaps.worst(table.astype(float), 2)
    assert found.probability[["a", "b", "c"]].tolist() == pytest.approx(
        [(1 + 1 + 0 + 2 / 3) / 4, (1 + 0 + 1 + 2 / 3) / 4, (0 + 1 + 1 + 2 / 3) / 4]
    )
    assert found.probability.sum() == pytest.approx(2)
    assert np.isnan(found.probability["d"])
    assert found.table.loc["d", "state"] == "unknown"
    low = gaps.worst(table[["a", "b", "c"]].astype(float), 1, worse="low").probability
    assert low.tolist() == pytest.approx([(0 + 0 + 1 + 1 / 3) / 4, (0 + 1 + 0 + 1 / 3) / 4, (1 + 0 + 0 + 1 / 3) / 4])
    for k in (0, 3):
        with pytest.raises(InputError, match="k: must be"):
            gaps.worst(table.astype(float), k)


def cells(values: dict[tuple[int, str], float], size: int = 4) -> pd.DataFrame:
    columns = pd.MultiIndex.from_tuples(values, names=["refnis", "target_group"])
    return pd.DataFrame([list(values.values())] * size, columns=columns)


def test_diversity_weighs_missing_cells_by_need() -> None:
    here = pd.DataFrame(
        [(1, "groen", "a", 10), (1, "groen", "b", 10), (1, "montage", "a", 10), (2, "groen", "a", 5)],
        columns=["refnis", "activity", "target_group", "places"],
    )
    need = cells({(1, "a"): 30, (1, "b"): 10, (2, "a"): 10, (2, "b"): 10, (3, "a"): 5, (4, "a"): 0, (5, "a"): 1})
    face = gaps.diversity(here, need, activities=["groen", "montage"], unknown=[3], rng=rng())
    table = face.main.table
    assert table.loc[1, "estimate"] == pytest.approx((30 * 0 + 10 * 0.5) / 40)
    assert table.loc[2, "estimate"] == pytest.approx((10 * 0.5 + 10 * 1) / 20)
    assert table.loc[5, "estimate"] == 1.0
    assert table["state"].to_dict() == {1: "published", 2: "published", 3: "unknown", 4: "no need", 5: "published"}
    assert np.isnan(table.loc[3, "estimate"])


def test_effective_activities_is_the_exponential_of_the_entropy() -> None:
    even = [(1, name, "a", 500) for name in ("x", "y", "z")]
    skew = [(2, "x", "a", 900), (2, "y", "a", 90), (2, "z", "a", 10)]
    here = pd.DataFrame(even + skew, columns=["refnis", "activity", "target_group", "places"])
    need = cells({(1, "a"): 1, (2, "a"): 1, (3, "a"): 1}, size=3000)
    face = gaps.diversity(here, need, activities=["x", "y", "z"], unknown=[], rng=rng())
    table = face.measures["effective activities"].table
    assert table.loc[1, "estimate"] == pytest.approx(3.0, abs=0.02)
    p = np.array([0.9, 0.09, 0.01])
    assert table.loc[2, "estimate"] == pytest.approx(np.exp(-(p * np.log(p)).sum()), rel=0.02)
    assert table.loc[2, "lower"] < table.loc[2, "estimate"] < table.loc[2, "upper"]
    assert table.loc[3, "estimate"] == 0.0


def test_an_activity_outside_the_catalogue_is_refused() -> None:
    here = pd.DataFrame([(1, "groen", "a", 1)], columns=["refnis", "activity", "target_group", "places"])
    with pytest.raises(InputError, match="must hold every activity"):
        gaps.diversity(here, cells({(1, "a"): 1}), activities=["montage"], unknown=[], rng=rng())


def test_reach_names_unreachable_unknown_and_no_need_apart_per_mode() -> None:
    cost = pd.DataFrame(
        [(1, 1, 5.0), (1, 2, 20.0), (2, 2, 5.0), (3, 2, 50.0), (4, 1, 5.0), (5, 3, 8.0)],
        columns=["origin", "destination", "minutes"],
    )
    slow = cost.assign(minutes=cost["minutes"] * 2)
    here = pd.DataFrame(
        [(1, "a", 3.0), (2, "b", 2.0), (2, "a", 0.0), (3, "a", np.nan)], columns=["refnis", "target_group", "places"]
    )
    need = cells({(1, "a"): 30, (1, "b"): 10, (2, "a"): 8, (2, "b"): 2, (3, "a"): 5, (4, "a"): 0, (5, "a"): 1})
    face = gaps.reach(need, here, {"car": cost, "bicycle": slow}, minutes=30)
    car, bicycle = (face.measures[f"reach {mode}"].table for mode in ("car", "bicycle"))
    assert car["state"].to_dict() == {1: "published", 2: "published", 3: "unreachable", 4: "no need", 5: "unknown"}
    assert car.loc[[1, 2], "estimate"].tolist() == [1.0, 0.2]
    assert bicycle.loc[1, "estimate"] == 0.75
    assert car.loc[[3, 4, 5], "estimate"].isna().all()
    assert car.loc[5, "upper"] == 1.0


def test_reach_keeps_what_unknown_offer_could_add_as_upper_bound() -> None:
    cost = pd.DataFrame([(1, 1, 5.0), (1, 2, 9.0)], columns=["origin", "destination", "minutes"])
    here = pd.DataFrame([(1, "a", 3.0), (2, "b", np.nan)], columns=["refnis", "target_group", "places"])
    row = gaps.reach(cells({(1, "a"): 30, (1, "b"): 10}), here, {"car": cost}, minutes=30).main.table.loc[1]
    assert row[["estimate", "lower", "upper"]].tolist() == [0.75, 0.75, 1.0]


def test_sector_asks_where_a_shortage_sector_has_no_inclusive_offer() -> None:
    vacancies = pd.DataFrame(
        [
            (1, "zorg", 90, "ja"), (1, "bouw", 10, "ja"), (1, "logistiek", 500, "nee"),
            (2, "zorg", 40, "nee"), (3, "zorg", 40, "ja"), (4, "zorg", 40, "onbekend"),
        ],
        columns=["refnis", "sector", "received", "shortage_sector"],
    )  # fmt: skip
    inclusive = pd.DataFrame([(1, "zorg", 0), (1, "bouw", 4)], columns=["refnis", "sector", "places"])
    face = gaps.sector(vacancies, inclusive, rng=rng(), draws=4000)
    table = face.main.table
    assert table["state"].to_dict() == {1: "published", 2: "not applicable", 3: "unknown", 4: "unknown"}
    assert table.loc[1, "estimate"] == pytest.approx(0.9, abs=0.01)
    assert table.loc[1, "lower"] < 0.9 < table.loc[1, "upper"]
    assert table.loc[[2, 3, 4], "estimate"].isna().all()


def test_knowledge_counts_what_is_not_known() -> None:
    table = pd.DataFrame({"offers": [4, 2, 0], "unknown": [0, 2, 0]}, index=pd.Index([1, 2, 3], name="refnis"))
    need = pd.DataFrame({"refnis": [1, 1, 2], "basis": ["count", "hidden count", "fitting"]})
    face = gaps.knowledge(table, need)
    assert face.main.table["estimate"].tolist() == [0.0, 1.0, 1.0]
    counted = face.measures["need not counted"].table
    assert counted["estimate"].tolist()[:2] == [0.5, 1.0]
    assert counted.loc[3, "state"] == "unknown"
    assert face.worst(1).probability.tolist() == [0.0, 0.5, 0.5]


def test_every_face_has_the_same_columns_and_only_known_words() -> None:
    face = gaps.volume(
        draws({1: [10.0, 11.0], 2: [5.0, 5.0], 3: [0.0, 0.0], 4: [6.0, 7.0]}),
        pd.DataFrame(
            {"places": [4.0, np.nan, 0.0, 1.0], "filled_persons": 0.0, "state": ["known", "unknown", "known", "known"]},
            index=[1, 2, 3, 4],
        ),
        vte_per_person=0.8,
    )
    frame = face.to_frame()
    assert list(frame.columns) == ["refnis", "face", "state", "quantity", "estimate", "lower", "upper", "n", "unit"]
    assert set(frame["state"]) <= {"published", "unknown", "unreachable", "not applicable", "no need"}
    assert frame.loc[frame["state"] != "published", "estimate"].isna().all()
    assert face.worst(1).table["state"].tolist() == ["published", "unknown", "no need", "published"]
    assert list(face.worst(1).to_frame().columns[-6:]) == ["quantity", "estimate", "lower", "upper", "n", "unit"]


def grid(side: int) -> pd.DataFrame:
    rows = []
    for i in range(side):
        for j in range(side):
            rows += [(i * side + j, i * side + j + 1)] if j + 1 < side else []
            rows += [(i * side + j, (i + 1) * side + j)] if i + 1 < side else []
    return pd.DataFrame(rows, columns=["refnis_a", "refnis_b"])


def test_morans_i_equals_esda_and_finds_a_gradient() -> None:
    from esda.moran import Moran
    from libpysal.weights import lat2W

    values = pd.Series(np.add.outer(np.arange(6.0), np.arange(6.0)).ravel() + rng().normal(0, 1, 36))
    found = gaps.autocorrelation(values, grid(6), rng=rng())
    assert found.moran == pytest.approx(Moran(values.to_numpy(), lat2W(6, 6), permutations=0).I, rel=1e-12)
    assert found.p_value < 0.01
    assert found.local.loc[35, "kind"] == "high among high"
    assert found.local.loc[0, "kind"] == "low among low"
    assert found.local.loc[35, "p_value"] < 0.05


def test_noise_is_rarely_a_cluster_and_the_generator_decides() -> None:
    p_values = [gaps.autocorrelation(pd.Series(rng(s).normal(size=36)), grid(6), rng=rng(s), permutations=199).p_value
                for s in range(60)]  # fmt: skip
    assert np.mean(np.array(p_values) < 0.05) <= 0.2  # one-sided on either side: 10 % expected, 60 tries
    values = pd.Series(rng(3).normal(size=36))
    once, again = (gaps.autocorrelation(values, grid(6), rng=rng(9)) for _ in range(2))
    assert once.local.equals(again.local)


def test_areas_without_value_or_neighbour_are_left_out_and_named() -> None:
    values = pd.Series(rng().normal(size=36))
    values[7] = np.nan
    values[99] = 3.0
    found = gaps.autocorrelation(values, grid(6), rng=rng())
    assert set(found.left_out) == {7, 99}
    assert found.n == 35
    with pytest.raises(InsufficientDataError, match="8 areas"):
        gaps.autocorrelation(values[:5], grid(6), rng=rng())


def test_draws_of_a_measure_give_morans_i_an_interval() -> None:
    base = np.add.outer(np.arange(6.0), np.arange(6.0)).ravel()
    table = pd.DataFrame(base + rng().normal(0, 1, (200, 36)))
    found = gaps.autocorrelation(table, grid(6), rng=rng(), level=0.9)
    assert found.lower < found.moran
    assert found.moran <= found.upper
    assert found.to_frame().loc[0, "quantity"] == "Moran's I"


def test_the_intervals_of_sector_and_entropy_cover_what_they_were_drawn_from() -> None:
    level, generator, areas = 0.9, rng(), 400
    error = np.sqrt(level * (1 - level) / areas)
    rate = generator.gamma(2, 20, (areas, 3))
    received = generator.poisson(rate)
    keys = [(i, f"s{k}") for i in range(areas) for k in range(3)]
    vacancies = pd.DataFrame(keys, columns=["refnis", "sector"]).assign(received=received.ravel(), shortage_sector="ja")
    inclusive = pd.DataFrame(keys, columns=["refnis", "sector"]).assign(places=np.tile([0.0, 1.0, 1.0], areas))
    table = gaps.sector(vacancies, inclusive, rng=generator, level=level).main.table
    truth = rate[:, 0] / rate.sum(axis=1)
    assert ((table["lower"] <= truth) & (truth <= table["upper"])).mean() >= level - 3 * error

    for places, activities in ((30, 3), (60, 4), (200, 5)):
        share = generator.dirichlet(np.full(activities, 3.0), size=areas)
        rows = [
            (i, f"x{k}", "a", count)
            for i in range(areas)
            for k, count in enumerate(generator.multinomial(places, share[i]))
        ]
        here = pd.DataFrame(rows, columns=["refnis", "activity", "target_group", "places"])
        need = cells({(i, "a"): 1.0 for i in range(areas)}, size=300)
        names = [f"x{k}" for k in range(activities)]
        face = gaps.diversity(here, need, activities=names, unknown=[], rng=generator, level=level)
        table = face.measures["effective activities"].table
        truth = np.exp(-(share * np.log(share)).sum(axis=1))
        assert ((table["lower"] <= truth) & (truth <= table["upper"])).mean() >= level - 3 * error, places
        assert abs((table["estimate"] - truth).mean()) < 0.05
