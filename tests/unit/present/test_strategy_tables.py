"""Tables of the strategy: printable cells in Dutch, with a note that explains units and interval."""

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from studie.config import read_config
from studie.present import levers, money, numbers, tables

NAMES = {"netwerk": "licht netwerk", "plaatsen": "extra plaatsen", "hinder": "hinder"}


@pytest.fixture(scope="module")
def made(strategy, tested, bought, partners, ranked, choice):
    """Every table once."""
    return {
        "calibration": tables.calibration(strategy.calibration, first_month="2019-12"),
        "comparison": tables.comparison(strategy.comparison, names=NAMES),
        "cost": tables.cost(strategy.comparison, names=NAMES),
        "needed_places": tables.needed_places(strategy.needed_places, first_year=2026),
        "value_of_information": tables.value_of_information(strategy.value_of_information),
        "choice": tables.choice(choice),
        "evaluation": tables.evaluation(tested.can, others=[tested.no_test, tested.blind]),
        "allocation": tables.allocation(bought.allocation),
        "next_euros": tables.next_euros(bought.next_euros),
        "acceptability": tables.acceptability(ranked.acceptability),
        "platform_forms": tables.platform_forms(ranked.words),
        "network": tables.network(partners.network),
        "governance": tables.governance(partners.governance),
    }


def row_of(table, *starts):
    """The row that begins with these texts."""
    found = [row for row in table.rows if list(row[: len(starts)]) == list(starts)]
    assert len(found) == 1, (table.name, starts)
    return found[0]


def test_every_table_has_a_note_whole_rows_and_a_tidy_frame(made):
    for name, table in made.items():
        assert table.name == name
        assert len(table.note) > 40, name
        assert table.rows, name
        assert all(len(row) == len(table.columns) for row in table.rows), name
        assert all(isinstance(text, str) and "nan" not in text and "inf" not in text for r in table.rows for text in r)
        assert "cell_status" in table.frame, name
        assert table.to_html().startswith("<table>"), name


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("comparison", "niemand gemeten"), ("cost", "alleen aangenomen"), ("value_of_information", "bovengrens"),
        ("evaluation", "toets op 5 %"), ("allocation", "netto"), ("governance", "geen voorspelling"),
        ("choice", "Loot"), ("needed_places", "Mensen tegelijk"), ("platform_forms", "geen scores"),
    ],
)  # fmt: skip
def test_a_note_says_what_the_numbers_are_not(made, name, word):
    assert word in made[name].note


def test_what_is_taken_from_literature_names_it(made):
    assert made["platform_forms"].literature == "Provan en Kenis (2008), tabel 1"


def test_a_verdict_is_better_worse_or_not_shown(made):
    assert row_of(made["comparison"], "extra plaatsen", "duurzame stappen omhoog")[-1] == "beter"
    assert row_of(made["comparison"], "hinder", "duurzame stappen omhoog")[-1] == "slechter"
    assert row_of(made["comparison"], "licht netwerk", "duurzame stappen omhoog")[-1] == "niet aangetoond"
    assert row_of(made["comparison"], "hinder", "mensen die wachten, op het einde")[-1].startswith(
        "korter, door minder"
    )
    assert row_of(made["comparison"], "niets extra", "terugval na een stap omhoog")[3:] == ["n.v.t."] * 3


def test_a_small_difference_in_persons_is_too_small_and_gets_no_verdict(made):
    row = row_of(made["comparison"], "licht netwerk", "mensen die wachten, op het einde")
    assert row[3:] == ["te klein", "te klein", "–"]


def test_cost_per_move_and_break_even_cost_are_two_things(made):
    assert row_of(made["cost"], "extra plaatsen")[1:3] == ["kost per duurzame stap", "n.v.t."]
    even = [row for row in made["cost"].rows if row[0] == "licht netwerk"]
    assert [row[2] for row in even] == ["10.000 euro", "40.000 euro"]
    assert {row[1] for row in even} == {"hoogste kost per jaar om quitte te spelen"}


def test_the_numbers_are_those_of_the_frame(made, strategy):
    shown = made["needed_places"].frame
    places = shown[(shown["quantity"] == "extra_places") & (shown["region"] == "r2")].sort_values("year")
    row = row_of(made["needed_places"], "r2")
    assert row[2:6] == [numbers.number(value) for value in places["estimate"]]
    worth = made["value_of_information"].frame.set_index(["request", "value_per_lasting_move"])
    cell = row_of(made["value_of_information"], "wat het netwerk doet")[2]
    assert cell == f"{money.amount(worth.loc[('wat het netwerk doet', 80_000.0)])} *"


