"""Sentences: each is computed, has its opposite, and reads as Dutch."""

from types import SimpleNamespace

import pandas as pd
import pytest

from studie import regions
from studie.present import wording

PROVINCE = regions.region("province:10000")
TOWN = regions.region("municipality:12025")


def incidence(**rows):
    shown = [
        {"quantity": "relapse", "time": 12.0, "cell_status": "published", "n": 200, **row, "support": support}
        for support, row in rows.items()
    ]
    return pd.DataFrame(shown)


def coverage(*known):
    return SimpleNamespace(known=pd.Series(known), n=len(known))


def test_unknown_offer_is_not_called_no_offer():
    text = wording.offer_coverage(coverage(True, False, False), region=PROVINCE)[0].text
    assert text == "Van 2 van de 3 gemeenten kennen we het aanbod niet; dat is niet hetzelfde als geen aanbod."
    assert wording.offer_coverage(coverage(True, True), region=PROVINCE)[0].text.startswith("Van alle 2 gemeenten")
    assert "in Mechelen kennen we niet" in wording.offer_coverage(coverage(False), region=TOWN)[0].text
    assert wording.offer_coverage(coverage(True), region=TOWN)[0].text.endswith("in Mechelen kennen we.")


def test_relapse_is_said_with_its_interval_or_not_at_all():
    frame = incidence(x={"estimate": 0.21, "lower": 0.19, "upper": 0.23})
    assert wording.relapse(None, frame=frame)[0].text == (
        "Van wie een stap omhoog zette, viel 21\u00a0% (19-23\u00a0%) binnen het jaar terug."
    )
    hidden = frame.assign(cell_status="suppressed")
    assert "21" not in wording.relapse(None, frame=hidden)[0].text


@pytest.mark.parametrize(
    ("supported", "alone", "word", "certainty"),
    [
        ((0.15, 0.13, 0.17), (0.22, 0.20, 0.24), "minder vaak", "zeker"),
        ((0.22, 0.20, 0.24), (0.15, 0.13, 0.17), "vaker", "zeker"),
        ((0.20, 0.10, 0.30), (0.21, 0.11, 0.31), "minder vaak", "onzeker"),
    ],
)
def test_the_contrast_by_support_is_an_association_and_says_how_sure(supported, alone, word, certainty):
    names = ("estimate", "lower", "upper")
    frame = incidence(ja=dict(zip(names, supported, strict=True)), nee=dict(zip(names, alone, strict=True)))
    sentence = wording.relapse_by_support(None, frame=frame)[0]
    assert f"viel {word} terug" in sentence.text
    assert "geen effect" in sentence.text
    assert sentence.certainty == certainty


def standing(*rows):
    frame = pd.DataFrame(rows, columns=["step", "estimate", "upper"])
    return frame.assign(cell_status="published")


def test_people_who_may_stand_on_a_step_are_told_beside_those_who_do():
    text = wording.stock(None, region=PROVINCE, frame=standing(("3", 1952.0, 1952.0), ("5", 3768.0, 3858.0)))[0].text
    assert text == (
        "In de provincie Antwerpen staan 1.952 mensen op trede 3 en 3.768 mensen op trede 5 (hoogstens 3.858)."
    )


def later(*rows):
    names = ["time", "from_step", "to_step", "quantity", "estimate", "lower", "upper", "cell_status"]
    return pd.DataFrame(rows, columns=names)


def test_where_people_are_after_years_is_told_with_its_interval_or_not_at_all():
    result, seen = SimpleNamespace(level=0.95), ("observed_share", 0.6, 0.5, 0.7, "published")
    hidden = ("observed_share", None, None, None, "suppressed")
    rows = [(36.0, "3", "3", *seen), (36.0, "3", "6", "observed_share", 0.02, 0.01, 0.03, "published")]
    rows += [(36.0, "4", "4", *seen), (36.0, "4", "6", *hidden), (12.0, "5", "5", *seen), (12.0, "5", "6", *seen)]
    text = wording.outcomes(result, frame=later(*rows))[0].text.replace("\u00a0", " ")
    assert text == (
        "Gezien na 3 jaar: van trede 3 staat 60 % (50-70 %) er nog en 2,0 % (1,0-3,0 %) op trede 6 "
        "(tussen haakjes het interval van 95 %)."
    )
    assert "onbekend" in wording.outcomes(result, frame=later((36.0, "4", "4", *hidden)))[0].text


