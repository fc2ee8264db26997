"""What the registers, the subsidy guide and the resilience of firms say, as a reader meets them."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from studie.data.registers import Registers
from studie.data.resilience import Resilience, resilience
from studie.data.subsidy_guide import SubsidyGuide, subsidy_guide
from studie.present import tables, wording


def filled(*rows: tuple[str, int, str, str, tuple[str, ...]]) -> Registers:
    frame = pd.DataFrame(rows, columns=["title", "rows", "data_status", "last", "holders"])
    return Registers(registers=frame.rename_axis("table"), n=len(frame))


EVENTS = ("Bijeenkomsten", 1200, "own", "2026-03-10", ("provincie", "besturen"))
LOANS = ("Leningen", 3, "demonstration", "2025", ())
NOTHING = ("Prijs", 0, "", "", ("provincie",))
TASKS = ("Taken", 2, "demonstration+own", "", ())


def test_each_register_is_a_row_and_an_empty_one_is_unknown() -> None:
    assert tables.registers(filled(EVENTS, LOANS, NOTHING, TASKS)).rows == [
        ["Bijeenkomsten", "1.200", "eigen gegevens", "10 maart 2026", "provincie en besturen"],
        ["Leningen", "3", "demonstratie", "2025", "onbekend"],
        ["Prijs", "0", "geen", "onbekend", "provincie"],
        ["Taken", "2", "demonstratie en eigen gegevens", "n.v.t.", "onbekend"],
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((EVENTS,), ["In elk van de 1 registers staat minstens één rij."]),
        ((NOTHING, NOTHING), ["Alle 2 registers zijn leeg: daarover weten we niets."]),
        ((EVENTS, LOANS, NOTHING), ["Van de 3 registers is er 1 leeg: daarover weten we niets.",
                                    "In 1 andere staan alleen demonstratiegegevens."]),
        ((LOANS, LOANS, NOTHING, NOTHING), ["Van de 4 registers zijn er 2 leeg: daarover weten we niets.",
                                            "In 2 andere staan alleen demonstratiegegevens."]),
    ],
)  # fmt: skip
def test_how_far_the_registers_are_filled_in_and_its_opposite(rows: Any, said: list[str]) -> None:
    assert [sentence.text for sentence in wording.registers(filled(*rows))] == said


BLANK = dict.fromkeys(
    ("giver", "applicants", "pays", "ceiling", "conditions", "valid_from", "valid_to", "checked_on", "url"), ""
)
PREMIUM = {
    **BLANK, "scheme_id": "imw", "name": "individueel maatwerk", "level": "Vlaams", "giver": "departement",
    "applicants": "werkgevers", "pays": "premie", "ceiling": "75 %", "conditions": "advies", "source": "VDAB",
    "valid_from": "2023-07-01", "checked_on": "2024-06-05",
}  # fmt: skip
OLD = {**BLANK, "scheme_id": "vop", "name": "VOP", "level": "Vlaams", "valid_to": "2023-06-30", "source": "decreet"}
OPEN = {**BLANK, "scheme_id": "lening", "name": "lening", "level": "provinciaal", "source": "VLAIO"}


def guide(*rows: dict[str, str]) -> SubsidyGuide:
    return subsidy_guide(pd.DataFrame(rows), date="2026-11-28")


def test_a_scheme_says_what_is_known_and_what_is_not() -> None:
    shown = tables.subsidy_guide(guide(PREMIUM, OLD))
    assert shown.caption == "Subsidiewijzer: steun voor ondernemingen en besturen op 28 november 2026"
    assert shown.rows == [
        ["individueel maatwerk (Vlaams; departement)", "werkgevers", "premie; hoogstens: 75 %", "advies",
         "geldig (vanaf 1 juli 2023)", "VDAB; stand van 5 juni 2024"],
        ["VOP (Vlaams)", "onbekend", "onbekend", "onbekend", "afgelopen (tot en met 30 juni 2023)",
         "decreet; dag onbekend"],
    ]  # fmt: skip


def test_how_many_schemes_there_are_and_its_opposite() -> None:
    first, second = wording.subsidy_guide(guide(PREMIUM, OLD, OPEN))
    assert first.text == "De subsidiewijzer telt 3 steunmaatregelen: 0 Europese, 2 Vlaamse en 1 provinciale."
    assert second.text == "1 is op 28 november 2026 afgelopen; van 1 zegt geen bron tot wanneer ze geldt."
    _, sure = wording.subsidy_guide(guide(PREMIUM))
    assert sure.text == "Van elke steunmaatregel staat vast dat ze op 28 november 2026 geldt of nog begint."


def firms(*equity: float, asked: int = 4, subsidies: float = 50.0) -> Resilience:
    numbers = [f"{k}" for k in range(asked)]
    account = pd.DataFrame(
        {
            "enterprise_number": numbers[: len(equity)], "year": 2025, "total_assets_euro": 100.0,
            "equity_euro": equity, "current_assets_euro": 60.0, "current_debts_euro": 30.0,
            "operating_income_euro": 200.0, "operating_subsidies_euro": subsidies,
        }
    )  # fmt: skip
    enterprise = pd.DataFrame({"enterprise_number": numbers, "form": "maatwerkbedrijf"})
    return resilience(account, enterprise, least_solvency=0.118, least_liquidity=1.0)


def test_quartiles_and_the_share_with_its_bounds_are_shown() -> None:
    shown = tables.resilience(firms(40.0, -20.0))
    assert shown.rows == [
        ["2025", "Eigen vermogen als deel van het balanstotaal", "−5,0\u00a0%", "10\u00a0%", "25\u00a0%", "2"],
        ["2025", "Vlottende activa per euro korte schuld", "2,00", "2,00", "2,00", "2"],
        ["2025", "Exploitatiesubsidies als deel van de bedrijfsopbrengsten", *["25\u00a0%"] * 3, "2"],
        ["2025", "Deel van de ondernemingen dat weerbaar is", "", "50\u00a0% (25-75\u00a0%)", "", "2"],
    ]  # fmt: skip
    assert "minstens 12\u00a0% van het balanstotaal en minstens 1,00 euro vlottende activa" in str(shown.note)
    assert "elke, van de 2 ondernemingen" in str(shown.note)


def test_the_share_that_is_resilient_is_said_with_what_is_not_known() -> None:
    first, second, third = wording.resilience(firms(40.0, -20.0))
    assert first.text == (
        "Van de 2 ondernemingen van de sociale economie met een volledige jaarrekening over 2025 is "
        "50\u00a0% financieel weerbaar."
    )
    assert second.text == (
        "Van 2 ondernemingen weten we het niet; daarmee ligt het deel van alle 4 ondernemingen tussen 25\u00a0% en "
        "75\u00a0%."
    )
    assert third.text == (
        "In het midden van de reeks komt 25\u00a0% van de bedrijfsopbrengsten uit exploitatiesubsidies "
        "(2 ondernemingen)."
    )


def test_the_opposites_one_firm_all_known_and_no_subsidies_told() -> None:
    found = wording.resilience(firms(40.0, asked=1, subsidies=np.nan))
    assert [sentence.text for sentence in found] == [
        "Van de ene onderneming van de sociale economie met een volledige jaarrekening over 2025 is "
        "100\u00a0% financieel weerbaar.",
        "Van elke onderneming op de lijst is de jaarrekening gekend.",
    ]
