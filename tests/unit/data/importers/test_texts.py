from pathlib import Path

import pytest

from studie.data.importers.intake import Rejections, lines
from studie.data.importers.texts import decode, delimiter_of, read_bytes, records, require
from studie.errors import InputError


def read(text: str, **options: str) -> tuple[list[list[str]], list[str], int]:
    into = Rejections()
    found = records(text, file="f.csv", into=into, **options)  # type: ignore[arg-type]
    assert found.read == len(found.frame) + len(into)
    return found.frame.to_numpy().tolist(), lines(into.to_frame()), found.read


def test_a_byte_order_mark_is_taken_off_and_decides() -> None:
    assert decode("a;é".encode("utf-8-sig"), file="f") == "a;é"
    assert decode("a;é".encode("utf-16"), file="f", encodings=("utf-8", "utf-16")) == "a;é"
    with pytest.raises(InputError, match=r"f: must be UTF-8, got UTF-16"):
        decode("a;é".encode("utf-16"), file="f")


def test_the_first_encoding_that_fits_is_used() -> None:
    both = ("utf-8", "iso-8859-1")
    assert decode("Liège".encode(), file="f", encodings=both) == "Liège"
    assert decode("Liège".encode("iso-8859-1"), file="f", encodings=both) == "Liège"
    assert decode("€ 5".encode("cp1252"), file="f", encodings=("utf-8", "cp1252")) == "€ 5"


def test_a_byte_that_fits_no_encoding_is_named_with_its_row() -> None:
    with pytest.raises(InputError, match="f: row 2: must be UTF-8, got byte 0xe8"):
        decode("a\nLiège".encode("iso-8859-1"), file="f")
    with pytest.raises(InputError, match="row 1: must be UTF-8 or Windows-1252, got byte 0x81"):
        decode(b"\x81", file="f", encodings=("utf-8", "cp1252"))


def test_a_damaged_utf_8_file_is_not_read_as_a_single_byte_one() -> None:
    with pytest.raises(InputError, match="row 2: must be in one encoding"):
        decode("a\nLiège ".encode() + b"\xff", file="f", encodings=("utf-8", "iso-8859-1"))


def test_zero_bytes_are_refused() -> None:
    with pytest.raises(InputError, match="row 2: must be text in UTF-8, got a zero byte"):
        decode(b"a\nb\0", file="f")
    with pytest.raises(InputError, match="zero byte"):
        decode("a;b".encode("utf-16-le"), file="f", encodings=("utf-8", "iso-8859-1"))


def test_a_file_is_missing_empty_or_too_large(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    with pytest.raises(InputError, match=r"f.csv: file is missing"):
        read_bytes(path, file="f.csv")
    with pytest.raises(InputError, match="is missing"):
        read_bytes(tmp_path, file="f.csv")
    path.write_bytes(b"")
    with pytest.raises(InputError, match="file is empty"):
        read_bytes(path, file="f.csv")
    path.write_bytes(b"a" * 2_000_000)
    with pytest.raises(InputError, match="must be at most 1 MB, got 2 MB"):
        read_bytes(path, file="f.csv", most=1_000_000)


def test_line_ends_of_all_systems_give_the_same_records() -> None:
    for end in ("\n", "\r\n", "\r"):
        assert read(f"a;b{end}1;2{end}3;4{end}") == ([["1", "2"], ["3", "4"]], [], 2)


def test_ragged_records_are_listed_with_their_row() -> None:
    fields, rejected, count = read("a;b\n1;2\n\n3\n4;5;6\n7;8\n")
    assert fields == [["1", "2"], ["7", "8"]]
    assert count == 4
    assert rejected == [
        "f.csv: row 4: must have 2 fields as the header has, got 1, got '3'",
        "f.csv: row 5: must have 2 fields as the header has, got 3, got '4;5;6'",
    ]


def test_a_lone_quote_costs_one_record_only() -> None:
    fields, rejected, _ = read('a;b\n1;"x\n2;y\n3;"z"\n4;q"q\n')
    assert fields == [["2", "y"], ["3", "z"], ["4", 'q"q']]
    assert rejected == ["""f.csv: row 2: a quote must open and close around a whole field, got '1;"x'"""]


def test_quoted_fields_may_hold_the_separator_and_quotes() -> None:
    assert read('a,b\n"1,5","say ""hi"""\n')[0] == [["1,5", 'say "hi"']]


def test_a_file_that_stops_within_a_record_says_so() -> None:
    assert read("a|b\n1|2\n3", delimiter="|")[1] == ["f.csv: row 3: the file ends within this record, got '3'"]
    assert read("a|b\n1|2\n3|45")[0] == [["1", "2"], ["3", "45"]]
    assert read("a|b\n1|2\n3|4", last_line="ends")[1] == ["f.csv: row 3: the file ends within this record, got '3|4'"]


def test_control_characters_are_listed_and_not_read() -> None:
    fields, rejected, _ = read("a;b\n1;x\x1b[2J\n2;y\x0bz\n3;z\n")
    assert fields == [["3", "z"]]
    assert len(rejected) == 2
    assert "\x1b" not in "".join(rejected)


def test_a_record_of_empty_fields_is_a_record_and_an_empty_line_is_not() -> None:
    assert read("a;b\n;\n\n \n")[::2] == ([["", ""]], 1)


def test_the_separator_is_detected_or_refused_by_name() -> None:
    assert delimiter_of('"x,y"|b', file="f") == "|"
    with pytest.raises(InputError, match="got ',' and ';'"):
        delimiter_of("a,b;c", file="f")
    with pytest.raises(InputError, match="got none"):
        delimiter_of("ab", file="f")
    with pytest.raises(InputError, match=r"row 1: the separator must be '\|', got ';'"):
        read("a;b\n1;2\n", delimiter="|")


def test_a_header_has_each_name_once() -> None:
    with pytest.raises(InputError, match="column a stands there twice") as caught:
        read("a;a;;\n1;2;3;4\n")
    assert caught.value.problems == (
        "f.csv: row 1: column 3 has no name",
        "f.csv: row 1: column 4 has no name",
        "f.csv: row 1: column a stands there twice",
    )
    with pytest.raises(InputError, match="must be a header"):
        read("\na;b\n")


def test_missing_columns_are_named_with_those_that_are_there() -> None:
    found = records("a;b\n1;2\n", file="f.csv", into=Rejections())
    with pytest.raises(InputError, match="column c is missing; got a, b"):
        require(found.frame, ("a", "c"), file="f.csv")
