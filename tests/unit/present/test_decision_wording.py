"""Sentences about pilots, budgets, ranks and the network: each with its opposite."""

from dataclasses import replace

import pandas as pd
import pytest

from studie.present import money, tables, wording
from studie.strategy import budget, governance, network

HANGS = {"hangs_on": ["extra_plaatsen"], "names": {"extra_plaatsen": "extra plaatsen"}}


def said(sentences):
    return " ".join(sentence.text for sentence in sentences)


def test_the_best_set_is_proven_or_not(choice):
    proven, others = wording.choice(choice)
    assert proven.text.startswith("Op de geschatte cijfers scoort ")
    assert proven.certainty == "onzeker"  # others come near
    assert "Nog minstens 11 andere keuzes scoren" in others.text
    assert "Loot daaronder" in others.text
    guess = wording.choice(replace(choice, proven=False, gap=0.02))[0]
    assert "een betere is niet uitgesloten" in guess.text
    assert guess.certainty == "onzeker"


def test_one_set_leaves_nothing_to_draw(choice):
    alone = replace(choice, sets=choice.sets.head(1), scores=choice.scores[[1]])
    assert "Er valt niets te loten" in said(wording.choice(alone))


def test_fewer_than_twenty_allocations_allow_no_test(tested):
    text = said(wording.evaluation(tested.no_test))
    assert text.startswith(
        "Als alle proefgebieden tegelijk beginnen, bestaat er geen toets op 5 %: "
        "de loting kan maar op 6 manieren uitvallen"
    )
    assert "20" in text


def test_many_allocations_that_coincide_allow_no_test_either(tested):
    text = said(wording.evaluation(replace(tested.no_test, allocations=40)))
    assert "van de 40 lotingen vallen er te veel samen" in text


def test_an_evaluation_sees_from_some_size_on_or_nothing(tested):
    least = f"{100 * abs(tested.can.minimum_detectable_effect):.1f}".replace(".", ",")
    low, high = sorted(abs(one) for one in tested.can.detectable_between)
    bounds = f"{100 * low:.1f}-{100 * high:.1f}".replace(".", ",")
    assert f"als het minstens {least} ({bounds}) procentpunt is" in said(wording.evaluation(tested.can))
    assert said(wording.evaluation(tested.blind)).startswith(
        "Als alle proefgebieden tegelijk beginnen, is geen enkel verschil"
    )
    for result in (tested.can, tested.blind):
        first, rest = wording.evaluation(result)
        assert "aanname" in first.text
        assert "Is er geen effect" in rest.text


def test_a_budget_buys_places_or_none(options, bought):
    table = options[0]
    text = said(wording.allocation(bought.allocation, **HANGS))
    assert "Met 800.000 euro komen er bij de beste verdeling 23 (17-29) duurzame plaatsen bij" in text
    assert "dit hangt af van een aanname over 'extra plaatsen', die niemand gemeten heeft" in text
    assert "is bewezen" in text
    nothing = budget.allocate(table, budget=1_000)
    assert "geen enkele duurzame plaats bij" in said(wording.allocation(nothing))
    guess = replace(bought.allocation, proven=False, gap=0.04)
    assert "is niet bewezen: een andere kan er hoogstens 4,0\u00a0% meer geven" in said(wording.allocation(guess))


def test_without_draws_nobody_knows_how_sure_a_budget_is(options):
    certain = wording.allocation(budget.allocate(options[0], budget=500_000))[0].certainty
    assert certain == "onzeker"


@pytest.mark.parametrize(
    ("gains", "says"),
    [((10, 15, 18), "hoe minder"), ((10, 15, 30), "vaste kosten"), ((10, 15, 20), "ongeveer evenveel")],
)
def test_the_last_euro_buys_less_more_or_as_much(bought, gains, says):
    made = tuple(
        replace(one, budget=1e5 * (i + 1), gained=float(gain), draws=None, n=0)
        for i, (one, gain) in enumerate(zip(bought.frontier.allocations[:3], gains, strict=True))
    )
    text = said(wording.frontier(replace(bought.frontier, allocations=made, n=0), **HANGS))
    assert says in text
    assert "niemand gemeten" in text
    too_few = replace(bought.frontier, allocations=made[:2])
    assert "te weinig" in said(wording.frontier(too_few))


