"""Laws on a finished run: each holds on good output and is broken by the fault it is for."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from studie.batch import laws
from studie.batch.extract import MIME
from studie.batch.inputs import Folders, read_inputs
from studie.data import catalogue
from studie.disclosure import rules

KEYS = ["from_step", "to_step"]
COLUMNS = [*KEYS, "quantity", "estimate", "lower", "upper", "n", "unit", "data_status"]
ROWS = [
    ["1", "1", "transition_probability", 0.9, 0.85, 0.95, 1000, "probability", "observed"],
    ["1", "2", "transition_probability", 0.1, 0.05, 0.15, 1000, "probability", "observed"],
]
ITEM = {"kind": "figure", "name": "transition_matrix", "alt": "Een matrix.", "uses": ["ladder_panel"]}


@pytest.fixture(autouse=True)
def small_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demonstration data of the smallest size."""
    monkeypatch.setenv("STUDIE_DEMONSTRATION_SIZE", "tiny")


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """A run of one region with one chapter, one result table and one report."""
    folder = tmp_path / "build" / "20260101-000000-aaaaaaaa"
    (folder / "province-10000" / "results").mkdir(parents=True)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "x.pdf").write_bytes(b"pdf")
    (tmp_path / "reports" / "x.html").write_bytes(b"page")
    report = {"state": "done", "file": "reports/x.pdf", "sha256": hashlib.sha256(b"pdf").hexdigest()}
    report |= {"page": "reports/x.html", "page_sha256": hashlib.sha256(b"page").hexdigest()}
    (folder / "manifest.json").write_text(json.dumps({"reports": {"x pdf": report}}), encoding="utf-8")
    write_frame(folder, pd.DataFrame(ROWS, columns=COLUMNS))
    write_item(folder, ITEM)
    return folder


def write_frame(folder: Path, frame: pd.DataFrame) -> None:
    frame.to_parquet(folder / "province-10000" / "results" / "transition_matrix.parquet")


def write_item(folder: Path, item: dict[str, Any]) -> None:
    node = {"cells": [{"cell_type": "code", "outputs": [{"data": {MIME: item}}]}]}
    (folder / "province-10000" / "20-doorstroom.ipynb").write_text(json.dumps(node), encoding="utf-8")


def changed(row: int, **values: Any) -> pd.DataFrame:
    frame = pd.DataFrame(ROWS, columns=COLUMNS)
    for column, value in values.items():
        frame.loc[row, column] = value
    return frame


def broken(folder: Path) -> dict[str, str]:
    results = laws.check_run(folder, folders=Folders(root=folder.parents[1]))
    return {r.name: r.text for r in results if r.outcome == "broken"}


def test_good_output_obeys_every_law(finished: Path) -> None:
    assert broken(finished) == {}
    assert "9 of 9 laws hold" in (finished / "laws.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("frame", "law", "said"),
    [
        (changed(0).drop(columns="unit"), "result tables have their columns", "column unit is missing"),
        (changed(0, data_status=None), "result tables have their columns", "data_status is empty in 1 rows"),
        (changed(1, lower=0.11), "intervals hold their estimate", "estimate 0.1 is outside"),
        (changed(1, upper=0.09), "intervals hold their estimate", "estimate 0.1 is outside"),
        (changed(1, estimate=0.12), "shares of next steps add up to one", "shares add up to 1.02"),
        (changed(1, n=9), "no person can be counted out", "row 2"),
        (changed(1, n=80), "no person can be counted out", "row 2"),
        (changed(0, estimate=9.0, lower=9.0, upper=9.0, unit="persons"), "no person can be counted out", "row 1"),
    ],
)
def test_a_broken_result_table_breaks_its_law(finished: Path, frame: pd.DataFrame, law: str, said: str) -> None:
    write_frame(finished, frame)
    assert said in broken(finished)[law]


def hide(frame: pd.DataFrame, *rows: int) -> pd.DataFrame:
    """Frame whose rows are suppressed."""
    frame = frame.reset_index(drop=True)
    status = ["suppressed" if i in rows else "published" for i in range(len(frame))]
    hidden = frame.assign(cell_status=status)
    hidden.loc[list(rows), ["estimate", "lower", "upper", "n"]] = None
    return hidden


