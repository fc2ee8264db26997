"""What is frozen, what is refused, and that nothing published changes."""

import hashlib
import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from studie.batch import frozen, laws, publication
from studie.batch.inputs import Folders
from studie.data import publications
from studie.errors import DisclosureError, InputError, StudieError


def listing(root: Path) -> list[dict[str, Any]]:
    content: dict[str, Any] = json.loads((root / "reports/published/versions.json").read_text(encoding="utf-8"))
    return content["versions"]


def test_a_version_holds_reports_results_data_assumptions_manifest_and_citation(
    root: Path, runs: Any, folders: Folders
) -> None:
    run = runs.make()
    made = publication.publish("1.0", folders=folders)
    assert (made.outcome, made.run, made.pdfs) == ("published", run.name, ("1.0/pdf/province/10000.pdf",))
    place = root / "reports/published/1.0"
    results = [f"results/province-10000/{x}.{s}" for x in ("10-a/vacancies", "20-b/people") for s in ("csv", "parquet")]
    assert frozen.files_in(place) == sorted(
        ["CITATION.cff", "SHA256SUMS", "assumptions.yaml", "data.csv", "manifest.json", "method.json",
         "pdf/province/10000.html", "pdf/province/10000.pdf", "tables.csv", *results]
    )  # fmt: skip
    assert (place / "manifest.json").read_bytes() == (run / "manifest.json").read_bytes()
    assert (place / "assumptions.yaml").read_bytes() == (root / "config/study.yaml").read_bytes()
    table = pd.read_parquet(place / "results/province-10000/10-a/vacancies.parquet")
    assert table["estimate"].tolist() == [4420.0, 310.0]
    assert "'=bouw" in (place / "results/province-10000/10-a/vacancies.csv").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not on this machine")
def test_the_checksums_are_those_that_sha256sum_reads(root: Path, runs: Any, folders: Folders) -> None:
    runs.make()
    publication.publish("1.0", folders=folders)
    place = root / "reports/published/1.0"
    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=place, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == len(frozen.files_in(place)) - 1


def test_the_files_of_a_version_are_read_only(root: Path, runs: Any, folders: Folders) -> None:
    runs.make()
    publication.publish("1.0", folders=folders)
    modes = {stat.S_IMODE(p.stat().st_mode) for p in (root / "reports/published/1.0").rglob("*") if p.is_file()}
    assert modes == {0o444}


def test_the_data_are_described_and_not_copied(root: Path, runs: Any, folders: Folders) -> None:
    own = root / "data/own/population.csv"
    own.write_text("region,period,sex,age_group,persons\nmunicipality:12025,2025,,,86921\n", encoding="utf-8")
    runs.make()
    publication.publish("1.0", folders=folders)
    place = root / "reports/published/1.0"
    rows = {r["file"]: r for r in frozen.Version(name="1.0", folder=place, entry={}).files}
    about = rows["data/own/population.csv"]
    assert about["sha256"] == hashlib.sha256(own.read_bytes()).hexdigest()
    assert (about["data_status"], about["dataset_id"], about["rows"]) == ("own", "own_population", "1")
    assert rows["data/observed/vacancy.csv"]["publisher"] == "VDAB Arvastat"
    assert rows["data/demonstration/tiny/ladder_panel.parquet"]["data_status"] == "demonstration"
    assert not [name for name in frozen.files_in(place) if "86921" in (place / name).read_bytes().decode("latin-1")]


