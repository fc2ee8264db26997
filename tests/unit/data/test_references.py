"""Rows that refer to a row that is not there: found, listed, and never mixed with invented ones."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from studie.data import catalogue, contracts
from studie.data.definitions import CONTRACTS
from studie.errors import InputError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A study of its own with the tiny demonstration data."""
    shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("own", "default"))
    (tmp_path / "data" / "own").mkdir()
    monkeypatch.setenv("STUDIE_ROOT", str(tmp_path))
    monkeypatch.setenv("STUDIE_DEMONSTRATION_SIZE", "tiny")
    yield tmp_path


def own(study: Path, table: str, rows: list[dict[str, object]]) -> Path:
    path = study / "data" / "own" / f"{table}.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def offer(number: str, *, work_form: str = "CMW") -> dict[str, object]:
    return {
        "establishment_number": number,
        "work_form": work_form,
        "activity": "montage",
        "date": "2025-12-31",
        "places": 4,
        "filled_persons": 3,
        "filled_vte": 2.5,
        "status": "counted",
    }


def firm(number: str) -> dict[str, object]:
    return {"enterprise_number": number, "name": "Werk", "form": "maatwerkbedrijf", "joint_committee": "327.01"}


def place(number: str, enterprise: str) -> dict[str, object]:
    return {
        "establishment_number": number,
        "enterprise_number": enterprise,
        "name": "Werk",
        "refnis": 12025,
        "nace_code": "88993",
        "nace_version": 2025,
    }


def test_every_reference_names_columns_of_tables_that_exist() -> None:
    for table, rules in CONTRACTS.items():
        for reference in rules.references:
            assert set(reference.columns) <= set(rules.names)
            for parent, columns in reference.parents:
                assert len(columns) == len(reference.columns)
                assert set(columns) <= set(CONTRACTS[parent].names)
                kinds = {c.name: c.kind for c in CONTRACTS[parent].columns}
                own_kinds = {c.name: c.kind for c in rules.columns}
                assert [kinds[c] for c in columns] == [own_kinds[c] for c in reference.columns], table
                if not reference.through:
                    assert CONTRACTS[parent].key == columns


def test_an_orphan_is_named_with_its_row_column_value_and_parent() -> None:
    frame = pd.DataFrame([firm("a") | {"enterprise_number": n, "establishment_number": n} for n in ("a", "b", "c")])
    parents = {"enterprise": pd.DataFrame({"enterprise_number": ["a", "c"]})}
    lost = contracts.orphans(frame, "establishment", parents=parents)
    assert lost.to_dict("records") == [{"row": 1, "column": "enterprise_number", "value": "b", "parent": "enterprise"}]


def test_an_empty_reference_refers_to_nothing_and_one_of_several_parents_is_enough() -> None:
    frame = pd.DataFrame({"entity_number": ["e1", "v1", "x", ""]})
    parents = {
        "enterprise": pd.DataFrame({"enterprise_number": ["e1"]}),
        "establishment": pd.DataFrame({"establishment_number": ["v1"]}),
    }
    lost = contracts.orphans(frame, "activity", parents=parents)
    assert lost[["row", "value", "parent"]].to_numpy().tolist() == [[2, "x", "enterprise or establishment"]]


def test_a_table_without_references_has_no_orphans() -> None:
    assert contracts.orphans(pd.DataFrame({"loan_id": ["1"]}), "loan", parents={}).empty


def test_an_own_offer_of_an_unknown_establishment_is_refused_by_row(study: Path) -> None:
    own(study, "enterprise", [firm("0400.000.001")])
    own(study, "establishment", [place("2.000.000.001", "0400.000.001")])
    own(study, "offer", [offer("2.000.000.001"), offer("2.000.000.009")])
    expected = (
        "data/own/offer.csv: row 3, column establishment_number: must stand in establishment, got '2.000.000.009'"
    )
    with pytest.raises(InputError) as caught:
        catalogue.read("offer")
    assert caught.value.problems == (expected,)
    assert catalogue.check() == [expected]


def test_an_own_offer_never_rests_on_an_invented_establishment_and_is_told_so(study: Path) -> None:
    invented = catalogue.read("establishment").frame["establishment_number"].iloc[0]
    own(study, "offer", [offer(invented)])
    with pytest.raises(InputError, match="which only the demonstration data hold; an own row rests on own rows only"):
        catalogue.read("offer")


def test_check_lists_every_orphan_and_not_only_the_first_twenty(study: Path) -> None:
    own(study, "offer", [offer(f"2.000.000.{k:03d}") for k in range(30)])
    found = [line for line in catalogue.check() if line.startswith("data/own/offer.csv")]
    assert len(found) == 30
    with pytest.raises(InputError) as caught:
        catalogue.read("offer")
    assert len(caught.value.problems) == 21
    assert caught.value.problems[-1] == "data/own/offer.csv: and 10 more problems"


def test_invented_rows_go_with_the_invented_parents_that_an_extract_replaced(study: Path) -> None:
    before = len(catalogue.read("offer_target_group").frame)
    own(study, "enterprise", [firm("0400.000.001")])
    own(study, "establishment", [place("2.000.000.001", "0400.000.001")])
    assert before > 0
    assert catalogue.read("offer").frame.empty
    assert catalogue.read("offer_target_group").frame.empty
    assert catalogue.check() == []
    assert len(catalogue.read("offer_target_group", data="demonstration").frame) == before


def test_replacing_only_the_enterprises_takes_the_invented_establishments_and_offers_with_them(study: Path) -> None:
    own(study, "enterprise", [firm("0400.000.001")])
    assert catalogue.read("establishment").frame.empty
    assert catalogue.read("offer").frame.empty
    assert catalogue.check() == []


def test_demonstration_rows_that_do_not_fit_together_are_refused(study: Path) -> None:
    path = study / "data" / "demonstration" / "tiny" / "establishment.parquet"
    pd.read_parquet(path).iloc[1:].to_parquet(path)
    with pytest.raises(InputError, match=r"offer\.parquet: row \d+, column establishment_number: must stand in"):
        catalogue.read("offer")


def test_an_unknown_work_form_is_refused(study: Path) -> None:
    own(study, "enterprise", [firm("0400.000.001")])
    own(study, "establishment", [place("2.000.000.001", "0400.000.001")])
    own(study, "offer", [offer("2.000.000.001", work_form="CWM")])
    with pytest.raises(InputError, match="column work_form: must stand in work_form, got 'CWM'"):
        catalogue.read("offer")


def test_a_parquet_extract_counts_its_rows_from_one(study: Path) -> None:
    path = own(study, "offer", [offer("x")])
    frame = pd.read_csv(path)
    path.unlink()
    frame.to_parquet(path.with_suffix(".parquet"))
    with pytest.raises(InputError, match=r"data/own/offer\.parquet: row 1, column establishment_number"):
        catalogue.read("offer")


def test_every_request_for_data_names_a_table_of_the_study(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIE_ROOT", str(ROOT))
    requests = catalogue.read("data_request", data="own").frame
    assert set(requests["table"]) <= set(CONTRACTS)
    assert {"ladder_panel", "offer", "offer_target_group", "need", "vacancy"} <= set(requests["table"])


def test_the_shares_of_an_occupation_never_exceed_one_and_are_marked_as_an_assumption(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STUDIE_ROOT", str(ROOT))
    crosswalk = catalogue.read("occupation_sector", data="own").frame
    assert crosswalk.groupby("occupation_group")["share"].sum().max() <= 1 + 1e-12
    assert set(crosswalk["source"]) == {"aanname van de studie"}
