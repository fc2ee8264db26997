"""Own extracts, damaged in 2,000 ways: one line per problem, no traceback, and every row in the sum."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studie.data import pseudonyms
from studie.data.importers import own
from studie.data.importers.intake import Options
from studie.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = [f"85.01.{day:02d}-123.{day:02d}" for day in range(1, 21)]
CODED = pd.DataFrame(
    {
        "rrn": PEOPLE,
        "dag": pd.to_datetime(["2024-01-31", "2024-02-29"] * 10),
        "trede": [1, 2, 3, 4, 5] * 4,
        "nis": [12025, 11002] * 10,
        "lft": ["18-24", "25-34"] * 10,
        "sekse": ["m", "v"] * 10,
        "groep": ["leefloon", "nieuwkomer"] * 10,
        "nl": ["goed", "geen"] * 10,
        "steun": ["ja", "nee"] * 10,
    }
)
COLUMNS = dict(zip(["person_id", "date", "step", "refnis", "age_band", "sex", "target_group", "dutch_level", "support"],
                   CODED.columns, strict=True))  # fmt: skip
WORDS: dict[str, object] = {"table": "ladder_panel", "source": "OCMW Voorbeeld", "columns": COLUMNS}
_DEADLY = 131  # of these damages, the first that ends pyreadstat 1.3 with a segmentation fault


@pytest.fixture(autouse=True)
def _key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This checkout's tables, and a key of its own outside it."""
    monkeypatch.setenv("STUDIE_ROOT", str(ROOT))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv(pseudonyms.KEY_VARIABLE, raising=False)


def csv_bytes(path: Path) -> bytes:
    return CODED.assign(dag=CODED["dag"].dt.strftime("%Y-%m-%d")).to_csv(index=False).encode("utf-8")


def xlsx_bytes(path: Path) -> bytes:
    CODED.to_excel(path, index=False)
    return path.read_bytes()


def dta_bytes(path: Path) -> bytes:
    labels = {"trede": {1: "een", 2: "twee"}}
    CODED.to_stata(path, write_index=False, version=118, convert_dates={"dag": "td"}, value_labels=labels)
    return path.read_bytes()


