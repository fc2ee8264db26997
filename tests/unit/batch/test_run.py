"""One run from request to PDFs."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest
from page import validate_pdf

from studie.batch import laws, run
from studie.batch.inputs import Folders
from studie.batch.manifest import read_manifest
from studie.batch.run import Request, RunResult
from studie.errors import InputError

FAILS_IN_TURNHOUT = "assert region != 'arrondissement:13000', 'too few moves'"


class Heard:
    """Watcher that remembers."""

    def __init__(self) -> None:
        self.total = -1
        self.states: dict[str, str] = {}

    def begin(self, total: int) -> None:
        self.total = total

    def started(self, key: str) -> None:
        self.states[key] = "started"

    def ended(self, key: str, state: str) -> None:
        self.states[key] = state

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def study(shared_root: Path, write: Callable[..., Path], chapter_text: tuple[str, str]) -> Path:
    """A study with two chapters, one of which fails in one region."""
    write(shared_root, "10-a", *chapter_text)
    write(shared_root, "20-b", FAILS_IN_TURNHOUT, *chapter_text)
    return shared_root


@pytest.fixture(scope="module")
def first(study: Path) -> tuple[RunResult, Heard]:
    """The first run over three arrondissements; one PDF of an earlier status lies in the way."""
    stale = study / "reports" / "arrondissement" / "11000-demonstratie.pdf"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"an older report")
    heard = Heard()
    return run.run(Request(regions=["arrondissement"], jobs=2), folders=Folders(root=study), watcher=heard), heard


def manifest(result: RunResult) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((result.folder / "manifest.json").read_text(encoding="utf-8"))
    return content


def test_a_failing_region_leaves_the_others_and_is_named(study: Path, first: tuple[RunResult, Heard]) -> None:
    result, heard = first
    assert result.exit_code == 1
    assert result.failed_regions == ("arrondissement:13000",)
    assert result.failures == ("arrondissement:13000 20-b: cell 3: AssertionError: too few moves",)
    assert [p.relative_to(study).as_posix() for p in result.pdfs] == [
        "reports/arrondissement/11000.pdf",
        "reports/arrondissement/12000.pdf",
    ]
    assert heard.total == 9
    assert heard.states["arrondissement:13000 pdf"] == "left out"
    assert not (study / "reports" / "arrondissement" / "13000.pdf").exists()


def test_a_report_holds_its_chapters_and_replaces_the_one_of_another_status(
    study: Path, first: tuple[RunResult, Heard]
) -> None:
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(first[0].pdfs[0]).pages)
    assert "4.420" in text
    assert "Antwerpen" in text
    assert not (study / "reports" / "arrondissement" / "11000-demonstratie.pdf").exists()


@pytest.mark.parametrize("profile", ["ua1", "2a"])
def test_every_report_of_a_run_is_accessible_and_lasting(first: tuple[RunResult, Heard], profile: str) -> None:
    for pdf in first[0].pdfs:
        assert validate_pdf(str(pdf), profile=profile).is_compliant


def test_a_web_page_lies_beside_every_report_and_the_index_lists_both(
    study: Path, first: tuple[RunResult, Heard]
) -> None:
    index = (study / "reports" / "index.html").read_text(encoding="utf-8")
    for pdf in first[0].pdfs:
        assert "4.420" in pdf.with_suffix(".html").read_text(encoding="utf-8")
        for kind in (".pdf", ".html"):
            assert f'href="arrondissement/{pdf.stem}{kind}"' in index


def test_a_run_keeps_notebooks_results_and_a_manifest(first: tuple[RunResult, Heard]) -> None:
    result, _ = first
    folder = result.folder / "arrondissement-12000"
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()) == [
        "10-a.ipynb", "20-b.ipynb", "results/vacancies-20.csv", "results/vacancies-20.parquet",
        "results/vacancies.csv", "results/vacancies.parquet",
    ]  # fmt: skip
    assert (result.folder / "arrondissement-13000" / "20-b.failed.ipynb").is_file()
    content = manifest(result)
    assert content["state"] == "failed"
    assert content["chapters"]["arrondissement:12000 10-a"]["cpu_seconds"] > 0
    assert content["reports"]["arrondissement:12000 pdf"]["sha256"]
    assert content["inputs"]["data"]["sources.csv"]
    assert content["versions"]["pandas"]
    assert content["request"]["regions"] == ["arrondissement"]
    assert content["cpu_seconds"] > 0
    lines = [json.loads(line) for line in (result.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["event"] for line in lines].count("chapter") == 6
    assert lines[-1]["state"] == "failed"


def test_a_run_ends_with_its_laws(first: tuple[RunResult, Heard]) -> None:
    result, _ = first
    assert result.broken_laws == ()
    assert "6 of 9 laws hold, 3 had nothing to test" in (result.folder / laws.PAGE).read_text(encoding="utf-8")


def test_no_half_written_file_is_left(study: Path, first: tuple[RunResult, Heard]) -> None:
    hidden = [p for p in study.rglob(".*") if p.is_relative_to(study / "build") or p.is_relative_to(study / "reports")]
    assert hidden == []


def test_unchanged_input_runs_nothing_again_but_brings_back_a_lost_report(
    study: Path, first: tuple[RunResult, Heard]
) -> None:
    before = [p.read_bytes() for p in first[0].pdfs]
    first[0].pdfs[0].write_bytes(b"spoiled")
    first[0].pdfs[1].unlink()
    heard = Heard()
    request = Request(regions=["arrondissement:11000", "arrondissement:12000"])
    result = run.run(request, folders=Folders(root=study), watcher=heard)
    assert heard.total == 0
    assert (result.made, result.reused, result.exit_code) == (0, 6, 0)
    assert [p.read_bytes() for p in result.pdfs] == before
    assert manifest(result)["state"] == "done"


def test_made_anew_without_the_cache_a_report_has_the_same_bytes(study: Path, first: tuple[RunResult, Heard]) -> None:
    before = first[0].pdfs[1].read_bytes()
    shutil.rmtree(study / "build" / "cache")
    result = run.run(Request(regions=["arrondissement:12000"], jobs=2), folders=Folders(root=study))
    assert result.made == 3
    assert result.pdfs[0].read_bytes() == before


def test_a_repaired_chapter_is_the_only_one_that_runs(
    study: Path, first: tuple[RunResult, Heard], write: Callable[..., Path], chapter_text: tuple[str, str]
) -> None:
    run.run(Request(regions=["arrondissement:12000"], chapters=["10-a"]), folders=Folders(root=study))
    write(study, "20-b", *chapter_text)
    heard = Heard()
    result = run.run(Request(regions=["arrondissement:12000"]), folders=Folders(root=study), watcher=heard)
    assert set(heard.states) == {"arrondissement:12000 20-b", "arrondissement:12000 pdf"}
    assert result.exit_code == 0
    assert read_manifest(study / "build")[0] == result.folder


@pytest.mark.parametrize("place", ["build", "reports"])
def test_a_file_in_the_place_of_a_folder_is_refused_before_anything_runs(
    root: Path, write: Callable[..., Path], place: str
) -> None:
    write(root, "10-a")
    shutil.rmtree(root / place, ignore_errors=True)
    (root / place).write_text("a file in the way", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        run.run(Request(regions=["province"]), folders=Folders(root=root))
    assert refused.value.problems == (f"{place}: must be a folder, got a file; move it away",)
    assert not list((root / "build").glob("2*"))


def test_a_file_in_the_place_of_a_folder_of_reports_is_named_once(root: Path, write: Callable[..., Path]) -> None:
    write(root, "10-a")
    (root / "reports").mkdir()
    (root / "reports" / "arrondissement").write_text("a file in the way", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        run.run(Request(regions=["arrondissement"]), folders=Folders(root=root))
    assert refused.value.problems == ("reports/arrondissement: must be a folder, got a file; move it away",)
    assert not list((root / "build").glob("2*"))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_a_folder_that_cannot_be_written_is_refused(root: Path, write: Callable[..., Path]) -> None:
    write(root, "10-a")
    (root / "reports").mkdir(mode=0o500)
    with pytest.raises(InputError, match="reports: must be a folder that can be written"):
        run.run(Request(regions=["province"]), folders=Folders(root=root))


def test_a_data_file_that_breaks_its_contract_is_refused_before_anything_runs(
    root: Path, write: Callable[..., Path]
) -> None:
    write(root, "10-a")
    (root / "data" / "own" / "need.csv").write_text("nonsense\n1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"data/own/need\.csv"):
        run.run(Request(regions=["province"]), folders=Folders(root=root))
    assert not list((root / "build").glob("2*"))
    assert not list((root / "reports").rglob("*.pdf"))


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (Request(regions=["province"], jobs=0), "jobs: must be 1 or more"),
        (Request(regions=["provnce"]), "did you mean 'province'"),
        (Request(regions=["province"], chapters=["10-b"]), "did you mean '10-a'"),
        (Request(regions=["province"], given={"horizn": "3"}), "did you mean 'horizon_months'"),
        (Request(regions=["province"], given={"reference_date": "soon"}), "reference_date: must be a date"),
        (Request(regions=["province"], given={"reference_date": "1999-01-01"}), "must be 2019-01-01 or later"),
        (Request(study=True, given={"reference_date": "1999-01-01"}), "must be 2019-01-01 or later"),
        (Request(regions=["province"], given={"horizon_months": "0"}), "horizon_months: .*greater than or equal to 1"),
        (Request(regions=["province"], given={"level": "1"}), "level: .*less than 1"),
    ],
)
def test_wrong_use_leaves_no_trace(root: Path, write: Callable[..., Path], request_: Request, message: str) -> None:
    write(root, "10-a")
    before = sorted(root.iterdir())
    with pytest.raises(InputError, match=message):
        run.run(request_, folders=Folders(root=root))
    assert sorted(root.iterdir()) == before


def test_approval_is_refused_while_findings_rest_on_demonstration_data(
    root: Path, write: Callable[..., Path], chapter_text: tuple[str, str]
) -> None:
    shows, headline = (text.replace('"observed"', '"demonstration"') for text in chapter_text)
    write(root, "10-a", shows, headline)
    asked = run.run(Request(study=True, decision={"aard": "goedkeuring"}), folders=Folders(root=root))
    assert asked.exit_code == 2
    assert "demonstration" in asked.failures[0]
    assert asked.pdfs == ()
    for_information = run.run(Request(study=True, decision={"aard": "kennisname"}), folders=Folders(root=root))
    assert [p.name for p in for_information.pdfs] == ["strategische-studie-demonstratie.pdf"]
    assert for_information.reused == 1
    assert asked.earlier == ()
    again = run.run(Request(study=True, decision={"aard": "goedkeuring"}), folders=Folders(root=root))
    assert again.pdfs == ()
    assert again.earlier == ("reports/strategische-studie-demonstratie.pdf",)


def test_the_newest_run_is_the_newest_that_was_finished(tmp_path: Path) -> None:
    states = ["done", "done", "failed", "interrupted", "running"]
    for day, state in enumerate(states, start=1):
        (tmp_path / f"2026010{day}-a").mkdir()
        (tmp_path / f"2026010{day}-a" / "manifest.json").write_text(json.dumps({"state": state}), encoding="utf-8")
    assert read_manifest(tmp_path)[0].name == "20260102-a"
    assert read_manifest(tmp_path, "20260103-a")[1]["state"] == "failed"
    for day in (1, 2):
        shutil.rmtree(tmp_path / f"2026010{day}-a")
    with pytest.raises(InputError, match=r"none of 3 in .* was finished"):
        read_manifest(tmp_path)
