"""Where a report's PDF and web page are made, kept by content, and put under names that say which data are inside."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from studie.batch.inputs import file_address
from studie.batch.plan import Report, report_address
from studie.config import Report as ReportSettings
from studie.errors import InputError, StudieError
from studie.report import pdf
from studie.report.kinds import FICHES

KINDS = {"region": "Regionaal rapport", "study": "Strategische studie"}


def write_report(
    *,
    notebooks: list[str],
    key: str,
    cover: dict[str, str],
    stem: str,
    form: str,
    root: str,
    drafts: str,
    timestamp: int,
) -> dict[str, Any]:
    """Assemble one report and keep it in `build/cache/reports`, from where `publish` takes it once the run is audited.

    It is made in `drafts`, a folder of the run, and renamed when it is whole; `form` is that of the `plan.Report`.

    Returns
    -------
    dict
        address, file (relative to the study's folder) and sha256 of the PDF, page and page_sha256 of the web page,
        pages, data_status, warnings.

    Raises
    ------
    InputError
        When approval is asked for while a finding rests on demonstration data.
    """
    from studie.report import assemble

    address = report_address(form, [file_address(Path(n)) for n in notebooks])
    kept = Path(root) / "build" / "cache" / "reports"
    kept.mkdir(parents=True, exist_ok=True)
    Path(drafts).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{address[:12]}-", dir=drafts) as folder:
        draft, page = Path(folder) / "report.pdf", Path(folder) / f"{Path(stem).name}.html"
        front = assemble.Cover(**cover)  # type: ignore[arg-type]  # words are checked by the cover itself
        try:
            info = assemble.report([Path(n) for n in notebooks], cover=front, out=draft, timestamp=timestamp, page=page)
        except InputError as error:
            raise InputError(*(f"{key}: {line}" for line in error.problems)) from error
        status = sorted(info.data_status)
        record = {
            "address": address,
            "file": published_name(stem, status),
            "sha256": file_address(draft),
            "page": published_name(stem, status, ".html"),
            "page_sha256": file_address(page),
            "pages": info.pages,
            "data_status": status,
            "warnings": list(info.warnings),
        }
        said = draft.with_suffix(".json")
        said.write_text(json.dumps(record, indent=1, ensure_ascii=False), encoding="utf-8")
        page.replace(kept / f"{address}.html")
        draft.replace(kept / f"{address}.pdf")
        said.replace(kept / f"{address}.json")
    return record


def kept_report(cache: Path, address: str) -> dict[str, Any] | None:
    """Record of a report that was made before from the same content and is still whole."""
    try:
        record: dict[str, Any] = json.loads((cache / "reports" / f"{address}.json").read_text(encoding="utf-8"))
        kept = {kind: cache / "reports" / f"{address}{kind}" for kind in (".pdf", ".html")}
        whole = file_address(kept[".pdf"]) == record["sha256"] and file_address(kept[".html"]) == record["page_sha256"]
    except (OSError, ValueError, KeyError, StudieError):
        return None
    return record if whole else None


def files(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Files of a report and their checksums; runs of before the web pages have only the PDF."""
    yield record["file"], record["sha256"]
    if "page" in record:
        yield record["page"], record["page_sha256"]


def publish(record: dict[str, Any], *, stem: str, address: str, root: Path) -> None:
    """Put a kept report under its public names; the files of the other status, now out of date, go."""
    for name, sha256 in files(record):
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.is_file() or file_address(place) != sha256:
            draft = place.with_name(f".{place.name}.new")
            try:
                shutil.copyfile(root / "build" / "cache" / "reports" / f"{address}{place.suffix}", draft)
                draft.replace(place)
            finally:
                draft.unlink(missing_ok=True)
        for other in {published_name(stem, status, place.suffix) for status in ([], ["demonstration"])} - {name}:
            (root / other).unlink(missing_ok=True)


def published_name(stem: str, data_status: list[str], kind: str = ".pdf") -> str:
    """File of a report, relative to the study's folder."""
    return f"reports/{stem}{pdf.name_suffix(data_status, kind)}"


def earlier_reports(stem: str, *, root: Path) -> list[str]:
    """PDFs that a report has below the study's folder, of either status."""
    names = [published_name(stem, status) for status in ([], ["demonstration"])]
    return [name for name in names if (root / name).is_file()]


def cover_of(report: Report, *, head: ReportSettings, reference_date: str, commit: str) -> dict[str, str]:
    """What stands on a report's cover: the region, and for the strategic study the head of a Verslag."""
    common = {
        "kind": FICHES.get("+".join(task.chapter for task in report.tasks), KINDS[report.kind]),
        "region_name": report.name[0].upper() + report.name[1:],
        "reference_date": reference_date,
        "version": head.versie,
    }
    if report.kind == "region":
        return common
    fields = {name: value for name, value in head.model_dump().items() if name != "versie" and value}
    return common | {"commit": commit} | fields | report.decision
