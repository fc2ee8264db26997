import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from studie.data import catalogue, monitor
from studie.data.definitions import CONTRACTS
from studie.data.measured import Measured
from studie.data.measures import COMPUTED
from studie.data.sources import Dataset
from studie.errors import InputError

ROOT = Path(__file__).resolve().parents[3]


def promise(identifier: str, *, section: str = "een", status: str = "onbekend") -> dict[str, Any]:
    return {"commitment_id": identifier, "section": section, "quote": f"belofte {identifier}", "status": status}


def said(identifier: str, **known: str) -> dict[str, Any]:
    blank = {"indicator": "wat", "table": "", "measure": "", "chapter": "20-x", "holder": "", "fact": ""}
    return {"commitment_id": identifier, **blank, **known}


def frames(**tables: pd.DataFrame) -> dict[str, pd.DataFrame]:
    empty = {name: pd.DataFrame(columns=[*CONTRACTS[name].names, "data_status"]) for name in monitor.READ}
    asked = pd.DataFrame({"table": ["project", "need", "need"], "holder": ["P", "V", "O"], "data_status": "observed"})
    days = pd.DataFrame({"date": ["2020-05-28"], "event": ["goedgekeurd"], "data_status": "observed"})
    return {**empty, "data_request": asked, "regulation": days, **tables}


PROJECTS = pd.DataFrame({"sector": ["zorg"], "year": [2021], "data_status": ["demonstration"]})


def followed(
    promises: list[dict[str, Any]],
    list_: list[dict[str, Any]],
    tables: dict[str, pd.DataFrame] | None = None,
    **more: Any,
) -> monitor.Monitor:
    return monitor.monitor(
        pd.DataFrame(promises),
        pd.DataFrame(list_),
        frames() if tables is None else tables,
        refnis=[11001],
        chapters={"20-x": "Ladder"},
        **more,
    )


def one(tables: dict[str, pd.DataFrame] | None = None, *, more: dict[str, Any] | None = None, **known: str) -> Any:
    return followed([promise("E00")], [said("E00", **known)], tables, **(more or {})).commitments.loc["E00"]


def test_a_commitment_without_any_table_is_unknown_and_names_its_holder() -> None:
    row = one(holder="A; B")
    assert row["data_status"] == "none"
    assert np.isnan(row["estimate"])
    assert row["holders"] == ("A", "B")


def test_a_table_without_rows_leaves_the_value_unknown_and_the_register_names_who_to_ask() -> None:
    row = one(table="need", measure="placed_share")
    assert row["data_status"] == "none"
    assert row["holders"] == ("V", "O")


def test_a_value_carries_the_status_of_its_rows() -> None:
    row = one(frames(project=PROJECTS), table="project", measure="projects_care")
    assert (row["estimate"], row["unit"], row["data_status"], row["period"]) == (
        1,
        "projects",
        "demonstration",
        "2021",
    )
    assert row["tables"] == ("project:demonstration",)


def test_mixed_rows_give_the_weakest_status() -> None:
    mixed = pd.concat([PROJECTS, PROJECTS.assign(data_status="own")])
    assert one(frames(project=mixed), table="project", measure="projects_care")["data_status"] == "demonstration"


def test_a_dated_fact_is_data_too_but_does_not_hide_that_a_value_is_invented() -> None:
    alone = one(holder="A", fact="2020-05-28")
    assert (alone["data_status"], alone["event"]) == ("observed", "goedgekeurd")
    beside = one(frames(project=PROJECTS), table="project", measure="projects_care", fact="2020-05-28")
    assert beside["data_status"] == "demonstration"
    assert beside["tables"] == ("project:demonstration", "regulation:observed")


def test_a_published_value_names_its_dataset() -> None:
    rows = pd.DataFrame(
        {
            "indicator_id": ["wait"], "region": ["province:10000"], "period": ["2024"], "value": [5.0],
            "unit": ["personen"], "note": [""], "data_status": ["observed"],
        }
    )  # fmt: skip
    known = {"table": "indicator", "measure": "wait", "holder": "V"}
    assert one(frames(indicator=rows), more={"datasets": {"wait": "cmw"}}, **known)["tables"] == ("indicator:cmw",)
    assert one(frames(indicator=rows), **known)["tables"] == ("indicator:observed",)


