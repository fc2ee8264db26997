"""Audit of a run before it is published: each planted leak is caught, and nothing leaves with one."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from studie.batch import audit, run
from studie.batch.extract import MIME
from studie.batch.inputs import Folders
from studie.batch.output import Output
from studie.batch.run import Request
from studie.data import publications
from studie.disclosure import leaks, ledger, registry
from studie.errors import DisclosureError
from studie.study import families, plan
from studie.study.families import Family

PLACES = [f"municipality:{refnis}" for refnis in range(1, 7)]
PERSONS = [30, 4, 25, 40, 21, 6]
TREE = pd.DataFrame(
    {"child": PLACES, "parent": ["arrondissement:A"] * 2 + ["arrondissement:B"] * 2 + ["arrondissement:C"] * 2}
)
COLUMNS = ["step", "quantity", "estimate", "lower", "upper", "n", "unit", "region", "cell_status", "data_status"]


def known(counts: list[int] = PERSONS, *, earlier: pd.DataFrame | None = None) -> audit.Known:
    """Auditor of a province of six municipalities in three arrondissements."""
    table = pd.DataFrame({"region": PLACES, "step": "3", "n": counts})
    family = Family(quantity="stock", tables={"stock": table})
    return audit.Known(
        families=[family],
        tree=TREE,
        names={name: name for name in [*PLACES, *TREE["parent"], "province:10000"]},
        allowed=registry.register([plan.suppressed(family, TREE, threshold=10)]),
        earlier=ledger.empty() if earlier is None else earlier,
        identifiers=frozenset({"11001-00007"}),
        threshold=10,
    )


def said(**counts: float) -> audit.Printed:
    """What is printed, by region; `province` for the whole."""
    names = {plan.cell("stock", {"step": "3"}, region=code(region), names={}): n for region, n in counts.items()}
    return audit.Printed(
        counts=pd.Series(names, dtype=float),
        where=pd.Series(dict.fromkeys(names, "map")),
        bounds=pd.DataFrame(columns=["lower", "upper"], dtype=float),
    )


def code(region: str) -> str:
    """Region code of a short name: m1 is a municipality, A an arrondissement."""
    if region == "province":
        return "province:10000"
    return f"municipality:{region[1:]}" if region.startswith("m") else f"arrondissement:{region}"


def test_a_complement_over_regions_is_caught() -> None:
    small = known([30, 40, 25, 40, 1, 5])
    assert list(audit.derivable(said(A=70, B=65), small)) == []
    found = list(audit.derivable(said(province=141, A=70, B=65), small))
    assert any("stock[region=arrondissement:C, step=3]" in line for line in found)


def test_a_map_and_a_table_together_are_caught() -> None:
    table, by_map = {"A": 34}, {"m1": 30}
    for alone in (table, by_map):
        assert list(audit.derivable(said(**alone), known(), insider=False)) == []
    both = said(**table, **by_map)
    assert any("municipality:2" in line for line in audit.derivable(both, known(), insider=False))


def test_an_insider_who_knows_a_hidden_cell_is_reckoned_with() -> None:
    found = list(audit.derivable(said(A=34), known()))
    alone = list(audit.derivable(said(A=34), known(), insider=False))
    assert alone == []
    assert all("for who knows" in line for line in found)


def test_a_difference_to_an_earlier_publication_is_caught() -> None:
    name = "stock[region=arrondissement:B, step=3]"
    before = pd.DataFrame([("2026", "2026-01-01", name, "published", 62)], columns=ledger.COLUMNS)
    assert list(audit.revised(said(B=65), known(earlier=before.astype({"estimate": "Float64"}))))
    assert not list(audit.revised(said(B=65), known()))


def test_a_count_that_an_earlier_publication_stated_helps_the_reader() -> None:
    name = "stock[region=municipality:1, step=3]"
    before = pd.DataFrame([("2026", "2026-01-01", name, "published", 30)], columns=ledger.COLUMNS)
    earlier = before.astype({"estimate": "Float64"})
    assert any("municipality:2" in line for line in audit.derivable(said(A=34), known(earlier=earlier)))


def test_a_ratio_with_public_supply_is_caught() -> None:
    """30 places cover 75 % of the need of a hidden cell: the 4 who lack one follow, with need printed nowhere."""
    row = {"region": "municipality:2", "quantity": "gap share", "estimate": 0.25, "supply": 3.0, "n": None,
           "lower": 0.2, "upper": 0.3}  # fmt: skip
    ((name, low, high),) = audit._read(row, known())
    assert name == "need[region=municipality:2]"
    assert low < 4 < high
    need = Family(quantity="need", tables={"need": pd.DataFrame({"region": PLACES, "n": PERSONS})})
    beside = known()
    beside = audit.Known(**{**vars(beside), "families": [need]})
    printed = audit.Printed(
        counts=pd.Series({"need[region=arrondissement:A]": 34.0}),
        where=pd.Series({"need[region=arrondissement:A]": "map"}),
        bounds=pd.DataFrame({"lower": [low], "upper": [high]}, index=[name]),
    )
    assert any("municipality:2" in line for line in audit.derivable(printed, beside))


def test_a_count_that_the_plan_hides_or_holds_otherwise_is_caught() -> None:
    assert list(audit.unregistered(said(province=126), known())) == []
    assert list(audit.unregistered(said(m2=4), known()))
    assert list(audit.unregistered(said(province=125), known()))


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Output]:
    """A finished run of one chapter that shows one item."""

    def make(item: dict[str, Any] | None = None, svg: str = "") -> Output:
        folder = tmp_path / "build" / "20260101-000000-aaaaaaaa"
        (folder / "arrondissement-A").mkdir(parents=True)
        (folder / "manifest.json").write_text(json.dumps({"reports": {}}), encoding="utf-8")
        data = ({MIME: item} if item else {}) | ({"image/svg+xml": svg} if svg else {})
        node = {"cells": [{"cell_type": "code", "source": "", "outputs": [{"data": data}]}]}
        (folder / "arrondissement-A" / "20-a.ipynb").write_text(json.dumps(node), encoding="utf-8")
        made = Output(folder=folder, folders=Folders(root=tmp_path), threshold=10)
        monkeypatch.setattr(audit, "known", lambda _: known([30, 4, 25, 40, 21, 6]))
        return made

    return make


@pytest.mark.parametrize(
    ("item", "svg"),
    [
        ({"kind": "sentence", "text": "In A staan 4 mensen op trede 3."}, ""),
        ({"kind": "figure", "name": "x", "alt": "Een balk: drie mensen wachten."}, ""),
        ({"kind": "figure", "name": "x", "alt": "Balken.", "caption": "Wie wacht: 7 personen"}, ""),
        ({"kind": "table", "name": "x", "rows": [["vrouwen", "38 van de 41 medewerkers"]]}, ""),
        ({"kind": "headline", "numbers": [{"label": "wachtenden", "value": "6 mensen"}]}, ""),
        ({"kind": "sentence", "text": "Nu wachten 46 mensen, 42 meer dan vorig jaar."}, ""),
        ({"kind": "figure", "name": "x", "alt": "Balken."}, "<svg><text>5 deelnemers</text></svg>"),
        ({"kind": "figure", "name": "x", "alt": "Balken."}, "<svg><!-- 5 deelnemers --><g/></svg>"),
    ],
)  # fmt: skip
def test_a_small_count_in_a_text_is_caught(output: Callable[..., Output], item: dict[str, Any], svg: str) -> None:
    assert list(audit.told(output(item, svg)))


@pytest.mark.parametrize(
    "text", ["In A staan 35 mensen op trede 3.", "Van trede 3 naar trede 4 gaat 9 %.", "Binnen 6 maanden."]
)
def test_a_text_without_a_small_count_passes(output: Callable[..., Output], text: str) -> None:
    assert list(audit.told(output({"kind": "sentence", "text": text}))) == []


@pytest.mark.parametrize(
    ("number", "caught"),
    [
        ("34", True), ("35", False), ("34 %", False), ("34 (30-40)", False), ("34 (34-40)", True), ("34 (2025)", True),
    ],
)  # fmt: skip
def test_the_number_of_a_hidden_cell_beside_its_label_is_caught(
    output: Callable[..., Output], number: str, caught: bool
) -> None:
    """Arrondissement A is hidden: whoever knows one of its two municipalities would know the other."""
    told = list(audit.told(output({"kind": "table", "name": "x", "rows": [["trede 3", number]]})))
    assert any("hidden cell" in line for line in told) is caught


def test_a_report_whose_text_cannot_be_read_is_not_taken_for_clean(
    output: Callable[..., Output], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "pdftotext"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexit 137\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    report = tmp_path / "report.pdf"
    report.write_bytes(b"%PDF")
    monkeypatch.setattr(audit, "reports", lambda _: [report])
    told = list(audit.told(output({"kind": "sentence", "text": "Alles in orde."})))
    assert told == ["report.pdf: its text cannot be read"]


def test_an_identifier_of_a_person_is_caught(output: Callable[..., Output]) -> None:
    assert list(audit.named(output({"kind": "sentence", "text": "Persoon 11001-00007 staat op trede 3."})))


def test_a_run_without_identifiers_names_nobody(output: Callable[..., Output]) -> None:
    assert list(audit.named(output({"kind": "sentence", "text": "Alles in orde."}))) == []


STOCK = """from IPython.display import publish_display_data
import studie
from studie.ladder import observations, stock
study = studie.open_study(region)
panel = study.table("ladder_panel")
people = observations.from_panel(panel, person="person_id", time="date", state="step")
study.show(stock.stock(people), uses=["ladder_panel"])
"""
LEAK = """from IPython.display import publish_display_data
item = {"kind": "sentence", "text": "Er wachten vier mensen.", "certainty": None, "data_status": ["observed"]}
item["uses"] = []
publish_display_data({"application/vnd.studie+json": item, "text/plain": "sentence"})
"""


def test_a_clean_run_is_published_and_one_with_a_leak_ends_with_code_3_and_publishes_nothing(
    root: Path, write: Callable[..., Path], chapter_text: tuple[str, str]
) -> None:
    write(root, "10-a", STOCK, chapter_text[1])
    request = Request(regions=["arrondissement:12000", "arrondissement:13000"], jobs=2)
    made = run.run(request, folders=Folders(root=root))
    assert (made.exit_code, made.broken_laws, len(made.pdfs)) == (0, (), 2)
    output = Output(folder=made.folder, folders=Folders(root=root), threshold=10)
    assert len(audit.printed(output, audit.known(output)).counts)
    before = [pdf.read_bytes() for pdf in made.pdfs]
    write(root, "20-b", LEAK)
    with pytest.raises(DisclosureError, match="no text tells a small count") as refused:
        run.run(request, folders=Folders(root=root))
    assert refused.value.exit_code == 3
    assert sorted((root / "reports").rglob("*.pdf")) == sorted(made.pdfs)
    assert [pdf.read_bytes() for pdf in made.pdfs] == before
    lines = (root / "build/log/disclosure.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[-1])["action"] == "studie run"


def test_a_web_page_is_read_as_a_reader_does(tmp_path: Path) -> None:
    page = tmp_path / "r.html"
    page.write_text(
        "<html><head><style>a{b:4}</style></head><body><h2><span class='x'></span>"
        '<span class="number">4</span>Mensen</h2><svg><text>9 mensen</text></svg>'
        "<p>Er wachten <strong>vier</strong> <em>mensen</em>.</p>"
        "<table><tr><td>7</td><td>mensen</td></tr></table></body></html>",
        encoding="utf-8",
    )
    text = audit.text_of(page)
    assert "Er wachten vier mensen." in text
    found = leaks.scan({"r": text}, threshold=10).frame
    assert found["excerpt"].tolist() == ["vier mensen"]  # neither the number of a heading nor that of another cell


def test_the_ledger_keeps_what_a_publication_stated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIE_ROOT", str(tmp_path))
    monkeypatch.setattr(publications, "project_root", lambda: tmp_path)
    assert publications.read_ledger().empty
    publications.add_publication(known().allowed, publication="2026", on=dt.date(2026, 12, 1))
    again = ledger.stated(publications.read_ledger())
    assert again.to_dict() == known().allowed.frame["estimate"].dropna().to_dict()


def test_regions_that_differ_by_one_municipality_are_not_both_planned() -> None:
    names = families.names(date="2025-01-01")
    assert "grouping:vervoerregio:kempen" not in names
    assert names["grouping:referentieregio:kempen"] == "arrondissement:13000"