def matrix(*shares: float) -> pd.DataFrame:
    rows = [
        ["1", str(i), "transition_probability", p, 0.0, 1.0, 1000, "probability", "observed"]
        for i, p in enumerate(shares)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def curve(quantity: str, *shares: float) -> pd.DataFrame:
    rows = [[float(i), quantity, p, 0.0, 1.0, 1000, "probability", "observed"] for i, p in enumerate(shares, start=11)]
    return pd.DataFrame(rows, columns=["time", *COLUMNS[2:]])


def test_two_suppressed_rows_with_enough_persons_break_no_law(finished: Path) -> None:
    write_frame(finished, hide(matrix(0.9, 0.004, 0.02, 0.076), 1, 2))
    assert broken(finished) == {}


BOUND = "relapse_if_all_out_of_sight"


def test_of_expected_numbers_only_the_persons_are_counts(finished: Path) -> None:
    drawn = changed(0, estimate=0.001, lower=0.001, upper=0.15).assign(n_of=rules.OTHERS)
    write_frame(finished, drawn)
    assert "no person can be counted out" not in broken(finished)
    write_frame(finished, changed(0, estimate=90.0, lower=90.0, upper=91.0, unit="moves").assign(n_of=rules.OTHERS))
    assert "no person can be counted out" not in broken(finished)
    small = changed(0, estimate=9.0, lower=8.0, upper=11.0, unit="persons").assign(n_of=rules.OTHERS)
    write_frame(finished, small)
    assert "row 1" in broken(finished)["no person can be counted out"]
    write_frame(finished, drawn.assign(n_of=["", rules.OTHERS]))
    assert "row 1" in broken(finished)["no person can be counted out"]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (hide(matrix(0.9, 0.004, 0.096), 1), "follows from the rest of the row: 4.0"),
        (hide(matrix(0.9, 0.03, 0.07), 1), "follows from the rest of the row: 30.0"),
        (hide(matrix(0.9, 0.004, 0.003, 0.093), 1, 2), "follows from the rest of the row: 7.0"),
        (curve("relapse", 0.1, 0.104), "4.0 events until time 12"),
        (pd.concat([curve("relapse", 0.1), curve(BOUND, 0.104)]), "out of sight at time 11 follows"),
        (
            hide(pd.concat([curve("relapse", 0.1), curve(BOUND, 0.14), curve("out_of_sight", 0.04)]), 2),
            "out of sight at time 11 follows",
        ),
        (pd.concat([curve("relapse", 0.1, 0.12), curve(BOUND, 0.14, 0.164)]), "a few more out of sight at time 12"),
        (changed(1, persons=9), "row 2 states"),
        (changed(1, cell_persons=9), "row 2 states"),
        (changed(0, estimate=50.0, lower=50.0, upper=54.0, unit="persons"), "row 1 states"),
    ],
)  # fmt: skip
def test_a_planted_leak_breaks_the_law_of_small_counts(finished: Path, frame: pd.DataFrame, said: str) -> None:
    write_frame(finished, frame)
    assert said in broken(finished)["no person can be counted out"]


def disclosed(folder: Path) -> dict[str, laws.CheckResult]:
    folders = Folders(root=folder.parents[1])
    return laws.disclosure(folder, folders=folders, basis=laws.Basis.of(read_inputs(folders)))


