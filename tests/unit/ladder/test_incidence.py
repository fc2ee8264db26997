"""Cumulative incidence with clustered variance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.ladder.hazards import cumulative_incidence
from studie.ladder.incidence import Spells, incidence_table


def spells(rng, persons=40, largest=3):
    person = np.repeat(np.arange(persons), rng.integers(1, largest + 1, persons))
    duration = rng.integers(1, 12, len(person)).astype(float)
    cause = rng.choice(["relapse", "exit", ""], len(person), p=[0.4, 0.2, 0.4])
    return Spells(duration=duration, cause=cause, person=person)


def plain_incidence(data, cause, until):
    """Cumulative incidence by the textbook loop."""
    survival, total = 1.0, 0.0
    for time in np.unique(data.duration[data.cause != ""]):
        if time > until:
            break
        at_risk = (data.duration >= time).sum()
        now = data.duration == time
        total += survival * (now & (data.cause == cause)).sum() / at_risk
        survival *= 1 - (now & (data.cause != "")).sum() / at_risk
    return total


def test_estimate_is_the_textbook_loop():
    data = spells(np.random.default_rng(1))
    table = incidence_table(data, times=[3, 6, 9], quantities={"relapse": ["relapse"]}, tolerance=0)
    assert table["estimate"].tolist() == pytest.approx([plain_incidence(data, "relapse", t) for t in (3, 6, 9)])


def test_clustered_error_is_close_to_the_delete_one_person_jackknife():
    data = spells(np.random.default_rng(2), persons=150)
    row = incidence_table(data, times=[7], quantities={"relapse": ["relapse"]}, tolerance=0).iloc[0]
    left_out = [plain_incidence(data.chosen(data.person != who), "relapse", 7) for who in range(150)]
    jackknife = np.sqrt(149 / 150 * np.square(np.array(left_out) - np.mean(left_out)).sum())
    assert row["se"] == pytest.approx(jackknife, rel=0.02)


def test_error_is_binomial_without_censoring_and_clusters():
    rng = np.random.default_rng(3)
    cause = rng.choice(["relapse", "exit"], 200)
    data = Spells(duration=rng.integers(1, 9, 200).astype(float), cause=cause, person=np.arange(200))
    row = incidence_table(data, times=[20], quantities={"relapse": ["relapse"]}).iloc[0]
    p = (cause == "relapse").mean()
    assert row["se"] ** 2 == pytest.approx(p * (1 - p) / 199)


def test_frame_version_gives_every_cause_and_who_is_free_of_all():
    frame = pd.DataFrame({"d": [1, 2, 3, 4], "c": ["a", "b", None, None], "p": [1, 2, 3, 4]})
    result = cumulative_incidence(frame, duration="d", cause="c", person="p", times=[2])
    assert result.table.set_index("quantity")["estimate"].to_dict() == {"a": 0.25, "b": 0.25, "event_free": 0.5}


def test_a_missing_duration_is_refused():
    frame = pd.DataFrame({"d": [1, np.nan], "c": ["a", None], "p": [1, 2]})
    with pytest.raises(InputError, match="duration: must be known and not negative"):
        cumulative_incidence(frame, duration="d", cause="c", person="p", times=[2])
