"""Figures: drawn from printable cells, with words for who cannot see them, the same bytes twice."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from studie.demand import outlook
from studie.errors import InsufficientDataError
from studie.ladder import hazards, matrices, observations, stock
from studie.present import plots

CUT = {"quantity": "relapse", "caption": "c", "label": "teruggevallen"}


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(3)
    rows = []
    for person in range(400):
        step = rng.choice([3, 4, 5])
        for month in pd.date_range("2024-01-31", periods=18, freq="ME"):
            rows.append((person, month, str(step), "ja" if person % 2 else "nee"))
            step = int(np.clip(step + rng.choice([-1, 0, 0, 0, 0, 0, 0, 0, 1]), 3, 6))
    frame = pd.DataFrame(rows, columns=["person", "date", "step", "support"])
    return observations.from_panel(frame, person="person", time="date", state="step", covariates=["support"])


def drawn_texts(figure):
    return [text.get_text() for text in figure.drawing.findobj(lambda artist: hasattr(artist, "get_text"))]


def test_the_matrix_shows_shares_with_their_interval(people):
    figure = plots.transition_matrix(matrices.transition_matrix(matrices.counts(people, lag=1)))
    texts = drawn_texts(figure)
    assert "trede 5" in texts
    assert any("%" in text for text in texts)
    assert "blijft" in figure.alt


def test_a_suppressed_cell_is_neither_drawn_nor_told(people):
    result = matrices.transition_matrix(matrices.counts(people, lag=1))
    frame = result.to_frame()
    hidden = frame["from_step"] == "5"
    shown = frame.assign(cell_status=np.where(hidden, "suppressed", "published"))
    shown.loc[hidden, ["estimate", "lower", "upper"]] = np.nan
    figure = plots.transition_matrix(result, frame=shown)
    assert "te klein" in drawn_texts(figure)
    assert "op trede 5" not in figure.alt


def test_where_nothing_may_be_printed_nothing_is_drawn(people):
    result = matrices.transition_matrix(matrices.counts(people, lag=1))
    hidden = result.to_frame().assign(cell_status="suppressed", estimate=np.nan, lower=np.nan, upper=np.nan)
    with pytest.raises(InsufficientDataError, match="at least one cell must be printable"):
        plots.transition_matrix(result, frame=hidden)


def test_the_curve_has_a_line_per_group_told_apart_without_colour(people):
    figure = plots.cumulative_incidence(hazards.relapse(people, by="support"), **CUT)
    lines = figure.drawing.axes[0].get_lines()
    assert len({line.get_linestyle() for line in lines}) == len(lines) == 2
    assert {"met ondersteuning", "zonder ondersteuning"} <= set(drawn_texts(figure))
    assert "met ondersteuning" in figure.alt


def test_one_group_needs_no_legend(people):
    figure = plots.cumulative_incidence(hazards.relapse(people), **CUT)
    assert figure.drawing.axes[0].get_legend() is None
    assert figure.alt.startswith("Lijn van teruggevallen. allen:")


def test_the_bars_say_too_small_instead_of_a_small_count(people):
    result = stock.stock(people)
    frame = result.to_frame().assign(cell_status=["suppressed", *["published"] * (len(result.known) - 1)])
    texts = drawn_texts(plots.stock(result, frame=frame))
    assert "te klein" in texts
    assert str(result.known.iloc[0]) not in texts


def test_the_same_figure_gives_the_same_bytes(people):
    first, second = (plots.stock(stock.stock(people)).to_svg() for _ in range(2))
    assert first == second
    assert "<dc:date>" not in first


def test_names_at_the_end_of_lines_do_not_overlap():
    frame = pd.DataFrame(
        [
            {"region": code, "period": period, "quantity": "q", "estimate": value, "cell_status": "published"}
            for code, values in {"a": (100, 101), "b": (100, 102), "c": (5, 103)}.items()
            for period, value in zip(("2023", "2024"), values, strict=True)
        ]
    )
    figure = plots.published(None, caption="c", label="mensen", names={"a": "A", "b": "B", "c": "C"}, frame=frame)
    canvas = FigureCanvasAgg(figure.drawing)
    canvas.draw()
    renderer = canvas.get_renderer()
    boxes = [t.get_window_extent(renderer) for t in figure.drawing.axes[0].texts]
    assert len(boxes) == 3
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert "A: 100 in 2023, 101 in 2024" in figure.alt


def test_the_fan_holds_past_and_future_of_every_sector():
    months = pd.period_range("2020-01", periods=75, freq="M").astype(str)
    rows = pd.DataFrame({"sector": "zorg", "period": months, "estimate": 20.0})
    rows["kind"] = ["history"] * 72 + ["forecast"] * 3
    for bound, value in {"lower_95": 10, "lower_80": 15, "upper_80": 25, "upper_95": 30}.items():
        rows[bound] = np.where(rows["kind"] == "forecast", value, np.nan)
    totals = pd.DataFrame(
        [{"sector": "zorg", "estimate": 60.0, "lower": 45.0, "upper": 75.0, "before": 60, "more": 0.5}]
    )
    draws = pd.DataFrame({"zorg": [60.0]})
    result = outlook.RegionalDemand(months=rows, totals=totals, more_in_all=0.5, span=3, level=0.8, n=500, draws=draws)
    figure = plots.regional_demand(result)
    assert "zorg: 60 (45-75)" in figure.alt
    assert "zorg" in drawn_texts(figure)
