"""The list of sources is held to the files, and the observed figures to the transcription behind them."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from studie.data import catalogue, sources

ROOT = Path(__file__).resolve().parents[2]
FACTS = ROOT.parent / "shared" / "facts"
OBSERVED = sorted((ROOT / "data" / "observed").glob("*.csv"))

transcription = pytest.mark.skipif(not FACTS.is_dir(), reason="shared/facts is not beside this checkout")


@pytest.fixture(autouse=True)
def _this_checkout(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The study is this checkout, wherever the tests are started."""
    monkeypatch.setenv("STUDIE_ROOT", str(ROOT))
    yield


def facts(name: str) -> pd.DataFrame:
    return pd.read_csv(FACTS / f"{name}.csv")


def rows(name: str) -> pd.DataFrame:
    return pd.read_csv(ROOT / "data" / "observed" / f"{name}.csv")


def values(name: str) -> list[float]:
    return sorted(rows(name)["value"].astype(float))


def test_every_listed_file_has_the_checksum_and_the_rows_that_the_list_says() -> None:
    with (ROOT / "data" / "sources.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            content = (ROOT / row["file"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == row["sha256"], row["file"]
            if row["file"].endswith(".csv"):
                assert len(list(csv.DictReader(content.decode().splitlines()))) == int(row["rows"]), row["file"]


def test_every_observed_and_reference_file_is_listed() -> None:
    assert sources.unlisted({d.file for d in sources.read_sources()}) == []


def test_every_dataset_says_publisher_licence_and_address_or_that_it_is_not_known() -> None:
    for dataset in sources.read_sources():
        for field in ("title", "publisher", "licence", "url", "retrieved", "used_by"):
            assert getattr(dataset, field), f"{dataset.dataset_id}: {field}"


@pytest.mark.parametrize("path", OBSERVED, ids=lambda p: p.stem)
def test_every_observed_row_has_a_source_of_its_own_and_the_day_of_transcription(path: Path) -> None:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert (frame["source"] != "").all()
    assert (frame["retrieved"] == "2026-11-23").all()
    texts = frame.map(str.lower).to_numpy().ravel()
    assert not [text for text in texts if text == "idem" or text.startswith("idem;") or text.startswith("idem ")]


@pytest.mark.parametrize("table", [t for t in catalogue.TABLES if t not in ("ladder_panel", "need")])
def test_the_observed_rows_of_every_table_keep_its_contract(table: str) -> None:
    catalogue.read(table, data="own")


@transcription
def test_the_conversion_gives_exactly_the_committed_files(tmp_path: Path) -> None:
    script = ROOT / "scripts" / "observed.py"
    subprocess.run([sys.executable, str(script), str(FACTS), str(tmp_path)], check=True, capture_output=True)
    made = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*.csv"))
    assert len(made) == 28
    for path in made:
        assert (tmp_path / path).read_bytes() == (ROOT / path).read_bytes(), path


@transcription
def test_inhabitants_are_those_of_the_transcription() -> None:
    table = facts("municipalities_2019_2024").set_index("refnis")
    people = rows("population").pivot_table(index="refnis", columns="year", values="inhabitants")
    for year in (2019, 2020):
        assert people[year].to_dict() == table[f"inhabitants_{year}"].to_dict()
    assert people[2020].sum() == 1_869_730


@transcription
def test_the_construction_vacancies_are_those_of_the_transcription() -> None:
    table = facts("vdab_construction_vacancies_monthly")
    frame = rows("vacancy")
    assert frame["period"].tolist() == [day[:7] for day in table["period_end"]]
    assert frame["open"].tolist() == table["open_vacatures"].tolist()
    assert frame["received"].tolist() == table["ontvangen_vacatures"].tolist()
    assert frame["filled"].isna().all()
    assert frame[["period", "open"]].iloc[-1].tolist() == ["2026-04", 4420]
    assert set(frame["region"]) == {"region:02000"}


@transcription
def test_the_waiting_are_those_of_the_transcription() -> None:
    table = facts("cmw_waiting_by_province")
    frame = rows("cmw_waiting")
    assert sorted(table.drop(columns="jaar").to_numpy().ravel()) == sorted(frame["value"])
    of_province = frame[frame["region"] == "province:10000"].set_index("period")["value"]
    assert of_province.to_dict() == table.set_index("jaar")["Antwerpen"].to_dict()
    assert of_province[2024] == 1083
    assert frame[frame["region"] == "province:10000"]["note"].str.contains("Zwijndrecht").all()


@transcription
def test_the_contingent_is_that_of_the_transcription() -> None:
    table = facts("cmw_contingent_flanders")
    frame = rows("cmw_contingent")
    wide = frame.pivot_table(index="period", columns="indicator_id", values="value")
    assert wide.index.tolist() == [period.replace(" K", "-Q") for period in table["periode"]]
    assert wide["cmw_granted_vte"].tolist() == table["cmw_aantal_toegekend_vte"].tolist()
    assert wide["cmw_filled_vte"].tolist() == table["cmw_aantal_vte"].tolist()
    assert wide["cmw_establishments"].tolist() == table["aantal_vestigingen"].tolist()


@transcription
@pytest.mark.parametrize(
    ("name", "transcribed", "columns"),
    [
        ("social_economy", "social_economy_series_flanders", ["waarde"]),
        ("cost", "costs", ["value"]),
        ("household", "households_2010_2040", ["households"]),
        ("establishment_unit", "establishment_units_2018_2023", ["establishment_units"]),
        ("published_flow", "published_flows", ["value"]),
        (
            "statbel_transition",
            "statbel_status_transitions",
            ["naar_werkend_pct", "naar_werkloos_pct", "naar_inactief_pct"],
        ),
        (
            "statbel_vacancy",
            "statbel_vacancies_quarterly",
            ["vacatures_BE", "vacaturegraad_BE_pct", "vacaturegraad_Vlaams_Gewest_pct"],
        ),
        ("statbel_vacancy_sector", "statbel_vacancies_by_sector", ["vacatures_BE", "vacaturegraad_pct"]),
    ],
)
def test_every_transcribed_figure_stands_in_the_observed_file_and_no_other(
    name: str, transcribed: str, columns: list[str]
) -> None:
    figures = facts(transcribed)[columns].to_numpy(float).ravel()
    assert values(name) == sorted(figures[~np.isnan(figures)])


@transcription
def test_every_published_level_is_in_the_indicators() -> None:
    indicator = catalogue.read("indicator", data="own").frame
    known = set(indicator["value"])
    stated = [str(value).split(" / ") for value in facts("published_levels")["value"]]
    assert len(stated) == 24
    assert {float(part) for parts in stated for part in parts} <= known


@transcription
def test_effect_priors_keep_their_numbers() -> None:
    columns = ["prior_id", "distribution", "centre", "lower", "upper", "interval_level"]
    pd.testing.assert_frame_equal(rows("effect_prior")[columns], facts("effect_priors")[columns])


@transcription
def test_the_79_commitments_keep_their_words() -> None:
    frame, table = rows("commitment"), facts("commitments")
    assert len(frame) == 79
    assert frame["quote"].tolist() == table["quote_nl"].tolist()
    assert frame["product"].tolist() == table["analytic_product"].tolist()
    assert frame["remark"].notna().tolist() == table["remark"].notna().tolist()


@transcription
def test_the_25_ties_are_those_of_the_plan() -> None:
    columns = ["from_actor", "to_actor", "kind", "commitment"]
    pd.testing.assert_frame_equal(rows("partner_tie")[columns], facts("partner_ties")[columns])


@transcription
def test_construction_workers_are_those_of_the_transcription() -> None:
    wide = rows("employment").pivot_table(index="period", columns="employee_type", values="persons")
    table = facts("construction_workers_province").set_index("jaar")
    assert wide["arbeiders"].to_dict() == table["arbeiders"].to_dict()
    assert wide["bedienden"].to_dict() == table["bedienden"].to_dict()


@transcription
def test_reference_lists_hold_every_transcribed_row() -> None:
    def reference(name: str) -> pd.DataFrame:
        return pd.read_csv(ROOT / "data" / "reference" / f"{name}.csv")

    areas = facts("working_areas")
    grouping = reference("grouping")
    listed = grouping[grouping["grouping"] == "working-area"]
    columns = ["refnis", "status", "certainty", "valid_from", "valid_to", "source"]
    pd.testing.assert_frame_equal(listed[columns].reset_index(drop=True), areas[columns])
    assert reference("work_form")["work_form"].tolist() == facts("work_forms")["work_form"].tolist()
    assert reference("work_form")["step"].tolist() == facts("work_forms")["step"].tolist()
    assert reference("regulation")["date"].tolist() == facts("regulation")["date"].tolist()
    classes = ["vacancies_per_jobseeker_from", "vacancies_per_jobseeker_to"]
    pd.testing.assert_frame_equal(reference("tightness_class")[classes], facts("tightness_classes")[classes])
    for year in (2024, 2025):
        name = f"adjacency_{year}"
        pd.testing.assert_frame_equal(reference(name), facts(name))


def test_contradictions_stand_as_published() -> None:
    frame = rows("social_economy").set_index(["indicator_id", "period"])["value"]
    of_2021 = [frame[f"target_group_workers_{part}", "2021"] for part in ("cmw", "lde", "ama")]
    assert sum(of_2021) == 28_118
    assert frame["target_group_workers_total", "2021"] == 28_639
    assert (frame["cmw_workers", "2020"], frame["target_group_workers_cmw", "2020"]) == (23_386, 23_318)
    assert (frame["cmw_workers", "2021"], frame["target_group_workers_cmw", "2021"]) == (24_066, 24_064)