def test_the_next_euros_buy_something_somewhere_or_nothing(options, bought):
    text = said(wording.next_euros(bought.next_euros, **HANGS))
    assert "De volgende 100.000 euro, boven op het verdeelde budget, levert 2,6 (1,1-3,8) duurzame plaatsen op" in text
    assert "5 maal 'extra plaatsen' in Antwerpen" in text
    assert "herverdeelt" in text
    little = budget.next_euros(options[0], budget=800_000, step=500)
    assert f"De volgende {money.euro(500)} levert niets meer op" in said(wording.next_euros(little))


def test_one_application_leads_or_none_does(ranked):
    clear, close = (wording.acceptability(one)[0] for one in (ranked.acceptability, ranked.close))
    assert clear.text.startswith("Eerst komt aanvraag A: in 96")
    assert clear.certainty == "zeker"
    assert close.text.startswith("Geen enkel voorstel komt duidelijk eerst")
    assert close.certainty == "onzeker"
    assert "niemand legde ze vast" in clear.text


def test_forms_are_ranked_only_once_they_were_judged(ranked):
    assert "12 vakjes van het formulier zijn leeg" in said(wording.platform_forms(ranked.words))
    assert "1 vakje van het formulier is leeg" in said(wording.platform_forms(replace(ranked.words, missing=1)))
    assert said(wording.platform_forms(ranked.judged)).startswith("Volgens 2 beoordelaars: ")


def test_the_network_breaks_somewhere_or_nowhere(partners):
    first, vital, unseen = wording.network(partners.network)
    assert "valt uiteen in 2 losse delen" in first.text
    assert "zonder de provincie Antwerpen zijn dat er 6" in vital.text
    assert "11 partners zijn niet bevraagd" in unseen.text
    whole, nobody, asked = wording.network(partners.ring)
    assert "alle partners hangen samen" in whole.text
    assert whole.certainty == "zeker"
    assert "blijven de andere met elkaar verbonden" in nobody.text
    assert "alle 12 partners zijn bevraagd" in asked.text


def test_a_form_makes_the_network_less_fragile_or_not(ties, partners):
    text = said(wording.governance(partners.governance))
    assert (
        "In het netwerk van het plan zijn er 4 partners zonder wie andere loskomen; met gedeeld bestuur worden dat "
        "er 0, op papier" in text
    )
    whole = ties.assign(confirmed=True)
    names = sorted({*whole["from_actor"], *whole["to_actor"]})
    every = [(a, b, "overleg", True) for i, a in enumerate(names) for b in names[i + 1 :]]
    full = type(ties)(every, columns=["from_actor", "to_actor", "kind", "confirmed"])
    same = governance.compare(full, lead="VDAB", administrator="platform")
    assert "Geen enkele bestuursvorm maakt het netwerk minder kwetsbaar" in said(wording.governance(same))


def test_one_indispensable_partner_is_one(ties):
    star = ties.head(4)
    found = network.measure(star, boundary="wie samenwerkt")
    assert "Valt de provincie Antwerpen weg, dan raken 3 andere partners los" in said(wording.network(found))
    told = said(wording.governance(governance.compare(star, lead="VDAB", administrator="platform")))
    assert told.startswith("In het netwerk van het plan is er 1 partner zonder wie andere loskomen")


def test_designs_are_told_once_each_and_the_worst_false_alarm_last(tested):
    found = wording.evaluation(tested.can, others=[tested.can, tested.blind, tested.no_test])
    assert len(found) == 4
    assert found[-1].text.startswith("Is er geen effect")
    assert any("geen toets" in one.text for one in found)


def test_the_lot_is_an_example_or_there_is_nothing_to_draw(choice):
    names = {str(area): f"gebied {area}" for area in choice.areas["area"]}
    text = said(wording.lot(choice, drawn=choice.sets["areas"].iloc[-1], area_names=names))
    assert "in het openbaar" in text
    assert "gebied" in text
    alone = replace(choice, sets=choice.sets.head(1))
    assert said(wording.lot(alone, drawn=(), area_names=names)) == "Er is maar één keuze, dus valt er niets te loten."


def test_of_many_indispensable_partners_the_first_five_are_named(partners):
    many = pd.DataFrame({"actor": [f"p{i}" for i in range(8)], "cut_off": range(8, 0, -1)})
    text = said(wording.network(replace(partners.network, critical=many)))
    assert "Zonder 8 partners raken andere los van de rest, elk apart, vooral p0, p1, p2, p3 en p4; zonder p0" in text
    note = tables.network(replace(partners.network, critical=many)).note
    assert "p4 (4); en nog 3." in note
    assert "p5" not in note
