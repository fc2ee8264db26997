"""Small maps beside each other: one set of classes and one legend for all of them."""

from typing import Any

import geopandas
import pandas as pd
import pytest
import shapely
from matplotlib.colors import to_hex

from studie.errors import InputError
from studie.present import multiples

AREAS = [1, 2, 3, 4]


def boundaries() -> Any:
    squares = [shapely.box(1000 * k, 0, 1000 * k + 1000, 1000) for k in range(len(AREAS))]
    frame = geopandas.GeoDataFrame({"refnis": AREAS}, geometry=squares, crs="EPSG:31370")
    frame.attrs = {"schematic": True, "vintage": "2025", "note": "Schematische grenzen"}
    return frame


def frame(values: list[float], status: list[str] | None = None) -> pd.DataFrame:
    return pd.DataFrame({"refnis": AREAS, "share": values, "status": status or ["published"] * len(AREAS)})


def draw(frames: dict[str, pd.DataFrame], **options: Any) -> Any:
    known = {"boundaries": boundaries(), "value": "share", "unit": "deel", "data_status": "own", "status": "status"}
    return multiples.small_multiples(frames, **{**known, "form": "share", **options})


LOW, HIGH = frame([0.0, 0.1, 0.2, 0.3]), frame([0.7, 0.8, 0.9, 0.3])


def colours(figure: Any) -> list[list[str]]:
    """Fill of each municipality, map by map."""
    maps = [axes for axes in figure.axes if axes.get_gid() == "map"]
    return [[to_hex(patch.get_facecolor()) for patch in axes.patches[: len(AREAS)]] for axes in maps]


def words(figure: Any) -> list[str]:
    return [t.get_text() for t in figure.findobj(lambda artist: hasattr(artist, "get_text")) if t.get_text()]


def test_one_value_has_one_colour_on_every_map() -> None:
    first, second = colours(draw({"laag": LOW, "hoog": HIGH}))
    assert first[3] == second[3]
    assert first[0] != second[2]


def test_the_classes_are_those_of_all_maps_together() -> None:
    edges = multiples.shared_edges({"laag": LOW, "hoog": HIGH}, value="share", status="status")
    assert edges[0] <= 0.0
    assert edges[-1] >= 0.9
    hidden = frame([0.0, 0.1, 0.2, 99.0], ["published"] * 3 + ["suppressed"])
    assert multiples.shared_edges({"a": hidden, "b": hidden}, value="share", status="status")[-1] < 1


def test_every_state_of_any_map_stands_once_in_the_legend() -> None:
    other = frame([0.5] * 4, ["published", "missing", "unreachable", "suppressed"])
    found = words(draw({"laag": LOW, "anders": other}))
    for label in ("geen gegevens", "onbereikbaar", "onderdrukt"):
        assert found.count(label) == 1
    plain = words(draw({"laag": LOW, "hoog": HIGH}))
    assert "geen gegevens" not in plain


def test_maps_in_a_row_stand_at_the_same_height_however_long_their_titles() -> None:
    figure = draw({"kort": LOW, "een titel die zo lang is dat hij zeker over meer dan een regel loopt": HIGH})
    first, second = [axes.get_position() for axes in figure.axes if axes.get_gid() == "map"]
    assert first.y1 == pytest.approx(second.y1)


def test_demonstration_data_are_watermarked_on_every_map() -> None:
    marks = words(draw({"laag": LOW, "hoog": HIGH}, data_status=["observed", "demonstration"]))
    assert sum("DEMONSTRATIE" in text for text in marks) == 2
    assert not any("DEMONSTRATIE" in text for text in words(draw({"laag": LOW, "hoog": HIGH})))


def test_a_region_can_be_looked_at_alone() -> None:
    def width(**options: Any) -> float:
        axes = next(
            a for a in draw({"laag": LOW, "hoog": HIGH}, highlight=[1, 2], **options).axes if a.get_gid() == "map"
        )
        low, high = axes.get_xlim()
        return float(high - low)

    assert width(extent="highlight") < 0.8 * width()
    with pytest.raises(InputError, match="highlight"):
        draw({"laag": LOW, "hoog": HIGH}, extent="highlight")


def test_one_map_is_not_a_series() -> None:
    with pytest.raises(InputError, match="at least two"):
        draw({"laag": LOW})


def test_a_series_of_which_nothing_is_known_has_no_classes() -> None:
    nothing = frame([float("nan")] * 4, ["missing"] * 4)
    assert multiples.shared_edges({"a": nothing, "b": nothing}, value="share", status="status") == ()
