"""The commands `studie publish` and `studie compare`: what they print, and the code they end with."""

import json
from pathlib import Path

import pytest

from studie import cli
from studie.batch import comparison, frozen, publication
from studie.batch.comparison import Comparison, PdfChange, RowChange
from studie.batch.frozen import AlteredError, Version
from studie.batch.publication import Publication
from studie.batch.reasons import Reason
from studie.errors import DisclosureError

DATA = Reason(kind="data", what="vacancy", text="124 rows -> 125 rows")


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and standard error of a call."""
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    said = capsys.readouterr()
    return end.value.code or 0, said.out, said.err  # type: ignore[return-value]


def made(outcome: str = "published") -> Publication:
    return Publication(
        version="1.0", outcome=outcome, folder=Path("/study/reports/published/1.0"), run="20260101-000000-aaaaaaaa",
        sha256="ab" * 32, files=12, pdfs=("1.0/pdf/province/10000.pdf",), data_status=("demonstration", "observed"),
        unfinished=("20260103-000000-cccccccc",),
    )  # type: ignore[arg-type]  # fmt: skip


def row(change: str, *, sector: str = "zorg", reasons: tuple[Reason, ...] = (DATA,)) -> RowChange:
    known = dict.fromkeys(("estimate", "lower", "upper", "n"), 0.5)
    unknown = dict.fromkeys(known)
    return RowChange(
        region="province:10000", chapter="10-a", table="vacancies", key=f"sector={sector}", quantity="open",
        unit="vacancies", change=change, before=unknown if change == "new" else known, other="", reasons=reasons,
        after=unknown if change == "gone" else known,
    )  # type: ignore[arg-type]  # fmt: skip


def compared(*rows: RowChange) -> Comparison:
    entry = {"published": "2026-11-23", "run": "r", "commit": "c" * 40, "data_status": ["observed"], "files": 9}
    old, new = (Version(name=name, folder=Path(name), entry={"version": name, **entry}) for name in ("1.0", "1.1"))
    pdfs = (PdfChange(file="pdf/province/10000.pdf", change="changed", explained=False),)
    return Comparison(before=old, after=new, differences=(DATA,), rows=rows, same=7, pdfs=pdfs)


@pytest.mark.parametrize("command", ["publish", "compare"])
def test_help_has_an_example(capsys: pytest.CaptureFixture[str], command: str) -> None:
    code, out, _ = call(capsys, command, "--help")
    assert code == 0
    assert f"Example: studie {command}" in " ".join(out.split())


def test_what_was_published_is_said_with_its_checksum(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "publish", lambda version, *, run: made())
    code, out, _ = call(capsys, "publish", "1.0")
    assert code == 0
    assert out.splitlines() == [
        "1.0 published: run 20260101-000000-aaaaaaaa, 12 files, data demonstration+observed",
        "left out: newer run 20260103-000000-cccccccc, which was not finished",
        "/study/reports/published/1.0/pdf/province/10000.pdf",
        f"checksum of /study/reports/published/1.0/SHA256SUMS: {'ab' * 32}",
    ]


def test_what_was_published_before_is_said_to_be_unchanged(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "publish", lambda version, *, run: made("unchanged"))
    assert call(capsys, "publish", "1.0")[1].startswith("1.0 was published before, nothing changed: run")
    assert json.loads(call(capsys, "publish", "1.0", "--json")[1])["outcome"] == "unchanged"


def test_a_run_refused_by_the_audit_ends_with_code_3(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(version: str, *, run: str | None) -> None:
        raise DisclosureError("run r: a small count follows")

    monkeypatch.setattr(publication, "publish", refuse)
    assert call(capsys, "publish", "1.0") == (3, "", "error: run r: a small count follows\n")


def test_every_table_and_the_first_changes_are_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row("new"), row("gone", reasons=()), *(row("changed", sector=str(k)) for k in range(40))]
    monkeypatch.setattr(comparison, "compare", lambda before, after: compared(*rows))
    code, out, _ = call(capsys, "compare", "1.0", "1.1")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "1.0: published 2026-11-23, run r, commit cccccccccccc, data observed, 9 checksums hold"
    assert lines[2:6] == [
        "what differs:",
        "  data  vacancy  124 rows -> 125 rows",
        "reports: 1 differ",
        "  changed  pdf/province/10000.pdf  unexplained",
    ]
    assert lines[6] == "numbers: 7 same, 40 changed, 1 new, 1 gone, 0 described; unexplained: 2"
    table = "province:10000 10-a vacancies  1 new, 1 gone, 40 changed  data vacancy; unexplained"
    assert lines[7].strip() == table
    assert lines[8] == "new: province:10000 vacancies [sector=zorg] open: 0.5 [0.5, 0.5] n=0.5"
    assert lines[9].endswith("(unexplained)")
    assert len(lines) == 8 + 30 + 1
    assert lines[-1] == "and 12 more; all of them with: --csv PATH"


def test_the_list_of_changes_goes_to_a_file_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(comparison, "compare", lambda before, after: compared(row("changed", sector="=1+1")))
    path = tmp_path / "changes.csv"
    code, out, _ = call(capsys, "compare", "1.0", "1.1", "--csv", str(path))
    assert (code, out.splitlines()[-1]) == (0, f"1 lines: {path}")
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["changes.csv"]


def test_a_file_in_a_folder_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = call(capsys, "compare", "1.0", "1.1", "--csv", str(tmp_path / "none" / "x.csv"))
    assert code == 2
    assert err.startswith("error: csv: must be in a folder that exists, got ")


def test_an_altered_version_ends_with_code_1_and_a_line_per_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def altered(*names: str, folders: object) -> None:
        raise AlteredError("1.0/data.csv: is missing\n1.1/manifest.json: was altered after publication")

    monkeypatch.setattr(frozen, "open_versions", altered)
    assert call(capsys, "compare", "1.0", "1.1") == (
        1, "", "error: 1.0/data.csv: is missing\nerror: 1.1/manifest.json: was altered after publication\n",
    )  # fmt: skip