def test_where_one_group_is_too_small_nothing_is_compared():
    frame = incidence(
        ja={"estimate": 0.1, "lower": 0.0, "upper": 0.2, "cell_status": "suppressed"},
        nee={"estimate": 0.1, "lower": 0.0, "upper": 0.2},
    )
    assert "te weinig bekend" in wording.relapse_by_support(None, frame=frame)[0].text


def waiting(*values):
    rows = [{"region": "province:10000", "period": str(2020 + i), "value": v} for i, v in enumerate(values)]
    return SimpleNamespace(values=pd.DataFrame(rows))


@pytest.mark.parametrize(
    ("values", "words"),
    [((1441, 1083), "358 minder dan in 2020"), ((1083, 1441), "358 meer dan"), ((5000, 5000), "evenveel als toen")],
)
def test_waiting_is_compared_with_the_year_before(values, words):
    assert words in wording.waiting(waiting(*values), region=PROVINCE)[0].text


def evaluated(horizon, **skill):
    rows = pd.DataFrame(
        [{"against": "seasonal naive", "quantity": "skill", "series": "all", "last_step": 3, "estimate": 0.2, "n": 10}]
    )
    return SimpleNamespace(skill=rows, skill_horizon=lambda against: horizon, **skill)


def test_skill_is_claimed_only_where_it_was_shown():
    assert "Tot 3 maanden vooruit doet de prognose het 20\u00a0% beter" in wording.backtest(evaluated(3))[0].text
    none = wording.backtest(evaluated(0))[0]
    assert "op geen enkele termijn aantoonbaar beter" in none.text
    assert none.certainty == "onzeker"


def demand(estimate, before, more):
    totals = pd.DataFrame(
        [{"sector": "zorg", "estimate": estimate, "lower": 10, "upper": 90, "before": before, "more": more}]
    )
    draws = pd.DataFrame({"zorg": [10.0, estimate, 90.0]})
    return SimpleNamespace(
        totals=totals, span=12, ahead=("2026-05", "2027-04"), more_in_all=more, level=0.8, draws=draws
    )


def test_a_rise_of_nothing_is_not_called_a_rise():
    assert "evenveel als in de voorbije 12." in wording.regional_demand(demand(35.3, 35, 0.6), region=PROVINCE)[0].text
    assert (
        "minder dan de 40 van de voorbije 12."
        in wording.regional_demand(demand(35.3, 40, 0.1), region=PROVINCE)[0].text
    )
    assert wording.regional_demand(demand(35.3, 40, 0.1), region=PROVINCE)[0].certainty == "waarschijnlijk"


def test_a_small_number_of_followed_steps_is_not_told():
    def said(n, status):
        frame = pd.DataFrame({"n": [n], "cell_status": [status]})
        return wording.followed(SimpleNamespace(undecided=3), frame=frame)[0].text

    assert "te klein om te tonen" in said(None, "suppressed")
    large = said(1200.0, "published")
    assert "1.200 stappen omhoog" in large
    assert "hoogstens 10 is een waarneming" in large


def test_rows_that_do_not_add_up_are_reported():
    good = SimpleNamespace(estimate=pd.DataFrame([[0.5, 0.5], [None, None]], dtype=float))
    bad = SimpleNamespace(estimate=pd.DataFrame([[0.5, 0.4]]))
    assert wording.rows_sum_to_one(good)[0].text.endswith("100 %: in orde.")
    assert wording.rows_sum_to_one(bad)[0].text.endswith("niet in orde.")


def test_an_interval_that_is_not_the_reports_own_says_its_coverage():
    assert "(80\u00a0%-interval 10-90)" in wording.regional_demand(demand(35.3, 40, 0.1), region=PROVINCE)[0].text
    frame = incidence(x={"estimate": 0.21, "lower": 0.19, "upper": 0.23})
    assert "(50\u00a0%-interval 19-23\u00a0%)" in wording.relapse(None, frame=frame, level=0.5)[0].text


def test_the_finding_on_demand_has_an_interval_that_holds_it():
    skill = SimpleNamespace(until={"zorg": 3, "bouw": 0})
    found = wording.demand_headline(demand(35.3, 40, 0.1), skill, region=PROVINCE)[0]
    assert "de zorg tot 3 maanden vooruit" in found.meaning and "In de bouw is geen voorsprong" in found.meaning
    text = found.finding
    assert "35 vacatures (80\u00a0%-interval" in text


def test_a_narrower_level_does_not_make_a_contrast_surer():
    one, other = (SimpleNamespace(estimate=e, lower=e - 0.02, upper=e + 0.02) for e in (0.15, 0.19))
    assert wording.probability_below(one, other, level=0.5) < wording.probability_below(one, other, level=0.95)
