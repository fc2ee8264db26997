"""Maps of municipalities: classes, what is not a number, where one looks, and the words for who cannot see it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from studie.errors import InputError
from studie.present import cartography, classes, numbers
from studie.present.classes import STATES, Form, breaks
from studie.present.style import RULE, WIDTH, styled
from studie.present.words import DATA_STATUS

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure

__all__ = ["alt_text", "breaks", "choropleth"]

Status = str | Sequence[str]
# inch
EDGE = 0.02
GAP = 0.12
COLUMN = 2.05  # of the legend and the inset
SCALE_HEIGHT = 0.32
SMALLEST_INSET = 1.7


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a map shows: a class or state per municipality of the boundaries, and how each is named."""

    shapes: Any
    state: pd.Series
    number: pd.Series
    edges: tuple[float, ...]
    labels: list[str]

    @property
    def known(self) -> pd.Series:
        """Values that are shown, by refnis."""
        return self.number[self.state == classes.KNOWN]

    def part(self, chosen: list[int]) -> Content:
        """The same for some municipalities only."""
        return replace(
            self, shapes=self.shapes.loc[chosen], state=self.state.loc[chosen], number=self.number.loc[chosen]
        )


@styled
def choropleth(
    frame: pd.DataFrame,
    *,
    boundaries: GeoDataFrame,
    value: str,
    unit: str,
    data_status: Status,
    title: str | None = None,
    status: str | None = None,
    breaks: Sequence[float] | None = None,
    k: int = 5,
    form: Form = "number",
    zero: Literal["class", "own"] = "class",
    highlight: Collection[int] | None = None,
    highlight_label: str = "regio van dit rapport",
    extent: Literal["all", "highlight"] = "all",
    inset: bool = True,
    names: Mapping[int, str] | None = None,
) -> Figure:
    """Choropleth map of municipalities at text width, with legend, inset, scale bar and note on the borders.

    Five things that are not the same look different, in colour and in grey: suppressed, missing, unreachable, not
    applicable and zero. A municipality of `boundaries` that `frame` lacks is missing. Caption, status and source of the
    data belong under the figure, where the report prints them.

    Parameters
    ----------
    frame : DataFrame, one row per municipality
        Column `refnis` (int) or `region` (``municipality:12025``), and the columns that `value` and `status` name.
    boundaries : GeoDataFrame, columns refnis, geometry
        From ``regions.boundaries(date=...)``; its `attrs` say vintage, source and whether the borders are schematic.
    value : str
        Column with the number [`unit`]; shares are in [0, 1] with ``form="share"`` and are printed as percentages.
    unit : str
        Dutch heading of the legend.
    data_status : str or sequence of str
        ``observed``, ``own`` or ``demonstration``; demonstration puts a watermark over the map.
    title : str, optional
        Dutch title inside the drawing, for where no caption stands beside it; what the map shows, not what was found.
    status : str, optional
        Column with ``published``, ``missing``, ``suppressed`` (or ``primary``, ``secondary``), ``unreachable``,
        ``not_applicable`` or ``zero``; a value beside another word than ``published`` is never used.
    breaks : sequence of float, optional
        Edges from `breaks`, shared by a series of maps; own breaks of this map when left out.
    k : int, default 5
        Classes wanted when `breaks` is left out.
    zero : {"class", "own"}
        Whether 0 falls in the lowest class or is a class of its own.
    highlight : collection of int, optional
        Municipalities [refnis] of the region that the report is about, outlined.
    extent : {"all", "highlight"}
        Whole province, or zoomed to the highlighted municipalities.
    inset : bool, default True
        Enlarged cut-out of the dense ring around Antwerp; left out where the map itself is already that large or is
        zoomed to a region elsewhere.
    names : mapping of int to str, optional
        Names by refnis. Only those of highlighted municipalities are printed, in the inset where it shows them; one
        that does not fit or touches another one is left out, so put a table beside the map.

    Raises
    ------
    InputError
        If a municipality is unknown or double, `breaks` do not cover the values, or a word is not allowed.

    References
    ----------
    Nuñez, J. R., Anderton, C. R. & Renslow, R. S. (2018). Optimizing colormaps with consideration for color vision
    deficiency. PLOS ONE 13(7), e0199239 (cividis).
    """
    content = content_of(
        frame, boundaries=boundaries, value=value, status=status, edges=breaks, k=k, form=form, zero=zero
    )
    region = members_of(highlight or (), content)
    if extent == "highlight" and not region:
        raise InputError("highlight: must name the municipalities to zoom to when extent is 'highlight', got none")
    view = cartography.view(content.shapes, region if extent == "highlight" else None)
    about = region if extent == "highlight" else list(content.shapes.index)
    ring = cartography.ring(content.shapes, view, about) if inset else None

    fills = fills_of(content)
    handles = entries_of(content, counted=about, outlined=highlight_label if region else None)

    sheet = cartography.Sheet(width=WIDTH)
    if title:
        sheet.add_title(title)
    wide, column = WIDTH - COLUMN - GAP, WIDTH - COLUMN
    high = wide * cartography.ratio(view)
    main = sheet.add_map(content.shapes, fills, view, left=EDGE, width=wide - EDGE, height=high)
    sheet.add_scale(main, left=EDGE, below=high)
    sheet.add_legend(handles, unit=unit_of(unit, form), left=column)
    drawn = [main]
    if extent == "highlight":
        cartography.frame(main, main, colour=RULE)
    if ring is not None:
        top = sheet.legend_height(handles, unit=unit_of(unit, form)) + GAP
        bottom = max(high, top + SMALLEST_INSET)
        drawn.append(sheet.add_inset(main, content.shapes, fills, ring, left=column, top=top, bottom=bottom))
    if region:
        for axes in drawn:
            cartography.outline(axes, content.shapes, region)
    statuses = statuses_of(data_status)
    sheet.add_notes(notes_of(boundaries, zoomed=extent == "highlight"), below=high + SCALE_HEIGHT, width=wide)
    figure = sheet.finish()
    if "demonstration" in statuses:
        cartography.watermark(main)
    own_names = {code: name for code, name in (names or {}).items() if code in region}
    cartography.place_names(drawn, content.shapes, own_names)
    return figure