def test_a_value_of_a_method_is_cited_and_unknown_where_it_was_not_given() -> None:
    cited = Measured(
        estimate=0.7, lower=0.6, upper=0.8, unit="probability", statuses={"ladder_panel": frozenset({"own"})}
    )
    known = {"table": "ladder_panel", "measure": "lasting_12_months", "holder": "V"}
    assert one(more={"measured": {"lasting_12_months": cited}}, **known)["lower"] == 0.6
    assert one(**known)["data_status"] == "none"


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ({"table": "project", "measure": "projects_crae"}, "did you mean 'projects_care'"),
        (
            {"table": "loan", "measure": "projects_care"},
            r"table: must be one that measure projects_care reads \(project\)",
        ),
        ({"table": "indicator", "measure": "wiat"}, "measure: unknown value 'wiat'"),
        ({"holder": "A", "fact": "1999-01-01"}, "E00, fact: unknown value"),
        ({"table": "loan"}, "E00: must name a holder"),
    ],
)
def test_a_list_that_points_nowhere_is_refused(known: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        one(**known)


def test_a_commitment_that_the_list_forgets_is_refused() -> None:
    with pytest.raises(InputError, match="got none for E01"):
        followed([promise("E00"), promise("E01")], [said("E00", holder="A")])


def test_a_table_that_was_not_read_is_refused() -> None:
    with pytest.raises(InputError, match="got none named project"):
        one({name: rows for name, rows in frames().items() if name != "project"})


def board() -> monitor.Monitor:
    promises = [promise("E00", status="gedaan"), promise("E01", section="twee", status="bezig"), promise("E02")]
    list_ = [
        said("E00", holder="A", fact="2020-05-28"),
        said("E01", table="project", measure="projects_care", chapter="60-y"),
        said("E02", holder="P; B"),
    ]
    return followed(promises, list_, frames(project=PROJECTS))


def test_headings_divide_the_commitments_in_the_order_of_the_plan() -> None:
    found = board()
    assert found.sections == ["een", "twee"]
    assert [found.within(s).n for s in found.sections] == [2, 1]
    assert found.within("twee", "een").n == found.n == 3
    with pytest.raises(InputError, match="sections: unknown value 'drie'"):
        found.within("drie")


def test_statuses_and_data_are_counted_and_holders_ranked_by_what_they_could_give() -> None:
    found = board()
    assert [found.count("status", s) for s in ("gedaan", "bezig", "onbekend")] == [1, 1, 1]
    assert [found.count("data_status", s) for s in ("observed", "demonstration", "none")] == [1, 1, 1]
    assert found.without_data.index.tolist() == ["E02"]
    assert found.askable == {"P": ["E01", "E02"], "B": ["E02"]}


def test_a_chapter_that_is_not_written_has_no_title() -> None:
    assert board().commitments["title"].tolist() == ["Ladder", "", "Ladder"]


def test_what_was_used_is_named_with_its_status() -> None:
    assert board().uses == ["commitment", "commitment_indicator", "project:demonstration", "regulation:observed"]


def test_the_frame_has_a_row_per_commitment_and_the_six_columns() -> None:
    frame = board().to_frame()
    assert frame["commitment_id"].tolist() == ["E00", "E01", "E02"]
    assert frame.columns[-6:].tolist() == ["quantity", "estimate", "lower", "upper", "n", "unit"]
    assert frame["quantity"].tolist() == ["onbekend", "projects_care", "onbekend"]


def curve(**more: Any) -> pd.DataFrame:
    rows = [{"time": t, "quantity": "relapse", "estimate": e, "n": 50.0} for t, e in ((12.0, 0.2), (24.0, 0.3))]
    return pd.DataFrame(rows).assign(lower=0.1, upper=0.4, unit="probability", **more)


def test_figures_of_the_ladder_are_taken_at_their_moment_and_those_with_support_apart() -> None:
    both = pd.concat([curve(support="ja").assign(estimate=0.1), curve(support="nee")])
    lasting = curve().assign(quantity="lasting")
    found = monitor.ladder_values(curve(), both, lasting, statuses={"own"})
    assert set(found) == set(monitor.FROM_METHODS)
    assert {name: value.estimate for name, value in found.items() if value} == {
        "lasting_12_months": 0.2, "relapse_12_months": 0.2, "relapse_24_months": 0.3,
        "relapse_12_months_supported": 0.1, "upward_moves": 50.0,
    }  # fmt: skip


def test_a_suppressed_or_missing_figure_of_the_ladder_is_unknown() -> None:
    hidden = curve().assign(estimate=pd.NA, n=pd.NA)
    nothing = pd.DataFrame(columns=["quantity", "estimate", "lower", "upper", "n", "unit"])
    found = monitor.ladder_values(hidden, nothing, nothing, statuses={"own"})
    assert set(found.values()) == {None}


def test_every_indicator_is_traced_to_the_dataset_that_published_it() -> None:
    blank = dict.fromkeys(
        ("title", "publisher", "licence", "url", "retrieved", "sha256", "used_by", "first_period", "last_period"), ""
    )
    parts = [
        Dataset(dataset_id=name, table="indicator", data_status="observed", file="x.csv", rows=1, **blank)
        for name in ("one", "two")
    ]
    table = catalogue.Table(
        name="indicator", frame=pd.DataFrame({"indicator_id": ["a", "b", "b"]}), datasets=tuple(parts), sizes=(1, 2)
    )
    assert monitor.indicator_datasets([table]) == {"a": "one", "b": "two"}


# --- the list of the study itself ---------------------------------------------


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    monkeypatch.setenv("STUDIE_ROOT", str(ROOT))
    return catalogue.read("commitment_indicator", data="own").frame


def test_every_commitment_of_the_plan_is_listed_once(listed: pd.DataFrame) -> None:
    commitments = catalogue.read("commitment", data="own").frame["commitment_id"].tolist()
    assert listed["commitment_id"].tolist() == commitments
    assert len(commitments) == 79


def test_every_commitment_is_reachable_in_a_chapter_that_is_written(listed: pd.DataFrame) -> None:
    written = monitor.written_chapters()
    assert set(listed["chapter"]) <= set(written)
    assert written["90-monitor"] == "Opvolging van het actieplan"
    assert all(written.values())


def test_every_commitment_names_who_could_give_the_data(listed: pd.DataFrame) -> None:
    asked = set(catalogue.read("data_request", data="own").frame["table"])
    nobody = listed[(listed["holder"] == "") & ~listed["table"].isin(asked)]
    assert nobody["commitment_id"].tolist() == []


def test_every_measure_exists_and_every_computation_is_asked_for(listed: pd.DataFrame) -> None:
    indicators = set(catalogue.read("indicator", data="own").frame["indicator_id"])
    named = set(listed["measure"]) - {""}
    assert named <= set(COMPUTED) | set(monitor.FROM_METHODS) | indicators
    assert set(COMPUTED) | set(monitor.FROM_METHODS) <= named
    assert ((listed["measure"] == "") == (listed["table"] == "")).all()


def test_without_demonstration_data_only_what_was_published_has_a_value(listed: pd.DataFrame) -> None:
    tables = {name: catalogue.read(name, data="own").frame for name in (*monitor.READ, "regulation")}
    commitment = catalogue.read("commitment", data="own").frame
    found = monitor.monitor(commitment, listed, tables, refnis=[11001], chapters={})
    assert set(found.commitments["data_status"]) == {"observed", "none"}
    waiting = found.commitments.query("measure == 'cmw_waiting'").iloc[0]
    assert (waiting["estimate"], waiting["period"]) == (1083, "2024")


def test_the_words_of_the_list_are_dutch_and_name_no_result(listed: pd.DataFrame) -> None:
    numbers = listed["indicator"].map(lambda text: set(re.findall(r"\d+", text)) - {"3", "5", "12", "24"})
    assert not [found for found in numbers if found]
