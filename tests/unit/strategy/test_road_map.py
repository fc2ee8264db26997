"""The path: who may be late, what must come first, and paths that cannot be."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.strategy import network, road_map

ROOT = Path(__file__).resolve().parents[3]
YEARS = {"first_year": 2027, "last_year": 2028}


def path(*rows):
    """Milestones as (id, start, due, depends_on)."""
    return pd.DataFrame(
        [(name, f"stap {name}", start, due, "a", "", waits) for name, start, due, waits in rows],
        columns=["milestone_id", "milestone", "start", "due", "leader", "condition", "depends_on"],
    )


PLANNED = path(
    ("M01", "2027-Q1", "2027-Q2", ""),
    ("M02", "2027-Q1", "2027-Q3", ""),
    ("M03", "2027-Q3", "2027-Q4", "M01"),
    ("M04", "2028-Q2", "2028-Q2", "M02; M03"),
    ("M05", "2027-Q4", "2027-Q4", ""),
)


def test_slack_is_what_the_critical_path_method_gives_by_hand():
    found = road_map.road_map(PLANNED, actors=["a"], **YEARS)
    # M04 ends the path (slack 0) and starts in quarter 6 of 0-7; M03 may end in quarter 4 and ends in 3 (slack 1),
    # so it may start in 3 at the latest and M01, due in 1, may end in 2 (slack 1); M02 may end in 4 and ends in 2.
    assert found.milestones["slack"].to_dict() == {"M01": 1, "M02": 2, "M03": 1, "M05": 2, "M04": 0}
    assert list(found.critical.index) == ["M04"]
    assert found.milestones.loc["M01", "opens"] == ("M03",)
    assert found.milestones.loc["M04", "depends_on"] == ("M02", "M03")


def test_no_end_moves_while_a_milestone_is_late_by_its_slack_and_one_moves_beyond():
    found = road_map.road_map(PLANNED, actors=["a"], **YEARS).milestones

    def end(late, by):
        done = {}
        for name, row in found.sort_values("first").iterrows():
            start = max([row["first"], *(done[before] + 1 for before in row["depends_on"])])
            done[name] = start + row["last"] - row["first"] + (by if name == late else 0)
        return max(done.values())

    planned = end("", 0)
    for name, slack in found["slack"].items():
        assert end(name, slack) == planned
        assert end(name, slack + 1) == planned + 1


def test_milestones_come_in_order_of_time_with_their_durations():
    found = road_map.road_map(PLANNED.iloc[::-1], actors=["a"], **YEARS)
    assert list(found.milestones.index) == ["M01", "M02", "M03", "M05", "M04"]
    frame = found.to_frame()
    assert list(frame.columns[-6:]) == ["quantity", "estimate", "lower", "upper", "n", "unit"]
    duration = frame[frame["quantity"] == "duration"].set_index("milestone_id")["estimate"]
    assert duration.to_dict() == {"M01": 2, "M02": 3, "M03": 2, "M05": 1, "M04": 1}


def test_what_was_dropped_is_left_out():
    kept = PLANNED.assign(status=["voorstel", "voorstel", "voorstel", "beslist", "geschrapt"])
    assert road_map.road_map(kept, actors=["a"], **YEARS).n == 4


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (path(("M01", "2027-Q1", "2027-Q2", "M01")), "M01: must start after M01 is due"),
        (
            path(("M01", "2027-Q1", "2027-Q2", "M02"), ("M02", "2027-Q3", "2027-Q4", "M01")),
            r"M01: must start after M02 is due \(2027-Q4\), got 2027-Q1",
        ),
        (path(("M01", "2027-Q1", "2027-Q2", "M07")), "M01: depends_on: unknown value 'M07'"),
        (path(("M01", "2026-Q4", "2027-Q2", "")), "M01: must run within the years of the path"),
        (path(("M01", "2027-Q1", "2029-Q1", "")), "M01: must run within the years of the path"),
        (PLANNED.assign(leader="b"), "M01: leader: unknown value 'b'"),
        (PLANNED.drop(columns="leader"), "got no leader"),
        (PLANNED.iloc[:0], "got no rows"),
    ],
)
def test_a_path_that_cannot_be_is_refused(rows, says):
    with pytest.raises(InputError, match=says):
        road_map.road_map(rows, actors=["a"], **YEARS)


def test_every_problem_is_told_at_once():
    with pytest.raises(InputError) as told:
        road_map.road_map(PLANNED.assign(leader="b"), actors=["a"], **YEARS)
    assert len(told.value.problems) == 5


def test_the_proposed_path_holds_with_leaders_of_the_plans_own_network_and_says_how_each_step_is_seen():
    proposed = pd.read_csv(ROOT / "data" / "reference" / "milestone.csv", keep_default_na=False)
    ties = pd.read_csv(ROOT / "data" / "observed" / "partner_tie.csv")
    found = road_map.road_map(proposed, actors=list(network.graph(ties)), first_year=2027, last_year=2031)
    assert found.n == len(proposed)
    assert set(found.milestones["status"]) == {"voorstel"}
    assert (found.milestones[["indicator", "because", "source", "commitment_id"]] != "").all(axis=None)
    assert (found.decisions["milestone"].str.startswith("beslist")).all()
    assert not found.milestones.drop(index=found.decisions.index)["milestone"].str.startswith("beslist").any()
    assert found.milestones["first"].min() == 0
    assert found.milestones["last"].max() == 19
    assert np.isfinite(found.to_frame()["estimate"]).all()
