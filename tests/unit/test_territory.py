import shutil
from pathlib import Path

import pandas as pd
import pytest

from studie import regions
from studie.config import project_root
from studie.errors import InputError
from studie.regions import municipality_of, territory
from studie.regions.territory import municipalities_of


@pytest.fixture
def shared_postcode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A study in which Puurs-Sint-Amands and Bornem share 2890, and Zwijndrecht and Antwerpen 2050."""
    reference = tmp_path / "data" / "reference"
    reference.mkdir(parents=True)
    for name in ("municipality.csv", "postcode.csv"):
        shutil.copy(project_root() / "data" / "reference" / name, reference)
    with (reference / "postcode.csv").open("a") as handle:
        handle.write("12007,2890,invented\n11056,2050,invented\n")
    monkeypatch.setattr(territory, "project_root", lambda: tmp_path)


@pytest.mark.parametrize("date", ["2018-06-01", "2020-06-01", "2025-06-01"])
@pytest.mark.parametrize(
    ("postcode", "refnis"), [("2870", 12041), ("2890", 12041), ("2150", 11002), ("2000", 11002), ("2300", 13040)]
)
def test_an_address_of_any_date_lies_in_the_municipality_of_today(postcode: str, refnis: int, date: str) -> None:
    assert municipality_of(postcode, date=date) == refnis


def test_every_postcode_of_the_list_lies_in_a_municipality_of_today_or_left_with_zwijndrecht() -> None:
    codes = pd.read_csv(project_root() / "data" / "reference" / "postcode.csv", dtype={"postcode": str})
    found = municipalities_of(codes["postcode"], date="2018-01-01")
    to = regions.crosswalk(from_date="2019-01-01", to_date="2025-01-01").set_index("refnis_from")["refnis_to"]
    pd.testing.assert_series_equal(found["refnis"], codes["refnis"].map(to).astype("Int64"), check_names=False)
    assert codes.loc[found["refnis"].isna(), "postcode"].tolist() == ["2070"]


def test_zwijndrecht_lies_outside_the_province_of_today() -> None:
    with pytest.raises(InputError, match="postcode: Zwijndrecht left the province after 2024-12-31, got '2070'"):
        municipality_of("2070", date="2018-06-01")
    with pytest.raises(InputError, match="postcode: lies outside the province: Zwijndrecht left"):
        municipality_of("2070", date="2025-06-01")


@pytest.mark.parametrize(
    ("postcode", "rule"),
    [
        ("9000", "lies outside the province"),
        ("2999", "unknown postcode of the province"),
        ("200", "must be a postcode of four digits"),
        ("B-2000", "must be a postcode of four digits"),
        ("", "must be a postcode of four digits"),
        ("\u0662\u0660\u0660\u0660", "must be a postcode of four digits"),
    ],
)
def test_what_is_no_postcode_of_the_province_is_refused_with_its_rule(postcode: str, rule: str) -> None:
    with pytest.raises(InputError, match=f"postcode: {rule}"):
        municipality_of(postcode, date="2020-01-01")


def test_a_date_must_be_one() -> None:
    with pytest.raises(InputError, match="date: a date written YYYY-MM-DD"):
        municipality_of("2000", date="01-06-2018")


@pytest.mark.usefixtures("shared_postcode")
def test_a_shared_postcode_needs_the_name_of_the_municipality() -> None:
    with pytest.raises(InputError, match="the name must be one of Bornem, Puurs-Sint-Amands"):
        municipality_of("2890", date="2018-06-01")
    with pytest.raises(InputError, match="lies in several municipalities"):
        municipality_of("2890", date="2018-06-01", name="Gent")
    assert municipality_of("2890", date="2018-06-01", name="BORNEM ") == 12007


@pytest.mark.usefixtures("shared_postcode")
@pytest.mark.parametrize("name", ["Sint-Amands", "Puurs", "puurs-sint-amands", "Sint Amands (Antwerpen)"])
def test_the_name_may_be_that_of_a_municipality_merged_since(name: str) -> None:
    assert municipality_of("2890", date="2018-06-01", name=name) == 12041


@pytest.mark.usefixtures("shared_postcode")
def test_the_name_decides_whether_a_shared_postcode_left_the_province() -> None:
    assert municipality_of("2050", date="2020-01-01", name="Antwerpen") == 11002
    with pytest.raises(InputError, match="Zwijndrecht left the province"):
        municipality_of("2050", date="2020-01-01", name="Zwijndrecht")


def test_a_column_of_addresses_keeps_its_order_and_index() -> None:
    found = municipalities_of(pd.Series(["2000", None, "2150", "2000"], index=[5, 3, 1, 0]), date="2020-01-01")
    assert found.index.tolist() == [5, 3, 1, 0]
    assert found["refnis"].fillna(0).tolist() == [11002, 0, 11002, 11002]
    assert found["rule"].tolist() == ["", "must be a postcode of four digits", "", ""]
