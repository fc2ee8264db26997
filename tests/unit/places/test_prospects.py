"""Prospect list and matching: ranked with reasons, unknown kept apart from none."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.places import gaps, prospects


def blind() -> gaps.Worst:
    table = pd.DataFrame({1: [9.0] * 9 + [1.0], 2: [8.0] * 10, 3: [1.0] * 9 + [9.0], 4: [np.nan] * 10})
    return gaps.worst(table, 1)


FIRMS = pd.DataFrame(
    [
        ("e1", "Een", 1, "zorg", 3), ("e2", "Twee", 1, "zorg", 0), ("e3", "Drie", 1, "bouw", np.nan),
        ("e4", "Vier", 3, "zorg", 0), ("e5", "Vijf", 4, "zorg", 0), ("e6", "Zes", 1, "", 0),
        ("e7", "Zeven", 1, "logistiek", 0), ("e8", "Acht", 2, "zorg", 0),
    ],
    columns=["establishment_number", "name", "refnis", "sector", "inclusive_places"],
)  # fmt: skip
SHORTAGE = pd.DataFrame(
    [("zorg", "ja"), ("bouw", "onbekend"), ("logistiek", "nee")], columns=["sector", "shortage_sector"]
)


def test_prospects_are_ranked_by_blind_spot_and_shortage_with_reasons() -> None:
    found = prospects.prospects(FIRMS, blind_spot=blind(), shortage=SHORTAGE)
    table = found.table.set_index("establishment_number")
    assert table.index.tolist() == ["e2", "e1", "e3", "e4", "e8", "e5"]
    assert table["score"].tolist()[:4] == pytest.approx([0.9, 0.9, 0.45, 0.1])
    assert table.loc["e2", "reasons"] == ("blind spot", "shortage sector", "no inclusive place yet")
    assert table.loc["e3", "reasons"] == ("blind spot", "shortage unknown", "inclusive places unknown")
    assert table.loc["e5", "reasons"][0] == "blind spot unknown"
    assert table.loc["e8", "reasons"] == ("shortage sector", "no inclusive place yet")
    assert np.isnan(table.loc["e5", "score"])
    assert found.left_out == {"no sector": 1, "no shortage": 1}
    frame = found.to_frame()
    assert list(frame.columns[-6:]) == ["quantity", "estimate", "lower", "upper", "n", "unit"]
    known = frame.dropna(subset=["estimate"])
    assert ((known["lower"] <= known["estimate"]) & (known["estimate"] <= known["upper"])).all()


def test_a_firm_that_nobody_can_place_is_refused() -> None:
    with pytest.raises(InputError, match="every municipality of a firm"):
        prospects.prospects(FIRMS.assign(refnis=9), blind_spot=blind(), shortage=SHORTAGE)
    with pytest.raises(InputError, match="every sector needs an answer"):
        prospects.prospects(FIRMS, blind_spot=blind(), shortage=SHORTAGE.iloc[:1])
    with pytest.raises(InputError, match="ja, nee or onbekend"):
        prospects.prospects(FIRMS, blind_spot=blind(), shortage=SHORTAGE.assign(shortage_sector="misschien"))


OFFER = pd.DataFrame(
    [
        ("s1", 1, "verpakking", 4.0), ("s1", 1, "verpakking", 2.0), ("s2", 2, "verpakking", np.nan),
        ("s3", 2, "montage", np.nan), ("s4", 3, "groenonderhoud", 8.0),
    ],
    columns=["establishment_number", "refnis", "activity", "places"],
)  # fmt: skip
TASKS = pd.DataFrame(
    [
        ("t1", "logistiek", "verpakking", 0.05, 0.1, "ja"), ("t2", "nijverheid", "montage", 0.02, 0.1, "ja"),
        ("t3", "zorg", "keukenhulp", 0.02, 0.1, "ja"), ("t4", "bouw", "groenonderhoud", 0.0, 0.1, "nee"),
    ],
    columns=["task_id", "sector", "activity", "share_low", "share_high", "carvable"],
)  # fmt: skip


def test_matching_keeps_tasks_nobody_offers_and_places_nobody_knows() -> None:
    found = prospects.matching(OFFER, TASKS)
    table = found.table.set_index("task_id")
    assert table["state"].to_dict() == {"t1": "matched", "t2": "unknown", "t3": "no offer", "t4": "not applicable"}
    assert table.loc["t1", ["establishments", "places", "unknown"]].tolist() == [2, 6.0, 1]
    frame = found.to_frame().set_index("task_id")
    assert np.isnan(frame.loc["t2", "estimate"])
    assert frame.loc["t3", "estimate"] == 0.0
    assert np.isnan(frame.loc["t1", "upper"])
    assert found.pairs["establishment_number"].tolist() == ["s1", "s2", "s3"]


def test_matching_within_a_travel_time_and_through_links() -> None:
    near = prospects.matching(OFFER, TASKS, within=pd.Series({1: 10.0, 2: 60.0}), minutes=30).table.set_index("task_id")
    assert near.loc["t1", "establishments"] == 1
    assert near.loc["t2", "state"] == "no offer"
    links = pd.DataFrame({"activity": ["keukenhulp"], "offered": ["verpakking"]})
    linked = prospects.matching(OFFER, TASKS, links=links).table.set_index("task_id")
    assert linked.loc["t3", "state"] == "matched"


def test_tasks_listed_twice_or_with_shares_out_of_order_are_refused() -> None:
    with pytest.raises(InputError, match="one row per task"):
        prospects.matching(OFFER, pd.concat([TASKS, TASKS]))
    with pytest.raises(InputError, match="share_low"):
        prospects.matching(OFFER, TASKS.assign(share_low=0.5))
