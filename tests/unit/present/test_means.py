"""What money yields, as figure, table and sentences: each with its opposite, and no number that is not there."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from studie.config import read_config
from studie.errors import InsufficientDataError
from studie.present import display, expected, means, money, numbers, plots, tables, wording
from studie.strategy import options, yields
from studie.strategy.options import Instrument
from studie.strategy.priors import Prior

KEYS = ["lever", "area", "quantity"]
AREAS = ["A", "M"]
TITLES = {"A": "Antwerpen", "M": "Mechelen"}
PLACES = {"A": "het arrondissement Antwerpen", "M": "het arrondissement Mechelen"}
SEEDS = np.random.SeedSequence(2)
NAMES = {
    "projectsubsidie": "projectsubsidie", "trividend": "lening", "extra_plaatsen": "extra plaatsen",
    "projectsubsidie net": "netto deel", "trividend net": "netto deel van de lening", "trividend kept": "banen",
}  # fmt: skip
UNITS = {
    "projectsubsidie": means.Unit(size=10_000, one="euro projectsubsidie", many="euro projectsubsidie"),
    "trividend": means.Unit(size=10_000, one="euro lening", many="euro lening"),
    "extra_plaatsen": means.Unit(size=1, one="extra plaats", many="extra plaatsen"),
}


def grants(*, cheap=40_000.0, dear=40_000.0, subsidies=20, loans=10, kept=True):
    """Subsidies in two arrondissements and loans in one."""
    rows = [
        ("projectsubsidie", area, 2023 + i % 2, euro, 3.0, 2.0 if kept else np.nan)
        for area, euro in (("A", cheap), ("M", dear))
        for i in range(subsidies)
    ]
    rows += [("trividend", "A", 2024, 30_000.0, 1.0, np.nan) for _ in range(loans)]
    return pd.DataFrame(rows, columns=list(yields.COLUMNS))


def yielded(**given):
    return yields.yields(grants(**given), areas=AREAS, seeds=SEEDS, draws=600)


def said(sentences):
    return " ".join(sentence.text for sentence in sentences)


def belief(name):
    return Prior(name=name, distribution="normal", centre=0.6, lower=0.1, upper=1.1, interval_level=0.9)


@pytest.fixture(scope="module")
def bought():
    ways = [
        Instrument(name="projectsubsidie", cost=1e4, lot=1e4, ceiling=1e5, net=belief("projectsubsidie net")),
        Instrument(name="trividend", cost=1.5e3, lot=1e4, ceiling=5e4, net=belief("trividend net"),
                   kept=belief("trividend kept")),
        Instrument(name="extra_plaatsen", cost=7e4, net=belief("extra_plaatsen")),
    ]  # fmt: skip
    shortage = pd.Series({"A": 100.0, "M": 60.0})
    found = options.options(yielded(dear=80_000.0), ways, shortage=shortage, seeds=SEEDS)
    least = options.guarantees(found, amount=300_000, shares={"A": 0.6, "M": 0.4}, part=0.9)
    return SimpleNamespace(
        options=found,
        least=least,
        free=found.allocate(budget=300_000),
        kept=found.allocate(budget=300_000, least_per_arrondissement=least),
        more=found.next_euros(budget=300_000, step=100_000),
    )


def test_a_place_costs_what_was_spent_and_lasts_or_not():
    result = yielded()
    price = result.to_frame().set_index(KEYS)["estimate"]["projectsubsidie", "all"]
    assert price["euro_per_place"] == pytest.approx(40_000 / 3, rel=0.03)
    text = said(wording.yields(result, region_names=PLACES))
    assert f"kostte {money.euro(price['euro_per_place'])} (" in text
    assert f"na 12 maanden was {numbers.share(price['kept_share'])} (" in text
    lasting = money.euro(price["euro_per_lasting_place"])
    assert f"Een duurzame plaats, die er na 12 maanden nog is, kostte {lasting} (" in text
    assert "bruto: wat er zonder dat geld ook gekomen was, zit erin" in text
    unfollowed = said(wording.yields(yielded(kept=False), region_names=PLACES))
    assert "of ze er na 12 maanden nog is, is onbekend" in unfollowed
    assert "duurzame plaats" not in unfollowed


def test_a_loan_is_lent_and_not_spent():
    text = said(wording.yields(yielded(), region_names=PLACES))
    assert "Trividend leende" in text
    assert "dat geld komt terug, dus het is geen kost" in text
    assert "staat niet in het register van de leningen" in text


def test_what_is_not_on_record_is_unknown():
    assert "Over leningen van Trividend zijn er geen gegevens" in said(wording.yields(yielded(loans=0)))
    assert "Over projectsubsidies zijn er geen gegevens" in said(wording.yields(yielded(subsidies=0)))


def test_arrondissements_differ_or_do_not():
    clear = said(wording.yields(yielded(dear=80_000.0), region_names=PLACES))
    assert "kostte in het arrondissement Antwerpen minder dan in het arrondissement Mechelen" in clear
    same = said(wording.yields(yielded(), region_names=PLACES))
    assert "geen duidelijk verschil" in same
    assert "slechts in" in same


def test_a_region_stands_beside_the_whole():
    dear = said(wording.yields(yielded(dear=90_000.0), region_names=PLACES, here="M"))
    assert "In het arrondissement Mechelen kostte een duurzame plaats meer dan gemiddeld" in dear
    cheap = said(wording.yields(yielded(dear=90_000.0), region_names=PLACES, here="A"))
    assert "In het arrondissement Antwerpen kostte een duurzame plaats minder dan gemiddeld" in cheap
    same = said(wording.yields(yielded(), region_names=PLACES, here="M"))
    assert "niet duidelijk meer of minder" in same
    absent = grants()[lambda rows: rows["area"] != "M"]
    found = yields.yields(absent, areas=AREAS, seeds=SEEDS, draws=600)
    assert "Voor het arrondissement Mechelen zijn er geen projectsubsidies" in said(
        wording.yields(found, region_names=PLACES, here="M")
    )


def test_the_table_has_a_row_per_lever_and_area_and_says_where_there_is_nothing():
    table = tables.yields(yielded(), names=NAMES, region_names=TITLES, whole="provincie")
    rows = {(row[0], row[1]): row[2:] for row in table.rows}
    assert len(rows) == 6
    assert rows["lening", "Mechelen"] == ["geen gegevens"] * 6
    assert rows["lening", "Antwerpen"][:4] == ["10", "300.000", "10", "onbekend"]
    assert rows["projectsubsidie", "provincie"][:3] == ["40", "1.600.000", "120"]
    assert "tellen we nooit samen" in table.note
    assert {"quantity", "estimate", "lower", "upper", "n", "unit", "cell_status"} <= set(table.frame.columns)


def test_the_figure_tells_the_same_numbers_and_draws_no_missing_area():
    result = yielded()
    figure = plots.yields(result, names=NAMES, region_names=TITLES, whole="provincie")
    frame = figure.frame.set_index(KEYS)
    price = frame.loc[("projectsubsidie", "A", "euro_per_lasting_place"), "estimate"]
    assert f"Antwerpen {money.euro(price)}" in figure.alt
    assert "Lening, uitgeleend, per extra baan: Antwerpen" in figure.alt
    texts = [text.get_text() for text in figure.drawing.findobj(lambda one: hasattr(one, "get_text"))]
    assert texts.count("geen gegevens") == 1
    assert figure.to_svg() == plots.yields(result, names=NAMES, region_names=TITLES, whole="provincie").to_svg()


def test_a_subsidy_stays_spent_and_a_loan_lent_whatever_was_followed():
    alt = plots.yields(yielded(kept=False), names=NAMES).alt
    assert "Projectsubsidie, uitgegeven, per plaats:" in alt
    followed = grants().assign(kept=1.0)
    alt = plots.yields(yields.yields(followed, areas=AREAS, seeds=SEEDS, draws=200), names=NAMES).alt
    assert "Lening, uitgeleend, per duurzame baan:" in alt


def test_nothing_created_is_drawn_and_told_without_an_upper_bound():
    none = grants().assign(places=0.0, kept=0.0)
    result = yields.yields(none, areas=AREAS, seeds=SEEDS, draws=600)
    assert "zonder bovengrens" in plots.yields(result, names=NAMES).alt
    assert "zonder bovengrens" in said(wording.yields(result))


def test_the_spread_of_grants_and_rows_left_out_are_told():
    even = said(wording.yields_spread(yielded(), names=NAMES))
    assert "niet sterker van elkaar" in even
    assert "tellen niet mee" not in even
    rows = grants()
    rows.loc[rows.index % 4 < 2, ["places", "kept"]] = 0.0
    rows.loc[0, "euro"] = np.nan
    uneven = said(wording.yields_spread(yields.yields(rows, areas=AREAS, seeds=SEEDS, draws=200), names=NAMES))
    assert "keer zo sterk" in uneven
    assert "1 rij zonder bedrag of zonder aantal plaatsen telt niet mee" in uneven


def test_which_way_to_pay_gives_most_is_said_with_its_priors(bought):
    text = said(wording.options(bought.options, names=NAMES))
    assert text.startswith("Per euro levert 'lening' netto de meeste duurzame plaatsen op, daarna 'projectsubsidie'")
    assert "'netto deel', 'netto deel van de lening', 'banen' en 'extra plaatsen', die niemand gemeten heeft" in text
    assert wording.options(bought.options, names=NAMES)[0].certainty != "zeker"
    absent = wording.options(replace(bought.options, absent=("trividend",)), names=NAMES)
    assert "Over lening is er geen register" in absent[1].text


def test_one_way_to_pay_has_nothing_to_be_compared_with(bought):
    one = bought.options.table["lever"] == "extra_plaatsen"
    alone = replace(
        bought.options, table=bought.options.table[one].reset_index(drop=True),
        draws=bought.options.draws.loc[:, one.to_numpy()], beliefs={"extra_plaatsen": ("extra_plaatsen",)},
    )  # fmt: skip
    assert "maar één manier" in said(wording.options(alone, names=NAMES))


def test_the_price_of_a_lasting_place_names_its_payer_and_its_priors(bought):
    table = tables.options(bought.options, names=NAMES, region_names=TITLES, years=4)
    assert [row[0] for row in table.rows] == ["projectsubsidie", "lening", "extra plaatsen"]
    assert [column.label for column in table.columns] == ["Wat", "Antwerpen", "Mechelen"]
    assert "een extra plaats betaalt Vlaanderen, hier voor 4 jaar" in table.note
    assert "niemand gemeten" in table.note


def test_regions_and_units_are_said_in_words(bought):
    table = tables.allocation(bought.kept, names=NAMES, region_names=TITLES, units=UNITS)
    assert [column.label for column in table.columns] == ["Waar", "Wat", "Kost", "Duurzame plaatsen"]
    first = bought.kept.table.iloc[0]
    assert table.rows[0][:2] == ["Antwerpen", f"{first['units'] * 10_000:,.0f} euro projectsubsidie".replace(",", ".")]
    assert all(len(row) == 4 for row in table.rows)
    text = said(wording.next_euros(bought.more, names=NAMES, region_names=PLACES, units=UNITS))
    assert "euro projectsubsidie in het arrondissement" in text
    assert UNITS["extra_plaatsen"].said(1) == "1 extra plaats"
    assert UNITS["extra_plaatsen"].said(2) == "2 extra plaatsen"


def test_a_guarantee_costs_places_or_none(bought):
    given = {"least": bought.least, "part": 0.9, "region_names": PLACES}
    text = said(wording.guaranteed(bought.kept, free=bought.free, **given))
    assert "Die waarborg kost" in text
    assert "met 90\u00a0% van zijn deel van het budget" in text
    assert "kost geen duurzame plaatsen" in said(wording.guaranteed(bought.free, free=bought.free, **given))


def test_the_region_of_the_report_gets_something_or_nothing(bought):
    given = {"free": bought.free, "least": bought.least, "part": 0.9, "region_names": PLACES, "here": "M"}
    assert "Naar het arrondissement Mechelen gaat daarvan" in said(wording.guaranteed(bought.kept, **given))
    poor = bought.options.allocate(budget=1_600)
    assert "gaat daarvan niets" in said(wording.guaranteed(poor, **given))


def test_applications_are_real_or_an_example():
    example = pd.DataFrame({"application": ["p", "q"], "year": [2025, 2025]})
    assert "Als voorbeeld dienen de 2 projecten van 2025" in wording.applications(example).text
    real = example.assign(year=pd.NA)
    assert wording.applications(real).text == "Er wachten 2 aanvragen op een beslissing."
    assert wording.applications(real.head(1)).text == "Er wacht 1 aanvraag op een beslissing."
    assert wording.applications(example.head(0)).text == "Er zijn geen aanvragen en geen projecten geregistreerd."


def test_applications_are_named_by_place_and_sector_as_far_as_these_are_known():
    rows = pd.DataFrame(
        {"application": ["p", "q", "r"], "refnis": pd.array([12021, None, 12021], dtype="Int64"),
         "sector": ["bouw", None, None]}
    )  # fmt: skip
    assert means.application_names(rows, {12021: "Lier"}) == {"p": "p (Lier, bouw)", "q": "q", "r": "r (Lier)"}


def test_a_published_cost_is_told_with_its_note_or_is_unknown():
    row = pd.DataFrame(
        {"value": [227000.0], "unit": ["euro per jaar"], "population": ["landschapsdokters"], "note": ["n"]}
    )
    assert wording.published_cost(row).text == "Landschapsdokters: 227.000 euro per jaar, met deze noot: n."
    assert "niets gepubliceerd" in wording.published_cost(row.head(0)).text


def test_every_number_of_the_budget_is_an_assumption_with_reason_and_source():
    settings = read_config().budget
    listed = means.assumptions(settings)
    told = " ".join(f"{row['value']} {row['interval']}" for row in listed)
    assert all(row["value"] and len(row["because"]) >= 10 and row["source"] for row in listed)
    for value in (
        "50\u00a0%",
        "3,0\u00a0%",
        "2,5",
        "0,65",
        "0,05",
        "0,60",
        "100.000",
        "50.000",
        "3.000.000",
        "500.000",
    ):
        assert value in told, value
    beliefs = 2 + 2  # net shares of both, loss and kept of the loan
    assert sum(row["interval"] is not None for row in listed) == beliefs


def test_names_cover_every_lever_and_every_belief(bought):
    config = read_config()
    named = means.names(config)
    for code in ("projectsubsidie net", "trividend net", "trividend kept", "trividend cost", "extra_plaatsen"):
        assert named[code]
    assert all(named[code] for code in config.levers)
    assert set(means.units(config)) == {"projectsubsidie", "trividend", "extra_plaatsen"}
    assert "4 jaar lang" in means.units(config)["extra_plaatsen"].said(3)


def test_without_any_result_there_is_no_finding_and_no_number():
    nothing = display.Unavailable()
    frames = [nothing.to_frame()] * 4
    said_ = {"names": NAMES, "region_names": PLACES, "units": UNITS, "here": None, "scenario": "extra_plaatsen"}
    assert wording.means_headline(nothing, nothing, nothing, nothing, frames=frames, said=said_) == []
    assert wording.means_numbers(nothing, frame=frames[0]) == []


def test_the_findings_are_the_sentences_of_the_chapter(bought, strategy):
    found = yielded()
    results = (found, bought.options, bought.more, strategy.comparison)
    frames = [expected.protected(one) for one in results]
    said_ = {"names": NAMES, "region_names": PLACES, "units": UNITS, "here": None, "scenario": "plaatsen"}
    findings = wording.means_headline(*results, frames=frames, said=said_)
    assert len(findings) == 4
    assert findings[0].finding.startswith("Een duurzame plaats")
    assert all(one.certainty in ("waarschijnlijk", "onzeker") for one in findings[1:])
    assert all("niemand gemeten" in one.finding for one in findings[1:])
    local = wording.means_headline(*results, frames=frames, said={**said_, "here": "M"})
    assert len(local) == 5
    assert local[1].finding.startswith("In het arrondissement Mechelen kostte")
    assert [one.value for one in wording.means_numbers(found, frame=frames[0])][1].endswith("\u00a0%")


def test_regions_stand_beside_each_other_with_a_cost_or_a_break_even(strategy):
    one = strategy.comparison
    worth = one.values[0]
    table = tables.cost_by_region(one, one, places=["A", "M"], worth=worth, region_names=TITLES)
    assert [column.label for column in table.columns[2:]] == ["Antwerpen", "Mechelen"]
    what = {row[0]: row[1] for row in table.rows}
    assert set(what.values()) == {"kost per duurzame stap", "hoogstens per jaar"}
    assert all(row[2] == row[3] for row in table.rows)
    assert set(table.frame["place"]) == {"A", "M"}


def test_what_is_hidden_is_told_nowhere_and_breaks_nothing(bought):
    for show, result in (
        (wording.yields, yielded()),
        (wording.yields_spread, yielded()),
        (wording.options, bought.options),
        (tables.yields, yielded()),
        (tables.options, bought.options),
    ):
        hidden = result.to_frame().assign(cell_status="suppressed", estimate=np.nan, lower=np.nan, upper=np.nan)
        shown = show(result, frame=hidden)
        told = said(shown) if isinstance(shown, list) else " ".join(text for row in shown.rows for text in row)
        assert "nan" not in told
        assert "euro (" not in told
        if isinstance(shown, list):
            assert "te klein" not in told.replace("te klein om te tonen", "")
    with pytest.raises(InsufficientDataError):
        plots.yields(yielded(), frame=yielded().to_frame().assign(cell_status="suppressed"))
