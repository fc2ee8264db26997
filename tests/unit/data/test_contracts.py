from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studie.data import contracts
from studie.data.definitions import CONTRACTS
from studie.errors import InputError


def panel(**changes: object) -> pd.DataFrame:
    row = {
        "person_id": "p1",
        "date": "2024-01-31",
        "step": "3",
        "refnis": "12025",
        "age_band": "25-34",
        "sex": "v",
        "target_group": "leefloon",
        "dutch_level": "goed",
        "support": "ja",
    }
    return pd.DataFrame([row | changes])


def vacancies() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "region": ["region:02000", "region:02000"],
            "sector": ["bouw", "bouw"],
            "period": ["2024-01", "2024-02"],
            "open": ["10", "12"],
            "received": ["3", ""],
            "filled": ["", ""],
            "series_break": ["false", "true"],
        }
    )


def lines(frame: pd.DataFrame, table: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        contracts.validate(frame, table, where="data/own/x.csv")
    return list(caught.value.problems)


def test_text_becomes_the_types_of_the_contract() -> None:
    frame = contracts.validate(vacancies(), "vacancy", where="x")
    assert frame["open"].dtype == "Int64"
    assert frame["received"].isna().tolist() == [False, True]
    assert frame["series_break"].tolist() == [False, True]
    assert contracts.validate(panel(), "ladder_panel", where="x")["date"].dtype == "datetime64[ns]"


def test_a_missing_count_stays_missing_and_is_not_nought() -> None:
    assert contracts.validate(vacancies(), "vacancy", where="x")["filled"].isna().all()


def test_midnight_behind_a_day_is_read_as_the_day() -> None:
    plain = contracts.validate(panel(), "ladder_panel", where="x")
    for written in ("2024-01-31 00:00:00", "2024-01-31T00:00:00.000"):
        frame = contracts.validate(panel(date=written), "ladder_panel", where="x")
        pd.testing.assert_frame_equal(frame, plain)
    assert "date written YYYY-MM-DD" in lines(panel(date="2024-01-31 12:00:00"), "ladder_panel")[0]


def test_columns_may_stand_in_any_order_and_come_back_in_the_order_of_the_contract() -> None:
    frame = contracts.validate(vacancies()[vacancies().columns[::-1]], "vacancy", where="x")
    assert tuple(frame.columns) == CONTRACTS["vacancy"].names


def test_a_column_with_a_default_may_be_left_out() -> None:
    frame = contracts.validate(vacancies().drop(columns="series_break"), "vacancy", where="x")
    assert not frame["series_break"].any()


def test_a_missing_and_an_extra_column_are_named_together_with_what_is_allowed() -> None:
    found = lines(vacancies().rename(columns={"open": "opne"}), "vacancy")
    assert found[0].startswith("data/own/x.csv: column open is missing; allowed: region, sector,")
    assert found[1].startswith("data/own/x.csv: column opne is not in the contract; allowed: ")


@pytest.mark.parametrize("step", ["1", "6", "3-4", "4-5", "5-6", "uit_beeld", "exit_pension", "{5,6}", "{3,4,5}"])
def test_every_state_of_the_ladder_is_allowed(step: str) -> None:
    assert contracts.validate(panel(step=step), "ladder_panel", where="x")["step"].tolist() == [step]


@pytest.mark.parametrize("step", ["7", "2-3", "", "{5}", "{5,7}", "uit beeld", "3.0"])
def test_any_other_state_is_refused_with_row_column_and_value(step: str) -> None:
    found = lines(panel(step=step), "ladder_panel")
    got = repr(step) if step else "nothing"
    assert found[-1].startswith("data/own/x.csv: row 2, column step: must be ")
    assert found[-1].endswith(f"got {got}")


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("refnis", "12.5", "must be a whole number"),
        ("refnis", "Mechelen", "must be a whole number"),
        ("refnis", "12999", "must be a municipality of the province"),
        ("refnis", "", "must not be empty"),
        ("date", "31-01-2024", "must be a date written YYYY-MM-DD"),
        ("date", "2024-02-30", "must be a date written YYYY-MM-DD"),
        ("date", "", "must not be empty"),
        ("support", "misschien", "must be one of ja, nee"),
        ("person_id", "", "must not be empty"),
    ],
)
def test_a_wrong_value_in_the_panel_gives_one_line(column: str, value: str, rule: str) -> None:
    found = lines(panel(**{column: value}), "ladder_panel")
    assert len(found) == 1
    assert found[0].startswith(f"data/own/x.csv: row 2, column {column}: {rule}")
    assert found[0].split(", got ")[1].strip("'") == (value or "nothing")


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("open", "-1", "must be at least 0"),
        ("open", "1.000,5", "must be a whole number"),
        ("open", "inf", "must be a whole number"),
        ("open", "nan", "must be a whole number"),
        ("open", "9" * 30, "must be a whole number"),
        ("open", "12,5", "must be a whole number"),
        ("period", "2024-13", "must be a month written YYYY-MM"),
        ("period", "01/2024", "must be a month written YYYY-MM"),
        ("region", "municipality:99999", "must be a region code"),
        ("region", "provincie Antwerpen", "must be a region code"),
        ("sector", "Bouw", "must be one of zorg, bouw, nijverheid, logistiek"),
        ("series_break", "maybe", "must be one of true, false"),
    ],
)
def test_a_wrong_vacancy_names_its_own_row(column: str, value: str, rule: str) -> None:
    frame = vacancies()
    frame.loc[1, column] = value
    found = lines(frame, "vacancy")
    assert len(found) == 1
    assert found[0].startswith(f"data/own/x.csv: row 3, column {column}: {rule}")


