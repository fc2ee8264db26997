"""What chapter 40 and its sheets say and draw: each sentence and its opposite, and five states that stay five."""

from types import SimpleNamespace
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from studie import regions
from studie.disclosure import rules
from studie.errors import InsufficientDataError
from studie.places import gaps
from studie.places.face import Face, measure
from studie.places.regional_access import RegionalAccess
from studie.present import plots, tables, wording, words
from studie.present.display import Unavailable

PROVINCE = regions.region("province:10000")
TOWN = regions.region("municipality:12025")
AREA = regions.region("arrondissement:12000")
AREAS = [1, 2, 3, 4, 5, 6]
NAMES = {code: f"Gemeente {code}" for code in AREAS}
STATES = ["published", "published", "unknown", "unreachable", "not applicable", "no need"]
PERSONS = pd.Series(1000.0, index=AREAS)
DRAWS = pd.DataFrame([[0.2, 0.5, np.nan, np.nan, np.nan, np.nan], [0.3, 0.6, np.nan, np.nan, np.nan, np.nan]])
QUANTITIES = {
    "volume": ("gap share", "ratio", "high"),
    "diversity": ("missing cells", "share", "high"),
    "reach": ("reach public_transport", "share", "low"),
    "sector": ("without inclusive offer", "share", "high"),
    "knowledge": ("unknown offer", "share", "high"),
}


def face(name: str = "volume", *, states: list[str] = STATES, persons: float = 1000.0) -> Face:
    quantity, unit, worse = QUANTITIES[name]
    found = measure(
        DRAWS.set_axis(AREAS, axis=1),
        pd.Series(states, index=AREAS),
        unit=unit,
        worse=worse,
        level=0.95,
        persons=PERSONS * persons / 1000,
    )
    return Face(name=name, measures={quantity: found}, level=0.95, n=len(AREAS))


def five(**options: Any) -> Any:
    return gaps.faces(*(face(name, **options) for name in QUANTITIES))


def context(inside: list[int] | None = None) -> dict[str, Any]:
    squares = [shapely.box(1000 * k, 0, 1000 * k + 1000, 1000) for k in range(len(AREAS))]
    frame = geopandas.GeoDataFrame({"refnis": AREAS}, geometry=squares, crs="EPSG:31370")
    frame.attrs = {"schematic": True, "vintage": "2025", "note": "Schematische grenzen"}
    return {"boundaries": frame, "names": NAMES, "highlight": inside, "data_status": "own", "source": "bron"}


def regional(rows: dict[tuple[str, str], tuple[float, float, float, float, float]], *, need: float = 1000.0) -> Any:
    columns = ["estimate", "lower", "upper", "whole", "worse"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).assign(known=3, unit="share")
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["face", "quantity"])
    return gaps.RegionalGaps(table=table, need=(need, need - 1, need + 1), municipalities=4, level=0.95, n=2)


GAP, TRANSIT, CAR = ("volume", "gap share"), ("reach", "reach public_transport"), ("reach", "reach car")
NONE = (np.nan, np.nan, np.nan, 0.3, np.nan)
TYPICAL = {GAP: (0.3, 0.2, 0.4, 0.25, 0.9), TRANSIT: (0.4, 0.35, 0.45, 0.5, 0.9), CAR: (0.9, 0.85, 0.95, 0.9, 0.5)}


def said(rows: dict[tuple[str, str], tuple[float, float, float, float, float]], **options: Any) -> list[str]:
    return [s.text for s in wording.regional_gaps(regional(rows, **options), region=AREA, minutes=30)]


def test_the_gap_is_a_lack_places_to_spare_or_unknown() -> None:
    assert (
        "waar het aanbod bekend is, is er voor 30\u00a0% (20-40\u00a0%) van hen geen, als het aangenomen"
        in said(TYPICAL)[0]
    )
    spare = {**TYPICAL, GAP: (-0.2, -0.3, -0.1, 0.25, 0.0)}
    assert "meer plaatsen dan de 1.000" in said(spare)[0]
    assert said({**TYPICAL, GAP: NONE})[0].endswith("hoeveel plaatsen er zijn, is onbekend.")


def test_reach_is_said_per_mode_and_an_unknown_one_is_not_zero() -> None:
    assert "Met geschatte reistijden raakt met het openbaar vervoer 40\u00a0%" in said(TYPICAL)[1]
    assert said(TYPICAL)[1].endswith("met de auto 90\u00a0% (85-95\u00a0%).")
    one = said({**TYPICAL, TRANSIT: NONE})[1]
    assert one.startswith("Met geschatte reistijden raakt met de auto 90")
    assert one.endswith("met het openbaar vervoer: onbekend.")
    assert said({**TYPICAL, CAR: NONE})[1].endswith("met de auto: onbekend.")
    assert said({**TYPICAL, TRANSIT: NONE, CAR: NONE})[1].endswith("is hier onbekend.")


