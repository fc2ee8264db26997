"""The index of all reports: a map and lists on one accessible page that needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studie import regions
from studie.report import webpage

STUDY = "study"
TITLES = {
    STUDY: "Strategische studie",
    "province": "Provincie",
    "arrondissement": "Arrondissementen",
    "working-area": "Werkingsgebieden",
    "grouping": "Andere groeperingen",
    "municipality": "Gemeenten",
}
WIDTH = 1000  # of the map, in its own units
SIMPLER = 60.0  # m that a border may move: less than a line on the screen
SPECK = 2e6  # m²: smaller holes and islands of an outline would be blots


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A report as the index lists it; places are relative to the index, empty where there is no such file."""

    level: str  # a key of TITLES
    code: str  # municipality:12025
    name: str
    kind: str
    reference_date: str
    version: str
    statuses: tuple[str, ...]
    pages: str
    page: str
    pdf: str
    size: int = 0  # of the PDF [bytes]

    @property
    def offered(self) -> webpage.Offer:
        """The PDF in words."""
        return webpage.Offer(file=self.pdf, pages=int(self.pages or 0), size=self.size)


@dataclass(frozen=True, kw_only=True)
class Version:
    """A published version and its reports."""

    name: str
    published: str
    run: str
    sha256: str
    statuses: tuple[str, ...]
    citation: str
    reports: tuple[Entry, ...]


def page(entries: Sequence[Entry], versions: Sequence[Version], *, problem: str = "") -> str:
    """Index page.

    Parameters
    ----------
    entries : sequence of Entry
        Reports that lie below `reports/`.
    versions : sequence of Version
        Published versions, newest first.
    problem : str, optional
        Why the versions could not be read.
    """
    groups = [(level, title, [e for e in entries if e.level == level]) for level, title in TITLES.items()]
    return webpage.rendered(
        "index.jinja",
        groups=[group for group in groups if group[2]],
        versions=versions,
        problem=problem,
        map=_map({entry.code: entry for entry in entries if entry.page}) if entries else None,
        css=(webpage.TEMPLATES / "house.css").read_text(encoding="utf-8"),
    )


def _map(known: Mapping[str, Entry]) -> dict[str, Any]:
    """Municipalities as paths, each within the arrondissement it belongs to, with the report that a reader gets.

    A municipality without a fiche of its own leads to the report of its arrondissement.
    """
    shapes = regions.boundaries()
    note = shapes.attrs["note"]
    outlines = shapes.set_index("refnis").geometry.simplify_coverage(SIMPLER)
    west, south, east, north = outlines.total_bounds
    scale = WIDTH / (east - west)
    height = round((north - south) * scale)

    def path(shape: Any, *, least: float = 0.0) -> str:
        return _path(shape, lambda x, y: (round((x - west) * scale), round((north - y) * scale)), least=least)

    parts = []
    for area in regions.regions("arrondissement"):
        own = [f"municipality:{refnis}" for refnis in area.refnis]
        whole = outlines.loc[list(area.refnis)].union_all()
        middle = whole.representative_point()
        parts.append(
            {
                "entry": known.get(area.code),
                "name": area.name,
                "label": (round((middle.x - west) * scale), round((north - middle.y) * scale)),
                "outline": path(whole, least=SPECK),
                "places": [
                    {"entry": known.get(code), "path": path(outlines.loc[refnis]), "name": regions.region(code).name}
                    for code, refnis in zip(own, area.refnis, strict=True)
                ],
            }
        )
    return {"width": WIDTH, "height": height, "parts": parts, "note": note}


def _path(shape: Any, place: Any, *, least: float) -> str:
    """Polygon or multipolygon as the data of an SVG path, without rings around less than `least` [m²]."""
    import shapely

    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    rings = [ring for ring in rings if shapely.Polygon(ring).area >= least]
    return "".join(
        "M" + "L".join(f"{x} {y}" for x, y in dict.fromkeys(place(*point) for point in ring.coords)) + "Z"
        for ring in rings
    )