def alt_text(
    frame: pd.DataFrame,
    *,
    boundaries: GeoDataFrame,
    value: str,
    title: str,
    unit: str,
    data_status: Status,
    status: str | None = None,
    form: Form = "number",
    highlight: Collection[int] | None = None,
    extent: Literal["all", "highlight"] = "all",
    names: Mapping[int, str] | None = None,
) -> str:
    """Dutch words for a map: lowest, highest, and for how many municipalities nothing is known.

    Parameters are those of `choropleth`; with ``extent="highlight"`` the words are about the highlighted municipalities
    only. A suppressed value is counted, never told.

    Raises
    ------
    InputError
        As `choropleth`.
    """
    content = content_of(
        frame, boundaries=boundaries, value=value, status=status, edges=None, k=5, form=form, zero="class"
    )
    if extent == "highlight":
        content = content.part(members_of(highlight or (), content))
    count = len(content.state)
    parts = [f"Kaart: {title}."]
    if content.known.empty:
        parts.append(f"Van geen enkele van de {numbers.number(count)} gemeenten is een waarde bekend.")
    else:
        low, high = (_told(content, at, unit=unit, form=form, names=names or {}) for at in ("min", "max"))
        parts.append(f"Laagste waarde: {low}. Hoogste waarde: {high}.")
    tally = content.state.value_counts()
    unknown_count = int(tally.get("missing", 0) + tally.get("suppressed", 0))
    if unknown_count:
        reasons = [
            f"{numbers.number(tally[state])} {word}"
            for state, word in (("missing", "zonder gegevens"), ("suppressed", "onderdrukt"))
            if state in tally
        ]
        told = f"{numbers.number(unknown_count)} van de {numbers.number(count)} gemeenten"
        parts.append(f"Van {told} is de waarde onbekend ({', '.join(reasons)}).")
    elif not content.known.empty:
        parts.append(f"Van geen enkele van de {numbers.number(count)} gemeenten is de waarde onbekend.")
    others = (("unreachable", "onbereikbaar"), ("no_need", "geen vraag"), ("not_applicable", "niet van toepassing"))
    for state, word in others:
        if state in tally:
            parts.append(f"{numbers.plural(int(tally[state]), 'gemeente', 'gemeenten')}: {word}.")
    if "demonstration" in statuses_of(data_status):
        parts.append("Dit zijn demonstratiegegevens.")
    return " ".join(parts)


def _told(content: Content, at: Literal["min", "max"], *, unit: str, form: Form, names: Mapping[int, str]) -> str:
    """Lowest or highest value, and where it is."""
    known = content.known
    extreme = known.min() if at == "min" else known.max()
    where = known.index[known == extreme]
    plain = f"{numbers.number(extreme, decimals=_decimals(known))} {unit}"
    text = numbers.share(extreme) if form == "share" else plain
    if len(where) > 1:
        return f"{text} (in {numbers.number(len(where))} gemeenten)"
    return f"{text} ({names[where[0]]})" if where[0] in names else text


def _decimals(known: pd.Series) -> int:
    """Decimals that tell the values apart without false precision."""
    if np.allclose(known, known.round()):
        return 0
    largest = float(known.abs().max())
    return 0 if largest >= 1000 else 1 if largest >= 10 else 2


def unit_of(unit: str, form: Form) -> str:
    return f"{unit} (%)" if form == "share" and "%" not in unit else unit


def statuses_of(data_status: Status) -> list[str]:
    """Checked statuses, in fixed order."""
    given = [data_status] if isinstance(data_status, str) else list(data_status)
    if set(given) - set(DATA_STATUS):
        raise InputError(f"data_status: must be among {', '.join(DATA_STATUS)}, got {data_status!r}")
    return [word for word in DATA_STATUS if word in given]


