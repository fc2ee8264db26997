"""What only the strategic study has: links from the monitor, methods in plain words, checks, words, five findings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import page
import pypdf
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from studie import regions
from studie.data import catalogue, monitor
from studie.present import glossary, tables
from studie.present.tables.monitor import ELSEWHERE
from studie.report import annexes, appendices, assemble

MOMENT = 1_764_000_000
NAMES = ("10-gegevens", "15-wachtenden", "20-doorstroom", "30-knelpuntsectoren", "40-blinde-vlekken",
         "50-ondersteuningsnetwerk", "60-middelen", "70-platform", "90-monitor")  # fmt: skip
OUTSIDE = {name: ELSEWHERE[name] for name in ("05-gemeentefiche", "45-gespreksfiche")}


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b\u00ad-]+", "", text)


def board() -> Any:
    """Every commitment of the plan as the study follows it, with nothing known and every chapter written."""
    frames = {name: catalogue.read(name).frame[:0] for name in monitor.READ}
    frames |= {name: catalogue.read(name).frame for name in ("data_request", "regulation", "indicator")}
    listed = catalogue.read("commitment_indicator").frame
    return monitor.monitor(
        catalogue.read("commitment").frame,
        listed,
        frames,
        refnis=[int(r) for r in regions.municipalities()["refnis"]],
        chapters={name: f"Hoofdstuk {name}" for name in (*NAMES, *OUTSIDE)},
    )


@pytest.fixture(scope="module")
def study(build: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The strategic study of nine small chapters, the last with all commitments in one table, and its folder."""
    folder = tmp_path_factory.mktemp("study")
    found = board()
    for name in NAMES:
        extra = []
        if name == "90-monitor":
            shown = {**tables.monitor(found).to_item(), "region": "", "period": "", "source": "plan", "uses": []}
            table = build.item(shown.pop("kind"), **shown, data_status=["observed"])
            extra = [new_markdown_cell("## Bevindingen"), table]
        nbformat.write(build.chapter(f"Hoofdstuk {name}", *extra, status="observed"), folder / f"{name}.ipynb")
    out = folder / "studie.pdf"
    assemble.report(
        [folder / f"{name}.ipynb" for name in NAMES],
        cover=build.study_cover(commit="0123abcd"),
        out=out,
        timestamp=MOMENT,
    )
    return out, folder


def test_every_commitment_links_to_the_page_of_the_chapter_that_treats_it(study: tuple[Path, Path]) -> None:
    reader = pypdf.PdfReader(study[0])
    starts = {name: number for name, dest in reader.named_destinations.items() if name.startswith("hoofdstuk:")
              for number in [reader.get_destination_page_number(dest)]}  # fmt: skip
    assert set(starts) == {f"hoofdstuk:{name}" for name in NAMES}
    inside = [name for name in board().commitments["chapter"] if name in NAMES]
    targets = [
        str(note.get_object()["/Dest"])
        for leaf in reader.pages[starts["hoofdstuk:90-monitor"] :]
        for note in leaf.get("/Annots", [])
        if str(note.get_object().get("/Dest", "")).startswith("hoofdstuk:")
    ]
    assert len(inside) + sum(board().commitments["chapter"].isin(list(OUTSIDE))) == 79
    assert sorted(set(targets)) == sorted({f"hoofdstuk:{name}" for name in inside})
    assert len(targets) >= len(inside)  # a link over two lines is two annotations
    text = squeezed("".join(leaf.extract_text() for leaf in reader.pages[starts["hoofdstuk:90-monitor"] :]))
    for name in set(inside):
        said = squeezed(f"Hoofdstuk {name} (p. {starts[f'hoofdstuk:{name}'] + 1})")
        assert text.count(said) == inside.count(name), name


def test_every_chapter_names_the_commitments_that_lead_to_it(study: tuple[Path, Path]) -> None:
    text = squeezed("".join(leaf.extract_text() for leaf in pypdf.PdfReader(study[0]).pages))
    chapters = board().commitments["chapter"]
    for name in set(chapters) & set(NAMES) - {"90-monitor"}:
        *others, last = sorted(chapters.index[chapters == name])
        named = f"{', '.join(others)} en {last}" if others else last
        assert squeezed(f"Engagementen van het plan bij dit hoofdstuk: {named}.") in text, name


