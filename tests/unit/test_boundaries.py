"""The schematic boundaries in `data/reference` are a clean coverage and resemble the official ones."""

import json
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "data" / "reference"
OFFICIAL = ROOT.parent / "shared" / "reference" / "geography"
VINTAGES = {"2024": 69, "2025": 67}
NOT_IN_2025 = {11007, 11056}  # Borsbeek merged into Antwerpen; Zwijndrecht left the province


def read(path):
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    refnis = [f["properties"]["refnis"] for f in features]
    shapes = [shapely.geometry.shape(f["geometry"]) for f in features]
    return geopandas.GeoSeries(shapes, index=refnis, crs="EPSG:4326")


@pytest.mark.parametrize(("vintage", "count"), VINTAGES.items())
def test_every_municipality_has_one_valid_polygon_under_its_own_integer_code(vintage, count):
    shapes = read(REFERENCE / f"boundaries_{vintage}.geojson")
    assert len(shapes) == count
    assert shapes.index.is_unique
    assert shapes.index.is_monotonic_increasing
    assert all(type(code) is int for code in shapes.index.tolist())
    assert all(code // 1000 in (11, 12, 13) for code in shapes.index)
    assert shapes.is_valid.all()
    assert set(shapes.geom_type) <= {"Polygon", "MultiPolygon"}
    assert (shapes.to_crs(31370).area > 1e6).all()


@pytest.mark.parametrize("vintage", VINTAGES)
def test_neighbours_share_their_border_without_overlap(vintage):
    shapes = read(REFERENCE / f"boundaries_{vintage}.geojson")
    assert shapely.coverage_is_valid(shapes.to_numpy())
    projected = shapes.to_crs(31370)
    together = projected.union_all()
    assert projected.area.sum() == pytest.approx(together.area, rel=1e-9)


def test_the_two_vintages_differ_by_the_changes_of_2025_only():
    former, now = (read(REFERENCE / f"boundaries_{v}.geojson") for v in VINTAGES)
    assert set(former.index) - set(now.index) == NOT_IN_2025
    assert set(now.index) <= set(former.index)
    projected = former.to_crs(31370)
    merged = projected[[11002, 11007]].union_all().symmetric_difference(now.to_crs(31370)[11002])
    assert merged.area < 0.01 * projected[11002].area


@pytest.mark.parametrize("vintage", VINTAGES)
def test_the_files_are_small_and_rounded_to_about_a_metre(vintage):
    path = REFERENCE / f"boundaries_{vintage}.geojson"
    assert path.stat().st_size < 500_000
    coordinates = shapely.get_coordinates(read(path).to_numpy())
    assert np.allclose(coordinates, np.round(coordinates, 5), atol=1e-12)


@pytest.mark.parametrize(("vintage", "count"), VINTAGES.items())
def test_half_overlap_their_official_polygon_by_three_quarters_and_none_by_less_than_two_fifths(vintage, count):
    path = OFFICIAL / f"antwerpen_gemeenten_{vintage}.geojson"
    if not path.is_file():
        pytest.skip("the official boundaries (shared/reference/geography) are not beside this checkout")
    ours = read(REFERENCE / f"boundaries_{vintage}.geojson").to_crs(31370)
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    true = geopandas.GeoSeries(
        [shapely.geometry.shape(f["geometry"]) for f in features],
        index=[int(f["properties"]["refnis"]) for f in features],
        crs="EPSG:4326",
    ).to_crs(31370)
    assert set(true.index) == set(ours.index)
    true = true.make_valid().loc[ours.index]
    iou = ours.intersection(true).area / ours.union(true).area
    assert len(iou) == count
    assert iou.median() >= 0.75
    assert iou.min() > 0.4


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_municipality_holds_its_own_centre(vintage):
    shapes = read(REFERENCE / f"boundaries_{vintage}.geojson")
    table = pd.read_csv(REFERENCE / "municipality.csv").dropna(subset="lon").drop_duplicates("refnis", keep="last")
    table = table.set_index("refnis").loc[shapes.index]
    centres = geopandas.GeoSeries(geopandas.points_from_xy(table["lon"], table["lat"]), index=table.index, crs=4326)
    away = shapes.to_crs(31370).distance(centres.to_crs(31370))
    assert away[away > 0].to_dict() == {}


def test_a_misplaced_postcode_point_no_longer_gives_land_to_a_municipality_far_away():
    shapes = read(REFERENCE / "boundaries_2025.geojson").to_crs(31370)
    area = pd.read_csv(REFERENCE / "municipality.csv").dropna(subset="area_km2").drop_duplicates("refnis", keep="last")
    ratio = shapes.area / 1e6 / area.set_index("refnis")["area_km2"].loc[shapes.index]
    assert ratio.between(0.6, 2).all(), ratio[~ratio.between(0.6, 2)].to_dict()


def test_the_licence_names_every_source_beside_the_files():
    text = (REFERENCE / "boundaries_LICENCE.md").read_text(encoding="utf-8")
    for needed in ("NGI", "CC BY 4.0", "ODbL", "Statbel", "boundaries_2025.geojson", "boundaries_2024.geojson"):
        assert needed in text
