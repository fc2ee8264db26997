"""A map sheet: polygons, inset, legend, scale bar, outline, names and watermark, measured before they are placed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from studie.present.style import INK, MUTED

if TYPE_CHECKING:
    import geopandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path

View = tuple[float, float, float, float]  # west, south, east, north [m]

# Small municipalities south and east of the city, unreadable at the scale of the province.
RING = (11001, 11004, 11005, 11007, 11013, 11018, 11021, 11024, 11025, 11029, 11030, 11038, 11050, 11052)
MARGIN = 0.02
SPECK = 0.02  # of the map's width
SMALL = 8.5  # point: nothing on a sheet is smaller than 8
TITLE = 10.5
LEGEND_WIDTH = 2.0  # inch
LINE = 0.165  # inch per line of small text
SWATCH = (0.26, 0.13)  # inch
HATCH = "#4a545c"
BORDER = "#ffffff"
SHIFTS = (0, 0.7, -0.7, 1.2, -1.2)  # lines up or down that a name may move to fit
WATERMARK = "DEMONSTRATIEGEGEVENS"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a legend."""

    label: str
    fill: str
    hatch: str | None = None
    outline: bool = False


def colours(k: int) -> list[str]:
    """Colours of `k` classes, light to dark, from cividis: safe for the colour-blind and rising in grey.

    The lightest yellow and darkest blue are left out, so that a class is never taken for white or for an outline.
    """
    import matplotlib as mpl
    from matplotlib.colors import to_hex

    scale = mpl.colormaps["cividis"]
    return [to_hex(scale(position)) for position in (np.linspace(0.94, 0.06, k) if k > 1 else [0.5] * k)]


def view(shapes: geopandas.GeoSeries, region: Sequence[int] | None) -> View:
    """What the map shows: everything, or the region with a margin."""
    chosen = shapes if region is None else shapes.loc[list(region)]
    return _grown(chosen.total_bounds, MARGIN if region is None else 3 * MARGIN)


def ring(shapes: geopandas.GeoSeries, shown: View, about: Sequence[int]) -> View | None:
    """Cut-out around Antwerp, if the map is about it, holds it and is not already about as large."""
    members = [code for code in RING if code in shapes.index]
    if not set(members) & set(about):
        return None
    cut = _grown(shapes.loc[members].total_bounds, MARGIN)
    inside = shown[0] <= cut[0] and shown[1] <= cut[1] and cut[2] <= shown[2] and cut[3] <= shown[3]
    return cut if inside and shown[2] - shown[0] > 2 * (cut[2] - cut[0]) else None


def ratio(shown: View) -> float:
    """Height over width, kept within what a page bears."""
    return float(np.clip((shown[3] - shown[1]) / (shown[2] - shown[0]), 0.5, 1.25))


def _grown(bounds: Sequence[float], margin: float) -> View:
    """Bounds with a margin, as a share of the larger side."""
    west, south, east, north = map(float, bounds)
    more = margin * max(east - west, north - south)
    return (west - more, south - more, east + more, north + more)


def outline_path(shape: Any) -> Path:
    """Polygon or multipolygon as one drawable path; holes turn the other way round."""
    import shapely
    from matplotlib.path import Path

    parts = shapely.get_parts(shapely.orient_polygons(shape))
    rings = [r for part in parts for r in (part.exterior, *part.interiors)]
    return Path.make_compound_path(*(Path(shapely.get_coordinates(r), closed=True) for r in rings))


def _without_specks(shape: Any, least: float) -> Any:
    """Polygons without parts and holes smaller than `least` [m²], which an outline would turn into blots."""
    import shapely

    large = [part for part in shapely.get_parts(shape) if part.area >= least] or [shape]
    return shapely.union_all(
        [
            shapely.Polygon(part.exterior, [hole for hole in part.interiors if shapely.Polygon(hole).area >= least])
            for part in shapely.get_parts(large)
        ]
    )


