import pandas as pd
import pytest

from studie.data.importers.intake import Intake, Rejections, lines, take
from studie.errors import InputError


def population(**changes: object) -> pd.DataFrame:
    rows = {"refnis": ["11001", "11002", "12025"], "year": ["2024"] * 3, "inhabitants": ["10", "20", "30"]}
    return pd.DataFrame({**rows, **changes}, dtype=object)


def taken(frame: pd.DataFrame, rows: list[int] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    into = Rejections()
    source = pd.Series(rows or list(range(2, len(frame) + 2)))
    return take(frame, "population", file="f.csv", rows=source, into=into), into.to_frame()


def test_sound_rows_are_all_taken() -> None:
    good, rejected = taken(population())
    assert good["inhabitants"].tolist() == [10, 20, 30]
    assert rejected.empty


def test_a_wrong_row_is_listed_and_the_others_stay() -> None:
    good, rejected = taken(population(refnis=["11001", "99999", "12025"], inhabitants=["10", "20", "-1"]))
    assert good["refnis"].tolist() == [11001]
    assert lines(rejected) == [
        "f.csv: row 3, column refnis: must be a municipality of the province, got '99999'",
        "f.csv: row 4, column inhabitants: must be at least 0, got '-1'",
    ]


def test_several_reasons_of_one_record_are_one_row() -> None:
    _, rejected = taken(population(refnis=["11001", "x", "12025"], inhabitants=["10", "y", "30"]))
    assert len(rejected) == 1
    assert rejected["column"].item() == "refnis; inhabitants"


def test_a_repeated_row_is_taken_once() -> None:
    good, rejected = taken(population(refnis=["11001", "11001", "12025"], inhabitants=["10", "10", "30"]))
    assert good["refnis"].tolist() == [11001, 12025]
    assert lines(rejected) == ["f.csv: row 3: repeats row 2"]


def test_rows_of_one_key_that_contradict_each_other_are_all_left_out() -> None:
    good, rejected = taken(population(refnis=["11001", "11001", "12025"]))
    assert good["refnis"].tolist() == [12025]
    assert rejected["row"].tolist() == [2, 3]


def test_a_record_is_whole_or_not_taken() -> None:
    good, rejected = taken(population(inhabitants=["10", "-5", "30"]), rows=[2, 2, 3])
    assert good["refnis"].tolist() == [12025]
    assert rejected["row"].tolist() == [2]


def test_a_file_without_a_needed_column_is_refused() -> None:
    with pytest.raises(InputError, match="column inhabitants is missing"):
        taken(population().drop(columns="inhabitants"))


def test_a_sum_that_does_not_close_cannot_be_handed_over() -> None:
    with pytest.raises(AssertionError, match="3 rows read, 1 taken and 1 rejected"):
        Intake(tables={}, read=3, taken=1, rejected=pd.DataFrame({"row": [2]}))


def test_control_characters_of_a_value_do_not_reach_the_terminal() -> None:
    into = Rejections()
    into.add("f.csv", 2, column="name", rule="must be text", value="a\x1b[2J\nb")
    assert "\x1b" not in lines(into.to_frame())[0]
    assert "\n" not in lines(into.to_frame())[0]
