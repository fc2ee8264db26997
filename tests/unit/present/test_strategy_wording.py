"""Sentences of the strategy: each with its interval, its doubt and its opposite."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from studie.present import levers, money, numbers, wording

NAMES = {"netwerk": "licht netwerk", "plaatsen": "extra plaatsen", "hinder": "hinder"}
UNMEASURED = "niemand gemeten heeft"


def said(sentences):
    return " ".join(sentence.text for sentence in sentences)


def shifted(comparison, scenario, by, quantity="lasting_moves"):
    """The comparison with a scenario's difference in some draws set to `by`."""
    outcomes = dict(comparison.outcomes)
    base = outcomes["baseline"][quantity].to_numpy()
    outcomes[scenario] = outcomes[scenario].assign(**{quantity: base + by})
    return replace(comparison, outcomes=outcomes)


def test_a_scenario_that_is_better_in_enough_draws_is_said_so_with_its_prior(strategy):
    sentence = wording.comparison(strategy.comparison, scenario="plaatsen", quantities=["lasting_moves"], names=NAMES)[
        0
    ]
    frame = strategy.comparison.to_frame()
    row = frame[(frame["scenario"] == "plaatsen") & (frame["quantity"] == "lasting_moves_difference")].iloc[0]
    size = f"{numbers.number(row['estimate'])} ({numbers.interval(row['lower'], row['upper'])})"
    assert f"meer duurzame stappen omhoog dan zonder: {size} meer, in 98\u00a0%" in sentence.text
    assert sentence.text.endswith("dit hangt af van een aanname over die ingreep, die niemand gemeten heeft.")
    assert sentence.certainty == "waarschijnlijk"


def test_the_opposite_of_better_is_worse_with_the_sign_turned(strategy):
    sentence = wording.comparison(strategy.comparison, scenario="hinder", quantities=["lasting_moves"])[0]
    assert "minder duurzame stappen omhoog dan zonder: 534 (5-994) minder" in sentence.text


@pytest.mark.parametrize(("share", "better"), [(0.80, True), (0.79, False)])
def test_below_eighty_percent_of_the_draws_nothing_is_called_better(strategy, share, better):
    n = strategy.comparison.n
    by = np.where(np.arange(n) < np.ceil(share * n - 1e-9), 100.0, -20.0)
    by = by if better else np.where(np.arange(n) < int(0.79 * n), 100.0, -20.0)
    sentence = wording.comparison(
        shifted(strategy.comparison, "netwerk", by), scenario="netwerk", quantities=["lasting_moves"], names=NAMES
    )[0]
    assert ("meer duurzame stappen omhoog dan zonder" in sentence.text) is better
    assert ("is niet aangetoond" in sentence.text) is not better
    assert sentence.certainty == ("waarschijnlijk" if better else "onzeker")
    assert UNMEASURED in sentence.text


def test_no_sentence_that_hangs_on_a_prior_is_sure(strategy):
    every = [
        sentence
        for scenario in ("netwerk", "plaatsen", "hinder")
        for tell in (wording.comparison, wording.cost)
        for sentence in tell(strategy.comparison, scenario=scenario, names=NAMES)
    ]
    assert len(every) == 12
    assert all(UNMEASURED in sentence.text and sentence.certainty != "zeker" for sentence in every)
    assert levers.certainty(0.99) == "waarschijnlijk"


def test_a_queue_that_is_shorter_because_fewer_people_move_is_no_gain(strategy):
    slower, more = (
        wording.comparison(strategy.comparison, scenario=name, quantities=["waiting"])[0].text
        for name in ("hinder", "plaatsen")
    )
    assert "dat is geen winst" in slower
    assert "geen winst" not in more


def test_a_difference_of_a_few_people_is_not_told(strategy):
    few = shifted(strategy.comparison, "plaatsen", 4.0)
    sentence = wording.comparison(few, scenario="plaatsen", quantities=["lasting_moves"])[0]
    assert "kleiner dan tien" in sentence.text
    assert " 4 " not in sentence.text


def test_gross_is_not_net(strategy):
    text = said(wording.gross_and_net(strategy.comparison, scenario="plaatsen", names=NAMES))
    assert text.startswith("Bruto is niet netto")
    assert "maar ook zonder waren het er" in text
    assert UNMEASURED in text


def test_a_stated_cost_gives_a_cost_per_move(strategy):
    text = said(wording.cost(strategy.comparison, scenario="plaatsen", names=NAMES))
    frame = strategy.comparison.to_frame()
    row = frame[frame["quantity"] == "cost_per_lasting_move"].assign(cell_status="published").iloc[0]
    assert f"kost een extra duurzame stap omhoog {money.amount(row)}" in text
    assert "quitte" not in text


def test_an_assumed_cost_gives_what_it_may_cost_at_most_and_never_a_cost_per_move(strategy):
    (sentence,) = wording.cost(strategy.comparison, scenario="netwerk", names=NAMES)
    assert "is alleen aangenomen (gemiddeld" in sentence.text
    assert f"als een duurzame stap omhoog {money.euro(40_000)} waard is, mag het hoogstens" in sentence.text
    assert "kost een extra" not in sentence.text


def test_what_loses_pays_back_at_no_price_and_an_unknown_cost_is_called_unknown(strategy):
    text = wording.cost(strategy.comparison, scenario="hinder")[0].text
    assert "is niet bekend" in text
    assert "ook gratis niet terug" in text


def test_where_nothing_is_gained_there_is_no_cost_per_move(strategy):
    none = shifted(strategy.comparison, "plaatsen", -50.0)
    assert "is niet te zeggen: gemiddeld komt er geen bij" in said(wording.cost(none, scenario="plaatsen"))


