"""The argument and the proposal: every sentence has its opposite, and nothing is approved on demonstration data."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from studie import regions
from studie.config import read_config
from studie.present import levers, tables, wording
from studie.present.argument import Area, crossing
from studie.present.display import Unavailable
from studie.present.wording.argument import less_with_support
from studie.strategy import outlay
from studie.strategy.levers import lever
from studie.strategy.room import room

LEVEL = 0.95
PROVINCE, ANTWERPEN, MECHELEN = (
    regions.region(c) for c in ("province:10000", "arrondissement:11000", "arrondissement:12000")
)
SETTINGS = read_config().levers
NAMES = levers.names(SETTINGS)


def told(quantity: str, estimate: float, half: float, **keys: Any) -> dict[str, Any]:
    """A printable row."""
    values = {"estimate": estimate, "lower": estimate - half, "upper": estimate + half, "n": 500.0}
    return {**keys, "quantity": quantity, **values, "unit": "probability", "cell_status": "published"}


def after(quantity: str, estimate: float, half: float = 0.02, **keys: Any) -> pd.DataFrame:
    return pd.DataFrame([told(quantity, estimate, half, time=12.0, **keys)])


def area(
    region: regions.Region = PROVINCE,
    *,
    fallen: float = 0.2,
    supported: float | None = 0.1,
    alone: float = 0.3,
    need: float = 1000.0,
    gap: tuple[float, float] = (0.2, 0.05),
    worse: float = 0.5,
    more: float = 0.9,
    hidden: bool = False,
) -> Area:
    """An area of whom everything is known unless said otherwise."""
    by_support = pd.DataFrame(
        [] if supported is None else [
            told("relapse", supported, 0.02, time=12.0, support="ja"),
            told("relapse", alone, 0.02, time=12.0, support="nee"),
        ]
    )  # fmt: skip
    gaps = pd.DataFrame([told("need", need, 50.0, face="need"), told("gap share", *gap, face="volume")])
    index = pd.MultiIndex.from_tuples([("volume", "gap share")])
    shares = pd.DataFrame({"estimate": [gap[0]], "whole": [0.1], "worse": [worse]}, index=index)
    demand = SimpleNamespace(
        totals=pd.DataFrame({"estimate": [120.0], "lower": [100.0], "upper": [140.0], "before": [110.0]}),
        draws=pd.DataFrame({"zorg": np.linspace(100.0, 140.0, 101)}),
        more_in_all=more, span=12, ahead=("2026-05", "2027-04"), level=0.8,
    )  # fmt: skip
    found = Area(
        region=region, relapse=after("relapse", fallen), by_support=by_support, lasting=after("lasting", 0.7),
        gaps=gaps, shortfall=SimpleNamespace(table=shares), demand=demand,
        potential=SimpleNamespace(
            table=pd.DataFrame({"estimate": [6.0]}), draws=np.linspace(4.0, 8.0, 101)[:, None], level=0.8
        ),
    )  # fmt: skip
    empty = {"estimate": np.nan, "lower": np.nan, "upper": np.nan, "n": np.nan, "cell_status": "suppressed"}
    return replace(found, gaps=gaps.assign(**empty), relapse=found.relapse.assign(**empty)) if hidden else found


def crossed(*areas: Area, vacancies: tuple[float, ...] = ()) -> Any:
    """Areas beside the first, with so many vacancies each."""
    each = vacancies or (120.0,) * len(areas)
    found = room(
        {one.region.code: np.full(100, count) for one, count in zip(areas, each, strict=True)},
        {one.region.code: np.full(100, 1000.0) for one in areas},
        whole=areas[0].region.code,
    )
    return crossing(areas, found, level=LEVEL)


def texts(sentences: list[Any]) -> str:
    return "\n".join(one.text for one in sentences)


@pytest.mark.parametrize(
    ("known", "said", "sure"),
    [
        ({"supported": 0.1, "alone": 0.3}, "viel minder vaak terug", "zeker"),
        ({"supported": 0.3, "alone": 0.1}, "vaker terugviel", "zeker"),
        ({"supported": 0.2, "alone": 0.2}, "is niet te zien", "onzeker"),
        ({"supported": None}, "Daarom eerst: tellen", None),
    ],
)
def test_what_follows_from_relapse_and_its_opposites(known: dict[str, Any], said: str, sure: str | None) -> None:
    sentence = wording.what_holds_back(area(**known), level=LEVEL)[0]
    assert said in sentence.text and sentence.certainty == sure


@pytest.mark.parametrize(
    ("more", "said", "sure"),
    [
        (0.97, "meer vacatures dan", "zeker"),
        (0.1, "de ruimte krimpt", "waarschijnlijk"),
        (0.5, "is niet te zeggen", "onzeker"),
    ],
)
def test_what_follows_from_the_sectors_and_that_a_prior_decided_part_of_it(more: float, said: str, sure: str) -> None:
    sentence = wording.where_room(area(more=more))[0]
    assert said in sentence.text and "besliste een aanname" in sentence.text and sentence.certainty == sure


def test_without_vacancies_the_room_is_unknown() -> None:
    assert "de ruimte onbekend" in wording.where_room(replace(area(), demand=Unavailable()))[0].text


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"gap": (0.2, 0.05)}, "doorstroom alleen volstaat niet"),
        ({"gap": (-0.2, 0.05)}, "meer plaatsen zijn niet het eerste"),
        ({"gap": (0.02, 0.05)}, "is niet zeker"),
        ({"hidden": True}, "het aanbod tellen"),
    ],
)
def test_what_follows_from_the_places_and_its_opposites(known: dict[str, Any], said: str) -> None:
    assert said in wording.where_short(area(**known))[0].text


def test_where_shortage_and_room_meet_is_named_and_so_is_where_they_do_not() -> None:
    both = crossed(area(), area(MECHELEN, worse=0.99), vacancies=(120.0, 300.0))
    first = wording.crossing(both)[0]
    assert "In het arrondissement Mechelen" in first.text and "daar raken de hefbomen elkaar" in first.text
    assert first.certainty == "waarschijnlijk"  # a shortage hangs on an assumed number of places per person
    neither = crossed(area(), area(MECHELEN, worse=0.5), vacancies=(120.0, 300.0))
    assert "In geen enkel arrondissement vallen een groter tekort" in texts(wording.crossing(neither))
    only = crossed(area(), area(MECHELEN, worse=0.99), vacancies=(120.0, 60.0))
    assert "daar helpt eerst een plaats" in texts(wording.crossing(only))


def test_where_people_fall_back_more_is_named_and_its_opposites() -> None:
    assert "het arrondissement Mechelen vallen mensen" in texts(
        wording.crossing(crossed(area(), area(MECHELEN, fallen=0.4)))
    )
    assert "vraagt overal dezelfde aandacht" in texts(wording.crossing(crossed(area(), area(MECHELEN))))
    unknown = crossed(area(), area(MECHELEN, hidden=True))
    assert "Waar tekort en ruimte samenvallen, is onbekend" in texts(wording.crossing(unknown))
    assert "is onbekend" in texts(wording.crossing(unknown)[1:])


def test_the_table_prints_no_ratio_where_the_people_are_hidden() -> None:
    found = crossed(
        area(), area(MECHELEN, hidden=True), area(ANTWERPEN, worse=0.99, fallen=0.4), vacancies=(120.0, 300.0, 30.0)
    )
    people, sectors = tables.crossing(found), tables.crossing_room(found)
    assert people.rows[1][2:] == ["te klein"] * 3 and sectors.rows[1][2] == "te klein"
    both = pd.concat([people.frame, sectors.frame])
    rows = both[both["region"] == "arrondissement:12000"].set_index("quantity")
    assert rows.loc[["room", "need", "gap share", "relapse"], "estimate"].isna().all()
    assert (rows.loc[["room", "need", "gap share", "relapse"], "cell_status"] == "suppressed").all()


def test_every_number_of_the_areas_has_its_interval() -> None:
    found = crossed(area(), area(MECHELEN))
    people, sectors = tables.crossing(found), tables.crossing_room(found)
    assert people.rows[0][3] == "1.000 (950-1.050)" and "95\N{NO-BREAK SPACE}%" in people.note
    assert (
        sectors.rows[0][1] == "120 (104-136)"
        and sectors.rows[0][3] == "6 (4-8)"
        and "80\N{NO-BREAK SPACE}%" in sectors.note
    )
    unknown = replace(area(), demand=Unavailable(), potential=Unavailable())
    assert tables.crossing_room(crossed(unknown)).rows[0][1::2] == ["onbekend", "onbekend"]


def test_what_an_area_has_more_or_less_of_is_said_with_how_sure_it_is() -> None:
    areas = (area(), area(MECHELEN, hidden=True), area(ANTWERPEN, worse=0.9, fallen=0.4))
    shown = tables.crossing_verdicts(crossed(*areas, vacancies=(120.0, 300.0, 30.0)))
    assert shown.rows == [
        ["Arrondissement Mechelen", "onbekend", "onbekend", "onbekend"],
        ["Arrondissement Antwerpen", "meer (zeker)", "minder (zeker)", "meer (waarschijnlijk)"],
    ]
    assert tables.crossing_verdicts(crossed(area(), area(MECHELEN))).rows[0][1:] == ["geen duidelijk verschil"] * 3


def test_a_difference_of_less_than_a_point_is_no_difference() -> None:
    found = crossed(area(), area(MECHELEN, gap=(0.105, 0.05), worse=1.0))
    assert found.chance(found.areas[0], "shortage") == 0.5


def test_the_check_sees_that_arrondissements_do_not_add_up() -> None:
    right = crossed(area(need=2000.0), area(MECHELEN), area(ANTWERPEN))
    first, second = wording.crossing_complete(right)
    assert first.text.endswith("in orde.") and "niet in orde, verschil van 120,0" in second.text
    assert "niet na te gaan" in wording.crossing_complete(crossed(area(), area(MECHELEN, hidden=True)))[0].text


REQUESTS = SimpleNamespace(
    requests=pd.DataFrame(
        {
            "holder": ["VDAB", "OCMW's", "VDAB"], "title": ["Vacatures", "Behoefte", "Behoefte"],
            "now": ["observed+demonstration", "", "demonstration"],
        }
    ),
    n=27,
    to_frame=lambda: pd.DataFrame({"quantity": ["request"]}),
)  # fmt: skip
NONE_OPEN = SimpleNamespace(requests=REQUESTS.requests[:0], n=27)
DEMONSTRATION = {"aard": "kennisname", "statuses": {"observed", "demonstration"}, "requests": REQUESTS}
OWN = {"aard": "goedkeuring", "statuses": {"observed", "own"}, "requests": NONE_OPEN}


def articles(found: Any, **given: Any) -> str:
    return texts(wording.decision(found, **given, settings=SETTINGS, level=LEVEL))


@pytest.mark.parametrize("aard", ["kennisname", "goedkeuring"])
def test_with_demonstration_data_the_council_takes_note_and_asks_for_the_named_data(aard: str) -> None:
    said = articles(crossed(area(), area(MECHELEN)), **{**DEMONSTRATION, "aard": aard})
    assert "Artikel 1. De provincieraad neemt kennis" in said
    assert "op te vragen bij OCMW's en VDAB" in said
    assert "niet over uitgaven" in said
    assert "keurt" not in said and "euro" not in said
    asked = wording.asked(**{**DEMONSTRATION, "aard": aard})
    assert "kennis te nemen" in asked and "bij 2 houders" in asked and "goed te keuren" not in asked


def test_with_own_data_the_articles_ask_approval_and_follow_from_the_findings() -> None:
    said = articles(crossed(area(), area(MECHELEN, worse=0.99)), **OWN)
    assert "keurt de strategische studie inclusieve economie goed" in said
    assert "keurt een proef met een ondersteuningsnetwerk goed" in said
    assert "De aangenomen kost is 300.000 euro per jaar bij volle opbouw." in said
    assert "extra plaatsen voor wie er vandaag geen heeft, eerst in het arrondissement Mechelen" in said
    assert "de gegevens elk jaar te vernieuwen" in said
    assert "neemt kennis" not in said
    assert "goed te keuren" in wording.asked(**OWN)


def test_with_own_data_but_only_note_asked_the_council_hears_that_it_could_approve() -> None:
    said = articles(crossed(area(), area(MECHELEN)), **{**OWN, "aard": "kennisname"})
    assert "neemt kennis" in said and "ter goedkeuring voorleggen" in said and "keurt" not in said


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"supported": 0.3, "alone": 0.1}, "start geen proef met een ondersteuningsnetwerk"),
        ({"supported": None}, "beslist niet over een proef"),
        ({"gap": (-0.2, 0.05)}, "vraagt geen extra plaatsen"),
        ({"hidden": True}, "eerst het aanbod te tellen"),
    ],
)
def test_each_article_has_its_opposite(known: dict[str, Any], said: str) -> None:
    assert said in articles(crossed(area(**known), area(MECHELEN)), **OWN)


def test_without_vacancies_the_article_asks_for_them() -> None:
    found = crossed(area(), area(MECHELEN))
    assert "vraagt VDAB eerst de vacatures" in articles(
        replace(found, whole=replace(found.whole, demand=Unavailable())), **OWN
    )


def test_a_lever_without_cost_is_estimated_before_it_starts() -> None:
    free = {"ondersteuningsnetwerk": SETTINGS["ondersteuningsnetwerk"].model_copy(update={"cost": None})}
    said = texts(wording.decision(crossed(area(), area(MECHELEN)), **OWN, settings=free, level=LEVEL))
    assert "De kost is onbekend" in said


def test_articles_are_numbered_without_a_gap() -> None:
    for given in (DEMONSTRATION, OWN):
        said = wording.decision(crossed(area(), area(MECHELEN)), **given, settings=SETTINGS, level=LEVEL)
        numbers = [one.text.split(".")[0] for one in said if one.text.startswith("Artikel")]
        assert numbers == [f"Artikel {i}" for i in range(1, len(numbers) + 1)]
        assert [one.text for one in said[:2]] == ["Op voorstel van de deputatie,", "BESLUIT:"]


def test_what_is_considered_says_whether_the_data_are_made_up() -> None:
    given = {"level": LEVEL, "requests": REQUESTS}
    made = wording.considering(area(), statuses={"demonstration"}, **given)
    assert "nagemaakt" in made["data"].text and "3 vragen" in made["data"].text
    assert not any(character.isdigit() for part in ("ladder", "sectors", "places") for character in made[part].text)
    known = wording.considering(area(), statuses={"own"}, **given)
    assert "1.000 mensen een plaats nodig hebben" in known["places"].text
    own = wording.considering(area(hidden=True), statuses={"own"}, **given)
    assert own["data"].text == "Overwegende dat de studie op waargenomen en eigen gegevens rust;"
    assert "onbekend" in own["places"].text
    assert all(
        one.text.startswith("Overwegende dat") and one.text.endswith(";") for one in (*made.values(), *own.values())
    )


def priced(*names: str) -> outlay.Outlay:
    return outlay.outlay([lever(n, SETTINGS[n].model_dump(), persons_per_place=1.0) for n in names])


def test_the_financial_consequence_is_a_range_from_published_to_assumed_and_names_what_is_unknown() -> None:
    said = texts(wording.outlay(priced("ondersteuningsnetwerk", "extra_plaatsen", "platform"), names=NAMES))
    assert "in jaar 5 samen 1,7 miljoen tot 2,0 miljoen euro" in said
    assert "Van provinciaal platform is de kost onbekend" in said
    assert "alleen aangenomen" in texts(wording.outlay(priced("ondersteuningsnetwerk"), names=NAMES))
    only = texts(wording.outlay(priced("extra_plaatsen"), names=NAMES))
    assert "Die kosten zijn gepubliceerd" in only and "Van elke ingreep" in only
    assert "Van geen enkele ingreep" in texts(wording.outlay(priced("platform"), names=NAMES))


def test_the_table_of_costs_sums_published_and_assumed_apart() -> None:
    rows = tables.outlay(priced("ondersteuningsnetwerk", "extra_plaatsen", "platform"), names=NAMES).rows
    assert [row[-1] for row in rows] == ["aangenomen", "gepubliceerd", "onbekend", "gepubliceerd", "aangenomen"]
    assert rows[2][1:6] == ["onbekend"] * 5


def test_requests_are_listed_by_holder() -> None:
    assert tables.requests_by_holder(REQUESTS).rows == [
        ["OCMW's", "Behoefte", "onbekend"],
        ["VDAB", "Vacatures; Behoefte", "waargenomen en demonstratie"],
    ]


def test_the_decision_itself_opens_no_credit() -> None:
    assert "geen rechtstreeks financieel gevolg" in wording.direct_cost(aard="kennisname", statuses={"own"}).text
    assert "opent geen krediet" in wording.direct_cost(aard="goedkeuring", statuses={"own"}).text
    assert "geen rechtstreeks" in wording.direct_cost(aard="goedkeuring", statuses={"demonstration"}).text


def test_support_is_not_compared_where_one_side_is_hidden() -> None:
    assert (
        less_with_support(replace(area(), by_support=area().by_support.assign(cell_status="suppressed")), level=LEVEL)
        is None
    )
