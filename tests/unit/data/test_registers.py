import pandas as pd
import pytest

from studie.data import contracts
from studie.data.registers import REGISTERS, registers
from studie.errors import InputError

ASKED = pd.DataFrame({"table": ["event", "pledge", "pledge"], "holder": ["provincie", "provincie", "besturen"]})


def frames(**filled: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {**{name: contracts.empty(name).assign(data_status="") for name in REGISTERS}, **filled}


def rows(table: str, *found: dict[str, object]) -> pd.DataFrame:
    blank = dict.fromkeys(contracts.contract(table).names)
    return contracts.validate(
        pd.DataFrame([{**blank, **row} for row in found], dtype=object), table, where=table
    ).assign(data_status="own")


PLEDGE = {"refnis": 12025, "description": "vier plaatsen", "status": "bezig"}
FILLED = frames(
    pledge=rows(
        "pledge",
        {**PLEDGE, "pledge_id": "1", "date": "2026-03-10"},
        {**PLEDGE, "pledge_id": "2", "date": "2025-03-10"},
    ),
    loan=rows("loan", {"loan_id": "1", "region": "province:10000", "year": 2025}).assign(data_status="demonstration"),
    subsidy_scheme=rows("subsidy_scheme", {"scheme_id": "a", "name": "a", "level": "Vlaams"}),
)


def test_a_register_shows_its_rows_its_last_day_and_who_fills_it_in() -> None:
    found = registers(FILLED, ASKED).registers
    assert found.loc["pledge", ["rows", "data_status", "last", "holders"]].tolist() == [
        2, "own", "2026-03-10", ("provincie", "besturen"),
    ]  # fmt: skip
    assert found.loc["loan", ["rows", "last", "holders"]].tolist() == [1, "2025", ()]


def test_a_register_without_a_known_day_has_no_last_one_and_an_empty_one_no_status() -> None:
    found = registers(FILLED, ASKED).registers
    assert found.loc["subsidy_scheme", "last"] == ""
    assert found.loc["event", ["rows", "data_status", "last"]].tolist() == [0, "", ""]


def test_empty_registers_and_those_with_demonstration_rows_alone_are_told_apart() -> None:
    found = registers(FILLED, ASKED)
    assert len(found.empty) == found.n - 3
    assert found.only_demonstration == ["Renteloze leningen (Trividend)"]
    assert found.uses == ["data_request", "subsidy_scheme", "loan", "pledge"]


def test_the_frame_counts_rows_and_has_the_six_columns() -> None:
    frame = registers(FILLED, ASKED).to_frame().set_index("table")
    assert frame.loc["pledge", "estimate"] == 2
    assert frame.columns[-6:].tolist() == ["quantity", "estimate", "lower", "upper", "n", "unit"]


def test_a_register_that_was_not_read_is_refused() -> None:
    with pytest.raises(InputError, match="got none named event"):
        registers({name: frame for name, frame in FILLED.items() if name != "event"}, ASKED)