def outline(axes: Axes, shapes: geopandas.GeoSeries, region: Sequence[int], *, width: float = 1.9) -> None:
    """Dark line on a white one around the region: seen on every colour and in grey."""
    from matplotlib.patches import PathPatch

    west, east = axes.get_xlim()
    least = (SPECK * (east - west)) ** 2
    path = outline_path(_without_specks(shapes.loc[list(region)].union_all(), least))
    for colour, line in (("white", width + 1.8), (INK, width)):
        axes.add_patch(PathPatch(path, facecolor="none", edgecolor=colour, linewidth=line, joinstyle="round", zorder=4))


def frame(where: Axes, shown: Axes, *, colour: str) -> None:
    """Thin line on one map around what another one (or itself) shows."""
    from matplotlib.patches import Rectangle

    (west, east), (south, north) = shown.get_xlim(), shown.get_ylim()
    where.add_patch(
        Rectangle(
            (west, south),
            east - west,
            north - south,
            fill=False,
            edgecolor=colour,
            linewidth=0.9,
            zorder=5,
            clip_on=False,
        )
    )


def watermark(axes: Axes) -> None:
    """The word that nobody may miss, across the map, through which the classes stay readable."""
    from matplotlib.patheffects import withStroke

    width = axes.get_position().width * axes.figure.get_figwidth()  # type: ignore[union-attr]
    axes.text(
        0.5, 0.5, WATERMARK,
        transform=axes.transAxes, rotation=24, ha="center", va="center", weight="bold",
        fontsize=max(SMALL, 4.8 * width), color=INK, alpha=0.2, zorder=4.5, gid="watermark",
        path_effects=[withStroke(linewidth=1.4, foreground="white", alpha=0.3)],
    )  # fmt: skip


