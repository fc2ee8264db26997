"""Small files in the formats of the importers of figures, as the publishers write them."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import escape

import pytest

from studie.data.importers.intake import Intake, Options, lines

Grid = list[list[Any]]

SWING = (
    ",Period,GEOLEVEL,geoitem,V1_tot,v2_pct\r\n"
    "0,2011,gemeente2024,11001,33,1.5\r\n"
    "1,2011,gemeente2024,11004,-99997,2.25\r\n"
    "2,2012,gemeente2024,11001,40,-99999\r\n"
    "3,2012,gemeente2024,11002,7,1.0\r\n"
    "4,2012,gemeente2024,99991,7,1.0\r\n"
    "5,2012,gemeente2024,73109,,3\r\n"
)
WEWIS = (
    "\ufeffperiode;gemeente;maatregel;cmw_aantal_toegekend_vte;cmw_aantal_vte;cmw_subsidiebedrag\n"
    "2025 K4;Mechelen;MWB;100.5;90.25;1000.10\n"
    "2025 K4;Lier;MWB;20;;200\n"
    "2025 K4;Gent;MWA;1;1;10\n"
    "2026 K1;Mechelen;MWB;101.5;91.25;1001.10\n"
    "2026 K1;Lier;MWB;21;17;201\n"
)
EUROSTAT = (
    "freq,s_adj,nace_r2,sizeclas,indic_em,geo\\TIME_PERIOD\t2023-Q4 \t2024-Q1 \t2024-Q2 \n"
    "Q,NSA,F,TOTAL,JOBVAC,BE\t14293 \t13000 p\t: c\n"
    "Q,NSA,Q,TOTAL,JOBRATE,BE\t4.7 be\t: \t5.1 \n"
    "Q,NSA,Q,TOTAL,JOBVAC,FR\t1 \t2 \t3 \n"
)
BESTAT = {
    "facts": [
        {"Provincie": province, "Gemeente": name, "Kwartaal": "4de kwartaal 2018", "Aantal vestigingseenheden": value}
        for province, name, value in (
            ("Provincie Antwerpen", "Aartselaar ", 1885.0),
            ("Provincie Antwerpen", "Hove (Antwerpen)", 961.0),
            ("Provincie Antwerpen", "Hove (Antwerpen)", 961.0),
            ("Provincie Luik", "Seraing", 12.0),
            (None, None, 3.0),
        )
    ]
}
JSONSTAT = {
    "version": "2.0",
    "class": "dataset",
    "id": ["freq", "nace_r2", "indic_em", "geo", "time"],
    "size": [1, 2, 1, 1, 3],
    "dimension": {
        "freq": {"category": {"index": {"Q": 0}, "label": {"Q": "Quarterly"}}},
        "nace_r2": {"category": {"index": {"F": 0, "Q": 1}}},
        "indic_em": {"category": {"index": {"JOBVAC": 0}}},
        "geo": {"category": {"index": {"BE": 0}}},
        "time": {"category": {"index": {"2023-Q4": 0, "2024-Q1": 1, "2024-Q2": 2}}},
    },
    "value": {"0": 14293, "1": 13000, "3": 2.5},
    "status": {"1": "p", "2": "c"},
}
TOP: Grid = [["Open vacatures"], ["VDAB Arvastat"], [], ["Situatie van March 2024 tot April 2024"], []]
MONTHLY = ["Maand", "Hoofdberoepsgroep", "Beroepsgroep", "Beroep", "Totaal"]
ARVASTAT: Grid = [
    *TOP,
    MONTHLY,
    ["March 2024", "Bouw", "Ruwbouw", "Metser", 14],
    ["March 2024", "Bouw", "Ruwbouw", "Dakwerker", "-"],
    ["March 2024", "Zorg", "Zorg", "Zorgkundige", "14 293"],
    ["April 2024", "Bouw", "Ruwbouw", "Metser", 0],
    ["April 2024", "Zorg", "Zorg", "Zorgkundige", 3],
    ["April 2024", "Administratie", "Onthaal", "Onthaalbediende", 5],
    ["Totaal", None, None, None, 14317],
]

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_CONTENT}.sheet.main+xml"/>{{sheets}}</Types>'
)
_TYPE = f'<Override PartName="/xl/worksheets/sheet{{n}}.xml" ContentType="{_CONTENT}.worksheet+xml"/>'


def as_json(content: object) -> bytes:
    """Content as the publishers indent it."""
    return json.dumps(content, indent=1, ensure_ascii=False).encode()


def sheet_xml(grid: Sequence[Sequence[object]], *, merged: Sequence[str] = ()) -> str:
    """One sheet of at most 26 columns, texts inline."""
    rows = []
    for r, row in enumerate(grid, start=1):
        cells = []
        for c, value in enumerate(row):
            place = f"{chr(65 + c)}{r}"
            if isinstance(value, bool):
                cells.append(f'<c r="{place}" t="b"><v>{int(value)}</v></c>')
            elif isinstance(value, int | float):
                cells.append(f'<c r="{place}"><v>{value}</v></c>')
            elif value is not None:
                text = escape("".join(ch for ch in str(value) if ch.isprintable()))
                cells.append(f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>')
        rows.append(f'<row r="{r}">{"".join(cells)}</row>')
    joined = "".join(f'<mergeCell ref="{ref}"/>' for ref in merged)
    merge = f'<mergeCells count="{len(merged)}">{joined}</mergeCells>' if merged else ""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(rows)}</sheetData>{merge}</worksheet>'


def workbook_parts(sheets: dict[str, str]) -> dict[str, str]:
    """Members of a workbook from its sheets as XML."""
    numbered = list(enumerate(sheets, start=1))
    listed = "".join(f'<sheet name="{escape(t)}" sheetId="{n}" r:id="rId{n}"/>' for n, t in numbered)
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n, _ in numbered
    )
    main = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    parts = {
        "[Content_Types].xml": _TYPES.format(sheets="".join(_TYPE.format(n=n) for n, _ in numbered)),
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}">{main}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{links}</Relationships>',
    }
    return parts | {f"xl/worksheets/sheet{n}.xml": sheets[title] for n, title in numbered}


def packed(parts: dict[str, str]) -> bytes:
    """Members as a zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def workbook(sheets: dict[str, Grid], *, merged: Sequence[str] = ()) -> bytes:
    """A workbook from rows of values."""
    return packed(workbook_parts({title: sheet_xml(grid, merged=merged) for title, grid in sheets.items()}))


def values(intake: Intake) -> dict[tuple[str, str, str], float]:
    """Figures by indicator, last part of the region and period."""
    table = intake.tables["indicator"]
    keys = zip(table["indicator_id"], table["region"].str.partition(":")[2], table["period"], strict=True)
    return dict(zip(keys, table["value"], strict=True))


@pytest.fixture
def samples() -> SimpleNamespace:
    """Contents of valid files, and what writes workbooks."""
    names = ("SWING", "WEWIS", "EUROSTAT", "BESTAT", "JSONSTAT", "ARVASTAT", "TOP", "MONTHLY")
    makers = (as_json, sheet_xml, workbook_parts, packed, workbook, values, lines)
    return SimpleNamespace(**{n: globals()[n] for n in names}, **{m.__name__: m for m in makers})


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., Intake]:
    """Writes a file and reads it: module of the importer, content, then options."""

    def read(module: str, content: bytes | str, *, name: str, **options: Any) -> Intake:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        intake = import_module(f"studie.data.importers.{module}").read(path, options=Options(**options))
        assert isinstance(intake, Intake)
        return intake

    return read
