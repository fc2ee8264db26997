"""The real files of publishers that stand beside the checkout."""

from pathlib import Path

import pytest

from studie.data import catalogue
from studie.data.importers import FORMATS
from studie.data.importers.intake import Intake, Options

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "importers"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder with real files is not beside the checkout")


def imported(name: str, file: str) -> Intake:
    return FORMATS[name].read(FOLDER / file, options=Options())


def reasons(found: Intake) -> dict[str, int]:
    plain = found.rejected["rule"].str.replace(r"^(repeats row) \d+$", r"\1", regex=True)
    return plain.value_counts().to_dict()


def test_the_view_of_be_stat_gives_67_times_6_values_and_lists_what_stands_there_twice() -> None:
    found = imported("bestat", "vestigingseenheden.json")
    assert found.closing_line == "3962 rows read = 402 taken + 3560 rejected"
    assert reasons(found) == {
        "lies outside the province": 3486,
        "repeats row": 67,
        "has no municipality and lies outside the province": 7,
    }
    table = found.tables["indicator"]
    assert table.groupby("period").size().to_dict() == {f"{year}-Q4": 67 for year in range(2018, 2024)}


def test_the_view_of_be_stat_is_the_observed_table() -> None:
    keys = ["indicator_id", "region", "period"]
    columns = [*keys, "value", "unit", "population", "status", "note"]
    found = imported("bestat", "vestigingseenheden.json").tables["indicator"]
    known = catalogue.read("indicator", data="own").frame
    known = known[known["indicator_id"] == "establishment_units"]
    left, right = (frame[columns].sort_values(keys).to_numpy().tolist() for frame in (found, known))
    assert left == right


def test_the_upload_of_swing_gives_66_municipalities_of_which_the_territory_is_the_same() -> None:
    found = imported("swing", "Upload_PinC_level_gemeente.txt")
    assert found.closing_line == "2889 rows read = 594 taken + 2295 rejected"
    assert reasons(found) == {
        "lies outside the province": 2250,
        "was merged or left the province since 2024-12-31: sum the parts first": 27,
        "is the code for an unknown place": 18,
    }
    table = found.tables["indicator"]
    assert len(table) == 66 * 9 * 19
    one = table.query("indicator_id == 'v2801_vh_totcrim' and region == 'municipality:11001' and period == '2011'")
    assert one["value"].tolist() == [783]


def test_the_workbook_of_swing_gives_the_filled_sheet_and_lists_the_empty_forms() -> None:
    found = imported("swing", "000_voorbeeld_upload.xlsx")
    assert found.closing_line == "13499 rows read = 325 taken + 13174 rejected"
    table = found.tables["indicator"]
    assert len(table) == 325 * 3
    values = table.query("region == 'municipality:11001' and period == '2010'")
    assert dict(zip(values["indicator_id"], values["value"], strict=True)) == {
        "v2302_gko_v": 515, "v2301_bko_v": 32, "v2301_glo_v": 818
    }  # fmt: skip
