"""Figures of the strategy: drawn from printable cells, told in the same numbers, apart without colour."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from studie import regions
from studie.errors import InputError, InsufficientDataError
from studie.present import cells, expected, money, numbers, plots, style

NAMES = {
    "netwerk": "licht ondersteuningsnetwerk",
    "netwerk 1": "licht ondersteuningsnetwerk: stappen omhoog",
    "plaatsen": "extra plaatsen op trede 5",
}


def texts(figure):
    return [artist.get_text() for artist in figure.drawing.findobj(lambda artist: hasattr(artist, "get_text"))]


@pytest.fixture(scope="module")
def context():
    named = regions.municipalities(date="2025-01-01")
    return {
        "boundaries": regions.boundaries(date="2025-01-01"),
        "names": dict(zip(named["refnis"], named["name_nl"], strict=True)),
        "highlight": None,
        "data_status": ["demonstration"],
        "source": "bron",
    }


@pytest.fixture(scope="module")
def drawn(strategy, tested, bought, partners, ranked, ties, choice, context):
    """Every figure once."""
    s = strategy
    return {
        "projection": plots.projection(s.projection, step="5", region="r1", first_year=2026),
        "paths": plots.paths(s.paths, names=NAMES, first_year=2026),
        "tornado": plots.tornado(s.tornado, names=NAMES),
        "variance_shares": plots.variance_shares(s.variance_shares, names=NAMES),
        "needed_places": plots.needed_places(s.needed_places, first_year=2026),
        "value_of_information": plots.value_of_information(s.value_of_information),
        "choice": plots.choice(choice, **context),
        "evaluation": plots.evaluation(tested.can),
        "frontier": plots.frontier(bought.frontier),
        "acceptability": plots.acceptability(ranked.acceptability),
        "network": plots.network(partners.network, ties=ties),
        "governance": plots.governance(partners.governance),
    }


def test_every_figure_has_text_width_words_and_a_tidy_frame(drawn):
    for name, figure in drawn.items():
        assert figure.drawing.get_size_inches()[0] == style.WIDTH, name
        assert figure.caption, name
        assert len(figure.alt) > 60, name
        assert {"quantity", "estimate", "lower", "upper", "n", "unit", "cell_status"} <= set(figure.frame.columns), name


def test_nothing_is_written_smaller_than_eight_points(drawn):
    for name, figure in drawn.items():
        written = [text for text in figure.drawing.findobj(Text) if text.get_text().strip()]
        assert min(t.get_fontsize() for t in written) >= 8, name


def test_the_same_figure_gives_the_same_bytes(strategy):
    first, second = (plots.tornado(strategy.tornado).to_svg() for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("name", "rows", "write"),
    [
        ("projection", {"quantity": "waiting", "step": "5", "region": "r1", "month": 48}, cells.amount),
        ("paths", {"quantity": "waiting", "scenario": "plaatsen", "year": 4}, cells.amount),
        ("tornado", {"effect": "plaatsen"}, cells.amount),
        ("variance_shares", {"input": "plaatsen"}, cells.share),
        ("needed_places", {"quantity": "extra_places", "region": "r1", "year": 4}, cells.amount_known),
        ("value_of_information", {"request": "everything", "value_per_lasting_move": 80_000}, money.amount),
        ("frontier", {"quantity": "lasting_places", "budget": 1_500_000}, cells.amount),
        ("network", {"quantity": "density"}, cells.share),
    ],
)
def test_the_words_tell_the_numbers_of_the_frame(drawn, name, rows, write):
    frame = drawn[name].frame
    for column, value in rows.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    assert write(frame.iloc[0]) in drawn[name].alt


def test_shares_in_the_words_are_those_of_the_frame(drawn):
    power = drawn["evaluation"].frame
    most = power[power["quantity"] == "power"].iloc[-1]
    assert numbers.share(most["estimate"]) in drawn["evaluation"].alt
    ranks = drawn["acceptability"].frame
    first = ranks[(ranks["quantity"] == "rank_acceptability") & (ranks["alternative"] == "aanvraag A")]
    assert f"aanvraag A {numbers.share(first['estimate'].iloc[0])}" in drawn["acceptability"].alt
    forms = drawn["governance"].frame.set_index(["form", "quantity"])
    assert (
        f"volgens het plan {numbers.share(forms.loc[('today', 'redundancy'), 'estimate'])}" in drawn["governance"].alt
    )


def test_with_and_without_are_told_apart_by_dash_and_each_has_its_band(strategy):
    figure = plots.paths(strategy.paths, quantities=("relapse", "lasting_moves"), scenarios=["netwerk"], names=NAMES)
    assert len(figure.drawing.axes) == 2
    for axes in figure.drawing.axes:
        assert len({line.get_linestyle() for line in axes.get_lines()}) == 2
        assert len(axes.collections) == 2
    assert "licht ondersteuningsnetwerk" in figure.caption


def test_every_scenario_has_its_panel(drawn, strategy):
    titles = [axes.get_title(loc="left").replace("\n", " ") for axes in drawn["paths"].drawing.axes]
    assert titles == ["licht ondersteuningsnetwerk", "extra plaatsen op trede 5", "hinder"]


def test_the_low_end_of_a_bar_is_hatched_so_that_grey_tells_it_too(drawn):
    bars = drawn["tornado"].drawing.axes[0].patches
    assert {bar.get_hatch() for bar in bars} == {"////", None}


def test_a_number_of_persons_below_ten_is_neither_drawn_nor_told(strategy):
    frame = strategy.needed_places.to_frame()
    place = (frame["quantity"] == "extra_places") & (frame["region"] == "r1")
    small = strategy.needed_places.table.assign(extra=lambda t: t["extra"].where(t["region"] != "r1", 7))
    figure = plots.needed_places(type(strategy.needed_places)(**{**vars(strategy.needed_places), "table": small}))
    assert place.sum() == 4
    assert "te klein" in texts(figure)
    assert "7" not in texts(figure)
    assert (figure.frame.loc[place, "cell_status"] == "suppressed").all()
    assert figure.frame.loc[place, "estimate"].isna().all()


def test_draws_areas_and_actors_are_no_persons(strategy, choice, partners):
    for result in (strategy.variance_shares, choice, partners.network):
        shown = expected.protected(result)
        assert (shown["cell_status"] != "suppressed").all()
        assert shown["n"].tolist() == result.to_frame()["n"].tolist()


@pytest.mark.parametrize("name", ["paths", "tornado", "variance_shares", "needed_places", "value_of_information"])
def test_where_nothing_may_be_printed_nothing_is_drawn(strategy, name):
    result = getattr(strategy, name)
    hidden = result.to_frame().assign(cell_status="suppressed", estimate=np.nan, lower=np.nan, upper=np.nan)
    with pytest.raises(InsufficientDataError, match="at least one cell must be printable"):
        getattr(plots, name)(result, frame=hidden)


def test_groups_and_steps_are_never_added_up_or_guessed(strategy):
    frame = expected.protected(strategy.projection)
    several = pd.concat([frame.assign(target_group="a"), frame.assign(target_group="b")])
    with pytest.raises(InputError, match="target_group: one of a, b is needed"):
        plots.projection(strategy.projection, step="5", region="r1", frame=several)
    with pytest.raises(InputError, match="step: unknown value '4'"):
        plots.projection(strategy.projection, step="4", region="r1")
    with pytest.raises(InputError, match="quantities: unknown value 'geluk'"):
        plots.paths(strategy.paths, quantities=["geluk"])


def test_the_map_tells_the_chance_by_lot_and_the_best_set(drawn, choice, context):
    figure = drawn["choice"]
    for refnis in choice.sets["members"].iloc[0]:
        assert context["names"][refnis] in figure.alt
    assert f"onder {len(choice.sets)} keuzes" in figure.caption
    assert any("DEMONSTRATIE" in text for text in texts(figure))


def test_the_chance_of_a_municipality_is_its_share_of_the_sets(choice):
    chance = plots.decisions.municipal_chance(choice)
    for refnis in chance:
        assert chance[refnis] == pytest.approx(sum(refnis in m for m in choice.sets["members"]) / len(choice.sets))


def test_a_partner_without_whom_others_come_loose_has_another_sign(drawn, partners):
    points = [line for line in drawn["network"].drawing.axes[0].get_lines() if line.get_marker() == "D"]
    assert len(points) == len(partners.network.critical)
    assert "Geen enkele partner is onmisbaar" in plots.network(partners.ring, ties=_ring()).alt


def _ring():
    names = [f"p{i}" for i in range(12)]
    return pd.DataFrame({"from_actor": names, "to_actor": [*names[1:], names[0]], "confirmed": True})


def test_many_ranks_are_put_together_and_few_are_not(ranked):
    many = plots.acceptability(ranked.acceptability)
    few = plots.acceptability(ranked.close)
    legends = [[t.get_text() for t in figure.drawing.legends[0].get_texts()] for figure in (many, few)]
    assert legends == [["1e plaats", "2e of 3e plaats", "lager"], ["1e plaats", "2e plaats"]]
