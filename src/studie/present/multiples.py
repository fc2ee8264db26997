"""Small maps beside each other that share classes and legend, so that one colour means the same on all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from studie.errors import InputError
from studie.present import cartography, classes, maps
from studie.present.classes import Form
from studie.present.style import WIDTH, styled

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure

GAP = 0.15  # inch
TITLE_SIZE = 8.5  # point
LINE = 0.165  # inch per line of a title


@styled
def small_multiples(
    frames: Mapping[str, pd.DataFrame],
    *,
    boundaries: GeoDataFrame,
    value: str,
    unit: str,
    data_status: maps.Status,
    status: str | None = None,
    edges: Sequence[float] | None = None,
    form: Form = "number",
    columns: int = 3,
    extent: Literal["all", "highlight"] = "all",
    highlight: Collection[int] | None = None,
    highlight_label: str = "regio van dit rapport",
) -> Figure:
    """Maps of the same municipalities in rows, one legend in the last place.

    Parameters
    ----------
    frames : mapping of title to DataFrame
        As `maps.choropleth` takes them, at least two.
    edges : sequence of float, optional
        Breaks for all maps; those of all their values together when left out.
    columns : int, default 3
        Maps beside each other.
    boundaries, value, unit, data_status, status, form, extent, highlight, highlight_label
        As for `maps.choropleth`.

    Raises
    ------
    InputError
        Fewer than two frames, or as `maps.choropleth`.
    """
    if len(frames) < 2:
        raise InputError(f"frames: small multiples need at least two maps, got {len(frames)}")
    shared = shared_edges(frames, value=value, status=status) if edges is None else tuple(edges)
    contents = {
        title: maps.content_of(
            frame, boundaries=boundaries, value=value, status=status, edges=shared, k=5, form=form, zero="class"
        )
        for title, frame in frames.items()
    }
    first = next(iter(contents.values()))
    region = maps.members_of(highlight or (), first)
    if extent == "highlight" and not region:
        raise InputError("highlight: must name the municipalities to zoom to when extent is 'highlight', got none")
    view = cartography.view(first.shapes, region if extent == "highlight" else None)
    sheet = cartography.Sheet(width=WIDTH)
    wide = (WIDTH - GAP * (columns - 1)) / columns
    high = wide * cartography.ratio(view)
    titles = {title: sheet.wrapped(title, wide, size=TITLE_SIZE, weight="bold") for title in contents}
    row_height = high + LINE * max(len(lines) for lines in titles.values()) + GAP
    drawn = []
    for place, (title, content) in enumerate(contents.items()):
        left, top = (place % columns) * (wide + GAP), (place // columns) * row_height
        sheet.add_words(titles[title], left=left, top=top, size=TITLE_SIZE, weight="bold", line=LINE)
        row = list(titles)[place - place % columns :][:columns]
        below = top + LINE * max(len(titles[other]) for other in row)
        fills = maps.fills_of(content)
        drawn.append(sheet.add_map(content.shapes, fills, view, left=left, width=wide, height=high, top=below))
        if region:
            cartography.outline(drawn[-1], content.shapes, region, width=1.2)
    place = len(contents)
    sheet.top += (place // columns) * row_height
    entries = _entries(contents, outlined=highlight_label if region else None)
    sheet.add_legend(entries, unit=maps.unit_of(unit, form), left=(place % columns) * (wide + GAP))
    sheet.top = 0.02
    sheet.add_notes(maps.notes_of(boundaries, zoomed=False)[1:], below=sheet.end + 0.08, width=WIDTH)
    figure = sheet.finish()
    if "demonstration" in maps.statuses_of(data_status):
        for axes in drawn:
            cartography.watermark(axes)
    return figure


def shared_edges(frames: Mapping[str, pd.DataFrame], *, value: str, status: str | None) -> tuple[float, ...]:
    """Breaks over the known values of all frames together."""
    known = [frame if status is None else frame[frame[status] == classes.KNOWN] for frame in frames.values()]
    pooled = pd.concat([pd.to_numeric(frame[value]).astype(float) for frame in known]).dropna()
    return classes.breaks(pooled) if len(pooled) else ()


def _entries(contents: Mapping[str, Any], *, outlined: str | None) -> list[cartography.Entry]:
    """Legend of all maps together: every class, and each state that occurs on one of them."""
    found: dict[str, cartography.Entry] = {}
    for content in contents.values():
        for entry in maps.entries_of(content, counted=[], outlined=outlined):
            label = entry.label.rsplit("  (", 1)[0]
            found.setdefault(
                label, cartography.Entry(label=label, fill=entry.fill, hatch=entry.hatch, outline=entry.outline)
            )
    return list(found.values())