def test_two_rows_with_one_key_are_refused() -> None:
    frame = vacancies()
    frame["period"] = "2024-01"
    found = lines(frame, "vacancy")
    assert found == [
        "data/own/x.csv: row 3, column region, sector, period: the key must be unique, got region:02000, bouw, 2024-01"
    ]


def test_a_date_in_a_key_is_shown_without_its_time() -> None:
    need = pd.DataFrame(
        [["12025", "leefloon", "3", "2023-12-31", "5", "", "", "counted", "", ""]] * 2,
        columns=contracts.contract("need").names,
    )
    found = lines(need, "need")
    assert len(found) == 1
    assert found[0].endswith("the key must be unique, got 12025, leefloon, 3, 2023-12-31")


def test_bounds_that_do_not_hold_their_value_are_refused() -> None:
    need = pd.DataFrame(
        {
            "refnis": ["12025"],
            "target_group": ["leefloon"],
            "step": ["3"],
            "date": ["2024-01-01"],
            "persons": ["5"],
            "lower": ["6"],
            "upper": ["7"],
            "method": ["estimated"],
        }
    )
    assert lines(need, "need") == ["data/own/x.csv: row 2, column lower, persons: must be in order, got 6.0, 5.0"]
    unknown = need.assign(persons="", lower="1", upper="3")
    assert contracts.validate(unknown, "need", where="x")["persons"].isna().all()


def test_all_problems_are_reported_in_the_order_of_the_rows_and_at_most_twenty() -> None:
    frame = pd.concat([vacancies()] * 30, ignore_index=True)
    frame["sector"] = "niets"
    found = lines(frame, "vacancy")
    assert len(found) == 21
    assert found[-1].startswith("data/own/x.csv: and ")
    rows = [int(line.split("row ")[1].split(",")[0]) for line in found[:-1]]
    assert rows == sorted(rows)


def test_two_columns_that_break_the_same_rule_in_one_row_give_two_lines() -> None:
    found = lines(panel(age_band="", dutch_level=""), "ladder_panel")
    assert [line.split("column ")[1].split(":")[0] for line in found] == ["age_band", "dutch_level"]


def test_an_empty_source_on_a_row_is_refused() -> None:
    found = lines(vacancies().assign(source=["VDAB", ""]), "vacancy")
    assert found == ["data/own/x.csv: row 3, column source: must not be empty, got nothing"]


def test_typed_frames_pass_as_well_as_text() -> None:
    frame = contracts.validate(panel(), "ladder_panel", where="x")
    again = contracts.validate(frame.astype({"step": "category"}), "ladder_panel", where="x")
    pd.testing.assert_frame_equal(frame, again)


def test_a_number_in_a_text_column_is_refused() -> None:
    found = lines(panel().assign(step=3), "ladder_panel")
    assert found == ["data/own/x.csv: row 2, column step: must be text, got 3"]


def test_a_missing_category_is_an_empty_text_and_refused_where_required() -> None:
    frame = panel()
    frame["target_group"] = pd.Categorical([np.nan], categories=["leefloon"])
    assert lines(frame, "ladder_panel") == [
        "data/own/x.csv: row 2, column target_group: must not be empty, got nothing"
    ]


def test_an_unknown_table_names_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'vacancy'"):
        contracts.contract("vacancies")


@pytest.mark.parametrize("table", list(CONTRACTS))
def test_every_table_has_an_empty_form_with_its_columns_and_a_schema(table: str) -> None:
    assert tuple(contracts.empty(table).columns) == CONTRACTS[table].names
    assert set(contracts.schema(table).columns) == set(CONTRACTS[table].names)


@pytest.mark.parametrize("table", list(CONTRACTS))
def test_every_key_is_among_the_columns_and_every_number_says_its_unit(table: str) -> None:
    rules = CONTRACTS[table]
    assert set(rules.key) <= set(rules.names)
    assert all(column.about for column in rules.columns)
