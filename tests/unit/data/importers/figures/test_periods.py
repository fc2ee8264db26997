import datetime

import pytest

from studie.data.importers.periods import month_of, months_in, period_of


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2024", "2024"), (" 2024 ", "2024"), ("4de kwartaal 2018", "2018-Q4"), ("1ste kwartaal 2018", "2018-Q1"),
        ("2025 K4", "2025-Q4"), ("2025K4", "2025-Q4"), ("2024-Q1", "2024-Q1"), ("2024-S1", "2024-S1"),
        ("2024-03", "2024-03"), ("2024M03", "2024-03"), ("202403", "2024-03"), ("March 2024", "2024-03"),
        ("maart 2024", "2024-03"), ("August  2021", "2021-08"),
        ("", ""), ("24", ""), ("2024-13", ""), ("2024-Q5", ""), ("0024", ""), ("5de kwartaal 2018", ""),
        ("Marsh 2024", ""), ("2024-03-01", ""), ("20240301", ""),
    ],
)  # fmt: skip
def test_a_period_is_written_in_one_way(text, period):
    assert period_of(text) == period


def test_a_month_may_be_a_date_on_its_first_or_last_day():
    assert month_of(datetime.datetime(2024, 2, 1)) == "2024-02"
    assert month_of(datetime.date(2024, 2, 29)) == "2024-02"
    assert month_of(datetime.datetime(2024, 2, 28)) == ""
    assert month_of(datetime.datetime(9999, 12, 31)) == ""
    assert month_of("March 2024") == "2024-03"
    assert month_of("2024") == month_of(2024) == month_of(None) == ""


def test_months_are_found_in_a_sentence():
    assert months_in("Situatie van March 2024 tot april 2024, March 2024") == ["2024-03", "2024-04"]
    assert months_in("geen") == []