def place_names(maps: Sequence[Axes], shapes: geopandas.GeoSeries, names: Mapping[int, str]) -> None:
    """Each name on the last map that shows the middle of its municipality: the inset, where there is one."""
    middle = shapes.loc[list(names)].representative_point()
    left = set(names)
    for axes in reversed(maps):
        (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
        here = left & set(middle.cx[west:east, south:north].index)
        _place_names(axes, shapes, {code: names[code] for code in here})
        left -= here


def _place_names(axes: Axes, shapes: geopandas.GeoSeries, names: Mapping[int, str]) -> None:
    """Names of municipalities, largest first; one that leaves the map or touches another is not printed."""
    from matplotlib.patheffects import withStroke

    renderer = _renderer(axes.figure)
    edge = axes.get_window_extent(renderer)
    line = _metres(axes) * SMALL / 72
    taken: list[Any] = []
    for code in shapes.area.sort_values(ascending=False, kind="stable").index:
        if code not in names:
            continue
        point = shapes[code].representative_point()
        text = axes.text(
            point.x, point.y, names[code],
            fontsize=SMALL, ha="center", va="center", color=INK, zorder=5, gid=f"name-{code}",
            path_effects=[withStroke(linewidth=2.6, foreground="white")],
        )  # fmt: skip
        for shift in SHIFTS:
            text.set_position((point.x, point.y + shift * line))
            box = text.get_window_extent(renderer).padded(1)
            inward = max(edge.x0 - box.x0, 0) - max(box.x1 - edge.x1, 0)  # pixels that a name at the edge gives way
            text.set_x(point.x + inward * _metres(axes) / axes.figure.dpi)
            box = text.get_window_extent(renderer).padded(1 if inward == 0 else 0.5)
            fits = edge.x0 <= box.x0 and box.x1 <= edge.x1 and edge.y0 <= box.y0 and box.y1 <= edge.y1
            if fits and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
        else:
            text.remove()


def _metres(axes: Axes) -> float:
    """Metres on the ground per inch of paper."""
    west, east = axes.get_xlim()
    return float((east - west) / (axes.get_position().width * axes.figure.get_figwidth()))  # type: ignore[union-attr]


def _renderer(figure: Any) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    return FigureCanvasAgg(figure).get_renderer()


class Sheet:
    """A figure that grows downwards: parts are put in inches from the top, then the page is cut to length."""

    def __init__(self, *, width: float) -> None:
        from matplotlib.figure import Figure

        self.width = width
        self.figure = Figure(figsize=(width, 10))
        self.top = 0.02  # where the map begins, once there is a title [inch from the top]
        self.end = 0.0
        self._boxes: list[tuple[Any, float, float, float, float]] = []
        self._texts: list[tuple[Any, float, float]] = []

    def add_title(self, title: str) -> None:
        """Title over the whole width, on as many lines as it needs."""
        lines = self.wrapped(title, self.width, size=TITLE, weight="bold")
        for line in lines:
            self._text(line, 0.02, self.top, size=TITLE, weight="bold", color=INK)
            self.top += 0.2
        self.top += 0.06

    def add_map(
        self,
        shapes: geopandas.GeoSeries,
        fills: Mapping[int, tuple[str, str | None]],
        shown: View,
        *,
        left: float,
        width: float,
        height: float,
        top: float = 0.0,
    ) -> Axes:
        """Axes that fill their box: the view is widened, never stretched."""
        from matplotlib.patches import PathPatch

        axes = self._axes(left, self.top + top, width, height)
        axes.set_gid("map")
        west, south, east, north = _fitted(shown, height / width)
        axes.set(xlim=(west, east), ylim=(south, north))
        axes.set_axis_off()
        for code, shape in shapes.cx[west:east, south:north].items():
            colour, hatch = fills[code]
            patch = PathPatch(
                outline_path(shape), facecolor=colour, edgecolor=BORDER, linewidth=0.6, joinstyle="round", zorder=2,
                gid=f"municipality-{code}",
            )  # fmt: skip
            if hatch or colour in (BORDER, "#ffffff"):
                patch.set(edgecolor=HATCH, linewidth=0.4)
            if hatch:
                patch.set(hatch=hatch, hatchcolor=HATCH, hatch_linewidth=0.5)
            axes.add_patch(patch)
        self.end = max(self.end, self.top + top + height)
        return axes

    def add_inset(
        self,
        main: Axes,
        shapes: geopandas.GeoSeries,
        fills: Mapping[int, tuple[str, str | None]],
        cut: View,
        *,
        left: float,
        top: float,
        bottom: float,
    ) -> Axes:
        """Enlarged cut-out under the legend, with its own caption and scale; its frame is drawn on the main map."""
        tall = (cut[3] - cut[1]) / (cut[2] - cut[0])
        width = min(self.width - left - 0.02, (bottom - top - LINE) / tall)
        height = width * tall
        self._text("rand rond Antwerpen, vergroot", left, self.top + top, color=MUTED)
        axes = self.add_map(shapes, fills, cut, left=left, width=width, height=height, top=top + LINE + 0.02)
        frame(main, axes, colour=INK)
        frame(axes, axes, colour=INK)
        self.add_scale(axes, left=left, below=top + LINE + 0.02 + height)
        return axes

    def legend_height(self, entries: Sequence[Entry], *, unit: str) -> float:
        """Height that `add_legend` will take [inch]."""
        lines = sum(len(self._entry_lines(e)) for e in entries) + len(self.wrapped(unit, LEGEND_WIDTH, weight="bold"))
        return lines * LINE + 0.035 * len(entries) + 0.06

    def add_legend(self, entries: Sequence[Entry], *, unit: str, left: float) -> None:
        """Unit as heading, then a swatch and a label per entry."""
        from matplotlib.patches import Rectangle

        y = self.top
        for line in self.wrapped(unit, LEGEND_WIDTH, weight="bold"):
            self._text(line, left, y, weight="bold", color=INK)
            y += LINE
        y += 0.06
        for entry in entries:
            axes = self._axes(left, y - 0.012, *SWATCH)
            axes.set(xlim=(0, 1), ylim=(0, 1))
            axes.set_axis_off()
            swatch = Rectangle((0, 0), 1, 1, facecolor=entry.fill, edgecolor=HATCH, linewidth=0.5, clip_on=False)
            if entry.outline:
                swatch.set(edgecolor=INK, linewidth=1.9)
            if entry.hatch:
                swatch.set(hatch=entry.hatch, hatchcolor=HATCH, hatch_linewidth=0.5)
            axes.add_patch(swatch)
            for line in self._entry_lines(entry):
                self._text(line, left + SWATCH[0] + 0.08, y, color=INK, gid="legend")
                y += LINE
            y += 0.035
        self.end = max(self.end, y)

    def add_scale(self, axes: Axes, *, left: float, below: float) -> None:
        """Bar of a round number of kilometres, under the map that it measures."""
        west, east = axes.get_xlim()
        width = next(w for a, _, _, w, _ in self._boxes if a is axes)
        metres = next(m for m in (20_000, 10_000, 5_000, 2_000, 1_000, 500, 1) if m <= (east - west) / 3)
        length = width * metres / (east - west)
        bar = self._axes(left, self.top + below + 0.09, length, 0.05)
        bar.set(xlim=(0, 1), ylim=(0, 1))
        bar.set_axis_off()
        bar.plot([0, 0, 1, 1], [1, 0, 0, 1], color=INK, linewidth=0.9, clip_on=False, solid_joinstyle="miter")
        label = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
        self._text(label, left + length + 0.06, self.top + below + 0.04, color=MUTED)
        self.end = max(self.end, self.top + below + 0.25)

    def add_words(
        self, lines: Sequence[str], *, left: float, top: float, size: float = SMALL, line: float = LINE, **options: Any
    ) -> None:
        """Lines of text at a place of the sheet."""
        for number, text in enumerate(lines):
            self._text(text, left, self.top + top + number * line, size=size, color=INK, **options)

    def add_notes(self, notes: Sequence[str], *, below: float, width: float) -> None:
        """Small lines under the map, no wider than it."""
        y = self.top + below
        for note in notes:
            for line in self.wrapped(note, width):
                self._text(line, 0.02, y, color=MUTED)
                y += LINE
            y += 0.04
        self.end = max(self.end, y)

    def finish(self) -> Figure:
        """Cut the page to its length and put every part where it was planned."""
        height = self.end + 0.03
        self.figure.set_size_inches(self.width, height)
        for axes, left, top, wide, high in self._boxes:
            axes.set_position((left / self.width, 1 - (top + high) / height, wide / self.width, high / height))
        for text, left, top in self._texts:
            text.set_position((left / self.width, 1 - top / height))
        return self.figure

    def wrapped(self, text: str, width: float, *, size: float = SMALL, weight: str = "normal") -> list[str]:
        """Text in lines that fit the width [inch], measured as drawn."""
        probe = self.figure.text(0, 0, "", fontsize=size, weight=weight)
        renderer = _renderer(self.figure)
        lines: list[str] = []
        for word in text.split(" "):
            probe.set_text(f"{lines[-1]} {word}" if lines else word)
            if lines and probe.get_window_extent(renderer).width <= width * self.figure.dpi:
                lines[-1] = probe.get_text()
            else:
                lines.append(word)
        probe.remove()
        return lines

    def _entry_lines(self, entry: Entry) -> list[str]:
        return self.wrapped(entry.label, LEGEND_WIDTH - SWATCH[0] - 0.08)

    def _axes(self, left: float, top: float, width: float, height: float) -> Axes:
        axes = self.figure.add_axes((0, 0, 0.5, 0.5))
        self._boxes.append((axes, left, top, width, height))
        return axes

    def _text(self, line: str, left: float, top: float, *, size: float = SMALL, **options: Any) -> None:
        text = self.figure.text(0, 0, line, fontsize=size, ha="left", va="top", **options)
        self._texts.append((text, left, top))


def _fitted(shown: View, tall: float) -> View:
    """View widened to the shape of its box, around the same centre."""
    west, south, east, north = shown
    width, height = max(east - west, (north - south) / tall), max(north - south, (east - west) * tall)
    x, y = (west + east) / 2, (south + north) / 2
    return (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