def test_laws_that_held_are_not_tested_again_until_what_they_read_changes(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = disclosed(finished)
    assert not any(result.broken for result in first.values())
    tested = []
    for name in laws.DISCLOSURE:
        things, law = laws.LAWS[name]
        monkeypatch.setitem(laws.LAWS, name, (things, lambda o, n=name, law=law: tested.append(n) or law(o)))
    assert disclosed(finished) == first and tested == [laws.NAMED]
    write_frame(finished, changed(1, persons=9))
    for _ in range(2):  # a verdict that is not good is never kept
        tested.clear()
        assert disclosed(finished)["no person can be counted out"].broken
        assert tested == [*laws.DISCLOSURE]
    write_frame(finished, pd.DataFrame(ROWS, columns=COLUMNS))
    with (finished / "log.jsonl").open("w", encoding="utf-8") as log:
        log.write(f"{next(iter(read_persons()))}\n")
    assert disclosed(finished)[laws.NAMED].broken


def read_persons() -> list[str]:
    return list(catalogue.read("ladder_panel").frame["person_id"].astype(str))


def test_a_verdict_on_something_that_changed_meanwhile_is_not_kept(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = Folders(root=finished.parents[1])
    before = laws.Basis.of(read_inputs(folders))
    (folders.data / "own").mkdir(parents=True)
    (folders.data / "own" / "need.csv").write_text("x", encoding="utf-8")
    assert not any(r.broken for r in laws.disclosure(finished, folders=folders, basis=before).values())
    assert not list((folders.cache / laws.VERDICTS).glob("*"))
    after = laws.Basis.of(read_inputs(folders))
    monkeypatch.setattr(laws, "code_address", lambda wanted: "code of another moment")
    laws.disclosure(finished, folders=folders, basis=after)
    assert not list((folders.cache / laws.VERDICTS).glob("*"))


def test_a_run_does_not_fail_because_a_verdict_cannot_be_kept(finished: Path) -> None:
    (finished.parent / "cache").mkdir()
    (finished.parent / "cache" / laws.VERDICTS).write_text("a file", encoding="utf-8")
    assert not any(result.broken for result in disclosed(finished).values())


@pytest.mark.parametrize(
    "broken", ["", "[]", "{", '{"no person can be counted out": "x"}', '{"no text tells a small count": Infinity}']
)
def test_a_verdict_that_cannot_be_read_is_none(finished: Path, broken: str) -> None:
    disclosed(finished)
    (kept,) = (finished.parent / "cache" / laws.VERDICTS).iterdir()
    kept.write_text(broken, encoding="utf-8")
    write_frame(finished, pd.DataFrame(ROWS, columns=COLUMNS))
    assert not any(result.broken for result in disclosed(finished).values())
    assert json.loads(kept.read_text(encoding="utf-8"))


def test_a_leak_in_another_frame_of_the_same_name_is_found(finished: Path) -> None:
    leak = changed(1, n=9)
    leak.to_parquet(finished / "province-10000" / "results" / "transition_matrix-2.parquet")
    assert "transition_matrix-2" in broken(finished)["no person can be counted out"]


def published(**values: float) -> pd.DataFrame:
    rows = [[r, "2024", "cmw_waiting", v, None, None, None, "personen", "observed"] for r, v in values.items()]
    return pd.DataFrame(rows, columns=["region", "period", *COLUMNS[2:]]).astype(
        {"lower": float, "upper": float, "n": float}
    )


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (published(elders=3, brussel=14, total=17), "row 1 states"),
        (hide(published(elders=3, brussel=14, total=17), 0), "the one hidden figure follows"),
    ],
)
def test_small_published_counts_are_not_repeated(finished: Path, frame: pd.DataFrame, said: str) -> None:
    write_item(finished, ITEM | {"uses": ["cmw_waiting"]})
    write_frame(finished, frame)
    assert said in broken(finished)["no person can be counted out"]


def test_few_observations_that_are_not_persons_break_no_law(finished: Path) -> None:
    write_item(finished, ITEM | {"uses": ["vacancy"]})
    write_frame(finished, changed(1, n=9))
    assert broken(finished) == {}


def test_a_share_of_draws_tells_no_count_of_persons(finished: Path) -> None:
    few = changed(1, estimate=0.002, lower=0.001, upper=0.003)
    write_frame(finished, few)
    assert "rests on fewer" in broken(finished)["no person can be counted out"]
    write_frame(finished, few.assign(n_of=rules.OTHERS))
    assert "no person can be counted out" not in broken(finished)


def test_a_figure_without_words_breaks_its_law(finished: Path) -> None:
    write_item(finished, ITEM | {"alt": " "})
    assert "figure transition_matrix has no alt text" in broken(finished)["figures have alt text"]


@pytest.mark.parametrize("kind", ["pdf", "html"])
@pytest.mark.parametrize(("content", "said"), [(b"other", "is another file"), (None, "is not there")])
def test_another_or_a_missing_report_breaks_its_law(
    finished: Path, content: bytes | None, said: str, kind: str
) -> None:
    path = finished.parents[1] / "reports" / f"x.{kind}"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert said in broken(finished)["reports are as the manifest says"]


def test_the_page_shows_what_broke_a_law_and_runs_nothing(finished: Path) -> None:
    write_item(finished, ITEM | {"alt": "", "name": "<script>"})
    assert broken(finished)
    text = (finished / "laws.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in text
    assert "<script>" not in text


def test_a_run_without_output_holds_no_law(finished: Path) -> None:
    shutil.rmtree(finished / "province-10000")
    (finished / "manifest.json").write_text('{"reports": {}}', encoding="utf-8")
    results = laws.check_run(finished, folders=Folders(root=finished.parents[1]))
    assert [r.text for r in results] == [f"{r.name}: nothing to test" for r in results]
    assert laws.tally(results) == "0 of 9 laws hold, 9 had nothing to test"
    assert "0 of 9 laws hold, 9 had nothing to test" in (finished / "laws.html").read_text(encoding="utf-8")
