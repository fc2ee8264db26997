from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest

from studie.data import databank
from studie.data.databank import exporting
from studie.errors import InputError

NASTY = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x","y")']
PLAIN = ["a=1", "1-2", "", " tekst", "d'Hulst"]


@pytest.fixture
def nasty(tmp_path: Path) -> Path:
    """A databank whose texts a spreadsheet would compute."""
    (tmp_path / "build").mkdir()
    with duckdb.connect(databank.path(root=tmp_path)) as connection:
        connection.execute(
            "CREATE TABLE loan (loan_id VARCHAR, amount_euro DOUBLE, jobs BIGINT, day DATE, yes BOOLEAN)"
        )
        for text in [*NASTY, *PLAIN, "naast\x07elkaar"]:
            connection.execute("INSERT INTO loan VALUES (?, -5.5, -3, DATE '2024-01-31', true)", [text])
        connection.execute("INSERT INTO loan VALUES (NULL, NULL, NULL, NULL, NULL)")
    return tmp_path


def test_every_table_becomes_a_file_and_persons_only_protected_counts(
    built: Path, panel: pd.DataFrame, tmp_path: Path
) -> None:
    made = databank.export(tmp_path / "uit", format="parquet")
    names = {found.stem for found in made.path.iterdir()}
    assert names == set(made.rows)
    assert {"offer", "dataset", "territory", "ladder_panel_counts"} <= names
    assert "ladder_panel" not in names
    offer = pd.read_parquet(made.path / "offer.parquet")
    assert len(offer) == made.rows["offer"] == databank.query("SELECT count(*) AS n FROM offer").loc[0, "n"]
    counts = pd.read_parquet(made.path / "ladder_panel_counts.parquet")
    assert counts.columns.tolist() == ["date", "step", "persons", "cell_status"]
    true = panel.groupby(["date", "step"], observed=True)["person_id"].nunique()
    joined = counts.assign(date=pd.to_datetime(counts["date"])).set_index(["date", "step"]).join(true)
    assert joined.loc[joined["person_id"] < 10, "persons"].isna().all()
    shown = joined[joined["cell_status"] == "published"]
    assert (shown["persons"] == shown["person_id"]).all()


@pytest.mark.parametrize("kind", databank.FORMATS)
def test_no_person_stands_in_any_export(built: Path, panel: pd.DataFrame, tmp_path: Path, kind: str) -> None:
    target = tmp_path / ("uit.xlsx" if kind == "xlsx" else "uit")
    databank.export(target, format=kind)  # type: ignore[arg-type]
    if kind == "xlsx":
        book = openpyxl.load_workbook(target, read_only=True)
        assert "ladder_panel" not in book.sheetnames
        heads = {cell.value for sheet in book for row in sheet.iter_rows(max_row=1) for cell in row}
        book.close()
        assert "person_id" not in heads
        return
    person = str(panel["person_id"].iloc[0]).encode()
    assert not [found.name for found in target.iterdir() if person in found.read_bytes()]


def test_a_text_that_a_spreadsheet_would_compute_gets_an_apostrophe_in_csv(nasty: Path) -> None:
    databank.export(nasty / "uit", format="csv", root=nasty)
    with (nasty / "uit" / "loan.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    texts = [row["loan_id"] for row in rows]
    assert texts[: len(NASTY)] == [f"'{text}" for text in NASTY]
    assert texts[len(NASTY) : len(NASTY) + len(PLAIN)] == PLAIN
    assert (rows[0]["amount_euro"], rows[0]["jobs"], rows[0]["day"]) == ("-5.5", "-3", "2024-01-31")
    assert set(rows[-1].values()) == {""}


def test_a_text_that_a_spreadsheet_would_compute_is_a_text_in_the_workbook(nasty: Path) -> None:
    databank.export(nasty / "uit.xlsx", format="xlsx", root=nasty)
    sheet = openpyxl.load_workbook(nasty / "uit.xlsx")["loan"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}  # never f, a formula
    assert [cell.value for cell in cells[:4]] == [f"'{text}" for text in NASTY[:4]]
    assert cells[len(NASTY) + len(PLAIN)].value == "naast elkaar"
    numbers = [cell.value for cell in next(sheet.iter_rows(min_row=2))][1:3]
    assert numbers == [-5.5, -3]


def test_parquet_keeps_texts_as_they_are(nasty: Path) -> None:
    databank.export(nasty / "uit", format="parquet", root=nasty)
    assert pd.read_parquet(nasty / "uit" / "loan.parquet")["loan_id"].tolist()[: len(NASTY)] == NASTY


@pytest.mark.parametrize("kind", databank.FORMATS)
def test_an_earlier_export_is_replaced_whole_or_stays_as_it_was(
    nasty: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    target = nasty / ("uit.xlsx" if kind == "xlsx" else "uit")
    databank.export(target, format=kind, root=nasty)  # type: ignore[arg-type]

    def content() -> list[bytes]:
        return [f.read_bytes() for f in (sorted(target.iterdir()) if target.is_dir() else [target])]

    before, beside = content(), set(nasty.iterdir())
    monkeypatch.setattr(exporting, "_write_folder", _fails)
    monkeypatch.setattr(exporting, "_write_workbook", _fails)
    with pytest.raises(OSError, match="disk full"):
        databank.export(target, format=kind, root=nasty)  # type: ignore[arg-type]
    assert content() == before
    assert set(nasty.iterdir()) == beside
    monkeypatch.undo()
    databank.export(target, format=kind, root=nasty)  # type: ignore[arg-type]
    assert set(nasty.iterdir()) == beside


def _fails(contents: object, place: Path, *_: object) -> dict[str, int]:
    if place.suffix == ".xlsx":
        place.write_bytes(b"half")
    else:
        place.mkdir()
        (place / "loan.csv").write_bytes(b"half")
    raise OSError(28, "disk full")


def test_a_folder_with_other_files_is_left_alone(nasty: Path) -> None:
    (nasty / "uit").mkdir()
    (nasty / "uit" / "brief.docx").write_bytes(b"x")
    with pytest.raises(InputError, match=r"path: .* holds other files \(brief\.docx\); name a new folder"):
        databank.export(nasty / "uit", format="csv", root=nasty)


@pytest.mark.parametrize(
    ("target", "kind", "rule"),
    [
        ("uit", "xlsx", "must be a file that ends in .xlsx"),
        ("uit.txt", "xlsx", "must be a file that ends in .xlsx"),
        ("nergens/uit", "csv", "is not there; make it first"),
        ("build/databank.duckdb", "csv", "must be a folder, got the file"),
        ("uit", "xls", "did you mean 'xlsx'"),
    ],
)
def test_a_wrong_place_or_format_is_refused(nasty: Path, target: str, kind: str, rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        databank.export(nasty / target, format=kind, root=nasty)  # type: ignore[arg-type]


def test_a_table_too_long_for_a_sheet_is_refused_and_nothing_is_left(
    nasty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_SHEET_ROWS", 3)
    with pytest.raises(InputError, match="format: loan has 15 rows, a sheet holds 3; export parquet or csv"):
        databank.export(nasty / "uit.xlsx", format="xlsx", root=nasty)
    assert {found.name for found in nasty.iterdir()} == {"build"}
