"""One region's study: arguments, tables, provenance, and what it shows."""

import json

import numpy as np
import pandas as pd
import pytest
from IPython.core import formatters  # noqa: F401  (IPython must be importable: the study publishes through it)

import studie
from studie import study as study_module
from studie.data import disclosure_log
from studie.data import published as published_figures
from studie.errors import InputError, InsufficientDataError
from studie.ladder import hazards, observations, stock
from studie.present import display
from studie.present.display import Sentence, Unavailable

REGION = "arrondissement:12000"


@pytest.fixture
def published(monkeypatch):
    """Items that the study gives to the notebook."""
    items = []
    monkeypatch.setattr(study_module, "_publish", lambda item, pictures: items.append((item, pictures)))
    return items


@pytest.fixture(scope="module")
def opened():
    return studie.open_study(REGION)


def people(opened):
    panel = opened.table("ladder_panel")
    return observations.from_panel(panel, person="person_id", time="date", state="step", covariates=["support"])


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"region": "arrondissement:1200"}, "arrondissement:12000"),
        ({"reference_date": "2025-13-01"}, "reference_date: must be a date"),
        ({"horizon_months": 0}, "horizon_months: must be between 1 and 60, got 0"),
        ({"level": 95}, "level: must lie between 0 and 1, got 95"),
        ({"data": "demo"}, "did you mean 'demonstration'"),
        ({"config": "nowhere"}, "config: no file 'nowhere'"),
    ],
)
def test_a_wrong_argument_is_one_line_with_what_is_allowed(argument, message):
    with pytest.raises(InputError) as error:
        studie.open_study(**argument)
    assert message in str(error.value)
    assert all("\n" not in problem for problem in error.value.problems)


def test_every_wrong_argument_has_its_own_line():
    with pytest.raises(InputError) as error:
        studie.open_study(horizon_months=99, level=0)
    assert len(error.value.problems) == 2


def test_the_province_lists_the_observed_construction_series_as_flanders():
    vacancy = studie.open_study("province:10000").table("vacancy")
    observed = vacancy[vacancy["data_status"] == "observed"]
    assert set(observed["region"]) == {"region:02000"}
    last = observed.iloc[-1]
    assert (last["period"], last["open"], last["sector"]) == ("2026-04", 4420, "bouw")


def test_a_table_holds_the_regions_own_municipalities_only(opened):
    assert set(opened.table("ladder_panel")["refnis"]) <= set(opened.region.refnis)
    whole = opened.table("ladder_panel", region="province:10000")
    assert len(whole) > len(opened.table("ladder_panel"))


def test_an_unknown_table_names_the_nearest(opened):
    with pytest.raises(InputError, match="did you mean 'vacancy'"):
        opened.table("vacancies")


def test_a_result_cannot_be_shown_without_the_status_of_its_data(opened, published):
    fresh = studie.open_study(REGION)
    with pytest.raises(InputError, match="uses: table 'need' was not read"):
        fresh.show(Sentence(text="x"), uses=["need"])
    fresh.table("vacancy")
    with pytest.raises(InputError, match="uses: unknown value 'vacancy:counted'"):
        fresh.show(Sentence(text="x"), uses=["vacancy:counted"])
    assert published == []


def test_a_part_of_a_table_has_its_own_status(opened):
    opened.table("vacancy")
    assert {d.data_status for d in opened.datasets(["vacancy"])} == {"observed", "demonstration"}
    assert {d.data_status for d in opened.datasets(["vacancy:observed"])} == {"observed"}


def test_a_figure_carries_region_period_status_source_and_the_numbers_behind_it(opened, published):
    opened.show(stock.stock(people(opened)), uses=["ladder_panel"])
    item, pictures = published[-1]
    assert item["kind"] == "figure"
    assert item["region"] == "het arrondissement Mechelen"
    assert item["data_status"] == ["demonstration"]
    assert "demonstratie" in item["source"]
    assert pictures["image/svg+xml"].startswith("<?xml")
    columns = item["frame"]["columns"]
    assert {"quantity", "estimate", "lower", "upper", "n", "unit", "region", "data_status", "source"} <= set(columns)
    region = columns.index("region")
    assert {row[region] for row in item["frame"]["data"]} == {REGION}
    json.dumps(item, allow_nan=False)


def test_small_counts_of_persons_are_empty_in_what_is_shown_and_stored(opened, published):
    opened.show(stock.stock(people(opened)), uses=["ladder_panel"])
    item, _ = published[-1]
    frame = pd.DataFrame(item["frame"]["data"], columns=item["frame"]["columns"])
    counts = pd.to_numeric(frame["estimate"])
    assert not ((counts > 0) & (counts < 10)).any()
    assert (frame["cell_status"] == "suppressed").any()


def test_small_published_counts_are_not_repeated_and_do_not_follow_from_their_total(opened):
    waiting = published_figures.published(opened.table("indicator"), ids=["cmw_waiting"])
    assert (waiting.to_frame()["estimate"] < 10).any()
    shown = opened.protect(waiting, uses=["indicator:cmw_waiting"])
    hidden = shown[shown["cell_status"] == "suppressed"]
    assert not (shown["estimate"] < 10).any()
    assert (hidden.groupby("period").size() >= 2).all()