def test_small_needs_are_hidden_and_none_is_zero(strategy):
    small = strategy.needed_places.table.assign(extra=lambda t: t["extra"].where(t["region"] != "r1", 7))
    small["extra"] = small["extra"].where(small["region"] != "r0", 0)
    table = tables.needed_places(replace(strategy.needed_places, table=small))
    assert row_of(table, "r1")[2:6] == ["te klein"] * 4
    assert row_of(table, "r0")[2:6] == ["0"] * 4


def test_the_history_stands_beside_the_model_with_its_month(made):
    row = row_of(made["calibration"], "wachtlijst trede 5", "december 2021")
    assert row[3:] == ["150 (120-175)", "ja"]


def test_a_hidden_number_of_the_model_hides_the_history_too(strategy):
    frame = strategy.calibration.to_frame().assign(cell_status="suppressed")
    table = tables.calibration(strategy.calibration, frame=frame)
    assert {row[3] for row in table.rows} == {"te klein"}


def test_a_design_without_a_test_says_so(made, tested):
    rows = made["evaluation"].rows
    size, *bounds = (100 * abs(x) for x in (tested.can.minimum_detectable_effect, *tested.can.detectable_between))
    seen = f"{numbers.number(size, decimals=1)} ({numbers.interval(min(bounds), max(bounds), decimals=1)})"
    assert [row[4] for row in rows] == [seen, "geen toets mogelijk", "geen enkel"]
    assert rows[1][2:4] == ["6", "n.v.t."]


def test_what_is_bought_adds_up(made, bought):
    for name, result in (("allocation", bought.allocation), ("next_euros", bought.next_euros)):
        rows = made[name].rows
        assert rows[-1][0] == "alles samen"
        assert rows[-1][4].startswith(numbers.number(result.gained, decimals=1))
    assert rows[-1][3] == money.euro(float(bought.next_euros.table["cost"].sum()))
    unproven = tables.allocation(replace(bought.allocation, proven=False, gap=0.1))
    assert "Niet bewezen de beste" in unproven.note
    assert "Niet bewezen" not in made["allocation"].note


def test_who_never_leads_has_no_weights(made):
    assert row_of(made["acceptability"], "aanvraag D")[3:] == ["n.v.t."] * 3
    assert all(text.endswith("%") for text in row_of(made["acceptability"], "aanvraag A")[3:])


def test_the_network_names_who_is_indispensable_or_that_nobody_is(made, partners):
    assert "provincie Antwerpen (6)" in made["network"].note
    assert "Niemand is onmisbaar" in tables.network(partners.ring).note


def test_all_forms_stand_beside_today(made):
    assert [c.label for c in made["governance"].columns[1:]] == [
        "Volgens het plan", "Gedeeld bestuur", "Een partner trekt", "Een aparte organisatie",
    ]  # fmt: skip
    assert row_of(made["governance"], "banden die erbij komen")[1] == "n.v.t."


def test_every_lever_of_the_configuration_is_an_assumption_with_reason_and_source():
    configured = read_config().levers
    listed = levers.assumptions(configured)
    for lever in configured.values():
        mine = [row for row in listed if row["name"].startswith(f"{lever.name}: ")]
        assert len(mine) == len(lever.effects) + 1 + (lever.amount is not None) + (lever.cost is not None)
        assert sum(row["interval"] is not None for row in mine) == len(lever.effects)
    assert all(row["value"] and row["because"] and row["source"] for row in listed)
    first = next(row for row in listed if "stappen omhoog" in row["name"])
    assert (first["value"], first["interval"]) == ("1,05", "0,85-1,30 (90\u00a0%)")


def test_each_effect_of_a_lever_with_several_has_its_own_name():
    effects = [SimpleNamespace(acts_on="up"), SimpleNamespace(acts_on=(("4", "5"), ("4", "6")))]
    named = levers.names(
        {"a": SimpleNamespace(name="A", effects=effects), "b": SimpleNamespace(name="B", effects=effects[:1])}
    )
    assert named == {"a": "A", "a 1": "A: stappen omhoog", "a 2": "A: trede 4 naar 5 en trede 4 naar 6", "b": "B"}


def test_a_period_of_the_history_is_counted_where_no_date_is_given(strategy):
    table = tables.calibration(strategy.calibration)
    assert {row[1] for row in table.rows} == {"na 0 maanden", "na 24 maanden"}
    assert isinstance(table.frame, pd.DataFrame)
