from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studie import regions
from studie.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
OFFICIAL = ROOT.parent / "shared" / "reference" / "geography"


@pytest.fixture
def own_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A study of its own, to put files in."""
    for folder in ("observed", "reference"):
        shutil.copytree(ROOT / "data" / folder, tmp_path / "data" / folder)
    (tmp_path / "data" / "own").mkdir()
    monkeypatch.setenv("STUDIE_ROOT", str(tmp_path))
    yield tmp_path


@pytest.mark.parametrize(
    ("date", "count", "vintage"),
    [
        ("2015-06-30", 70, "2018"),
        ("2018-12-31", 70, "2018"),
        ("2019-01-01", 69, "2019-2024"),
        ("2024-12-31", 69, "2019-2024"),
        ("2025-01-01", 67, "2025"),
        ("2030-01-01", 67, "2025"),
    ],
)
def test_a_date_picks_its_list_of_municipalities(date: str, count: int, vintage: str) -> None:
    assert len(regions.municipalities(date=date)) == count
    assert regions.vintage(date) == vintage
    assert len(regions.regions("municipality", date=date)) == count


def test_inhabitants_are_those_published_and_follow_the_territory() -> None:
    assert regions.municipalities(date="2020-01-01")["inhabitants"].sum() == 1_869_730
    # without the 19,154 inhabitants of Zwijndrecht
    assert regions.municipalities(date="2025-01-01")["inhabitants"].sum() == 1_869_730 - 19_154


def test_a_merger_adds_area_inhabitants_and_postcodes() -> None:
    now = regions.municipalities(date="2025-01-01").set_index("refnis").loc[11002]
    before = regions.municipalities(date="2024-01-01").set_index("refnis").loc[[11002, 11007]]
    assert now["inhabitants"] == before["inhabitants"].sum()
    assert now["area_km2"] == pytest.approx(before["area_km2"].sum())
    assert set(now["postcodes"].split()) == set(" ".join(before["postcodes"]).split())


def test_what_is_not_known_of_2018_stays_unknown() -> None:
    old = regions.municipalities(date="2018-06-01").set_index("refnis").loc[[12030, 12034]]
    assert old[["area_km2", "inhabitants", "lon", "lat"]].isna().all(axis=None)
    assert (old["postcodes"] == "").all()
    assert (old["successor"] == 12041).all()


def test_the_crosswalk_follows_mergers_and_loses_zwijndrecht() -> None:
    table = regions.crosswalk(from_date="2018-01-01", to_date="2025-01-01").set_index("refnis_from")["refnis_to"]
    assert len(table) == 70
    assert table[12030] == table[12034] == 12041
    assert table[11007] == table[11002] == 11002
    assert table[table.isna()].index.tolist() == [11056]
    assert set(table.dropna()) == set(regions.municipalities(date="2025-01-01")["refnis"])


def test_the_crosswalk_of_a_date_to_itself_changes_nothing() -> None:
    for date in ("2018-12-31", "2024-12-31", "2025-01-01"):
        table = regions.crosswalk(from_date=date, to_date=date)
        assert (table["refnis_from"] == table["refnis_to"]).all()


def test_a_merger_cannot_be_undone() -> None:
    with pytest.raises(InputError, match="to_date: on or after from_date 2025-01-01, got 2019-01-01"):
        regions.crosswalk(from_date="2025-01-01", to_date="2019-01-01")


@pytest.mark.parametrize("date", ["2018-06-01", "2020-01-01", "2025-01-01"])
def test_arrondissements_share_out_the_province(date: str) -> None:
    everyone = [r for area in regions.regions("arrondissement", date=date) for r in area.refnis]
    assert sorted(everyone) == list(regions.region("province:10000", date=date).refnis)


@pytest.mark.parametrize("grouping", ["referentieregio", "streekwerking", "vervoerregio", "eerstelijnszone"])
def test_a_grouping_shares_out_the_67_municipalities(grouping: str) -> None:
    groups = [a for a in regions.regions("grouping") if a.code.startswith(f"grouping:{grouping}:")]
    assert sorted(r for area in groups for r in area.refnis) == list(regions.region("province:10000").refnis)


def test_working_areas_are_confirmed_or_possible_and_the_rest_is_not_guessed() -> None:
    areas = regions.regions("working-area")
    held = {status: sum(len(a.refnis) for a in areas if a.status == status) for status in ("confirmed", "possible")}
    assert held == {"confirmed": 27, "possible": 15}
    assert regions.region("working-area:selab").title == "mogelijk werkingsgebied SELAB"
    assert 13044 in regions.region("working-area:middenkempen").refnis


def test_working_areas_end_with_their_period() -> None:
    assert regions.regions("working-area", date="2019-12-31") == []
    assert regions.regions("working-area", date="2026-01-01") == []


def test_a_municipality_that_was_merged_is_in_the_group_of_its_successor() -> None:
    rivierenland = regions.region("grouping:referentieregio:rivierenland", date="2018-06-01")
    assert {12030, 12034} <= set(rivierenland.refnis)
    assert 12041 not in rivierenland.refnis


def test_codes_in_the_interface_exist() -> None:
    for code in (
        "province:10000",
        "arrondissement:12000",
        "working-area:rivierenland",
        "grouping:referentieregio:kempen",
        "municipality:12025",
    ):
        assert regions.region(code).code == code
    assert regions.region("region:02000").refnis == ()
    assert "region:02000" not in {area.code for area in regions.regions()}


def test_every_parent_holds_its_child_whole() -> None:
    for area in regions.regions():
        parent = regions.region(str(area.parent))
        assert parent.level == "region" or set(area.refnis) <= set(parent.refnis)


def test_a_code_is_unique_and_says_its_level() -> None:
    codes = [area.code for area in regions.regions()]
    assert len(codes) == len(set(codes))
    assert all(area.code.split(":")[0] == area.level for area in regions.regions())


@pytest.mark.parametrize("code", ["municipalty:12025", "working-area:rivirenland", "grouping:referentieregio:kempn"])
def test_a_typo_is_refused_with_the_nearest_code(code: str) -> None:
    with pytest.raises(
        InputError, match=r"region: unknown value .*; did you mean '(municipality|working-area|grouping):"
    ):
        regions.region(code)


def test_a_municipality_that_does_not_exist_on_the_date_is_refused() -> None:
    assert regions.region("municipality:11007", date="2024-12-31").name == "Borsbeek"
    with pytest.raises(InputError, match="region: unknown value 'municipality:11007'"):
        regions.region("municipality:11007")


def test_an_unknown_level_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'arrondissement'"):
        regions.regions("arondissement")


@pytest.mark.parametrize("date", ["2025-13-01", "1-1-2025", "", "20250101", "2025-02-29"])
def test_a_wrong_date_is_refused(date: str) -> None:
    with pytest.raises(InputError, match="date: a date written YYYY-MM-DD, got"):
        regions.regions(date=date)


@pytest.mark.parametrize("date", ["2020-01-01", "2025-01-01"])
def test_neighbours_are_municipalities_of_that_date_and_pairs_stand_once(date: str) -> None:
    pairs = regions.adjacency(date=date)
    known = set(regions.municipalities(date=date)["refnis"])
    assert set(pairs["refnis_a"]) | set(pairs["refnis_b"]) <= known
    unordered = {frozenset(p) for p in pairs[["refnis_a", "refnis_b"]].itertuples(index=False)}
    assert len(unordered) == len(pairs)
    assert (pairs["shared_border_km"] >= 0.1).all()  # more than 100 m, rounded to one decimal


@pytest.mark.parametrize("function", [regions.adjacency, regions.boundaries])
def test_borders_before_2019_are_not_known(function: object) -> None:
    with pytest.raises(InputError, match="known from 2019-01-01 on, got 2018-12-31"):
        function(date="2018-12-31")  # type: ignore[operator]


def test_the_hierarchy_has_one_row_per_municipality_and_codes_that_exist() -> None:
    table = regions.hierarchy()
    assert list(table.columns) == ["province", "arrondissement", "grouping", "municipality"]
    known = {area.code for area in regions.regions()}
    assert set(table.to_numpy().ravel()) <= known
    assert table.index.tolist() == list(regions.region("province:10000").refnis)


def test_a_changed_table_does_not_change_the_next_reading() -> None:
    regions.municipalities()["inhabitants"] = 0
    regions.boundaries()["refnis"] = 0
    assert regions.municipalities()["inhabitants"].sum() > 0
    assert regions.boundaries()["refnis"].min() > 0


def test_schematic_boundaries_say_so() -> None:
    frame = regions.boundaries(date="2020-01-01")
    assert frame.crs == "EPSG:31370"
    assert len(frame) == 69
    assert frame.attrs["schematic"] is True
    assert frame.attrs["vintage"] == "2019-2024"
    assert frame.attrs["note"].startswith("Schematische grenzen")


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="shared/reference/geography is not beside this checkout")
@pytest.mark.parametrize(("date", "year", "count"), [("2020-01-01", 2024, 69), ("2025-01-01", 2025, 67)])
def test_official_boundaries_of_the_user_replace_the_schematic_ones(
    own_root: Path, date: str, year: int, count: int
) -> None:
    own = own_root / "data" / "own" / f"boundaries_{year}.geojson"
    shutil.copy(OFFICIAL / f"antwerpen_gemeenten_{year}.geojson", own)
    frame = regions.boundaries(date=date)
    assert len(frame) == count
    assert frame.attrs["schematic"] is False
    area = frame.set_index("refnis").area / 1e6
    table = regions.municipalities(date=date).set_index("refnis")["area_km2"]
    # our areas are from simplified borders: within 2 % for each municipality
    assert (area / table - 1).abs().max() < 0.02


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("geen kaart", "must be GeoJSON"),
        ('{"type": "FeatureCollection", "features": []}', "property refnis is missing"),
        (
            json.dumps(
                {
                    "type": "FeatureCollection",
                    "features": [
                        {
                            "type": "Feature",
                            "properties": {"refnis": 11001},
                            "geometry": {"type": "Point", "coordinates": [4.4, 51.2]},
                        }
                    ],
                }
            ),
            "refnis 11002 must stand there once, got none",
        ),
    ],
)
def test_a_wrong_boundary_file_is_refused_in_one_line_per_problem(own_root: Path, content: str, message: str) -> None:
    (own_root / "data" / "own" / "boundaries_2025.geojson").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"data/own/boundaries_2025\.geojson: ") as caught:
        regions.boundaries()
    assert message in str(caught.value)


def test_the_users_list_of_working_areas_replaces_ours(own_root: Path) -> None:
    before = {a.code for a in regions.regions("grouping")}
    (own_root / "data" / "own" / "grouping.csv").write_text(
        "grouping,group,refnis\nworking-area,Nieuw Gebied,11001\nworking-area,Nieuw Gebied,11004\n", encoding="utf-8"
    )
    areas = regions.regions("working-area")
    assert [(a.code, a.refnis, a.status) for a in areas] == [("working-area:nieuw-gebied", (11001, 11004), "confirmed")]
    assert {a.code for a in regions.regions("grouping")} == before


def test_a_missing_reference_file_gives_one_line(own_root: Path) -> None:
    (own_root / "data" / "reference" / "grouping.csv").unlink()
    with pytest.raises(InputError) as caught:
        regions.regions()
    assert caught.value.problems == ("data/reference/grouping.csv: file is missing or not readable",)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Antwerpen (stad apart)", "antwerpen"),
        ("Rupelstreek/Zuidrand", "rupelstreek-zuidrand"),
        ("Klein-Brabant Vaartland", "klein-brabant-vaartland"),
        ("Café 's Gravenwezel", "cafe-s-gravenwezel"),
    ],
)
def test_a_slug_is_lower_case_ascii(name: str, expected: str) -> None:
    assert regions.slug(name) == expected


def test_importing_the_regions_loads_no_map_library() -> None:
    code = "import sys, studie.regions, studie.data.catalogue; print({'geopandas', 'pandera'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    "name",
    [
        "reference/municipality.csv",
        "reference/grouping.csv",
        "reference/postcode.csv",
        "observed/population.csv",
    ],
)
@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content.split(b"\n")[0] + b"\n",
        lambda content: content.replace(b",", b";"),
        lambda content: content.replace(b"e", b"\xe9", 3),
        lambda content: b"\n".join(line.partition(b",")[2] for line in content.split(b"\n")),
        lambda content: bytes(range(256)),
    ],
    ids=["empty", "header only", "semicolons", "not UTF-8", "first column gone", "not text"],
)
def test_a_damaged_file_gives_one_line_that_names_it(
    own_root: Path, name: str, damage: Callable[[bytes], bytes]
) -> None:
    path = own_root / "data" / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=rf"^data/{name}: ") as caught:
        regions.regions()
    assert "\n" not in caught.value.problems[0]