HUGE = [
    b"9" * 400,
    b"1e999",
    b"-1",
    b"\x00",
    b"\x1b[31m",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"=HYPERLINK(1)",
    b'"',
    b"\r",
    b"'",
]
SWAPS = [(b",", b";"), (b",", b"\t"), (b".", b","), (b"-", b"/"), (b"\n", b"\r\n"), (b"\n", b"\r"), (b"2024", b"9999")]


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """One to three damages: bit flips, cuts, insertions, swapped marks, doubled and emptied parts."""
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        size = max(len(out), 1)
        at, kind = int(rng.integers(size)), int(rng.integers(7))
        if kind == 0 and out:
            out[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            out = out[:at]
        elif kind == 2:
            out[at:at] = HUGE[int(rng.integers(len(HUGE)))]
        elif kind == 3:
            old, new = SWAPS[int(rng.integers(len(SWAPS)))]
            out = bytearray(bytes(out).replace(old, new, int(rng.integers(1, 200))))
        elif kind == 4:
            out[at : at + int(rng.integers(1, 40))] = b""
        elif kind == 5:
            out[at:at] = bytes(out[at : at + int(rng.integers(1, 300))])
        else:
            out[at : at + 8] = rng.bytes(8)
    return bytes(out)


def inside(data: bytes, rng: np.random.Generator) -> bytes:
    """A workbook of which one part is damaged, packed again with the right checksums."""
    packed, made = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    names = packed.namelist()
    chosen = "xl/worksheets/sheet1.xml" if rng.random() < 0.6 else names[int(rng.integers(len(names)))]
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for name in names:
            out.writestr(name, damaged(packed.read(name), rng) if name == chosen else packed.read(name))
    return made.getvalue()


def outcome(path: Path) -> tuple[bool, str]:
    """Whether an import gave rows, and what it says; anything but a result or its own kind of error is a failure."""
    try:
        intake = own.read(path, options=Options(mapping=WORDS))
    except InputError as error:
        assert error.problems
        taken, said = False, str(error)
        assert all(line.strip() and line.isprintable() for line in error.problems), error.problems
    else:
        assert intake.read == intake.taken + len(intake.rejected)
        assert intake.read > 0
        rows = sum(len(frame) for frame in intake.tables.values())
        assert rows == intake.taken
        assert intake.rejected["rule"].ne("").all()
        assert not intake.rejected["row"].duplicated().any()
        taken = True
        said = intake.rejected.to_csv() + "\n".join(intake.notes) + "".join(f.to_csv() for f in intake.tables.values())
    assert not [person for person in PEOPLE if person in said], said
    return taken, said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "make", "spoil", "times"),
    [
        ("x.csv", csv_bytes, damaged, 800),
        ("x.xlsx", xlsx_bytes, damaged, 100),
        ("x.xlsx", xlsx_bytes, inside, 500),
        ("x.dta", dta_bytes, damaged, 600),
    ],
    ids=["csv", "xlsx packed", "xlsx inside", "stata"],
)
def test_a_damaged_extract_is_refused_or_every_row_of_it_is_taken_or_listed(
    tmp_path: Path,
    name: str,
    make: Callable[[Path], bytes],
    spoil: Callable[..., bytes],
    times: int,
    part: Callable[[int], int],
) -> None:
    path = tmp_path / name
    sound = make(path)
    rng = np.random.default_rng(zlib.crc32(f"{name} {times}".encode()))
    partly = refused = 0
    for _ in range(part(times)):
        path.write_bytes(spoil(sound, rng))
        taken, _ = outcome(path)
        partly += taken
        refused += not taken
    assert refused > 0
    assert partly > 0 or spoil is damaged


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.text(max_size=12), st.one_of(st.integers(), st.floats(), st.text(max_size=6))),
        min_size=1,
        max_size=8,
    )
)
def test_any_text_in_any_cell_is_taken_or_listed(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, object]]
) -> None:
    words = {
        "table": "loan",
        "source": "Trividend",
        "columns": {
            "loan_id": "nr",
            "region": {"value": "province:10000"},
            "year": {"value": "2020"},
            "amount_euro": "b",
        },
    }
    path = tmp_path_factory.mktemp("loan") / "x.csv"
    frame = pd.DataFrame([(name, str(value)) for name, value in rows], columns=["nr", "b"])
    path.write_bytes(frame.to_csv(index=False, lineterminator="\n").encode("utf-8", "replace"))
    try:
        intake = own.read(path, options=Options(mapping=words))
    except InputError as error:
        assert error.problems
    else:
        assert intake.read == intake.taken + len(intake.rejected)


def test_a_damaged_spss_file_that_brings_its_reader_down_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.sav"
    labels = {"trede": {1.0: "een"}}
    pyreadstat.write_sav(CODED.assign(dag=CODED["dag"].dt.date), str(path), variable_value_labels=labels)
    assert outcome(path)[0]
    sound, rng = path.read_bytes(), np.random.default_rng(5)
    path.write_bytes([damaged(sound, rng) for _ in range(_DEADLY + 1)][-1])
    taken, said = outcome(path)
    assert (taken, said) == (False, "x.sav: must be an SPSS file (.sav), got one that is damaged or of another kind")


def test_a_stata_file_that_promises_more_rows_than_it_holds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.dta"
    data = dta_bytes(path)
    at = data.index(b"<N>") + 3
    path.write_bytes(data[:at] + struct.pack("<Q", 10**12) + data[at + 8 :])
    with pytest.raises(InputError, match="must be a Stata file"):
        own.read(path, options=Options(mapping=WORDS))