def test_what_stands_in_another_report_says_in_which(study: tuple[Path, Path]) -> None:
    text = squeezed("".join(leaf.extract_text() for leaf in pypdf.PdfReader(study[0]).pages))
    chapters = list(board().commitments["chapter"])
    for name, where in OUTSIDE.items():
        assert text.count(squeezed(f"Hoofdstuk {name} (staat in {where})")) == chapters.count(name) > 0


def test_every_chapter_that_the_study_lacks_has_another_report() -> None:
    chapters = set(catalogue.read("commitment_indicator").frame["chapter"])
    kept = [path for path in (Path(__file__).parents[3] / "notebooks").glob("*.ipynb") if path.stem in chapters]
    levels = {
        path.stem: nbformat.read(path, as_version=4).metadata.get("studie", {}).get("levels", []) for path in kept
    }
    lacking = {name for name, found in levels.items() if found and not {"study", "province"} & set(found)}
    assert lacking <= set(ELSEWHERE)


def test_the_study_is_accessible_with_its_links(study: tuple[Path, Path]) -> None:
    for profile in ("ua1", "2a"):
        assert page.validate_pdf(str(study[0]), profile=profile).is_compliant


def test_the_page_at_a_glance_has_the_chapters_of_the_argument_and_the_agreed_numbers(study: tuple[Path, Path]) -> None:
    glance = squeezed(pypdf.PdfReader(study[0]).pages[1].extract_text())
    for name in NAMES:
        assert (squeezed(f"Hoofdstuk {name}") in glance) == (name in assemble.GLANCE), name
    assert "Watgevraagdwordt" in glance


def test_a_short_report_keeps_every_chapter_on_the_page_at_a_glance(build: Any, tmp_path: Path) -> None:
    for name in ("10-gegevens", "20-doorstroom"):
        nbformat.write(build.chapter(f"Hoofdstuk {name}"), tmp_path / f"{name}.ipynb")
    out = tmp_path / "rapport.pdf"
    assemble.report(sorted(tmp_path.glob("*.ipynb")), cover=build.cover(), out=out, timestamp=MOMENT)
    glance = squeezed(pypdf.PdfReader(out).pages[1].extract_text())
    assert "Hoofdstuk10gegevens" in glance and "Hoofdstuk20doorstroom" in glance and "Watnubesprokenwordt" in glance


def test_the_annexes_tell_methods_checks_words_and_the_commit(study: tuple[Path, Path]) -> None:
    text = squeezed("".join(leaf.extract_text() for leaf in pypdf.PdfReader(study[0]).pages))
    for title in ("Methoden in gewone taal", "Verklarende woordenlijst"):
        assert squeezed(title) in text
    assert squeezed("Terugval meten we anders, met de klok op nul bij de stap omhoog.") in text
    assert "0123abcd" in text
    for word, meaning in glossary.listed():
        assert squeezed(word[:1].upper() + word[1:] + " – " + meaning) in text, word


def test_a_regional_report_keeps_its_methods_in_the_chapters(build: Any, tmp_path: Path) -> None:
    nbformat.write(build.chapter("Ladder"), tmp_path / "20-doorstroom.ipynb")
    out = tmp_path / "rapport.pdf"
    assemble.report([tmp_path / "20-doorstroom.ipynb"], cover=build.cover(), out=out, timestamp=MOMENT)
    text = squeezed("".join(leaf.extract_text() for leaf in pypdf.PdfReader(out).pages))
    assert "Dekansomopeentredeteblijvenis" in text and "Methodeningewonetaal" not in text


def chapter_of(*sections: str) -> Any:
    """Chapter with a sentence under each heading."""
    cells = [new_markdown_cell("# Titel\n\nVraag?")]
    for name in sections:
        cells += [new_markdown_cell(f"## {name}\n\ntekst {name}"), new_code_cell("")]
    return new_notebook(cells=cells)


