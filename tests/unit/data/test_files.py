from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from studie.data.files import read_file
from studie.errors import InputError


def refused(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_file(path, where=path.name)
    return str(caught.value)


def test_a_csv_file_is_read_as_text_and_an_empty_field_stays_empty(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes('\ufeffa,b\r\n01,\r\n"een, twee",é\r\n'.encode())
    assert read_file(path, where="x.csv").to_dict("list") == {"a": ["01", "een, twee"], "b": ["", "é"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "x.csv: file is empty; it must hold a header and rows"),
        (b"\n\n", "x.csv: file is empty; it must hold a header and rows"),
        (b"a;b\n1;2\n", "x.csv: row 1: the separator must be ',', got ';'"),
        (b"a\tb\n1\t2\n", "x.csv: row 1: the separator must be ',', got a tab"),
        (b"a,b\n1,2\ncaf\xe9,3\n", "x.csv: row 3: must be UTF-8, got byte 0xe9"),
        (b"a,b\n1,\x002\n", "x.csv: must be text, got a zero byte"),
        (b"a,b\n1,2\n3\n", "x.csv: row 3: must have 2 fields, got 1"),
        (b"a,b\n1,2,3\n", "x.csv: row 2: must have 2 fields, got 3"),
        (b"a,a\n1,2\n", "x.csv: row 1: column a stands there twice"),
    ],
)
def test_a_malformed_csv_file_gives_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    assert refused(tmp_path / "x.csv", content) == message


def test_an_open_quote_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "x.csv", b'a,b\n"1,2\n').startswith("x.csv: must be CSV with ',' and double quotes")


def test_many_short_rows_give_twenty_lines_and_a_count(tmp_path: Path) -> None:
    found = refused(tmp_path / "x.csv", b"a,b\n" + b"1\n" * 50).splitlines()
    assert len(found) == 21
    assert found[-1] == "x.csv: and 30 more problems"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"data/x\.csv: file is missing"):
        read_file(tmp_path / "x.csv", where="data/x.csv")


def test_a_file_that_is_not_parquet_gives_one_line(tmp_path: Path) -> None:
    assert refused(tmp_path / "x.parquet", b"a,b\n1,2\n").startswith("x.parquet: must be a Parquet file, ")
    assert "\n" not in refused(tmp_path / "x.parquet", b"PAR1 not really PAR1")


def test_a_parquet_file_keeps_its_types(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    frame = pd.DataFrame({"n": [1, 2], "t": ["a", None], "d": pd.to_datetime(["2024-01-01", "2024-02-01"])})
    frame.to_parquet(path)
    found = read_file(path, where="x.parquet")
    assert found["n"].tolist() == [1, 2]
    assert found["t"].astype(object).tolist()[0] == "a"
    assert found["t"].isna().tolist() == [False, True]
    assert found["d"].dt.day.tolist() == [1, 1]