def test_reach_is_surely_less_by_public_transport_only_where_the_intervals_are_apart() -> None:
    apart = wording.regional_gaps(regional(TYPICAL), region=AREA, minutes=30)[1]
    close = wording.regional_gaps(regional({**TYPICAL, CAR: (0.45, 0.4, 0.5, 0.5, 0.5)}), region=AREA, minutes=30)[1]
    assert (apart.certainty, close.certainty) == ("waarschijnlijk", None)
    frame = regional(TYPICAL).to_frame().assign(cell_status="published")
    findings = wording.blind_spot_headline(regional(TYPICAL), region=AREA, minutes=30, frame=frame)
    assert [f.certainty for f in findings] == ["waarschijnlijk", "waarschijnlijk"]


def test_a_need_of_fewer_than_ten_persons_is_not_told() -> None:
    texts = said(TYPICAL, need=7.0)
    assert len(texts) == 1
    assert "7" not in texts[0]


def test_of_an_unavailable_result_nothing_is_found() -> None:
    assert wording.blind_spot_headline(Unavailable(), region=AREA, minutes=30, frame=pd.DataFrame()) == []
    assert wording.blind_spot_numbers(Unavailable(), frame=pd.DataFrame()) == []


def among(*chance: float) -> Any:
    return SimpleNamespace(k=10, probability=pd.Series(chance, index=AREAS[: len(chance)]))


def worst(*chance: float) -> list[str]:
    return [s.text for s in wording.worst(among(*chance), names=NAMES, inside=AREAS[: len(chance)])]


def test_who_is_among_the_worst_is_a_chance_and_nobody_has_its_own_sentence() -> None:
    assert worst(0.99, 0.85, 0.2)[0].startswith("Gemeente 1 (99\u00a0%) en Gemeente 2 (85\u00a0%) horen waarschijnlijk")
    assert worst(1.0, 0.2)[0].startswith("Gemeente 1 (>\u00a099\u00a0%) hoort waarschijnlijk")
    assert worst(0.5, 0.2) == [
        "Geen enkele gemeente van deze regio hoort met een kans van minstens 80 % bij de 10 gemeenten van de "
        "provincie met het grootste tekort."
    ]
    assert worst(0.9, np.nan)[1] == "Van 1 gemeente is het aanbod onbekend: die kunnen er ook bij horen."


def test_a_single_municipality_has_its_chance_or_is_unknown() -> None:
    assert "De kans dat Gemeente 1 hoort bij" in worst(0.004)[0]
    assert worst(0.004)[0].endswith("is <\u00a01\u00a0%.")
    assert worst(np.nan) == [
        "Of Gemeente 1 hoort bij de 10 gemeenten van de provincie met het grootste tekort, is onbekend: het aanbod is "
        "niet geregistreerd."
    ]


@pytest.mark.parametrize(
    ("moran", "p_value", "word"),
    [(0.3, 0.01, "vaker bij elkaar"), (-0.3, 0.01, "vaker uit elkaar"), (0.1, 0.4, "niet aantoonbaar bij elkaar")],
)
def test_gaps_lie_together_apart_or_neither(moran: float, p_value: float, word: str) -> None:
    text = wording.autocorrelation(SimpleNamespace(moran=moran, expected=-0.01, p_value=p_value))[0].text
    assert word in text
    assert text.startswith("In de provincie")


def test_the_list_of_firms_is_counted_and_may_be_empty() -> None:
    full = SimpleNamespace(n=12, left_out={"no sector": 3, "no shortage": 1})
    assert wording.prospects(full)[0].text == (
        "Op de lijst staan 12 ondernemingen in een knelpuntsector. Er niet op staan: 1 in een sector zonder knelpunt "
        "en 3 in een andere sector."
    )
    alone = SimpleNamespace(n=12, left_out={"no sector": 0, "no shortage": 0})
    assert wording.prospects(alone)[0].text.endswith("in een knelpuntsector.")
    assert wording.prospects(SimpleNamespace(n=0, left_out={}))[0].text.startswith("Er staat geen onderneming")


def matched(*states: str) -> str:
    return wording.matching(SimpleNamespace(table=pd.DataFrame({"state": list(states)})))[0].text


def test_tasks_that_somebody_does_nobody_does_and_of_which_nothing_is_known_are_three_things() -> None:
    text = matched("matched", "no offer", "unknown", "not applicable")
    assert text.startswith("Voor 1 van de 3 taken")
    assert text.endswith("voor 1 nog niemand; voor 1 weten we het niet.")
    assert "nog niemand" not in matched("matched")
    assert "onbekend" in matched("not applicable")


