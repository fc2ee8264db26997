"""How the platform is shown and said: facts, a path that is a proposal, levers together, requests with holders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from studie.config import Request
from studie.data.landscape import Landscape, Providers, TimeLine
from studie.present import platform, plots, tables, wording
from studie.present.display import Unavailable
from studie.strategy import information, interaction, network, road_map, scenarios
from studie.strategy.interaction import Interaction
from studie.strategy.priors import Prior

ROOT = Path(__file__).resolve().parents[3]
NAMES = {"netwerk": "het netwerk", "plaatsen": "extra plaatsen", "hinder": "hinder"}


def said(sentences):
    return " ".join(sentence.text for sentence in sentences)


@pytest.fixture(scope="module")
def path():
    proposed = pd.read_csv(ROOT / "data" / "reference" / "milestone.csv", keep_default_na=False)
    ties = pd.read_csv(ROOT / "data" / "observed" / "partner_tie.csv")
    return road_map.road_map(proposed, actors=list(network.graph(ties)), first_year=2027, last_year=2031)


def areas(confirmed=(2, 1), possible=(1, 0), unknown=(1, 0), across=0, until="2025-12-31"):
    parts = pd.DataFrame(
        {"name": ["arrondissement A", "arrondissement B"], "confirmed": confirmed, "possible": possible,
         "unknown": unknown},
        index=["arrondissement:11000", "arrondissement:12000"],
    )  # fmt: skip
    counts = parts[["confirmed", "possible", "unknown"]].sum(axis=1)
    return Landscape(
        parts=parts.assign(municipalities=counts), areas=3, across=across, until=until, n=int(counts.sum())
    )


def together(mean, spread=0.1, n=400):
    """An interaction whose draws lie around a mean."""
    rng = np.random.default_rng(3)
    added = 1000 + rng.normal(0, 50, n)
    gap = mean + spread * rng.standard_normal(n)
    draws = pd.DataFrame({"together": added + gap, "sum_of_parts": added, "interaction": gap})
    return Interaction(
        draws={"lasting_moves": draws}, together="samen", parts=("netwerk", "plaatsen"),
        hangs_on=("netwerk", "plaatsen"), years=5, level=0.95, n=n,
    )  # fmt: skip


def test_what_is_known_of_working_areas_is_said_and_unknown_is_not_none():
    text = said(wording.landscape(areas()))
    assert "Van de 5 gemeenten liggen er 3 in een bevestigd werkingsgebied en 1 in een mogelijk" in text
    assert "van 1 (20 %) is het onbekend, en dat is niet hetzelfde als geen" in text.replace("\u00a0", " ")
    assert "geen enkel ligt in meer dan één arrondissement" in text
    assert "2 ervan liggen in meer dan één arrondissement" in said(wording.landscape(areas(across=2)))


def test_where_every_area_is_confirmed_that_is_said():
    assert "Van alle 3 gemeenten is het werkingsgebied bevestigd." in said(
        wording.landscape(areas(possible=(0, 0), unknown=(0, 0)))
    )


def test_the_table_of_areas_adds_up_and_says_until_when_they_held():
    made = tables.landscape(areas())
    assert made.rows[-1] == ["samen", "5", "3", "1", "1"]
    assert "31 december 2025" in made.note


def test_providers_are_counted_from_least_to_most():
    parts = pd.DataFrame(
        {"name": ["arrondissement A", "arrondissement B"], "maatwerkbedrijf": [4, 1], "lokaal bestuur": [2, 2]},
        index=["arrondissement:11000", "arrondissement:12000"],
    )
    result = Providers(parts=parts, across=1, n=8)
    assert said(wording.providers(result)) == (
        "In de databank staan 8 organisaties met een aanbod, ook waar het aantal plaatsen onbekend is, "
        "van 3 in arrondissement B tot 6 in arrondissement A; "
        "1 ervan doet dat in meer dan één arrondissement."
    )
    assert "geen enkele doet dat" in said(wording.providers(replace(result, across=0)))
    assert tables.providers(result).rows[0] == ["arrondissement A", "4", "2", "6"]


def test_the_facts_of_the_path_are_told_or_that_there_are_none():
    events = pd.DataFrame(
        {"date": ["2020-05-28", "2023-09-20"], "event": ["het plan", "een koepel"], "commitments": ["E01", "E40"]}
    )
    line = TimeLine(events=events, n=2)
    assert said(wording.time_line(line)) == (
        "Op het pad naar het platform staat één feit vast: een koepel (20 september 2023)."
    )
    assert "nog geen enkel feit" in said(wording.time_line(line, commitment="E77"))
    assert tables.time_line(line).rows == [
        ["28 mei 2020", "Het plan", "E01"],
        ["20 september 2023", "Een koepel", "E40"],
    ]


def test_a_path_is_a_proposal_until_something_was_decided(path):
    assert "het is een voorstel: niets ervan is beslist" in said(wording.road_map(path))
    assert "niets ervan is beslist" in tables.road_map(path).note
    decided = replace(path, milestones=path.milestones.assign(status=["beslist", *path.milestones["status"][1:]]))
    assert "1 daarvan is beslist, de rest is een voorstel" in said(wording.road_map(decided))
    assert "1 beslist" in tables.road_map(decided).note


def test_what_may_not_be_late_is_named(path):
    text = said(wording.road_map(path))
    assert f"{len(path.critical.index)} van de {path.n} mijlpalen hebben geen speling" in text
    loose = replace(path, milestones=path.milestones.assign(slack=[1] * (path.n - 1) + [0]))
    assert "Alleen de laatste mijlpaal heeft geen speling." in said(wording.road_map(loose))


def test_every_milestone_stands_in_the_table_and_every_condition_with_its_decision(path):
    made = tables.road_map(path)
    assert len(made.rows) == path.n
    assert all(cell for row in made.rows for cell in row)
    assert "(E41; na M02, M03)" in next(row[0] for row in made.rows if row[0].startswith("M05"))
    choices = tables.road_map_decisions(path)
    assert len(choices.rows) == len(path.decisions) == 3
    assert all(row[2].startswith("Alleen") for row in choices.rows)


def test_the_figure_of_the_path_draws_every_milestone_and_tells_its_decisions(path):
    made = plots.road_map(path)
    axes = made.drawing.axes[0]
    assert len(axes.get_yticklabels()) == path.n
    assert len(axes.patches) == path.n - len(path.decisions)
    assert "3 beslissingen" not in made.caption
    assert made.alt.count("beslist") == 3
    assert made.to_svg() == plots.road_map(path).to_svg()


@pytest.mark.parametrize(
    ("mean", "says", "sure"),
    [
        (-40.0, "Samen is niet de som: ", "waarschijnlijk"),
        (40.0, "dus 40 meer, in 100 % van de trekkingen", "waarschijnlijk"),
        (0.0, "Dat de ingrepen elkaar versterken of hinderen, is niet aangetoond", "onzeker"),
    ],
)
def test_together_is_less_or_more_than_the_sum_or_that_is_not_shown(mean, says, sure):
    sentence = wording.interaction(together(mean), names=NAMES)[0]
    assert says in sentence.text.replace("\u00a0", " ")
    assert sentence.certainty == sure  # a prior is never sure
    assert "'het netwerk' en 'extra plaatsen', die niemand gemeten heeft" in sentence.text


def test_the_table_of_levers_together_shows_the_three_numbers_and_how_often_it_is_less():
    result = together(-40.0)
    row = tables.interaction(result).rows[0]
    assert row[0] == "duurzame stappen omhoog"
    assert row[3].startswith("−40")
    assert row[4].replace("\u00a0", " ") == "100 %"


def test_the_horizon_is_told_with_the_day_on_which_levers_begin(strategy):
    text = said(wording.horizon(strategy.paths, first_year=2025, begins="2027-01-01"))
    years = len(strategy.paths.draws["baseline"]["waiting"])
    assert f"van 2025 tot en met {2024 + years}; ingrepen beginnen op 1 januari 2027" in text


def test_small_numbers_of_moves_together_are_not_printed():
    result = together(-2.0)
    assert tables.interaction(result).rows[0][3] == "te klein"
    assert said(wording.interaction(result, names=NAMES)).endswith("te klein om te tonen.")


@pytest.fixture(scope="module")
def chosen(strategy, given):
    """The budget decision between three scenarios, with a guessed cost for the one that has none."""
    guess = Prior(name="hinder", distribution="lognormal", centre=9e4, lower=5e4, upper=2e5, interval_level=0.9)
    decision = information.budget_decision(
        strategy.comparison, given, guesses={"hinder": guess}, months=48, seeds=np.random.SeedSequence(4)
    )
    requests = {
        "G01": Request(name="het netwerk (VDAB)", inputs=("netwerk 1", "netwerk 2"), because="om te weten"),
        "G28": Request(name="de kost (provincie)", inputs=("cost of hinder",), because="om te weten"),
    }
    worth = information.value_of_information(
        decision.effects, decision.costs, decision.inputs, {k: r.inputs for k, r in requests.items()},
        values=(2e4, 8e4, 3.2e5), rng=np.random.default_rng(2),
    )  # fmt: skip
    register = pd.DataFrame(
        [("G01", "momentopnamen", "VDAB"), ("G28", "raming", "provincie Antwerpen")],
        columns=["request_id", "what", "holder"],
    )
    return SimpleNamespace(decision=decision, requests=requests, worth=worth, register=register)


def test_requests_stand_with_what_to_ask_whom_and_what_it_would_tell_most_worth_first(chosen):
    made = tables.first_requests(chosen.worth, register=chosen.register, requests=chosen.requests, names=NAMES)
    by_id = {row[0][:3]: row for row in made.rows}
    assert by_id["G28"][:3] == ["G28: raming", "provincie Antwerpen", "kost van hinder"]
    assert by_id["G01"][1] == "VDAB"
    middle = chosen.worth.table[chosen.worth.table["value_per_lasting_move"] == 8e4].set_index("request")["estimate"]
    assert [row[0][:3] for row in made.rows] == list(middle.drop("everything").sort_values(ascending=False).index)
    assert "80.000 euro" in made.caption


def test_findings_leave_out_what_could_not_be_computed(path, partners, ranked, strategy, chosen):
    shared = {
        "today": partners.network, "forms": partners.governance, "judged": ranked.words, "path": path,
        "compared": strategy.comparison, "lever": "netwerk", "register": chosen.register, "names": NAMES,
        "request_names": {},
    }  # fmt: skip
    few = wording.platform_headline(**shared, combined=Unavailable(), first=Unavailable())
    assert len(few) == 3
    combined = replace(together(-40.0), together="plaatsen")
    full = wording.platform_headline(**shared, combined=combined, first=chosen.worth)
    assert len(full) == 5
    assert full[0].finding.startswith("In het netwerk dat het plan noemt: ")
    assert "4e kwartaal 2027" in full[1].meaning
    assert "'het netwerk'" in full[2].finding
    assert full[2].meaning.startswith("Met alle ingrepen samen is het verschil over 5 jaar 9")
    assert full[4].finding.startswith("Als een duurzame stap omhoog 80.000 euro waard is, zoek dan eerst uit: ")
    table = chosen.worth.table.assign(first=False)
    for value, request in ((2e4, "G28"), (8e4, "G28"), (3.2e5, "G01")):
        table.loc[(table["value_per_lasting_move"] == value) & (table["request"] == request), "first"] = True
    asked = wording.platform_headline(**shared, combined=combined, first=replace(chosen.worth, table=table))[4]
    assert "80.000 euro waard is, zoek dan eerst uit: G28" in asked.finding
    assert asked.meaning == "Te vragen aan de provincie Antwerpen: raming."
    assert all(one.certainty for one in full)


def test_small_numbers_and_what_is_unknown(partners, strategy):
    numbers = wording.platform_numbers(partners.network, strategy.comparison, together="plaatsen")
    assert numbers[0].value == f"{len(partners.network.critical)} van {partners.network.n}"
    assert len(wording.platform_numbers(partners.network, Unavailable(), together="plaatsen")) == 1
    unknown = wording.platform_unknown(partners.network, strategy.comparison, names=NAMES)
    assert any("'hinder' kost" in one for one in unknown)
    assert wording.platform_unknown(partners.ring, Unavailable(), names=NAMES) == []


def test_shares_of_the_network_stay_within_bounds(partners):
    assert "alle 16 maten" in said(wording.bounded(partners.governance))
    broken = partners.governance.to_frame().assign(cell_status="published", estimate=1.5)
    assert "valt buiten" in said(wording.bounded(partners.governance, frame=broken))


def test_quarters_and_partners_in_words():
    assert platform.quarter("2027-Q4") == "4e kwartaal 2027"
    assert platform.span("2027-Q4", "2027-Q4") == "K4 2027"
    assert platform.span("2027-Q1", "2027-Q2") == "K1-K2 2027"
    assert platform.span("2027-Q4", "2028-Q1") == "K4 2027 tot K1 2028"
    assert platform.partner("provincie Antwerpen") == "de provincie Antwerpen"
    assert platform.partner("VDAB") == "VDAB"


def test_outcomes_that_can_be_added_are_those_of_the_scenarios(strategy):
    assert set(interaction.QUANTITIES) < set(scenarios.BETTER)
    assert isinstance(strategy.comparison, scenarios.Comparison)