def _keys(frame: pd.DataFrame) -> pd.Series:
    """Municipality code per row."""
    if "refnis" in frame:
        return frame["refnis"].astype(int)
    if "region" not in frame:
        raise InputError(f"frame: needs a column refnis or region, got {', '.join(map(str, frame.columns))}")
    wrong = frame.loc[~frame["region"].str.fullmatch(r"municipality:\d{5}"), "region"]
    for code in wrong:
        raise InputError(f"region: a map shows municipalities (municipality:12025), got {code!r}")
    return frame["region"].str.removeprefix("municipality:").astype(int)


def content_of(
    frame: pd.DataFrame,
    *,
    boundaries: GeoDataFrame,
    value: str,
    status: str | None,
    edges: Sequence[float] | None,
    k: int,
    form: Form,
    zero: Literal["class", "own"],
) -> Content:
    """Frame joined to the boundaries, every row checked."""
    for column in (value, *([status] if status else [])):
        if column not in frame:
            raise InputError(f"frame: needs the column {column!r}, got {', '.join(map(str, frame.columns))}")
    keys = _keys(frame)
    shapes = boundaries.set_index("refnis").geometry.sort_index()
    foreign = sorted(set(keys) - set(shapes.index))
    if foreign:
        vintage = boundaries.attrs.get("vintage", "?")
        raise InputError(f"refnis: must be a municipality of the boundaries (vintage {vintage}), got {foreign[0]}")
    if keys.duplicated().any():
        raise InputError(f"refnis: must occur once, got {keys[keys.duplicated()].iloc[0]} twice")
    state = classes.states(frame, value=value, status=status, zero=zero).set_axis(keys)
    number = pd.to_numeric(frame[value]).astype(float).set_axis(keys)
    state = state.reindex(shapes.index, fill_value="missing")
    number = number.reindex(shapes.index).where(state == classes.KNOWN)
    known = number.dropna()
    found: tuple[float, ...] = ()
    if edges is not None:
        found = classes.checked(edges, known)
    elif len(known):
        found = classes.breaks(known, k)
    whole = bool((known == known.round()).all()) and all(float(e).is_integer() for e in found)
    labels = classes.labels(found, form=form, whole=whole) if found else []
    return Content(shapes=shapes, state=state, number=number, edges=found, labels=labels)


def members_of(highlight: Collection[int], content: Content) -> list[int]:
    """Checked municipalities of the region."""
    foreign = sorted(set(highlight) - set(content.shapes.index))
    if foreign:
        raise InputError(f"highlight: must be municipalities of the boundaries, got {foreign[0]}")
    return sorted(highlight)


def fills_of(content: Content) -> dict[int, tuple[str, str | None]]:
    """Colour and hatch per municipality."""
    colours = cartography.colours(len(content.labels))
    named = {code: STATES[s] for code, s in content.state.items() if s in STATES}
    fills: dict[Any, tuple[str, str | None]] = {code: (state.fill, state.hatch) for code, state in named.items()}
    known = content.known
    if len(known):
        numbered = classes.class_of(known, content.edges)
        fills |= {code: (colours[i], None) for code, i in zip(known.index, numbered, strict=True)}
    return fills


def entries_of(content: Content, *, counted: list[int], outlined: str | None) -> list[cartography.Entry]:
    """One entry per class, also an empty one; then the states that occur; then the outline."""
    known = content.known[content.known.index.isin(counted)]
    counts = np.bincount(classes.class_of(known, content.edges) if len(known) else [], minlength=len(content.labels))
    colours = cartography.colours(len(content.labels))
    entries = [
        cartography.Entry(label=f"{label}  ({n})", fill=colour)
        for label, n, colour in zip(content.labels, counts, colours, strict=True)
    ]
    tally = content.state.loc[counted].value_counts()
    for name in STATES:
        if (content.state == name).any():
            counted_too = "" if name == "outside" else f"  ({tally.get(name, 0)})"
            state, label = STATES[name], f"{STATES[name].label}{counted_too}"
            entries.append(cartography.Entry(label=label, fill=state.fill, hatch=state.hatch))
    if outlined:
        entries.append(cartography.Entry(label=outlined, fill="none", outline=True))
    return entries


def notes_of(boundaries: GeoDataFrame, *, zoomed: bool) -> list[str]:
    """Lines under the map: how to read the legend, borders and their date."""
    attrs = boundaries.attrs
    kind = "Schematische grenzen" if attrs.get("schematic") else "Gemeentegrenzen"
    note = str(attrs.get("note") or kind).rstrip(".")
    borders = note if kind.lower() in note.lower() else f"{kind}. {note}"
    vintage = f" Gemeenten van {str(attrs['vintage']).replace('-', ' tot ')}." if attrs.get("vintage") else ""
    return [
        f"Tussen haakjes: aantal gemeenten{' in de regio' if zoomed else ''}.",
        f"{borders}.{vintage}",
    ]
