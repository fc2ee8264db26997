"""How complete is what we know."""

import pandas as pd
import pytest

from studie.data import catalogue, quality


def offers(*places):
    offer = pd.DataFrame(
        {
            "establishment_number": [f"e{i}" for i in range(len(places))],
            "work_form": "CMW",
            "activity": "groen",
            "date": pd.Timestamp("2024-12-31"),
            "places": pd.array(places, dtype="Int64"),
        }
    )
    where = pd.DataFrame({"establishment_number": offer["establishment_number"], "refnis": [1, 1, 2][: len(places)]})
    return offer, where


def test_unknown_offer_is_unknown_and_no_establishment_is_unknown_too():
    found = quality.offer_coverage(*offers(5, None, None), [1, 2, 3])
    assert found.known.to_dict() == {1: True, 2: False, 3: False}
    assert found.places[1] == 5
    assert found.to_frame()["estimate"].isna().tolist() == [False, True, True]


def test_a_recorded_zero_is_known():
    found = quality.offer_coverage(*offers(0), [1])
    assert found.known.tolist() == [True]
    assert found.places.tolist() == [0]


def test_only_the_last_date_of_an_establishment_counts():
    offer, where = offers(5)
    later = offer.assign(date=pd.Timestamp("2025-12-31"), places=pd.array([8], dtype="Int64"))
    found = quality.offer_coverage(pd.concat([later, offer]), where, [1])
    assert found.places.tolist() == [8]


def test_the_inventory_counts_municipalities_per_dataset_and_leaves_code_lists_out():
    tables = [catalogue.read(name) for name in ("indicator", "vacancy", "municipality")]
    found = quality.inventory(tables, [12025, 13040])
    assert {d.table for d in found.datasets} == {"indicator", "vacancy"}
    assert found.covered["household"] == 2
    assert pd.isna(found.covered["cmw_contingent"])
    assert 0 < found.share("observed") < 1
    assert found.share("observed") + found.share("demonstration") + found.share("own") == pytest.approx(1)


def test_an_inventory_of_nothing_is_refused():
    with pytest.raises(ValueError, match="tables: need at least one dataset"):
        quality.inventory([], [12025])
