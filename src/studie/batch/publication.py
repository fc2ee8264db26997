"""A run made citable: its reports, tables, data description and assumptions frozen under the name of a version."""

from __future__ import annotations

import fcntl
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import yaml

from studie.batch import audit, frozen, index, laws
from studie.batch.content import Content, code_files, freeze_results
from studie.batch.extract import spreadsheet_safe
from studie.batch.inputs import Folders, file_address, read_inputs
from studie.batch.manifest import MANIFEST, read_manifest, runs, write_whole
from studie.batch.output import Output
from studie.batch.reports import files
from studie.config import config_path, read_config
from studie.data import catalogue, publications
from studie.disclosure import registry
from studie.errors import DisclosureError, InputError, StudieError

MOST_LINES = 10  # of one kind of problem
MADE = ("done", "reused")
DESCRIBED = (
    "file", "sha256", "dataset_id", "title", "table", "data_status", "publisher", "licence", "url", "retrieved",
    "rows", "first_period", "last_period", "used_by",
)  # fmt: skip
STUDY_TITLE = "Strategische studie inclusieve economie in de provincie Antwerpen"
REPORTS_TITLE = "Regionale rapporten inclusieve economie in de provincie Antwerpen"
AUTHORS = [{"name": "Provincie Antwerpen"}]
WITH_DEMONSTRATION = (
    "Deze versie bevat demonstratiegegevens: haar cijfers zijn deels verzonnen en niet te citeren als waarneming."
)


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What was frozen, or stood there already."""

    version: str
    outcome: Literal["published", "unchanged"]
    folder: Path
    run: str
    sha256: str
    files: int
    pdfs: tuple[str, ...]
    data_status: tuple[str, ...]
    unfinished: tuple[str, ...]  # newer runs that could not be published


def publish(version: str, *, run: str | None = None, folders: Folders | None = None) -> Publication:
    """Freeze a finished run, by default the newest, in `reports/published/<version>/`.

    Everything is written under a temporary name and renamed when it is whole. A version that exists is never
    written again; publishing the same content under its name changes nothing.

    Raises
    ------
    InputError
        For a name that is not allowed or is taken, no such run, a run that was not finished, a run without a report,
        or configuration, data or results that changed since.
    StudieError
        If the run breaks a law; one line per break.
    DisclosureError
        If the disclosure audit refused the run, or refuses it beside what was published since.
    AlteredError
        If the version exists and is no longer what was published.
    """
    folders = folders or Folders()
    frozen.check_name(version)
    folder, manifest = _finished(folders, run)
    unfinished = () if run else tuple(p.name for p in runs(folders.build) if p.name > folder.name)
    with _alone(folders):
        _check_free(version, folders)
        _check_inputs(manifest, folders)
        if not (frozen.published_folder(folders) / version).exists():  # else its laws held when it was published
            _check_laws(folder, folders)
        frozen.published_folder(folders).mkdir(parents=True, exist_ok=True)
        draft = _empty_draft(version, folders)
        try:
            _freeze(version, folder, manifest, draft=draft, folders=folders, day=_day_of(version, folders))
            outcome = _put_in_place(draft, version, folders)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        _record_cells(version, folder, folders)
        entry = _list(version, manifest, folders)
        index.write(folders)
    return Publication(
        version=version,
        outcome=outcome,
        folder=frozen.published_folder(folders) / version,
        run=manifest["run"],
        sha256=entry["sha256"],
        files=entry["files"],
        pdfs=tuple(entry["pdfs"]),
        data_status=tuple(entry["data_status"]),
        unfinished=unfinished,
    )


# --- may it be published -------------------------------------------------------


def _finished(folders: Folders, run: str | None) -> tuple[Path, dict[str, Any]]:
    """Folder and manifest of a run that was finished and made a report."""
    folder, manifest = read_manifest(folders.build, run)
    if manifest.get("state") == "refused":
        raise DisclosureError(f"run: {folder.name} was refused by the disclosure audit; nothing of it is published")
    if manifest.get("state") != "done":
        raise InputError(f"run: must be finished, got {folder.name} whose state is {manifest.get('state')!r}")
    if not any(r["state"] in MADE for r in manifest["reports"].values()):
        raise InputError(f"run: must hold at least one report, got {folder.name} without any")
    return folder, manifest


def _check_free(version: str, folders: Folders) -> None:
    """Refuse a name that was taken: its folder is gone, or another differs from it in capitals only."""
    names = [e["version"] for e in frozen.read_listing(folders)]
    if version in names and not (frozen.published_folder(folders) / version).is_dir():
        raise InputError(f"version: {version} was published and its folder is missing; put it back, or name another")
    near = [name for name in names if name.lower() == version.lower() and name != version]
    if near:
        raise InputError(f"version: must differ from {near[0]} in more than capitals, got {version!r}")


def _check_inputs(manifest: Mapping[str, Any], folders: Folders) -> None:
    """Refuse a run whose configuration or data are no longer there, since they could not be described."""
    now = read_inputs(folders, config=_config(manifest))
    then = manifest["inputs"]
    run = manifest["run"]
    if now.demonstration != then["demonstration"]:
        raise InputError(
            f"demonstration: run {run} used size {then['demonstration']}, got {now.demonstration}; "
            f"set {catalogue.SIZE_VARIABLE}={then['demonstration']}"
        )
    lines = []
    if now.configuration != then["configuration"]:
        lines.append(f"{_config(manifest)}: the configuration changed since run {run}")
    for name in sorted({*now.data, *then["data"]}):
        if now.data.get(name) != then["data"].get(name):
            lines.append(f"data/{name}: changed since run {run}")
    if lines:
        raise InputError(*_at_most(lines), "run: must rest on what is there now; make it again with: studie run")


def _check_laws(folder: Path, folders: Folders) -> None:
    """Refuse a run that breaks a law."""
    results = [r for r in laws.check_run(folder, folders=folders) if r.broken]
    lines = [f"{r.name}: {line}" for r in results for line in r.broken]
    if lines:
        telling = any(r.name in laws.DISCLOSURE for r in results)
        refusal = DisclosureError if telling else StudieError
        raise refusal("\n".join(f"run {folder.name} breaks a law: {line}" for line in _at_most(lines)))


def _at_most(lines: list[str]) -> list[str]:
    """The first lines, and how many more there are."""
    more = len(lines) - MOST_LINES
    return lines if more <= 0 else [*lines[:MOST_LINES], f"and {more} more"]


def _config(manifest: Mapping[str, Any]) -> str:
    """Configuration that a run asked for."""
    return str(manifest["request"]["given"].get("config", "study"))


# --- what is frozen --------------------------------------------------------------


def _freeze(version: str, run: Path, manifest: Mapping[str, Any], *, draft: Path, folders: Folders, day: str) -> None:
    """Write a whole version into a draft folder."""
    _copy_reports(manifest, draft=draft, root=folders.root)
    content = freeze_results(run, manifest, draft=draft)
    content.index.to_csv(draft / frozen.TABLES, index=False, lineterminator="\n")
    shutil.copyfile(run / MANIFEST, draft / frozen.MANIFEST)
    shutil.copyfile(config_path(_config(manifest)), draft / frozen.ASSUMPTIONS)
    _data_description(manifest["inputs"]).to_csv(draft / frozen.DATA, index=False, lineterminator="\n")
    _write_json(draft / frozen.METHOD, _method(content, manifest, folders))
    citation = _citation(version, manifest, root=folders.root, day=day)
    (draft / frozen.CITATION).write_text(
        yaml.safe_dump(citation, sort_keys=False, allow_unicode=True, width=120), encoding="utf-8"
    )
    frozen.write_sums(draft)
    for name in frozen.files_in(draft):
        (draft / name).chmod(0o444)


def _copy_reports(manifest: Mapping[str, Any], *, draft: Path, root: Path) -> None:
    """Copy PDFs and web pages; each must be the one that the run made."""
    for name, expected in (file for report in _reports(manifest) for file in files(report)):
        place = draft / _place(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, place)
        if file_address(place) != expected:
            raise StudieError(f"{name}: is another file than run {manifest['run']} made")


def _data_description(inputs: Mapping[str, Any]) -> pd.DataFrame:
    """One row per file that the run rested on: origin, status, checksum and extent, never its rows."""
    known = {d.file: asdict(d) for d in catalogue.datasets()}
    files = {f"data/{name}": digest for name, digest in inputs["data"].items()}
    rows = [known.get(file, {}) | {"file": file, "sha256": digest} for file, digest in sorted(files.items())]
    return spreadsheet_safe(pd.DataFrame(rows, columns=list(DESCRIBED)).astype({"rows": "Int64"}))


def _method(content: Content, manifest: Mapping[str, Any], folders: Folders) -> dict[str, Any]:
    """Checksums of the package's files, where they are still those of the run, and of the chapters' cells."""
    now = read_inputs(folders, config=_config(manifest))
    same = now.code == manifest["inputs"]["code"] and now.report_code == manifest["inputs"]["report_code"]
    return {"code": code_files() if same else {}, "chapters": content.sources, "shown": content.shown}


def _citation(version: str, manifest: Mapping[str, Any], *, root: Path, day: str) -> dict[str, Any]:
    """How to cite the version, in the Citation File Format."""
    package = root / "CITATION.cff"
    general = yaml.safe_load(package.read_text(encoding="utf-8")) if package.is_file() else {}
    study = any(Path(r["file"]).name.startswith("strategische-studie") for r in _reports(manifest))
    title = STUDY_TITLE if study else REPORTS_TITLE
    authors = general.get("authors", AUTHORS)
    released = date.fromisoformat(day)
    commit = manifest.get("commit", "")
    return {
        "cff-version": "1.2.0",
        "message": "Verwijs naar deze versie met haar nummer.",
        "title": title,
        **({"abstract": WITH_DEMONSTRATION} if "demonstration" in _statuses(manifest) else {}),
        "type": "dataset",
        "version": version,
        "date-released": released,
        "license": general.get("license", "EUPL-1.2"),
        "authors": authors,
        **({"commit": commit} if commit and not commit.endswith("+") else {}),
        "identifiers": [
            {"type": "other", "value": f"run:{manifest['run']}", "description": "run that the version froze"},
            {"type": "other", "value": f"sha256:{manifest['address']}", "description": "content of the run's plan"},
        ],
        "preferred-citation": {
            "type": "report",
            "title": f"{title}, versie {version}",
            "authors": authors,
            "year": released.year,
            "month": released.month,
        },
    }


def _statuses(manifest: Mapping[str, Any]) -> list[str]:
    """Statuses of the data inside the reports."""
    return sorted({status for report in _reports(manifest) for status in report["data_status"]})


def _reports(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Reports that the run made or used again."""
    return [r for r in manifest["reports"].values() if r["state"] in MADE]


