import pytest

from studie.data.importers.territory import checked_region, codes, place_code, plain_name, today, vintage_of
from studie.errors import InputError


def test_the_newest_list_that_holds_all_places_is_taken():
    assert vintage_of({11002, 12025}) == "2025-01-01"
    assert vintage_of({11002, 11007}) == "2024-12-31"
    assert vintage_of({12030, 12034}) == "2018-12-31"
    assert vintage_of({"borsbeek"}) == "2024-12-31"
    assert vintage_of({11007, 12030}) == "2018-12-31"
    assert vintage_of({99999}) == "2025-01-01"
    assert vintage_of({11002}, date="2020-05-05") == "2020-05-05"
    with pytest.raises(InputError, match="YYYY-MM-DD"):
        vintage_of(set(), date="2020")


def test_only_an_unchanged_territory_has_a_municipality_of_today():
    old = today("2024-12-31")
    assert len(old) == 69
    assert old[11001] == 11001
    assert [place for place, now in old.items() if now is None] == [11002, 11007, 11056]
    assert [place for place, now in today("2018-12-31").items() if now is None] == [11002, 11007, 11056, 12030, 12034]
    assert today("2025-01-01") == {place: place for place in codes("2025-01-01")}
    assert today("2030-01-01") == today("2025-01-01")


def test_a_name_with_a_suffix_of_elsewhere_is_nobody():
    assert plain_name(" Hove (Antwerpen) ") == "hove"
    assert plain_name("Heist-op-den-Berg (Mechelen)") == "heist-op-den-berg"
    assert plain_name("Hove (Henegouwen)") == ""


def test_a_place_is_a_code_or_a_name():
    assert [place_code(text) for text in ("11001", "11001.0", " Mechelen ", "Borsbeek", "Nergens", "")] == [
        11001, 11001, 12025, 11007, None, None
    ]  # fmt: skip


def test_a_region_must_be_given_and_known():
    assert checked_region("province:10000") == "province:10000"
    with pytest.raises(InputError, match="does not say which area"):
        checked_region("")
    with pytest.raises(InputError, match="got 'province:1'"):
        checked_region("province:1")