def test_checks_are_set_apart_and_a_method_goes_only_where_the_annexes_tell_it() -> None:
    from studie.report import items

    told, untold = (items.chapter(chapter_of("Gegevens", "Methode", "Controles", "Beperkingen")) for _ in range(2))
    told.name, untold.name = "20-doorstroom", "21-eigen-hoofdstuk"
    appendices.set_apart([told, untold])
    kept = ["\n".join(block["text"] for block in one.blocks) for one in (told, untold)]
    assert "Methode" not in kept[0] and "Methode" in kept[1]
    assert all("Controles" not in text and "Gegevens" in text and "Beperkingen" in text for text in kept)


def test_an_appendix_stays_in_the_report_of_the_province_and_the_study_says_what_is_in_it(
    build: Any, tmp_path: Path
) -> None:
    kept, left = (
        build.table("kort", 3, 2, caption="Wie wacht"),
        build.table("lang", 3, 4, caption="Per doelgroep: na een jaar"),
    )
    left.metadata["tags"] = ["table", "appendix"]
    aside = new_markdown_cell("Alleen voor wie alles wil lezen.", metadata={"tags": ["appendix"]})
    cells = [new_markdown_cell("# Ladder\n\n## Bevindingen"), kept, aside, left, new_markdown_cell("## Beperkingen")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "20-doorstroom.ipynb")
    texts = {}
    for kind, cover in (("studie", build.study_cover()), ("rapport", build.cover())):
        out = tmp_path / f"{kind}.pdf"
        assemble.report([tmp_path / "20-doorstroom.ipynb"], cover=cover, out=out, timestamp=MOMENT)
        texts[kind] = squeezed("".join(leaf.extract_text() for leaf in pypdf.PdfReader(out).pages))
    assert all("Wiewacht" in text for text in texts.values())
    assert "naeenjaar" in texts["rapport"] and "Alleenvoorwie" in texts["rapport"]
    assert "naeenjaar" not in texts["studie"] and "Alleenvoorwie" not in texts["studie"]
    assert squeezed("Ook in het rapport van de provincie, bij dit hoofdstuk: Per doelgroep.") in texts["studie"]
    assert squeezed(appendices.LEFT) not in texts["rapport"]


def test_who_decided_an_assumption_is_a_column_only_where_it_differs() -> None:
    record = {"datasets": [], "addresses": [], "hashes": [], "versions": [], "suppressed": []}
    rows = [
        ["loon", "1", "0-2", "gepeild", "VDAB", "de studie"],
        ["reistijd", "2", "1-3", "geschat", "NMBS", "de studie"],
    ]
    same = annexes.annexes({**record, "assumptions": rows})[0]
    assert same["text"].endswith("Over alle waarden besliste de studie.") and len(same["tables"][0]["columns"]) == 4
    other = annexes.annexes({**record, "assumptions": [rows[0], [*rows[1][:-1], "de deputatie"]]})[0]
    assert [column["label"] for column in other["tables"][0]["columns"]][-1] == "Wie besliste"
    assert other["tables"][0]["rows"][1][-1] == "de deputatie"


def test_a_reason_is_told_once_for_the_values_that_share_it() -> None:
    rows = [["a", "1", "omdat", "bron", "de studie"], ["b", "2", "omdat", "bron", "de studie"],
            ["c", "3", "omdat", "andere bron", "de studie"], ["d", "4", "omdat", "bron", "de studie"]]  # fmt: skip
    shown = annexes._assumptions(rows)["tables"][0]["rows"]
    assert [row[2] for row in shown] == ["omdat", "zie hierboven", "omdat", "omdat"]
    assert [row[3] for row in shown] == ["bron", "zie hierboven", "andere bron", "bron"]


def test_a_report_without_methods_words_or_references_is_still_made(build: Any, tmp_path: Path) -> None:
    out = tmp_path / "studie.pdf"
    info = assemble.report([chapter_of("Gegevens")], cover=build.study_cover(), out=out, timestamp=MOMENT)
    assert info.pages > 3
