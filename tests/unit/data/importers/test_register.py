"""`studie data import kbo`: a full extract and its updates in the user's own tables, as the command leaves them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from studie import cli
from studie.data import catalogue, contracts
from studie.data.definitions import CONTRACTS

ROOT = Path(__file__).resolve().parents[4]
Rows = list[list[str]]
Write = Callable[..., Path]
MEMBERS = ("enterprise", "establishment", "denomination", "address", "activity")


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study with the published tables, empty demonstration tables and no own ones."""
    for folder in ("observed", "reference"):
        shutil.copytree(ROOT / "data" / folder, tmp_path / "data" / folder)
    shutil.copy(ROOT / "data" / "sources.csv", tmp_path / "data" / "sources.csv")
    demonstration = tmp_path / "data" / "demonstration" / "tiny"
    demonstration.mkdir(parents=True)
    for name, rules in CONTRACTS.items():
        if rules.demonstrated:
            contracts.empty(name).to_parquet(demonstration / f"{name}.parquet")
    monkeypatch.setenv("STUDIE_ROOT", str(tmp_path))
    monkeypatch.setenv("STUDIE_DEMONSTRATION_SIZE", "tiny")
    return tmp_path


def call(capsys: pytest.CaptureFixture[str], path: Path) -> tuple[int, list[str], list[str]]:
    """Exit code and lines of an import."""
    with pytest.raises(SystemExit) as end:
        cli.main(["data", "import", "kbo", str(path)])
    said = capsys.readouterr()
    return int(end.value.code or 0), said.out.splitlines(), said.err.splitlines()


def own(study: Path) -> dict[str, bytes]:
    """Content of the own tables."""
    return {path.name: path.read_bytes() for path in (study / "data" / "own").glob("*.parquet")}


def table(study: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(study / "data" / "own" / f"{name}.parquet")


def update(number: int, day: str = "01-07-2025", **records: Rows) -> dict[str, Rows]:
    """Members of an update; those not given are empty."""
    meta = [["SnapshotDate", day], ["ExtractType", "update"], ["ExtractNumber", str(number)]]
    empty: dict[str, Rows] = {f"{m}_{way}": [] for m in MEMBERS for way in ("delete", "insert")}
    return {"meta": meta, "code": [["JuridicalForm", "017", "NL", "Vereniging zonder winstoogmerk"]]} | empty | records


def numbers(register: dict[str, Rows]) -> tuple[list[str], list[str]]:
    """Numbers of the enterprises and the establishments."""
    return [r[0] for r in register["enterprise"]], [r[0] for r in register["establishment"]]


def test_a_full_extract_and_its_update_become_the_own_tables(
    capsys: pytest.CaptureFixture[str], study: Path, kbo_zip: Write, full_register: dict[str, Rows]
) -> None:
    (vzw, *_), (first, _, _, fourth) = numbers(full_register)
    code, out, err = call(capsys, kbo_zip(full_register))
    assert (code, err, out[-1]) == (0, [], "29 rows read = 19 taken + 10 rejected")
    assert set(table(study, "establishment")["source"]) == {"KBO open data, extract 140 of 2025-06-30"}
    changed = update(
        141,
        establishment_delete=[[fourth]],
        denomination_delete=[[vzw]],
        denomination_insert=[[vzw, "2", "001", "De Nieuwe Poort"]],
        address_delete=[[fourth]],
    )
    code, out, err = call(capsys, kbo_zip(changed, name="Update_0141.zip"))
    assert (code, err) == (0, [])
    assert out[-4:] == [
        "enterprise: 0 rows new, 1 changed, 1 as they were, 1 taken away",
        "establishment: 0 rows new, 1 changed, 1 as they were, 1 taken away",
        "activity: 0 rows new, 0 changed, 6 as they were",
        "4 rows read = 4 taken + 0 rejected",
    ]
    establishments = table(study, "establishment").set_index("establishment_number")
    assert fourth not in establishments.index
    assert establishments.loc[first, "name"] == "De Nieuwe Poort"
    for name in ("enterprise", "establishment", "activity"):
        assert set(table(study, name)["source"]) == {"KBO open data, extract 141 of 2025-07-01"}
    assert catalogue.check() == []


def test_an_update_without_anything_of_the_province_counts_as_applied(
    capsys: pytest.CaptureFixture[str], study: Path, kbo_zip: Write, full_register: dict[str, Rows]
) -> None:
    call(capsys, kbo_zip(full_register))
    assert call(capsys, kbo_zip(update(141), name="u141.zip"))[0] == 0
    assert call(capsys, kbo_zip(update(142), name="u142.zip"))[0] == 0
    assert set(table(study, "enterprise")["source"]) == {"KBO open data, extract 142 of 2025-07-01"}


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (140, "u.zip: extract 140 is in the tables already; nothing changes"),
        (139, "u.zip: must be newer than extract 140 in the tables, got 139"),
        (143, "u.zip: must follow extract 140 in the tables, got 143; first apply 141, 142"),
    ],
)
def test_an_update_that_does_not_follow_is_one_line_and_changes_no_byte(
    capsys: pytest.CaptureFixture[str], study: Path, kbo_zip: Write, full_register: dict[str, Rows],
    number: int, line: str,
) -> None:  # fmt: skip
    call(capsys, kbo_zip(full_register))
    before = own(study)
    assert call(capsys, kbo_zip(update(number), name="u.zip")) == (2, [], [f"error: {line}"])
    assert own(study) == before


