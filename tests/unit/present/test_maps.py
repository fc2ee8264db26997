"""Maps of municipalities: what they show, what they keep hidden, and that nothing overlaps."""

import json
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from studie.errors import InputError
from studie.present import cartography, classes, maps
from studie.present.display import Figure

REFERENCE = Path(__file__).resolve().parents[3] / "data" / "reference"
NOTE = "Schematische grenzen, afgeleid van NGI (CC BY 4.0) en postcodepunten (ODbL)"
WORDS = {
    "title": "Plaatsen per 100 mensen met een nood aan een plaats in de gemeenten van de provincie Antwerpen, 2025",
    "unit": "plaatsen per 100 mensen met een nood",
}


def read_boundaries(vintage="2025"):
    features = json.loads((REFERENCE / f"boundaries_{vintage}.geojson").read_text(encoding="utf-8"))["features"]
    frame = geopandas.GeoDataFrame(
        {"refnis": [f["properties"]["refnis"] for f in features]},
        geometry=[shapely.geometry.shape(f["geometry"]) for f in features],
        crs="EPSG:4326",
    ).to_crs(31370)
    frame.attrs = {"schematic": True, "vintage": vintage, "note": NOTE}
    return frame


@pytest.fixture(scope="module")
def boundaries():
    return read_boundaries()


@pytest.fixture(scope="module")
def frame(boundaries):
    rng = np.random.default_rng(7)
    places = rng.poisson(14, len(boundaries)) + 1
    status = pd.Series("published", index=boundaries.index)
    status.iloc[[3, 40]] = "suppressed"
    status.iloc[[8, 50, 51]] = "missing"
    status.iloc[[20, 60]] = "unreachable"
    status.iloc[[30]] = "not_applicable"
    places[[10, 45]] = 0
    return pd.DataFrame({"refnis": boundaries["refnis"], "places": places.astype(float), "status": status})


@pytest.fixture(scope="module")
def names(boundaries):
    return {code: f"Gemeente {code}" for code in boundaries["refnis"]}