def _place(name: str) -> str:
    """Place of a report's file in a version: as below `reports/`, so that page and PDF find each other."""
    return (Path(frozen.PDFS) / Path(name).relative_to("reports")).as_posix()


def _write_json(path: Path, content: Any) -> None:
    """Content as JSON, in one form."""
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


# --- where it is put ---------------------------------------------------------------


@contextmanager
def _alone(folders: Folders) -> Iterator[None]:
    """Let one publication work at a time."""
    folders.build.mkdir(parents=True, exist_ok=True)
    with (folders.build / "publication.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _empty_draft(version: str, folders: Folders) -> Path:
    """A new hidden folder; drafts of publications that were killed go, no other can be at work."""
    place = frozen.published_folder(folders)
    for left in place.glob(".new-*"):
        shutil.rmtree(left)
    draft = Path(tempfile.mkdtemp(prefix=f".new-{version}-", dir=place))
    draft.chmod(0o755)
    return draft


def _day_of(version: str, folders: Folders) -> str:
    """Day of publication: that of the version when it exists, else today."""
    citation = frozen.published_folder(folders) / version / frozen.CITATION
    if citation.is_file():
        try:
            return str(yaml.safe_load(citation.read_text(encoding="utf-8"))["date-released"])
        except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
            pass  # an altered file; the comparison of checksums names it
    return datetime.now(UTC).date().isoformat()


def _put_in_place(draft: Path, version: str, folders: Folders) -> Literal["published", "unchanged"]:
    """Rename a draft to its version; where the version exists it must be the same, file by file."""
    place = frozen.published_folder(folders) / version
    if not place.exists():
        draft.rename(place)
        return "published"
    entry = frozen.entry_of(version, folders)
    altered = frozen.differences(place, digest=entry["sha256"] if entry else None)
    if altered:
        raise frozen.AlteredError("\n".join(altered))
    there, new = frozen.read_sums(place), frozen.read_sums(draft)
    other = sorted(name for name in {*there, *new} if there.get(name) != new.get(name))
    if other:
        held = json.loads((place / frozen.MANIFEST).read_text(encoding="utf-8"))["run"]
        raise InputError(
            f"version: {version} exists, of run {held}, and a published version never changes; "
            f"this run differs in {len(other)} files, such as {other[0]}; choose another name"
        )
    return "unchanged"


def _record_cells(version: str, run: Path, folders: Folders) -> None:
    """Write the counts of persons that the version states into the ledger, which later runs and audits heed."""
    threshold = read_config(_config(json.loads((run / MANIFEST).read_text(encoding="utf-8")))).disclosure.threshold
    output = Output(folder=run, folders=folders, threshold=threshold.value)
    if not output.counting_persons or (publications.read_ledger()["publication"] == version).any():
        return
    stated = audit.printed(output, audit.known(output)).counts.rename("estimate").rename_axis("key").reset_index()
    cells = registry.from_frame(stated.assign(cell_status="published"))
    day = date.fromisoformat(_day_of(version, folders))
    publications.add_publication(cells, publication=version, on=day)


def _list(version: str, manifest: Mapping[str, Any], folders: Folders) -> dict[str, Any]:
    """Entry of a version in the listing; one that is there stays as it is."""
    entry = frozen.entry_of(version, folders)
    if entry is not None:
        return entry
    place = frozen.published_folder(folders)
    folder = place / version
    entry = {
        "version": version,
        "published": _day_of(version, folders),
        "run": manifest["run"],
        "commit": manifest.get("commit", ""),
        "data_status": _statuses(manifest),
        "pdfs": sorted(f"{version}/{_place(report['file'])}" for report in _reports(manifest)),
        "files": len(frozen.read_sums(folder)),
        "sha256": file_address(folder / frozen.SUMS),
    }
    entries = [*frozen.read_listing(folders), entry]
    write_whole(place / frozen.LISTING, json.dumps({"versions": entries}, indent=1, ensure_ascii=False) + "\n")
    return entry
