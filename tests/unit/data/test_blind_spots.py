"""Tables of the databank as the search for blind spots reads them: unknown stays unknown."""

import pandas as pd
import pytest

from studie.data import blind_spots
from studie.errors import InsufficientDataError


def offers(**changes: list[object]) -> pd.DataFrame:
    rows = {
        "establishment_number": ["a", "a", "b"],
        "work_form": ["AMA", "IMW", "AMA"],
        "activity": ["groen", "montage", "groen"],
        "date": pd.to_datetime(["2024-12-31"] * 3),
        "places": pd.array([4, 2, None], dtype="Int64"),
        "filled_persons": pd.array([4, 2, None], dtype="Int64"),
        "status": ["counted", "counted", "unknown"],
    }
    return pd.DataFrame({**rows, **changes})


ESTABLISHMENTS = pd.DataFrame(
    {
        "establishment_number": ["a", "b", "c"],
        "enterprise_number": ["A", "B", "C"],
        "name": ["Aa", "Bee", "Cee"],
        "refnis": [1, 1, 2],
        "nace_code": ["87301", "88995", "41201"],
        "nace_version": pd.array([2008, 2008, 2025], dtype="Int64"),
    }
)
SECTORS = pd.DataFrame(
    {
        "sector": ["zorg", "bouw"],
        "nace_version": [2008, 2025],
        "division_from": [86, 41],
        "division_to": [88, 43],
    }
)
WORK_FORMS = pd.DataFrame({"work_form": ["AMA", "IMW"], "step": ["3", "5"]})


def test_only_the_last_date_and_the_steps_asked_for_count() -> None:
    earlier = offers(date=list(pd.to_datetime(["2023-12-31"] * 3)))
    kept = blind_spots.last_offer(pd.concat([earlier, offers()]), steps=["3"], work_form=WORK_FORMS)
    assert kept["work_form"].tolist() == ["AMA", "AMA"]
    assert kept["date"].eq(pd.Timestamp("2024-12-31")).all()


def test_an_empty_table_is_a_lack_of_data_and_not_a_zero() -> None:
    with pytest.raises(InsufficientDataError, match="no place is known"):
        blind_spots.last_offer(offers().iloc[:0], steps=["3"], work_form=WORK_FORMS)
    with pytest.raises(InsufficientDataError, match="nobody's need"):
        blind_spots.need_cells(pd.DataFrame({"date": []}))
    with pytest.raises(InsufficientDataError, match="by municipality"):
        blind_spots.yearly_vacancies(pd.DataFrame({"region": pd.Series([], dtype=str)}), SECTORS, municipalities=[1])


def test_places_of_unknown_size_are_open_to_a_group_and_of_unknown_size() -> None:
    keys = offers()[["establishment_number", "work_form", "activity"]]
    found = blind_spots.open_to(offers(), keys.assign(target_group="leefloon"), ESTABLISHMENTS)
    both = found.set_index(["refnis", "activity"])["places"]
    assert both[1, "montage"] == 2
    assert both[1, "groen"] == 4  # known and unknown together: what is known
    alone = blind_spots.open_to(offers().tail(1), keys.assign(target_group="leefloon"), ESTABLISHMENTS)
    assert alone["places"].isna().all()


def test_sites_are_the_establishments_whose_places_are_known_else_those_of_unknown_size() -> None:
    keys = offers()[["establishment_number", "work_form", "activity"]]
    found = blind_spots.open_to(offers(), keys.assign(target_group="leefloon"), ESTABLISHMENTS)
    assert found.set_index("activity")["sites"].to_dict() == {"groen": 1, "montage": 1}
    alone = blind_spots.open_to(offers().tail(1), keys.assign(target_group="leefloon"), ESTABLISHMENTS)
    assert alone["sites"].tolist() == [1]
    assert blind_spots.sites(offers(), ESTABLISHMENTS).to_dict() == {1: 1}


def test_a_sector_is_found_by_the_division_of_the_right_version() -> None:
    assert blind_spots.sector_of(ESTABLISHMENTS, SECTORS).tolist() == ["zorg", "zorg", "bouw"]
    later = ESTABLISHMENTS.assign(nace_version=2025)
    assert blind_spots.sector_of(later, SECTORS).tolist() == ["", "", "bouw"]


def test_regular_firms_without_an_offer_have_none_and_with_an_unknown_one_it_is_missing() -> None:
    forms = pd.DataFrame({"enterprise_number": ["A", "B", "C"], "form": [blind_spots.REGULAR] * 3})
    found = blind_spots.firms(ESTABLISHMENTS, forms, offers(), SECTORS).set_index("establishment_number")
    assert found["inclusive_places"].isna().tolist() == [False, True, False]
    assert found.loc[["a", "c"], "inclusive_places"].tolist() == [6, 0]
    social = blind_spots.firms(ESTABLISHMENTS, forms.assign(form="maatwerkbedrijf"), offers(), SECTORS)
    assert social.empty


def test_inclusive_places_of_a_sector_are_unknown_only_where_that_could_change_none() -> None:
    firm = pd.DataFrame(
        {"refnis": [1, 1, 2, 2], "sector": "zorg", "inclusive_places": pd.array([3, None, 0, None], dtype="Float64")}
    )
    found = blind_spots.inclusive_places(firm, municipalities=[1, 2], sectors=["zorg"]).set_index("refnis")["places"]
    assert found[1] == 3
    assert pd.isna(found[2])


def test_a_year_of_vacancies_with_an_unknown_month_is_unknown() -> None:
    months = [f"2024-{m:02d}" for m in range(1, 13)]
    rows = pd.DataFrame({"region": "municipality:1", "sector": "zorg", "period": ["2023-12", *months], "received": 5})
    rule = pd.DataFrame({"sector": ["zorg"], "shortage_sector": ["ja"]})
    found = blind_spots.yearly_vacancies(rows, rule, municipalities=[1])
    assert found[["received", "shortage_sector"]].to_numpy().tolist() == [[60, "ja"]]
    gappy = rows.assign(received=pd.array([5] * 12 + [None], dtype="Int64"))
    assert blind_spots.yearly_vacancies(gappy, rule, municipalities=[1])["received"].isna().all()
    other = blind_spots.yearly_vacancies(rows, rule.assign(sector="bouw"), municipalities=[1])
    assert other["shortage_sector"].tolist() == ["onbekend"]
