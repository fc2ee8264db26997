"""Two published versions: every number that changed, why, and every file that was altered."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from studie.batch import comparison, frozen, publication
from studie.batch.comparison import Comparison, compare
from studie.batch.inputs import Folders
from studie.errors import InputError

FIRST, SECOND = "20260101-000000-aaaaaaaa", "20260102-000000-bbbbbbbb"
PLACE = ("province:10000", "10-a", "vacancies")


@pytest.fixture
def two(runs: Any, folders: Folders) -> Callable[..., Comparison]:
    """How a test publishes a first run, changes something, publishes a second run and compares them."""

    def publish(change: Callable[[], None] = lambda: None, *, first: Any = None, second: Any = None) -> Comparison:
        runs.make(FIRST, **(first or {}))
        publication.publish("1.0", folders=folders)
        change()
        runs.make(SECOND, **(second or {}))
        publication.publish("1.1", folders=folders)
        return compare("1.0", "1.1", folders=folders)

    return publish


def tables(runs: Any, *rows: tuple[str, float | None], uses: str = "vacancy", **columns: Any) -> dict[str, Any]:
    """Run whose first table has other rows."""
    return {"tables": {**runs.vacancies(), PLACE: (runs.numbers(*rows, **columns), [uses])}}


def told(found: Comparison) -> list[tuple[str, str, str]]:
    """What happened to which row, and the reasons."""
    return [(r.change, r.key, "; ".join(f"{x.kind} {x.what}" for x in r.reasons)) for r in found.rows]


def test_nothing_changed(two: Callable[..., Comparison]) -> None:
    found = two()
    assert found.counts == {"same": 3, "changed": 0, "new": 0, "gone": 0, "described": 0}
    assert (found.differences, found.rows, found.pdfs, found.unexplained) == ((), (), (), 0)
    assert found.to_frame().empty


def test_a_number_that_only_data_can_have_changed(runs: Any, two: Callable[..., Comparison]) -> None:
    found = two(lambda: runs.change_dataset("vacancy"), second=tables(runs, ("zorg", 4430.0), ("=bouw", 310.0)))
    (row,) = found.rows
    assert (row.region, row.chapter, row.table, row.key) == (*PLACE, "sector=zorg")
    assert (row.change, row.before["estimate"], row.after["estimate"]) == ("changed", 4420.0, 4430.0)
    assert [(r.kind, r.what) for r in row.reasons] == [("data", "vacancy")]
    assert "124 rows, 2016-01 to 2026-04" in row.reasons[0].text
    assert found.counts["same"] == 2
    assert found.unexplained == 0


def test_a_number_that_only_an_assumption_can_have_changed(runs: Any, two: Callable[..., Comparison]) -> None:
    found = two(
        lambda: runs.change_assumption("centre: 0.06", "centre: 0.07"),
        second=tables(runs, ("zorg", 4430.0), ("=bouw", 310.0)),
    )
    assert told(found) == [("changed", "sector=zorg", "assumption sectors.zorg.carving.centre")]
    assert found.rows[0].why == "assumption: sectors.zorg.carving.centre: 0.06 -> 0.07"


def test_several_reasons_are_all_listed(runs: Any, two: Callable[..., Comparison]) -> None:
    def change() -> None:
        runs.change_dataset("vacancy")
        runs.change_assumption("centre: 0.06", "centre: 0.07")

    found = two(
        change,
        first={"parameters": {"horizon_months": 18}},
        second={"parameters": {"horizon_months": 24}, "cells": "x = 2"} | tables(runs, ("zorg", 1.0), ("=bouw", 310.0)),
    )
    assert told(found) == [
        (
            "changed",
            "sector=zorg",
            "data vacancy; assumption sectors.zorg.carving.centre; method notebook 10-a; parameters horizon_months",
        )
    ]


def test_a_change_that_nothing_explains_is_flagged(runs: Any, two: Callable[..., Comparison]) -> None:
    found = two(
        lambda: runs.change_assumption("because: logistieke", "because: lichte"),  # no number rests on a reason's text
        second=tables(runs, ("zorg", 4430.0), ("=bouw", 310.0)),
    )
    assert told(found) == [("changed", "sector=zorg", "")]
    assert found.unexplained == 1
    assert found.to_frame()[["reasons", "unexplained"]].values.tolist() == [["unexplained", "yes"]]


def test_data_that_the_table_does_not_use_explain_nothing_when_the_chapter_does_not_use_them(
    runs: Any, two: Callable[..., Comparison]
) -> None:
    uses = {"uses": "statbel_transition"}
    found = two(
        lambda: runs.change_dataset("household"),
        first=tables(runs, ("zorg", 1.0), **uses),
        second=tables(runs, ("zorg", 2.0), **uses),
    )
    assert told(found) == [("changed", "sector=zorg", "")]


def test_data_shown_elsewhere_in_the_chapter_are_named_as_such(runs: Any, two: Callable[..., Comparison]) -> None:
    def both(value: float) -> dict[str, Any]:
        other = {("province:10000", "10-a", "other"): (runs.numbers(("zorg", 5.0)), ["household"])}
        return {"tables": other | tables(runs, ("zorg", value))["tables"]}

    found = two(lambda: runs.change_dataset("household"), first=both(1.0), second=both(2.0))
    assert told(found) == [("changed", "sector=zorg", "data household")]
    assert found.rows[0].reasons[0].text.endswith("(elsewhere in the chapter)")


def test_an_own_extract_in_the_place_of_demonstration_data_is_the_reason(
    root: Path, runs: Any, two: Callable[..., Comparison]
) -> None:
    def change() -> None:
        text = "region,period,sex,age_group,persons\nmunicipality:12025,2025,,,86921\n"
        (root / "data/own/population.csv").write_text(text, encoding="utf-8")

    first = tables(runs, ("zorg", 1.0), uses="demonstration_offer", data_status="demonstration")
    second = tables(runs, ("zorg", 1.0), uses="own_population", data_status="own")
    (row,) = two(change, first=first, second=second).rows
    assert (row.change, row.other) == ("changed", "data_status: demonstration -> own")
    assert [r.what for r in row.reasons] == ["own_population", "demonstration_offer"]
    assert row.reasons[0].text.startswith("is new, 1 rows, 2025 to 2025, own, ")
    assert row.reasons[1].text == "is used no longer"


def test_new_and_gone_rows_have_their_reason(runs: Any, two: Callable[..., Comparison]) -> None:
    found = two(lambda: runs.change_dataset("vacancy"), second=tables(runs, ("zorg", 4420.0), ("logistiek", 7.0)))
    assert sorted(told(found)) == [
        ("gone", "sector==bouw", "data vacancy"),
        ("new", "sector=logistiek", "data vacancy"),
    ]
    gone = next(r for r in found.rows if r.change == "gone")
    assert (gone.before["estimate"], gone.after["estimate"]) == (310.0, None)


def test_a_region_or_chapter_that_was_not_asked_for_is_the_reason(runs: Any, two: Callable[..., Comparison]) -> None:
    more = {("arrondissement:12000", "10-a", "vacancies"): (runs.numbers(("zorg", 5.0)), ["vacancy"])}
    rest = {place: table for place, table in runs.vacancies().items() if place == PLACE}
    found = two(second={"tables": rest | more})
    assert [(r.change, r.table, r.why) for r in found.rows] == [
        ("new", "vacancies", "parameters: regions: arrondissement:12000 is not part of 1.0"),
        ("gone", "people", "parameters: chapters: 20-b is not part of 1.1"),
    ]


def test_a_table_of_the_same_chapter_that_is_new_needs_a_reason(runs: Any, two: Callable[..., Comparison]) -> None:
    extra = {("province:10000", "10-a", "extra"): (runs.numbers(("zorg", 5.0)), ["vacancy"])}
    found = two(second={"tables": runs.vacancies() | extra})
    assert told(found) == [("new", "sector=zorg", "")]


def test_a_number_that_was_hidden_is_a_change_and_not_a_zero(runs: Any, two: Callable[..., Comparison]) -> None:
    hidden = tables(runs, ("zorg", None), ("=bouw", 310.0))
    frame = hidden["tables"][PLACE][0]
    frame.loc[0, ["lower", "upper", "n"]] = None
    frame.loc[0, "cell_status"] = "suppressed"
    found = two(lambda: runs.change_dataset("vacancy"), second=hidden)
    (row,) = found.rows
    assert (row.before["estimate"], row.after["estimate"], row.after["n"]) == (4420.0, None, None)
    assert row.other == "cell_status: published -> suppressed"


def test_words_beside_the_same_number_are_counted_apart(runs: Any, two: Callable[..., Comparison]) -> None:
    found = two(
        lambda: runs.change_assumption("because: logistieke", "because: lichte"),
        second=tables(runs, ("zorg", 4420.0), ("=bouw", 310.0), period="2027"),
    )
    why = "assumption sectors.zorg.carving.because"
    assert told(found) == [("described", "sector==bouw", why), ("described", "sector=zorg", why)]
    assert found.rows[0].other == "period: 2026 -> 2027"
    assert (found.counts["changed"], found.unexplained) == (0, 0)


def test_the_same_computation_on_another_machine_is_no_change(runs: Any, two: Callable[..., Comparison]) -> None:
    found = two(second=tables(runs, ("zorg", 4420.0 * (1 + 1e-12)), ("=bouw", 310.0)))
    assert found.counts["same"] == 3
    assert found.rows == ()


@pytest.mark.parametrize(
    ("facts", "what", "text"),
    [
        ({"versions": {"pandas": "2.4.0"}}, "packages", "pandas 2.3.3 -> 2.4.0"),
        ({"inputs": {"code": "0" * 64}}, "code", "changed; which files is not known"),
        ({"inputs": {"python": "CPython 3.12"}}, "python", "CPython 3.12"),
        ({"inputs": {"lock": "0" * 64}}, "packages", "requirements.lock changed"),
    ],
)
def test_a_changed_method_is_the_reason(
    root: Path, runs: Any, folders: Folders, facts: dict[str, Any], what: str, text: str
) -> None:
    runs.make(FIRST)
    publication.publish("1.0", folders=folders)
    folder = runs.make(SECOND, **tables(runs, ("zorg", 4430.0), ("=bouw", 310.0)))
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    content = {name: {**content[name], **facts.get(name, {})} if name in facts else content[name] for name in content}
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    publication.publish("1.1", folders=folders)
    (row,) = compare("1.0", "1.1", folders=folders).rows
    assert [(r.kind, r.what) for r in row.reasons] == [("method", what)]
    assert text in row.reasons[0].text


def test_the_files_of_the_package_that_changed_are_named(
    runs: Any, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.make(FIRST)
    publication.publish("1.0", folders=folders)
    real = publication.code_files()
    monkeypatch.setattr(publication, "code_files", lambda: real | {"places/gaps.py": "0", "cli/runs.py": "0"})
    folder = runs.make(SECOND, **tables(runs, ("zorg", 4430.0), ("=bouw", 310.0)))
    publication.publish("1.1", folders=folders)
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    old, new = frozen.open_versions("1.0", "1.1", folders=folders)
    new.__dict__["manifest"] = content | {"inputs": content["inputs"] | {"code": "0" * 64}}
    reasons = comparison.Evidence(before=old, after=new).explain(*PLACE, reach="numbers")
    assert [r.line for r in reasons] == ["method: code: places/gaps.py"]


def test_reports_that_differ_are_named(root: Path, runs: Any, folders: Folders) -> None:
    runs.make(FIRST)
    publication.publish("1.0", folders=folders)
    from studie.batch.manifest import Manifest

    folder = runs.make(SECOND)
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    written = Manifest.__new__(Manifest)
    written.folder, written.content = folder, content
    runs.pdf(written, b"%PDF-1.7 another")
    publication.publish("1.1", folders=folders)
    found = compare("1.0", "1.1", folders=folders)
    assert [vars(p) for p in found.pdfs] == [
        {"file": "pdf/province/10000.pdf", "change": "changed", "explained": False}
    ]
    assert found.unexplained == 1


def test_a_spreadsheet_runs_nothing_of_the_list_of_changes(runs: Any, two: Callable[..., Comparison]) -> None:
    found = two(second=tables(runs, ("zorg", 4420.0), ("=bouw", 311.0), unit="=cmd|'/c calc'!A1"))
    rows = list(csv.DictReader(io.StringIO(found.to_csv())))
    assert len(rows) == 2
    assert all(not str(v).startswith(("=", "+", "-", "@")) for row in rows for v in row.values())
    assert rows[0]["unit"].startswith("'=cmd")


def test_keys_are_the_fewest_columns_that_tell_rows_apart_and_never_lose_a_moment() -> None:
    def frame(*rows: tuple[Any, ...]) -> pd.DataFrame:
        return pd.DataFrame(rows, columns=["sector", "period", "because", "persons", "quantity", "estimate", "region"])

    one = frame(("zorg", "2026", "a", 1, "q", 1.0, "x"), ("bouw", "2026", "b", 2, "q", 1.0, "x"))
    two = frame(("zorg", "2027", "c", 1, "q", 1.0, "x"), ("bouw", "2027", "b", 2, "q", 1.0, "x"))
    assert comparison.key_columns(one, two) == ["sector", "period"]
    same_sector = frame(("zorg", "2026", "a", 1, "q", 1.0, "x"), ("zorg", "2026", "b", 1, "q", 1.0, "x"))
    assert comparison.key_columns(one, same_sector) == ["sector", "period", "because"]
    assert comparison.key_columns(one.assign(region="y").iloc[:1]) == ["sector", "period"]


def test_rows_that_nothing_tells_apart_are_compared_in_their_order(runs: Any, two: Callable[..., Comparison]) -> None:
    found = two(
        lambda: runs.change_dataset("vacancy"),
        first=tables(runs, ("zorg", 1.0), ("zorg", 2.0)),
        second=tables(runs, ("zorg", 1.0), ("zorg", 3.0)),
    )
    assert [(r.key, r.before["estimate"], r.after["estimate"]) for r in found.rows] == [("sector=zorg #2", 2.0, 3.0)]


@pytest.mark.parametrize(
    "name",
    ["pdf/province/10000.pdf", "results/province-10000/10-a/vacancies.csv", "manifest.json", "assumptions.yaml",
     "data.csv", "CITATION.cff", "results/province-10000/10-a/vacancies.parquet"],
)  # fmt: skip
def test_one_altered_byte_is_named(
    two: Callable[..., Comparison], root: Path, folders: Folders, alter: Callable[[Path, bytes], None], name: str
) -> None:
    two()
    path = root / "reports/published/1.0" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    alter(path, bytes(content))
    with pytest.raises(frozen.AlteredError) as refused:
        compare("1.0", "1.1", folders=folders)
    assert str(refused.value) == f"1.0/{name}: was altered after publication"
    assert refused.value.exit_code == 1


def test_missing_and_added_files_are_named_in_both_versions(
    two: Callable[..., Comparison], root: Path, folders: Folders
) -> None:
    two()
    (root / "reports/published/1.0/data.csv").unlink()
    (root / "reports/published/1.1/results/extra.csv").write_text("x\n", encoding="utf-8")
    with pytest.raises(frozen.AlteredError) as refused:
        compare("1.0", "1.1", folders=folders)
    assert str(refused.value).splitlines() == [
        "1.0/data.csv: is missing",
        "1.1/results/extra.csv: was added after publication",
    ]


def test_a_number_altered_together_with_its_checksum_is_shown_by_the_listing(
    two: Callable[..., Comparison], root: Path, folders: Folders, alter: Callable[[Path, bytes], None]
) -> None:
    two()
    folder = root / "reports/published/1.0"
    path = folder / "results/province-10000/10-a/vacancies.csv"
    alter(path, path.read_bytes().replace(b"4420", b"4421"))
    (folder / "SHA256SUMS").chmod(0o644)
    frozen.write_sums(folder)
    with pytest.raises(frozen.AlteredError, match=r"^1\.0/SHA256SUMS: is not the file that was published$"):
        compare("1.0", "1.1", folders=folders)


def test_a_version_whose_folder_is_gone_is_named(two: Callable[..., Comparison], root: Path, folders: Folders) -> None:
    two()
    (root / "reports/published/1.0").rename(root / "elsewhere")
    with pytest.raises(frozen.AlteredError, match=r"1\.0: the published version is missing"):
        compare("1.0", "1.1", folders=folders)


def test_unknown_versions_and_a_version_with_itself_are_refused(
    two: Callable[..., Comparison], folders: Folders
) -> None:
    two()
    with pytest.raises(InputError, match=r"unknown value '1\.2'.*1\.0, 1\.1"):
        compare("1.0", "1.2", folders=folders)
    with pytest.raises(InputError, match="two different versions"):
        compare("1.0", "1.0", folders=folders)
    with pytest.raises(InputError, match="version: must be 1 to 32 letters"):
        compare("../1.0", "1.1", folders=folders)


def test_before_anything_was_published_there_is_nothing_to_compare(root: Path, folders: Folders) -> None:
    with pytest.raises(InputError, match=r"nothing was published, got '1\.0'"):
        compare("1.0", "1.1", folders=folders)
