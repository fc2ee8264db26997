"""Adjusted discrete-time hazards."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.ladder import hazards
from studie.ladder.adjusted import person_periods
from studie.ladder.moves import Moves


def moves(rng, n=600, ratio=2.0, persons=None):
    """Spells with a monthly hazard of .04, times `ratio` without support."""
    support = rng.integers(0, 2, n)
    hazard = -np.log1p(-0.04) * np.where(support == 0, ratio, 1.0)
    wait = np.ceil(rng.exponential(1 / hazard))
    end = rng.integers(4, 30, n)
    gone = rng.geometric(0.01, n)
    duration = np.minimum.reduce([wait, end, gone])
    cause = np.select([wait <= np.minimum(end, gone), gone <= end], ["relapse", "exit"], "")
    table = pd.DataFrame(
        {
            "person": np.arange(n) % (persons or n), "cluster": np.arange(n) % (persons or n), "from_step": "5",
            "reached_step": "6", "duration": duration.astype(float), "cause": cause,
            "support": np.where(support == 1, "ja", "nee"), "age": rng.normal(40, 10, n),
        }
    )  # fmt: skip
    return Moves(table=table, left_truncated=0, undecided=0, from_hidden=0, unit="time unit")


def test_a_person_period_is_a_whole_month_at_risk():
    table = pd.DataFrame({"duration": [2.0, 2.5, 3.0, 0.0], "cause": ["relapse", "", "exit", ""]})
    rows = person_periods(table, event="relapse", horizon=24, width=1, tolerance=1e-6)
    assert rows.groupby("spell").size().to_dict() == {0: 2, 1: 2, 2: 3}
    assert rows["event"].tolist() == [0, 1, 0, 0, 0, 0, 0]


@pytest.mark.slow
def test_the_hazard_ratio_put_in_is_covered():
    rng = np.random.default_rng(21)
    inside = 0
    for _ in range(60):
        row = hazards.adjusted_hazards(moves(rng), formula="C(support)").to_frame().iloc[0]
        inside += row["lower"] <= 2 <= row["upper"]
    # 95 % with 60 replications: at least 52 with probability .998
    assert inside >= 52


def test_an_irrelevant_covariate_is_near_one_and_the_baseline_is_left_out():
    result = hazards.adjusted_hazards(moves(np.random.default_rng(22)), formula="C(support) + age")
    frame = result.to_frame().set_index("term")
    assert list(frame.index) == ["C(support)[T.nee]", "age"]
    assert frame.loc["age", "estimate"] == pytest.approx(1, abs=0.03)
    assert result.reason == "converged"
    assert result.n <= 600


def test_doubling_every_spell_of_a_person_does_not_narrow_the_interval():
    once = moves(np.random.default_rng(23))
    twice = Moves(
        table=pd.concat([once.table, once.table], ignore_index=True), left_truncated=0, undecided=0, from_hidden=0,
        unit="time unit",
    )  # fmt: skip
    a = hazards.adjusted_hazards(once, formula="C(support)").coefficients
    b = hazards.adjusted_hazards(twice, formula="C(support)").coefficients
    assert b["estimate"].to_numpy() == pytest.approx(a["estimate"].to_numpy(), abs=1e-5)
    assert b["se"].to_numpy() == pytest.approx(a["se"].to_numpy(), rel=0.01)


def test_a_group_without_events_is_named_as_not_identified():
    data = moves(np.random.default_rng(24))
    table = data.table.assign(support=np.where(data.table["cause"] == "relapse", "ja", data.table["support"]))
    result = hazards.adjusted_hazards(
        Moves(table=table, left_truncated=0, undecided=0, from_hidden=0, unit="time unit"), formula="C(support)"
    )
    assert "not identified: C(support)[T.nee]" in result.reason
    row = result.to_frame().iloc[0]
    assert row["lower"] == 0
    assert row["upper"] == np.inf


def test_odds_ratios_are_named_so():
    result = hazards.adjusted_hazards(moves(np.random.default_rng(25)), formula="C(support)", link="logit")
    assert set(result.to_frame()["quantity"]) == {"odds_ratio"}


def test_unusable_input_is_refused_by_name():
    data = moves(np.random.default_rng(26))
    with pytest.raises(InputError, match="event: unknown value"):
        hazards.adjusted_hazards(data, formula="1", event="success")
    with pytest.raises(InputError, match="link: unknown value"):
        hazards.adjusted_hazards(data, formula="1", link="probit")
    with pytest.raises(InputError, match="formula: must be readable"):
        hazards.adjusted_hazards(data, formula="C(nothing)")
    with pytest.raises(InputError, match="at least 5 events of out_of_sight"):
        hazards.adjusted_hazards(data, formula="1", event="out_of_sight")
    with pytest.raises(InputError, match="width: must be positive"):
        hazards.adjusted_hazards(data, formula="1", width=0)