@pytest.fixture(scope="module")
def turnhout(boundaries):
    return [code for code in boundaries["refnis"] if code // 1000 == 13]


def draw(frame, boundaries, **options):
    defaults = {"value": "places", "status": "status", "zero": "own", "data_status": "observed", **WORDS}
    return maps.choropleth(frame, boundaries=boundaries, **(defaults | options))


def told(frame, boundaries, **options):
    defaults = {"value": "places", "status": "status", "data_status": "observed"}
    words = {k: WORDS[k] for k in ("title", "unit")}
    return maps.alt_text(frame, boundaries=boundaries, **(defaults | words | options))


def texts(figure, gid=None):
    found = [t for t in figure.findobj(Text) if t.get_text() and t.get_visible()]
    return [t for t in found if gid is None or t.get_gid() == gid]


def main_map(figure):
    return next(axes for axes in figure.axes if axes.get_gid() == "map")


def boxes(found, figure):
    renderer = FigureCanvasAgg(figure).get_renderer()
    return [(t.get_text(), t.get_window_extent(renderer)) for t in found]


def luminance(colour):
    return float(np.dot([0.299, 0.587, 0.114], to_rgb(colour)))


def test_the_legend_names_each_class_with_its_number_of_municipalities(frame, boundaries):
    figure = draw(frame, boundaries, breaks=(1, 10, 15, 30))
    known = frame.loc[(frame["status"] == "published") & (frame["places"] > 0), "places"]
    expected = [known.lt(10).sum(), (known.ge(10) & known.lt(15)).sum(), known.ge(15).sum()]
    legend = [t.get_text() for t in texts(figure, "legend")]
    assert legend[:3] == [f"{label}  ({n})" for label, n in zip(["1-9", "10-14", "15-30"], expected, strict=True)]


def test_the_legend_names_the_five_states_that_are_not_a_class(frame, boundaries):
    legend = [t.get_text() for t in texts(draw(frame, boundaries), "legend")]
    assert legend[-5:] == [
        "nul  (2)",
        "onbereikbaar  (2)",
        "onderdrukt  (2)",
        "geen gegevens  (3)",
        "niet van toepassing  (1)",
    ]


def test_each_municipality_is_filled_as_its_state_says(frame, boundaries):
    patches = {p.get_gid(): p for p in main_map(draw(frame, boundaries)).patches}
    for row in frame.itertuples():
        hatch = patches[f"municipality-{row.refnis}"].get_hatch()
        state = "zero" if row.status == "published" and row.places == 0 else row.status
        assert hatch == (classes.STATES[state].hatch if state in classes.STATES else None)
    drawn = {p.get_hatch() for p in patches.values()} - {None}
    assert len(drawn) == 4


def test_a_municipality_without_a_row_has_no_data(frame, boundaries):
    figure = draw(frame.iloc[5:], boundaries)
    absent = frame["refnis"].iloc[0]
    patch = next(p for p in main_map(figure).patches if p.get_gid() == f"municipality-{absent}")
    assert patch.get_hatch() == classes.STATES["missing"].hatch


def test_a_value_beside_a_suppressed_cell_changes_nothing(frame, boundaries):
    other = frame.assign(places=frame["places"].mask(frame["status"] == "suppressed", 9876.0))
    one, two = (Figure(name="x", caption="", alt="", drawing=draw(f, boundaries), frame=f) for f in (frame, other))
    assert one.to_svg() == two.to_svg()
    assert told(frame, boundaries) == told(other, boundaries)


@pytest.mark.parametrize("k", range(2, 8))
def test_classes_get_darker_in_grey_with_visible_steps(k):
    grey = [luminance(c) for c in cartography.colours(k)]
    steps = -np.diff(grey)
    assert (steps > 0.09).all()
    assert grey[0] < 0.93  # lighter than the lowest class is only white


@pytest.mark.parametrize(
    ("status", "marked"),
    [("observed", False), ("own", False), ("demonstration", True), (["observed", "demonstration"], True)],
)
def test_the_watermark_is_there_exactly_when_demonstration_data_are_inside(frame, boundaries, status, marked):
    figure = draw(frame, boundaries, data_status=status)
    assert [t.get_text() for t in texts(figure, "watermark")] == ["DEMONSTRATIEGEGEVENS"] * marked
    assert ("demonstratiegegevens" in told(frame, boundaries, data_status=status)) is marked


def test_the_note_on_the_borders_and_their_vintage_stands_under_the_map(frame, boundaries):
    words = " ".join(t.get_text() for t in texts(draw(frame, boundaries)))
    assert NOTE + ". Gemeenten van 2025." in words
    official = boundaries.copy()
    official.attrs = {"schematic": False, "vintage": "2025", "note": "Statbel"}
    words = " ".join(t.get_text() for t in texts(draw(frame, official)))
    assert "Gemeentegrenzen. Statbel. Gemeenten van 2025." in words
    assert "chematisch" not in words
    unsaid = boundaries.copy()
    unsaid.attrs = {"schematic": True, "vintage": "2019-2024"}
    words = " ".join(t.get_text() for t in texts(draw(frame, unsaid)))
    assert "Schematische grenzen. Gemeenten van 2019 tot 2024." in words


def test_what_the_report_prints_under_the_figure_is_not_inside_it(frame, boundaries):
    figure = draw(frame, boundaries, title=None, data_status="demonstration")
    words = " ".join(t.get_text() for t in texts(figure))
    for absent in ("Bron", "Status", "demonstratiegegevens", WORDS["title"].split(",")[0]):
        assert absent not in words
    titled = draw(frame, boundaries)
    assert WORDS["title"] in " ".join(t.get_text() for t in texts(titled))
    assert figure.get_figheight() < titled.get_figheight()


CASES = {
    "province": {},
    "demonstration": {"data_status": "demonstration", "highlight": [12025, 12021]},
    "long unit": {
        "unit": "plaatsen in een collectief maatwerkbedrijf per honderd mensen met een nood aan zo een plaats"
    },
    "no inset": {"inset": False},
    "zoom": {"extent": "highlight"},
    "single municipality": {"highlight": [12025], "extent": "highlight", "data_status": "demonstration"},
    "seven classes": {"breaks": (1, 4, 8, 12, 14, 16, 20, 40), "zero": "own", "highlight_label": "arrondissement X"},
}


@pytest.mark.parametrize("case", CASES)
def test_no_text_overlaps_another_or_leaves_the_page_or_is_too_small(frame, boundaries, turnhout, names, case):
    options = CASES[case]
    if "extent" in options:
        options = {"highlight": turnhout, "names": names} | options
    figure = draw(frame, boundaries, **options)
    placed = boxes([t for t in texts(figure) if t.get_gid() != "watermark"], figure)
    assert len(placed) > 8
    for (one, a), (two, b) in combinations(placed, 2):
        assert not a.overlaps(b), f"{one!r} overlaps {two!r}"
    page = figure.bbox
    for text, box in boxes(texts(figure), figure):
        assert page.x0 - 1 <= box.x0 and box.x1 <= page.x1 + 1, text
        assert page.y0 - 1 <= box.y0 and box.y1 <= page.y1 + 1, text
    assert min(t.get_fontsize() for t in texts(figure)) >= 8
    assert figure.get_figwidth() * 2.54 == pytest.approx(16, abs=0.05)
    assert figure.get_figheight() * 2.54 < 22


@pytest.mark.parametrize("case", CASES)
def test_legend_scale_and_notes_stay_off_the_maps(frame, boundaries, turnhout, case):
    options = CASES[case]
    if "extent" in options:
        options = {"highlight": turnhout} | options
    figure = draw(frame, boundaries, **options)
    shown = [axes.get_window_extent() for axes in figure.axes if axes.get_gid() == "map"]
    for text, box in boxes(figure.texts, figure):
        assert not any(box.overlaps(area) for area in shown), text
    for one, two in combinations(shown, 2):
        assert not one.overlaps(two)


def count_maps(figure):
    return sum(axes.get_gid() == "map" for axes in figure.axes)


@pytest.mark.parametrize(("arrondissement", "maps_drawn"), [(11, 2), (12, 1), (13, 1)])
def test_a_zoomed_map_has_an_inset_only_where_the_ring_around_antwerp_is(frame, boundaries, arrondissement, maps_drawn):
    region = [code for code in boundaries["refnis"] if code // 1000 == arrondissement]
    assert count_maps(draw(frame, boundaries, highlight=region, extent="highlight")) == maps_drawn


def test_the_whole_province_has_an_inset_that_can_be_left_out(frame, boundaries):
    assert count_maps(draw(frame, boundaries)) == 2
    assert count_maps(draw(frame, boundaries, inset=False)) == 1


def test_the_scale_bar_is_as_long_as_it_says(frame, boundaries):
    figure = draw(frame, boundaries, inset=False)
    main = main_map(figure)
    bar = next(axes for axes in figure.axes if axes.lines)
    metres = np.ptp(main.get_xlim()) * bar.get_position().width / main.get_position().width
    label = next(t.get_text() for t in figure.texts if t.get_text().endswith(" km"))
    assert metres == pytest.approx(1000 * int(label.removesuffix(" km")), rel=1e-6)


@pytest.mark.parametrize("extent", ["all", "highlight"])
def test_a_map_is_never_stretched(frame, boundaries, turnhout, extent):
    figure = draw(frame, boundaries, highlight=turnhout, extent=extent)
    for axes in (a for a in figure.axes if a.get_gid() == "map"):
        box = axes.get_window_extent()
        assert np.ptp(axes.get_xlim()) / box.width == pytest.approx(np.ptp(axes.get_ylim()) / box.height, rel=1e-3)


def test_a_zoomed_map_holds_its_whole_region_and_counts_only_it(frame, boundaries, turnhout):
    figure = draw(frame, boundaries, highlight=turnhout, extent="highlight")
    west, south, east, north = boundaries[boundaries["refnis"].isin(turnhout)].total_bounds
    main = main_map(figure)
    assert main.get_xlim()[0] < west < east < main.get_xlim()[1]
    assert main.get_ylim()[0] < south < north < main.get_ylim()[1]
    counts = [int(t.get_text().rsplit("(")[1].rstrip(")")) for t in texts(figure, "legend") if "(" in t.get_text()]
    assert sum(counts) == len(turnhout)


def printed_names(figure):
    shown = [t for axes in figure.axes if axes.get_gid() == "map" for t in axes.texts if t.get_gid() != "watermark"]
    return [int(t.get_gid().removeprefix("name-")) for t in shown]


def test_names_are_printed_for_the_region_only(frame, boundaries, turnhout, names):
    printed = printed_names(draw(frame, boundaries, highlight=turnhout, extent="highlight", names=names))
    assert set(printed) <= set(turnhout)
    assert len(printed) >= 0.7 * len(turnhout)


def test_a_map_of_the_whole_province_names_only_what_is_highlighted(frame, boundaries, names):
    assert printed_names(draw(frame, boundaries, names=names)) == []
    assert printed_names(draw(frame, boundaries, names=names, highlight=[13025])) == [13025]
    assert "Gemeente" in told(frame.assign(places=range(67), status="published"), boundaries, names=names)


def test_a_name_stands_in_the_inset_where_that_shows_its_municipality(frame, boundaries):
    names = {code: str(code) for code in boundaries["refnis"]}
    region = [code for code in boundaries["refnis"] if code // 1000 == 11]
    figure = draw(frame, boundaries, names=names, highlight=region, extent="highlight")
    main, inset = [axes for axes in figure.axes if axes.get_gid() == "map"]
    assert "name-11005" in {t.get_gid() for t in inset.texts}
    assert "name-11016" in {t.get_gid() for t in main.texts}
    printed = printed_names(figure)
    assert len(printed) == len(set(printed)) >= 0.8 * len(region)


def test_names_lie_over_a_faint_watermark_and_have_a_white_halo(frame, boundaries, turnhout, names):
    options = {"highlight": turnhout, "extent": "highlight", "names": names, "data_status": "demonstration"}
    drawn = main_map(draw(frame, boundaries, **options)).texts
    mark = next(t for t in drawn if t.get_gid() == "watermark")
    labels = [t for t in drawn if t is not mark]
    assert labels
    assert mark.get_alpha() <= 0.25
    for label in labels:
        assert label.get_zorder() > mark.get_zorder()
        assert label.get_alpha() is None
        halo = label.get_path_effects()[0]._gc
        assert (halo["foreground"], halo["linewidth"] >= 2) == ("white", True)


def test_shared_breaks_give_every_map_of_a_series_the_same_legend(frame, boundaries):
    later = frame.assign(places=frame["places"] * 2)
    shared = maps.breaks([*frame["places"], *later["places"]], 4)

    def words(f):
        return [t.get_text().split("  ")[0] for t in texts(draw(f, boundaries, breaks=shared), "legend")]

    assert words(frame) == words(later)


def test_the_same_map_gives_the_same_bytes(frame, boundaries, turnhout, names):
    def svg():
        drawing = draw(frame, boundaries, data_status="demonstration", highlight=turnhout, names=names)
        return Figure(name="map", caption="", alt="", drawing=drawing, frame=frame).to_svg()

    first = svg()
    assert first == svg()
    assert first.startswith("<?xml")
    assert "<dc:date>" not in first


def test_drawing_does_not_touch_global_state(tmp_path):
    code = (
        "import sys, pandas as pd, geopandas, shapely\n"
        "from studie.present import maps\n"
        "assert 'matplotlib' not in sys.modules or 'matplotlib.pyplot' not in sys.modules\n"
        "b = geopandas.GeoDataFrame({'refnis': [11001, 11002]}, geometry=[shapely.box(0, 0, 1e4, 1e4), "
        "shapely.box(1e4, 0, 2e4, 1e4)], crs=31370)\n"
        "f = pd.DataFrame({'refnis': [11001, 11002], 'n': [1.5, 2.5]})\n"
        "maps.choropleth(f, boundaries=b, value='n', unit='n', data_status='own')\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_alt_text_tells_lowest_highest_and_how_many_are_unknown(boundaries):
    codes = boundaries["refnis"].tolist()
    frame = pd.DataFrame({"refnis": codes, "share": np.linspace(0.1, 0.9, len(codes))})
    frame["why"] = "published"
    frame.loc[[0, 1], "why"] = "suppressed"
    frame.loc[2, "share"] = np.nan
    text = maps.alt_text(
        frame, boundaries=boundaries, value="share", status="why", form="share", title="Bereik van het aanbod",
        unit="aandeel", data_status="observed", names={codes[-1]: "Laakdal"},
    )  # fmt: skip
    assert text == (
        "Kaart: Bereik van het aanbod. Laagste waarde: 14\u00a0%. Hoogste waarde: 90\u00a0% (Laakdal). "
        "Van 3 van de 67 gemeenten is de waarde onbekend (1 zonder gegevens, 2 onderdrukt)."
    )


def test_alt_text_of_a_region_is_about_that_region(frame, boundaries, turnhout):
    text = told(frame, boundaries, highlight=turnhout, extent="highlight")
    own = frame[frame["refnis"].isin(turnhout)]
    unknown = own["status"].isin(["missing", "suppressed"]).sum()
    assert f"Van {unknown} van de {len(turnhout)} gemeenten is de waarde onbekend" in text


def test_alt_text_says_so_when_nothing_or_everything_is_known(frame, boundaries):
    nothing = frame.assign(status="missing")
    assert "Van geen enkele van de 67 gemeenten is een waarde bekend." in told(nothing, boundaries)
    everything = frame.assign(status="published", places=range(67))
    assert "Van geen enkele van de 67 gemeenten is de waarde onbekend." in told(everything, boundaries)


def test_a_map_without_any_known_value_still_shows_why(frame, boundaries):
    legend = [t.get_text() for t in texts(draw(frame.assign(status="missing"), boundaries), "legend")]
    assert legend == ["geen gegevens  (67)"]


def test_region_codes_work_as_well_as_refnis(frame, boundaries):
    coded = frame.assign(region=[f"municipality:{c}" for c in frame["refnis"]]).drop(columns="refnis")
    assert told(coded, boundaries) == told(frame, boundaries)
    with pytest.raises(InputError, match="region: a map shows municipalities"):
        draw(coded.assign(region="province:10000"), boundaries)


def test_a_municipality_of_another_vintage_is_refused(boundaries):
    former = read_boundaries("2024")
    frame = pd.DataFrame({"refnis": former["refnis"], "places": 1.0, "status": "published"})
    with pytest.raises(InputError, match=r"boundaries \(vintage 2025\), got 11007"):
        draw(frame, boundaries)
    assert "67" not in told(frame, former)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"data_status": "demo"}, "data_status: must be among observed, own, demonstration, got 'demo'"),
        ({"breaks": (0, 3)}, "breaks: must cover"),
        ({"highlight": [99999]}, "highlight: must be municipalities of the boundaries, got 99999"),
        ({"extent": "highlight"}, "highlight: must name the municipalities"),
        ({"value": "plaatsen"}, "frame: needs the column 'plaatsen'"),
    ],
)
def test_wrong_use_is_refused_in_one_line(frame, boundaries, options, message):
    with pytest.raises(InputError, match=message) as caught:
        draw(frame, boundaries, **options)
    assert "\n" not in str(caught.value)


def test_a_municipality_may_occur_only_once(frame, boundaries):
    with pytest.raises(InputError, match="must occur once"):
        draw(pd.concat([frame, frame.iloc[:1]]), boundaries)