def test_an_endless_upper_bound_is_said_in_words():
    row = pd.Series({"estimate": 8e4, "lower": 4e4, "upper": np.inf, "cell_status": "published"})
    assert money.amount(row) == "80.000 euro (minstens 40.000, zonder bovengrens)"
    assert money.amount(row.replace(np.inf, 2.5e6)) == "80.000 euro (40.000 tot 2,5 miljoen)"


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0 euro"), (326_412, "326.000 euro"), (999_999, "1,0 miljoen euro"), (-1.26e6, "−1,3 miljoen euro")],
)
def test_euro_have_no_more_digits_than_are_known(amount, text):
    assert money.euro(amount) == text


def test_the_queue_without_anything_extra_grows_shrinks_or_is_open(strategy):
    walked = strategy.paths.draws["baseline"]["waiting"]

    def with_waiting(values):
        draws = {**strategy.paths.draws, "baseline": {**strategy.paths.draws["baseline"], "waiting": values}}
        return said(wording.paths(replace(strategy.paths, draws=draws), first_year=2026))

    assert "groeit de wachtlijst: eind 2029 wachten er 186 (100-268) mensen" in with_waiting(walked)
    assert "krimpt de wachtlijst" in with_waiting(walked[::-1])
    flat = np.repeat(walked[:1], len(walked), axis=0)
    assert "niet te zeggen" in with_waiting(flat)


def test_the_history_is_repeated_or_not(strategy):
    assert "klopt het model: alle 6" in said(wording.calibration(strategy.calibration))
    check = strategy.calibration.check.assign(inside=[False, *[True] * 5])
    text = said(wording.calibration(replace(strategy.calibration, check=check)))
    assert "niet helemaal: 1 van de 6" in text


def test_places_needed_or_none_with_the_chance_that_was_checked(strategy):
    result = strategy.needed_places
    text = said(wording.needed_places(result, first_year=2026, region_names={"r1": "Mechelen"}))
    assert "in 2029 211 plaatsen meer nodig dan vandaag, de meeste in Mechelen (94)" in text
    assert "Nagerekend met deze plaatsen" in text
    none = replace(result, table=result.table.assign(extra=0))
    assert "zonder extra plaatsen." in said(wording.needed_places(none))
    few = said(wording.needed_places(replace(result, table=result.table.assign(extra=4))))
    assert "hooguit enkele extra plaatsen" in few
    assert "zonder extra plaatsen" not in few


def test_the_tornado_says_whether_the_difference_can_turn(strategy):
    assert "tussen die waarden verandert het niet van teken" in said(wording.tornado(strategy.tornado))
    table = strategy.tornado.table.assign(low=-30.0)
    turned = wording.tornado(replace(strategy.tornado, table=table))[0]
    assert "tussen die waarden kan het omslaan" in turned.text
    assert turned.certainty == "onzeker"


def test_one_assumption_carries_the_doubt_or_none_does(strategy):
    assert "komt van één aanname, 'extra plaatsen'" in said(
        wording.variance_shares(strategy.variance_shares, names=NAMES)
    )
    flat = strategy.variance_shares.table.assign(estimate=0.2, lower=0.1, upper=0.3)
    text = said(wording.variance_shares(replace(strategy.variance_shares, table=flat)))
    assert text.startswith("Geen enkele aanname draagt duidelijk de meeste onzekerheid")


def test_what_to_find_out_first_is_an_upper_bound_that_names_its_priors(strategy):
    result = strategy.value_of_information
    found = wording.value_of_information(result, hangs_on=["netwerk 1", "plaatsen"], names=NAMES)
    assert "zoek dan eerst uit: wat het netwerk doet; " in found[0].text
    assert "hoogstens" in found[0].text
    assert "aannames over 'licht netwerk' en 'extra plaatsen'" in found[0].text
    assert found[-1].text.startswith("Dat is een bovengrens")
    none = wording.value_of_information(replace(result, table=result.table.assign(first=False)))
    assert "niet aangetoond dat meer weten" in none[0].text
    assert UNMEASURED in none[0].text


def test_one_request_for_every_worth_is_said_once_and_another_apart(strategy):
    result = strategy.value_of_information
    table = result.table.sort_values(["request", "value_per_lasting_move"])
    request = table["request"].iloc[0]
    always = replace(result, table=table.assign(first=table["request"] == request))
    found = wording.value_of_information(always, request_names={request: "de plaatsen"})
    assert len(found) == 2
    assert found[0].text.startswith(
        "Als een duurzame stap omhoog 20.000, 80.000 of 320.000 euro waard is, zoek dan eerst uit: de plaatsen; "
        "bij 80.000 euro is dat hoogstens"
    )
    late = (table["request"] == request) & (table["value_per_lasting_move"] == 320_000)
    found = wording.value_of_information(replace(result, table=table.assign(first=late)))
    assert "20.000 of 80.000 euro waard is, is het niet aangetoond" in found[0].text
    assert "320.000 euro waard is, zoek dan eerst uit" in found[1].text


def test_demonstration_data_value_our_assumptions(strategy):
    demonstration = wording.value_of_information(strategy.value_of_information, data_status=["demonstration"])
    own = wording.value_of_information(strategy.value_of_information, data_status=["own"])
    assert "wat onze aannames waard zijn" in demonstration[-1].text
    assert "demonstratie" not in said(own)


def test_levers_and_their_effects_have_dutch_names():
    assert levers.scenario("baseline", {}) == "niets extra"
    assert levers.scenario("extra_plaatsen", {}) == "extra plaatsen"
    assert levers.effect("netwerk 2", NAMES) == "licht netwerk (effect 2)"
    assert levers.input_name("rate up", {}) == "tempo van stappen omhoog vandaag"