def test_the_citation_names_version_day_commit_and_run(root: Path, runs: Any, folders: Folders) -> None:
    run = runs.make()
    made = publication.publish("2027-01", folders=folders)
    citation = yaml.safe_load((made.folder / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == "2027-01"
    assert citation["commit"] == "c" * 40
    assert str(citation["date-released"]) == listing(root)[0]["published"]
    assert citation["identifiers"][0]["value"] == f"run:{run.name}"
    assert citation["authors"] == [{"name": "Provincie Antwerpen"}]
    assert "abstract" not in citation


def test_a_version_with_demonstration_data_says_so_wherever_it_is_cited(
    root: Path, runs: Any, folders: Folders
) -> None:
    folder = runs.make(commit="c" * 40 + "+")
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    content["reports"]["province:10000 pdf"]["data_status"] = ["demonstration", "observed"]
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    made = publication.publish("1.0", folders=folders)
    citation = yaml.safe_load((made.folder / "CITATION.cff").read_text(encoding="utf-8"))
    assert "demonstratiegegevens" in citation["abstract"]
    assert listing(root)[0]["data_status"] == ["demonstration", "observed"]
    assert "commit" not in citation  # files differed from it


def test_the_listing_keeps_the_checksum_of_the_checksums(root: Path, runs: Any, folders: Folders) -> None:
    runs.make()
    made = publication.publish("1.0", folders=folders)
    (entry,) = listing(root)
    sums = (made.folder / "SHA256SUMS").read_bytes()
    assert entry["sha256"] == made.sha256 == hashlib.sha256(sums).hexdigest()
    assert entry["files"] == len(sums.splitlines())


def test_published_again_the_same_run_changes_nothing(root: Path, runs: Any, folders: Folders) -> None:
    runs.make()
    publication.publish("1.0", folders=folders)
    before = {p: p.stat().st_mtime_ns for p in (root / "reports/published").rglob("*")}
    assert publication.publish("1.0", folders=folders).outcome == "unchanged"
    assert {p: p.stat().st_mtime_ns for p in (root / "reports/published").rglob("*")} == before


def test_another_run_under_a_published_name_is_refused(root: Path, runs: Any, folders: Folders) -> None:
    runs.make()
    made = publication.publish("1.0", folders=folders)
    before = (made.folder / "SHA256SUMS").read_bytes()
    runs.make("20260102-000000-bbbbbbbb")
    with pytest.raises(InputError, match=r"version: 1\.0 exists, of run 20260101.*differs in 2 files"):
        publication.publish("1.0", folders=folders)
    assert (made.folder / "SHA256SUMS").read_bytes() == before
    assert not list((root / "reports/published").glob(".*"))


def test_an_altered_version_cannot_be_published_again(
    runs: Any, folders: Folders, alter: Callable[[Path, bytes], None]
) -> None:
    runs.make()
    made = publication.publish("1.0", folders=folders)
    alter(made.folder / "data.csv", b"file\n")
    with pytest.raises(frozen.AlteredError, match=r"1\.0/data\.csv: was altered after publication"):
        publication.publish("1.0", folders=folders)


def test_a_published_name_whose_folder_is_gone_is_not_given_away(root: Path, runs: Any, folders: Folders) -> None:
    runs.make()
    made = publication.publish("1.0", folders=folders)
    made.folder.rename(root / "elsewhere")
    with pytest.raises(InputError, match="its folder is missing"):
        publication.publish("1.0", folders=folders)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "1..0", "../1.0", "a/b", "a\\b", ".1", "1.", "-1", "1 0", "versions.json", "é1", "1" * 33, "1\n"],
)
def test_a_name_that_cannot_be_a_folder_is_refused(runs: Any, folders: Folders, name: str) -> None:
    with pytest.raises(InputError, match="version: must be 1 to 32 letters"):
        publication.publish(name, folders=folders)


@pytest.mark.parametrize("name", ["1.0", "2027-01", "v2_rc1", "7", "1" * 32])
def test_an_ordinary_name_is_taken(name: str) -> None:
    frozen.check_name(name)


def test_names_that_differ_in_capitals_only_are_refused(runs: Any, folders: Folders) -> None:
    runs.make()
    publication.publish("1.0-RC", folders=folders)
    with pytest.raises(InputError, match=r"must differ from 1\.0-RC in more than capitals"):
        publication.publish("1.0-rc", folders=folders)


def test_without_a_run_there_is_nothing_to_publish(root: Path, folders: Folders) -> None:
    with pytest.raises(InputError, match="run: none found"):
        publication.publish("1.0", folders=folders)
    assert not (root / "reports/published").exists()


