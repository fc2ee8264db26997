import pandas as pd
import pytest

from studie.data.importers.numbers import (
    decimal_number,
    decimal_numbers,
    flagged_number,
    whole_number,
    whole_numbers,
)


@pytest.mark.parametrize(
    "text",
    [
        "14293",
        "14 293",
        "14.293",
        "14\u00a0293",
        "14\u202f293\u00a0",
        " +14 293 ",
        "14.293,0",
        "14293,00",
        "14\u2009293",
    ],
)
def test_a_whole_number_may_have_thousands_marks_and_zero_decimals(text: str) -> None:
    assert whole_number(text) == (14293, "")


@pytest.mark.parametrize(
    "text",
    [
        "14.29",
        "1.4293",
        "14,5",
        "14,000",
        "14 29",
        "1 4293",
        "14.293 117",
        "1e3",
        "inf",
        "nan",
        "-",
        "4.7 p",
        "\u0661",
        "12-",
    ],
)
def test_what_is_no_whole_number_gives_the_rule(text: str) -> None:
    assert whole_number(text) == (None, "must be a whole number")


def test_three_zeros_behind_a_point_are_not_read_as_decimals() -> None:
    assert whole_number("14.000", locale="nl").value == 14000
    assert whole_number("14.000", locale="en").value is None
    assert whole_number("103.0", locale="en").value == 103


def test_an_empty_text_is_neither_a_number_nor_wrong() -> None:
    assert whole_number("\u00a0") == (None, "")
    assert decimal_number("") == (None, "")


def test_a_number_too_large_to_be_exact_is_refused() -> None:
    assert whole_number("9" * 400).rule == "must be at most 9007199254740992"
    assert whole_number("-9007199254740992").value == -(2**53)


def test_the_locale_decides_what_a_mark_means() -> None:
    assert decimal_number("14.293", locale="en").value == 14.293
    assert decimal_number("14.293", locale="nl").value == 14293
    assert decimal_number("1.234,5", locale="nl").value == 1234.5
    assert decimal_number("1,234.5", locale="en").value == 1234.5
    assert decimal_number("\u22123,25", locale="nl").value == -3.25
    assert decimal_number("1,5", locale="en").rule == "must be a number with a point as decimal mark"


def test_flags_behind_a_number_are_kept_apart() -> None:
    assert flagged_number("4.7 p") == (4.7, "p", "")
    assert flagged_number("4.7bd") == (4.7, "bd", "")
    assert flagged_number(":") == (None, "", "")
    assert flagged_number(": c") == (None, "c", "")
    assert flagged_number("p").rule != ""
    assert flagged_number("4.7 P").rule != ""


def test_a_column_is_read_with_one_rule_per_wrong_value() -> None:
    texts = pd.Series(["14 293", "x", "", "14 293"], index=[7, 8, 9, 10])
    values, rules = whole_numbers(texts)
    assert values.fillna(-1).to_dict() == {7: 14293, 8: -1, 9: -1, 10: 14293}
    assert rules.to_dict() == {7: "", 8: "must be a whole number", 9: "", 10: ""}
    assert decimal_numbers(pd.Series(["1,5", "x"]))[0].tolist()[0] == 1.5
    assert whole_numbers(pd.Series([], dtype=object))[0].empty
