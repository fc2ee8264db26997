"""Persons per step, with bounds for those known only up to a set."""

import pandas as pd
import pytest

from studie.errors import InsufficientDataError
from studie.ladder import observations, stock


def obs(states, dates=None):
    rows = pd.DataFrame(
        {
            "person": range(len(states)),
            "date": pd.to_datetime(dates or ["2026-04-30"] * len(states)),
            "step": states,
        }
    )
    return observations.from_panel(rows, person="person", time="date", state="step")


def test_a_person_in_a_set_counts_on_no_step_and_in_every_upper_bound():
    found = stock.stock(obs(["5", "5", "6", "{5,6}"]))
    assert found.known.to_dict() == {"5": 2, "6": 1}
    assert found.possible.to_dict() == {"5": 3, "6": 2}
    assert found.n == 4
    assert found.on("5", "6") == 3


def test_only_the_last_date_counts():
    found = stock.stock(obs(["5", "6"], ["2026-03-31", "2026-04-30"]))
    assert found.known.to_dict() == {"5": 0, "6": 1}


def test_the_frame_holds_its_bounds():
    frame = stock.stock(obs(["5", "{5,6}", "6"])).to_frame()
    assert ((frame["lower"] <= frame["estimate"]) & (frame["estimate"] <= frame["upper"])).all()
    assert frame["unit"].unique().tolist() == ["persons"]


def test_a_moment_without_anyone_is_said():
    with pytest.raises(InsufficientDataError, match="time: somebody"):
        stock.stock(obs(["5"]), time=999.0)