def test_an_unknown_run_is_refused_with_the_known_ones(runs: Any, folders: Folders) -> None:
    runs.make()
    with pytest.raises(InputError, match=r"run: unknown value 'x'.*20260101-000000-aaaaaaaa"):
        publication.publish("1.0", run="x", folders=folders)


@pytest.mark.parametrize("state", ["failed", "interrupted", "running", "stopped"])
def test_a_run_that_was_not_finished_is_refused(runs: Any, folders: Folders, state: str) -> None:
    name = runs.make(state=state).name
    with pytest.raises(InputError, match=f"must be finished, got {name} whose state is '{state}'"):
        publication.publish("1.0", run=name, folders=folders)


def test_a_run_that_the_audit_refused_ends_with_code_3(root: Path, runs: Any, folders: Folders) -> None:
    name = runs.make(state="refused").name
    with pytest.raises(DisclosureError, match=f"{name} was refused by the disclosure audit") as refused:
        publication.publish("1.0", run=name, folders=folders)
    assert refused.value.exit_code == 3
    assert not (root / "reports/published").exists()


def test_the_newest_finished_run_is_taken_and_newer_ones_are_named(runs: Any, folders: Folders) -> None:
    runs.make("20260102-000000-bbbbbbbb")
    runs.make("20260103-000000-cccccccc", state="failed")
    made = publication.publish("1.0", folders=folders)
    assert (made.run, made.unfinished) == ("20260102-000000-bbbbbbbb", ("20260103-000000-cccccccc",))


def test_an_older_run_is_published_by_its_name(runs: Any, folders: Folders) -> None:
    first = runs.make()
    runs.make("20260102-000000-bbbbbbbb")
    assert publication.publish("1.0", run=first.name, folders=folders).run == first.name


def test_a_run_without_a_report_is_refused(runs: Any, folders: Folders) -> None:
    folder = runs.make()
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(content | {"reports": {}}), encoding="utf-8")
    with pytest.raises(InputError, match="must hold at least one report"):
        publication.publish("1.0", folders=folders)


def test_a_run_that_breaks_a_law_is_refused_with_code_1(root: Path, runs: Any, folders: Folders) -> None:
    broken = runs.numbers(("zorg", 4420.0), upper=4000.0)
    runs.make(tables={("province:10000", "10-a", "vacancies"): (broken, ["vacancy"])})
    with pytest.raises(StudieError, match=r"breaks a law: intervals hold their estimate: .*row 1") as refused:
        publication.publish("1.0", folders=folders)
    assert refused.value.exit_code == 1
    assert not (root / "reports/published").exists()


def test_a_run_that_could_tell_who_somebody_is_is_refused(root: Path, runs: Any, folders: Folders) -> None:
    few = runs.numbers(("zorg", 4.0), unit="persons")
    runs.make(tables={("province:10000", "10-a", "stock"): (few, ["demonstration_ladder_panel"])})
    with pytest.raises(DisclosureError, match="no person can be counted out"):
        publication.publish("1.0", folders=folders)
    assert not (root / "reports/published").exists()


@pytest.mark.parametrize("kind", ["pdf", "html"])
def test_another_report_than_the_run_made_is_refused(root: Path, runs: Any, folders: Folders, kind: str) -> None:
    runs.make()
    (root / f"reports/province/10000.{kind}").write_bytes(b"another")
    with pytest.raises(StudieError, match=rf"reports/province/10000\.{kind}: is another file than this run made"):
        publication.publish("1.0", folders=folders)


def test_data_or_configuration_that_changed_since_the_run_are_named(root: Path, runs: Any, folders: Folders) -> None:
    runs.make()
    runs.change_dataset("vacancy")
    runs.change_assumption("centre: 0.06", "centre: 0.07")
    with pytest.raises(InputError) as refused:
        publication.publish("1.0", folders=folders)
    assert refused.value.problems == (
        "study: the configuration changed since run 20260101-000000-aaaaaaaa",
        "data/observed/vacancy.csv: changed since run 20260101-000000-aaaaaaaa",
        "data/sources.csv: changed since run 20260101-000000-aaaaaaaa",
        "run: must rest on what is there now; make it again with: studie run",
    )