TALK = {
    GAP: (0.1, 0.05, 0.15, 0.3, 0.01),
    ("diversity", "missing cells"): (0.7, 0.6, 0.8, 0.5, 0.99),
    TRANSIT: (0.4, 0.35, 0.45, 0.4, 0.5),
    ("sector", "without inclusive offer"): (0.302, 0.30, 0.31, 0.3, 0.99),
    ("knowledge", "unknown offer"): NONE,
}


def test_the_talk_names_what_is_clearly_better_and_clearly_worse_and_asks_first_about_what_is_unknown() -> None:
    result = regional(TALK)
    strengths, lacks, questions = (
        [s.text for s in wording.talk(result, part=part)] for part in ("strengths", "gaps", "questions")
    )
    assert strengths == [
        "Verhoudingsgewijs staan hier minder mensen zonder plaats dan in de provincie: 10\u00a0% tegen 30\u00a0%."
    ]
    assert len(lacks) == 1, "a difference of less than a point is not worth a sentence"
    assert "minder kiezen" in lacks[0]
    assert questions[0] == "Welk aanbod staat nog niet in de databank?"
    assert len(questions) == 3


def test_a_region_like_the_province_has_no_strengths_and_no_gaps_but_questions() -> None:
    result = regional({GAP: (0.3, 0.2, 0.4, 0.3, 0.5)})
    assert "duidelijk beter" in wording.talk(result, part="strengths")[0].text
    assert "duidelijk slechter" in wording.talk(result, part="gaps")[0].text
    assert wording.talk(result, part="questions")


def accessible(
    *, unmet: tuple[float, float] = (20.0, 50.0), edge: float = 2.0, at_least: bool = True
) -> RegionalAccess:
    row = {
        "access": 0.8, "lower": 0.7, "upper": 0.9, "at_least": at_least, "nearest": 12.0,
        "unmet_lower": unmet[0], "unmet_upper": unmet[1], "edge": edge, "unreachable": 0,
    }  # fmt: skip
    table = pd.DataFrame([row, row], index=pd.Index(["public_transport", "car"], name="mode"))
    return RegionalAccess(table=table, persons=1000.0, minutes=30, municipalities=4, level=0.95, n=2)


def test_who_stays_without_a_place_in_reach_is_a_range_or_nobody() -> None:
    text = wording.regional_access(accessible(), region=AREA)[0].text
    assert "met het openbaar vervoer 20 tot 50 en met de auto 20 tot 50" in text
    assert "hoogste als het niemand opvangt" in text
    exact = wording.regional_access(accessible(unmet=(50.0, 50.0)), region=AREA)[0].text
    assert "met de auto 50." in exact
    assert "onbekende" not in exact
    nobody = wording.regional_access(accessible(unmet=(0.0, 0.0)), region=AREA)[0].text
    assert nobody.endswith("een plaats voor iedereen die er een nodig heeft.")
    few = wording.regional_access(accessible(unmet=(0.0, 4.0)), region=AREA)[0].text
    assert "4" not in few


@pytest.mark.parametrize(
    ("edge", "words_"),
    [(2.0, "Voor 2 van de 4 gemeenten"), (0.0, "er is geen randeffect"), (np.nan, "is onbekend")],
)
def test_the_edge_of_the_province_distorts_does_not_or_is_unknown(edge: float, words_: str) -> None:
    assert words_ in wording.regional_access(accessible(edge=edge), region=AREA)[1].text


def test_access_in_the_table_is_a_lower_bound_where_offer_is_unknown() -> None:
    shown = tables.regional_access(accessible(), region=AREA).rows[0]
    assert shown == ["met het openbaar vervoer", "minstens 80", "12", "50 (20-50)", "2 van 4"]
    known = tables.regional_access(accessible(at_least=False, edge=np.nan), region=AREA).rows[0]
    assert (known[1], known[4]) == ("80 (70-90)", "onbekend")


def test_five_states_are_five_things_in_the_table() -> None:
    worst_ = SimpleNamespace(k=2, probability=pd.Series([0.9, 0.1, *[np.nan] * 4], index=AREAS))
    shown = tables.faces(five(), worst=worst_, names=NAMES)
    volume = {row[0]: row[2] for row in shown.rows}
    expected = ["onbekend", "onbereikbaar", "n.v.t.", "geen vraag"]
    assert [volume[NAMES[code]] for code in AREAS[2:]] == expected
    assert len({*volume.values()}) == 6
    assert not any(text.startswith("0") for text in volume.values())
    assert shown.rows[2][1] == "onbekend", "the chance of a municipality without offer is not zero"