def test_a_curve_of_the_province_shows_no_step_of_a_few_persons():
    province = studie.open_study("province:10000")
    shown = province.protect(hazards.relapse(people(province), by="support"), uses=["ladder_panel"])
    known = shown[shown["cell_status"] == "published"].astype({"estimate": float, "n": float})
    events = known.groupby(["support", "quantity"])["estimate"].diff() * known["n"]
    assert len(known) > 0
    assert not ((events > 0.5) & (events < 9.5)).any()


def test_where_a_region_has_too_little_data_the_reader_is_told(opened, published):
    def nobody(*_):
        raise InsufficientDataError("nobody")

    nothing = opened.attempt(nobody)
    opened.table("ladder_panel")
    opened.show(nothing, uses=["ladder_panel"])
    assert "onbekend" in published[-1][0]["text"]
    assert isinstance(opened.attempt(hazards.relapse, nothing), Unavailable)
    with pytest.raises(InputError, match="level"):
        opened.attempt(hazards.relapse, people(opened), level=2)


def test_the_same_step_of_another_region_has_other_numbers_and_a_shared_one_the_same(opened):
    other = studie.open_study("arrondissement:13000")
    assert opened.rng("x").random() != other.rng("x").random()
    assert opened.rng("x").random() == studie.open_study(REGION).rng("x").random()
    assert opened.shared_rng("x").random() == other.shared_rng("x").random()


def test_a_computation_runs_once_for_the_same_input_and_again_for_another(opened, tmp_path, monkeypatch):
    monkeypatch.setattr(study_module, "project_root", lambda: tmp_path)
    calls = []

    def double(frame, *, by):
        calls.append(by)
        return frame * by

    frame = pd.DataFrame({"a": [1, 2]})
    for by in (2, 2, 3):
        assert opened.once(double, frame, by=by)["a"].tolist() == [by, 2 * by]
    assert opened.once(double, frame + 1, by=2)["a"].tolist() == [4, 6]
    assert calls == [2, 3, 2]


def test_the_head_of_a_chapter_has_findings_and_provenance_of_what_was_used(opened, published):
    fresh = studie.open_study(REGION)
    fresh.table("vacancy")
    finding = display.Finding(finding="f", meaning="m", certainty="zeker")
    fresh.headline([finding], uses=["vacancy:observed"])
    head, provenance = (item for item, _ in published[-2:])
    assert head["findings"][0]["data_status"] == ["observed"]
    assert [d["dataset_id"] for d in provenance["datasets"]] == ["vacancy"]
    assert all(choice["because"] and choice["source"] for choice in provenance["assumptions"])
    with pytest.raises(InputError, match="at most five"):
        fresh.headline([finding] * 6, uses=["vacancy"])


def test_a_result_without_such_a_form_is_refused(opened):
    with pytest.raises(InputError, match="form: stock has no table"):
        opened.show(stock.stock(people(opened)), uses=["ladder_panel"], form="table")


def test_unknown_values_become_null_in_what_is_stored():
    frame = pd.DataFrame({"a": [1.5, np.nan], "b": pd.array([1, pd.NA], dtype="Int64"), "c": ["x", None]})
    assert display.frame_to_json(frame)["data"] == [[1.5, 1, "x"], [None, None, None]]


def test_rows_about_persons_print_only_when_asked_with_a_reason_that_is_logged(monkeypatch, tmp_path):
    study = studie.open_study(region="municipality:12025")
    monkeypatch.setattr(disclosure_log, "project_root", lambda: tmp_path)
    hidden = study.table("ladder_panel")
    name = str(hidden["person_id"].iloc[0])
    assert name not in repr(hidden)
    assert not (tmp_path / "build").exists()
    assert name in repr(study.table("ladder_panel", reason="controle van een koppeling"))
    (line,) = map(json.loads, (tmp_path / "build/log/disclosure.jsonl").read_text().splitlines())
    assert (line["reason"], line["what"], line["region"]) == (
        "controle van een koppeling",
        "ladder_panel",
        "municipality:12025",
    )
    assert name not in json.dumps(line)


def test_results_of_the_strategy_lose_small_numbers_of_persons_and_keep_shares_of_draws():
    class Verdict:
        def to_frame(self):
            rows = [
                ("better", 0.99, 1000.0, "share of draws"),
                ("share", 0.99, 1000.0, "share"),
                ("waiting", 4.0, 1000.0, "persons"),
            ]
            frame = pd.DataFrame(rows, columns=["quantity", "estimate", "n", "unit"])
            return frame.assign(lower=frame["estimate"], upper=frame["estimate"])

    Verdict.__module__ = "studie.strategy.scenarios"
    study = studie.open_study(region=REGION)
    study.table("ladder_panel")
    assert study.protect(Verdict(), uses=["ladder_panel"])["cell_status"].tolist() == [
        "published",
        "published",
        "suppressed",
    ]