def test_demonstration_data_of_another_size_are_named(
    root: Path, runs: Any, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.make()
    (root / "data/demonstration/tiny").rename(root / "data/demonstration/default")
    monkeypatch.setenv("STUDIE_DEMONSTRATION_SIZE", "default")
    with pytest.raises(InputError, match="used size tiny, got default; set STUDIE_DEMONSTRATION_SIZE=tiny"):
        publication.publish("1.0", folders=folders)


def test_a_notebook_that_was_saved_again_is_refused(runs: Any, folders: Folders) -> None:
    path = runs.make() / "province-10000/10-a.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("4420", "4421"), encoding="utf-8")
    with pytest.raises(StudieError, match=r"province-10000/10-a\.ipynb: was saved after run"):
        publication.publish("1.0", folders=folders)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_result_table_that_no_notebook_shows_is_refused(runs: Any, folders: Folders, suffix: str) -> None:
    results = runs.make() / "province-10000/results"
    if suffix == ".csv":
        path = results / "vacancies.csv"
        path.write_text(path.read_text(encoding="utf-8").replace("4420", "4421"), encoding="utf-8")
    else:
        frame = pd.read_parquet(results / "vacancies.parquet")
        frame.assign(n=125.0).to_parquet(results / "vacancies.parquet", index=False)
    with pytest.raises(StudieError, match="province-10000/results/vacancies: is not what the notebook shows"):
        publication.publish("1.0", folders=folders)


def test_a_result_table_that_is_missing_is_refused(runs: Any, folders: Folders) -> None:
    results = runs.make() / "province-10000/results"
    for suffix in (".csv", ".parquet"):
        (results / f"people{suffix}").unlink()
    with pytest.raises(StudieError, match="must hold 2 tables, got 1"):
        publication.publish("1.0", folders=folders)


def test_the_counts_of_persons_that_a_version_states_are_kept_for_the_next_audit(
    root: Path, runs: Any, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laws, "check_run", lambda folder, *, folders: [])  # their plan is not what is tested here
    stock = runs.numbers(("zorg", 120.0), unit="persons", quantity="stock").assign(step="3")
    runs.make(tables={("province:10000", "20-b", "stock"): (stock, ["demonstration_ladder_panel"])})
    publication.publish("1.0", folders=folders)
    kept = publications.read_ledger()
    assert kept[["publication", "cell_status", "estimate"]].values.tolist() == [["1.0", "published", 120.0]]
    assert kept["date"].tolist() == [listing(root)[0]["published"]]
    publication.publish("1.0", folders=folders)
    assert len(publications.read_ledger()) == 1


KILLED = """import os, sys
from studie.batch import frozen, laws, publication
module, name = sys.argv[1].split()
owner = {"frozen": frozen, "publication": publication}[module]
real = getattr(owner, name)
def dies(*given, **named):
    if sys.argv[2] == "after":
        real(*given, **named)
    os._exit(9)
setattr(owner, name, dies)
publication.publish("1.0")
"""


@pytest.mark.parametrize(
    ("where", "when", "whole"),
    [
        ("publication _copy_reports", "after", False),
        ("frozen write_sums", "before", False),
        ("publication _put_in_place", "before", False),
        ("publication _put_in_place", "after", True),
    ],
)
def test_killed_midway_there_is_no_half_version_and_the_same_command_ends_it(
    root: Path, runs: Any, folders: Folders, where: str, when: str, whole: bool
) -> None:
    runs.make()
    done = subprocess.run([sys.executable, "-c", KILLED, where, when], check=False)
    assert done.returncode == 9
    place = root / "reports/published"
    assert (place / "1.0").exists() is whole
    assert not (place / "versions.json").exists()
    with pytest.raises(InputError, match="interrupted; finish it" if whole else "nothing was published"):
        frozen.open_versions("1.0", folders=folders)
    assert publication.publish("1.0", folders=folders).outcome == ("unchanged" if whole else "published")
    assert [v.name for v in frozen.open_versions("1.0", folders=folders)] == ["1.0"]
    assert sorted(p.name for p in place.iterdir()) == ["1.0", "versions.json"]