def test_an_update_before_any_full_extract_is_refused(
    capsys: pytest.CaptureFixture[str], study: Path, kbo_zip: Write
) -> None:
    code, out, err = call(capsys, kbo_zip(update(141), name="u.zip"))
    assert (code, out) == (2, [])
    assert err == [
        "error: u.zip: is the update to extract 141, and no extract is in the tables; import a full extract first"
    ]


def test_a_full_extract_twice_changes_nothing_and_an_older_one_is_refused(
    capsys: pytest.CaptureFixture[str], study: Path, kbo_zip: Write, full_register: dict[str, Rows]
) -> None:
    call(capsys, kbo_zip(full_register))
    before = own(study)
    assert call(capsys, kbo_zip(full_register))[0] == 0
    assert own(study) == before
    call(capsys, kbo_zip(update(141), name="u.zip"))
    before = own(study)
    code, _, err = call(capsys, kbo_zip(full_register, name="old.zip"))
    assert (code, err) == (2, ["error: old.zip: must be extract 141 or newer, as in the tables, got 140"])
    assert own(study) == before


def test_a_newer_full_extract_takes_away_what_is_no_longer_in_it(
    capsys: pytest.CaptureFixture[str], study: Path, kbo_zip: Write, full_register: dict[str, Rows]
) -> None:
    _, (first, second, _, fourth) = numbers(full_register)
    call(capsys, kbo_zip(full_register))
    full_register["meta"][3][1] = "150"
    for member in MEMBERS:
        full_register[member] = [row for row in full_register[member] if row[0] != fourth]
    call(capsys, kbo_zip(full_register, name="next.zip"))
    assert set(table(study, "establishment")["establishment_number"]) == {first, second}


def test_what_another_table_refers_to_stays_when_it_leaves_the_register(
    capsys: pytest.CaptureFixture[str], study: Path, kbo_zip: Write, full_register: dict[str, Rows]
) -> None:
    (*_, person), (*_, fourth) = numbers(full_register)
    call(capsys, kbo_zip(full_register))
    offer = pd.DataFrame(
        {
            "establishment_number": [fourth], "work_form": ["AMA"], "activity": ["groen"],
            "date": ["2025-01-01"], "places": [5], "filled_persons": [None], "filled_vte": [None],
            "status": ["counted"],
        }
    )  # fmt: skip
    offer.to_csv(study / "data" / "own" / "offer.csv", index=False)
    assert catalogue.check() == []
    closed = update(141, enterprise_delete=[[person]], establishment_delete=[[fourth]])
    code, out, _ = call(capsys, kbo_zip(closed, name="u.zip"))
    assert code == 0
    assert (
        "note: establishment: 1 rows left the register and stay, because another source gave them too or another of "
        f"your tables refers to them: {fourth}"
    ) in out
    assert person in set(table(study, "enterprise")["enterprise_number"])
    assert fourth in set(table(study, "establishment")["establishment_number"])
    assert catalogue.check() == []


def test_what_another_source_knows_of_a_row_survives_every_extract(
    capsys: pytest.CaptureFixture[str], study: Path, kbo_zip: Write, full_register: dict[str, Rows]
) -> None:
    (_, shop, *_), _ = numbers(full_register)
    own_row = {"enterprise_number": ["eigen:1", shop], "name": ["Eigen", "Winkel"], "form": ["andere", "andere"],
               "joint_committee": ["327.01", "327.01"], "refnis": [12025, 12025]}  # fmt: skip
    (study / "data" / "own").mkdir()
    pd.DataFrame(own_row).assign(source="werkboek", retrieved="2026-01-01").to_csv(
        study / "data" / "own" / "enterprise.csv", index=False
    )
    call(capsys, kbo_zip(full_register))
    call(capsys, kbo_zip(update(141), name="u.zip"))
    found = pd.read_csv(study / "data" / "own" / "enterprise.csv", dtype=str).set_index("enterprise_number")
    assert found.loc["eigen:1", "source"] == "werkboek"
    assert found.loc[shop, ["joint_committee", "refnis"]].tolist() == ["327.01", "12025"]
    assert found.loc[shop, "name"] == "Winkel België"
    assert found.loc[shop, "source"] == "KBO open data, extract 141 of 2025-07-01; werkboek"


def test_the_answer_as_json_says_how_many_records_were_rejected_and_where_all_stand(
    capsys: pytest.CaptureFixture[str], study: Path, kbo_zip: Write, full_register: dict[str, Rows]
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["data", "import", "kbo", str(kbo_zip(full_register)), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert (said["rejected_in_all"], len(said["rejected"])) == (10, 10)
    assert len(pd.read_csv(said["list_of_rejected"])) == 10


def test_an_update_killed_while_it_reads_leaves_the_extract_before(
    capsys: pytest.CaptureFixture[str], study: Path, kbo_zip: Write, full_register: dict[str, Rows]
) -> None:
    call(capsys, kbo_zip(full_register))
    before = own(study)
    path = kbo_zip(update(141), name="u.zip")
    script = (
        "import os, sys; from pathlib import Path; from studie.data.importers import register\n"
        "register.replace = lambda *_: os._exit(9)\n"
        "register.store_extract(Path(sys.argv[1]), name='u', retrieved='2026-01-01')"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(path)], env={**os.environ}, check=False)
    assert ended.returncode == 9
    assert own(study) == before
    assert call(capsys, path)[0] == 0