def test_five_states_are_five_things_on_the_map_and_in_its_words() -> None:
    drawn = plots.faces(five(), minutes=30, **context())
    assert set(drawn.frame["cell_status"]) == {"published", "missing", "unreachable", "not_applicable", "no_need"}
    legend = {text.get_text() for text in drawn.drawing.findobj(lambda a: hasattr(a, "get_text")) if text.get_text()}
    for word in ("geen gegevens", "onbereikbaar", "niet van toepassing", "geen vraag"):
        assert word in legend
    single = plots.face(face(), **context())
    for word in ("1 zonder gegevens", "1 gemeente: onbereikbaar", "1 gemeente: geen vraag", "niet van toepassing"):
        assert word in single.alt


def test_the_words_of_a_map_hold_the_numbers_of_its_frame() -> None:
    drawn = plots.faces(five(), minutes=30, **context())
    shown = drawn.frame.set_index(["face", "refnis"])["estimate"].astype(float)
    highest = {name: rows.droplevel(0).idxmax() for name, rows in shown.dropna().groupby("face")}
    for name, code in highest.items():
        label = words.FACES[name].capitalize()
        assert f"{label}: hoogst in {NAMES[code]}, {shown[name, code] * 100:.0f}\u00a0%" in drawn.alt
    assert shown["reach", 1] == pytest.approx(1 - DRAWS[0].mean())
    assert highest["reach"] == 1
    assert "van 4 gemeenten geen cijfer" in drawn.alt


def test_all_faces_share_fixed_classes_and_places_to_spare_get_their_own() -> None:
    assert plots.places.edges(pd.Series([0.1, 0.95])) == (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    assert plots.places.edges(pd.Series([-0.31, 0.5, np.nan])) == (-0.4, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def test_municipalities_outside_the_region_are_elsewhere_and_not_unknown() -> None:
    drawn = plots.face(face().within([1, 2, 3]), **context([1, 2, 3]))
    assert "Van 1 van de 3 gemeenten" in drawn.alt
    assert set(drawn.frame["refnis"]) == {1, 2, 3}


def test_a_map_of_a_single_municipality_is_drawn_among_its_neighbours() -> None:
    drawn = plots.faces(five().within([1]), minutes=30, **context([1]))
    assert set(drawn.frame["refnis"]) == {1}
    assert "hoogst in Gemeente 1" in drawn.alt


def test_the_words_of_a_regions_maps_are_about_the_region_alone() -> None:
    drawn = plots.faces(five(), minutes=30, **context([1, 3, 4]))
    assert set(drawn.frame["refnis"]) == {1, 3, 4}
    assert "hoogst in Gemeente 1" in drawn.alt
    assert "Gemeente 2" not in drawn.alt
    with pytest.raises(InsufficientDataError, match="nothing may be shown"):
        plots.faces(five(), minutes=30, **context([3, 4]))


def test_where_everything_is_suppressed_or_unknown_there_is_no_map() -> None:
    hidden = five(persons=5.0)
    frame = rules.protected(hidden)
    assert set(frame["cell_status"]) <= {"suppressed", "missing", "unreachable", "not_applicable", "no_need"}
    with pytest.raises(InsufficientDataError, match="nothing may be shown"):
        plots.faces(hidden, minutes=30, frame=frame, **context())
    with pytest.raises(InsufficientDataError, match="nothing may be shown"):
        plots.faces(five(states=["unknown"] * 6), minutes=30, **context())
    table = tables.faces(hidden, worst=among(0.5, 0.5, *[np.nan] * 4), names=NAMES, frame=frame)
    assert {row[2] for row in table.rows} == {"te klein"}


@pytest.mark.parametrize(
    ("worse", "difference", "text"),
    [
        (0.97, 0.1, "slechter (zeker)"),
        (0.85, 0.1, "slechter (waarschijnlijk)"),
        (0.5, 0.1, "geen duidelijk verschil"),
        (0.02, -0.1, "beter (zeker)"),
        (0.99, 0.004, "geen duidelijk verschil"),
        (None, 0.1, "onbekend"),
    ],
)
def test_a_region_is_better_worse_or_not_clearly_different(worse: float | None, difference: float, text: str) -> None:
    assert tables.places.verdict(worse, difference) == text


def test_the_province_is_not_compared_with_itself_and_unknown_measures_stay_unknown() -> None:
    whole = tables.regional_gaps(regional({**TYPICAL, GAP: NONE}), region=PROVINCE)
    assert [column.label for column in whole.columns] == ["Gezicht", "Provincie", "Bekend"]
    part = tables.regional_gaps(regional({**TYPICAL, GAP: NONE}), region=TOWN)
    assert part.rows[0][1:4] == ["onbekend", "30\u00a0%", "onbekend"]
    assert part.rows[1][3] == "slechter (waarschijnlijk)"


def test_the_check_counts_numbers_and_reasons() -> None:
    text = wording.faces_add_up(five())[0].text
    assert "30 vakjes (5 gezichten maal de gemeenten), waarvan 10 met een cijfer en 20 met een reden" in text
