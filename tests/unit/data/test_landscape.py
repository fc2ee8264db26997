"""How scattered the landscape is: unknown is neither outside nor zero."""

import pandas as pd
import pytest

from studie.data import landscape
from studie.errors import InsufficientDataError

PARTS = pd.DataFrame(
    [("arrondissement:11000", "arrondissement Antwerpen", r) for r in (1, 2, 3)]
    + [("arrondissement:12000", "arrondissement Mechelen", r) for r in (4, 5)]
    + [("working-area:x", "werkingsgebied x", r) for r in (1, 2)],
    columns=["region", "name", "refnis"],
)
AREA = {"grouping": "working-area", "valid_from": "2020-01-01", "valid_to": "2025-12-31"}
GROUPING = pd.DataFrame(
    [
        {**AREA, "group": "x", "refnis": 1, "status": "confirmed"},
        {**AREA, "group": "x", "refnis": 4, "status": "confirmed"},
        {**AREA, "group": "y", "refnis": 2, "status": "possible"},
        {**AREA, "group": "y", "refnis": 5, "status": "confirmed"},
        {**AREA, "group": "old", "refnis": 3, "status": "confirmed", "valid_to": "2019-12-31"},
        {**AREA, "group": "z", "refnis": 3, "status": "confirmed", "grouping": "zorgregio"},
        {**AREA, "group": "far", "refnis": 99, "status": "confirmed"},
    ]
)
OFFER = pd.DataFrame(
    [
        ("a1", "2024-12-31", 5.0, "counted"),
        ("a2", "2024-12-31", 3.0, "counted"),
        ("b1", "2024-12-31", None, "unknown"),
        ("c1", "2024-12-31", 0.0, "counted"),
        ("d1", "2023-12-31", 9.0, "counted"),
    ],
    columns=["establishment_number", "date", "places", "status"],
).astype({"places": "Float64"})
SITES = pd.DataFrame(
    [("a1", "a", 1), ("a2", "a", 4), ("b1", "b", 2), ("c1", "c", 2), ("d1", "d", 2), ("e1", "e", 2)],
    columns=["establishment_number", "enterprise_number", "refnis"],
)
FIRMS = pd.DataFrame(
    [("a", "maatwerkbedrijf"), ("b", "lokaal bestuur"), ("c", "x"), ("d", "x"), ("e", "x")],
    columns=["enterprise_number", "form"],
)


def test_a_municipality_that_no_row_names_is_unknown_and_another_grouping_or_an_old_area_does_not_count():
    found = landscape.landscape(GROUPING, PARTS, date="2025-01-01")
    assert found.parts.loc["arrondissement:11000", ["confirmed", "possible", "unknown"]].tolist() == [1, 1, 1]
    assert found.parts.loc["arrondissement:12000", ["confirmed", "possible", "unknown"]].tolist() == [2, 0, 0]
    assert found.n == 5
    assert (found.parts["municipalities"] == [3, 2]).all()


def test_an_area_counts_when_all_its_members_are_confirmed_and_across_when_it_reaches_into_two():
    found = landscape.landscape(GROUPING, PARTS, date="2025-01-01")
    assert (found.areas, found.across) == (1, 1)  # y has a possible member
    assert found.until == "2025-12-31"


def test_after_the_last_day_every_area_is_unknown():
    found = landscape.landscape(GROUPING, PARTS, date="2026-01-01")
    assert found.parts["unknown"].sum() == found.n
    assert found.until == ""


def test_the_frame_adds_up_to_the_municipalities():
    frame = landscape.landscape(GROUPING, PARTS, date="2025-01-01").to_frame()
    assert list(frame.columns[-6:]) == ["quantity", "estimate", "lower", "upper", "n", "unit"]
    parts = frame[frame["quantity"].isin(["confirmed", "possible", "unknown"])]
    assert parts["estimate"].sum() == 5


def test_who_offers_places_of_unknown_size_counts_and_who_stopped_or_offers_none_does_not():
    found = landscape.providers(OFFER, SITES, FIRMS, PARTS)
    assert found.n == 2
    assert found.across == 1
    assert found.parts["maatwerkbedrijf"].tolist() == [1, 1]
    assert found.parts["lokaal bestuur"].tolist() == [1, 0]
    assert found.forms == ["maatwerkbedrijf", "lokaal bestuur"]
    assert found.to_frame()["estimate"].sum() == 3


def test_without_offer_or_municipality_nothing_is_said():
    with pytest.raises(InsufficientDataError, match="nobody offers"):
        landscape.providers(OFFER.iloc[:0], SITES, FIRMS, PARTS)
    with pytest.raises(InsufficientDataError, match="no municipality"):
        landscape.landscape(GROUPING, PARTS[PARTS["region"] == "working-area:x"], date="2025-01-01")


def test_facts_come_in_order_of_time_with_the_commitments_that_name_their_day():
    rules = pd.DataFrame([("2023-09-20", "een stap"), ("2013-07-12", "een decreet")], columns=["date", "event"])
    listed = pd.DataFrame(
        [("E40", "2023-09-20"), ("E41", "2023-09-20"), ("E02", "")], columns=["commitment_id", "fact"]
    )
    found = landscape.time_line(rules, listed)
    assert found.events["date"].tolist() == ["2013-07-12", "2023-09-20"]
    assert found.events["commitments"].tolist() == ["", "E40 E41"]
    assert found.n == len(found.to_frame()) == 2
