"""Predicted risk of relapse and its calibration."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.ladder import hazards
from studie.ladder.moves import Moves


def moves(rng, n=1500, slope=1.2):
    person = np.arange(n) % (n * 2 // 3)
    trait = rng.normal(size=n)
    p = 1 / (1 + np.exp(-(-1 + slope * trait)))
    relapse = rng.random(n) < p
    when = rng.integers(1, 13, n).astype(float)
    end = np.where(rng.random(n) < 0.25, rng.integers(1, 13, n), 30).astype(float)
    seen = relapse & (when <= end)
    table = pd.DataFrame(
        {
            "person": person, "cluster": person, "duration": np.where(seen, when, end),
            "cause": np.where(seen, "relapse", ""), "trait": trait, "noise": rng.choice(["x", "y"], n),
        }
    )  # fmt: skip
    return Moves(table=table, left_truncated=0, undecided=0, from_hidden=0, unit="time unit"), p


def test_predictions_are_calibrated_and_skilful_where_there_is_something_to_predict():
    data, _ = moves(np.random.default_rng(31))
    result = hazards.relapse_risk(data, np.random.default_rng(1), features=["trait", "noise"], draws=200)
    scores = result.scores.set_index("quantity")
    assert scores.loc["brier_skill", "lower"] > 0.05
    assert scores.loc["calibration_slope", "lower"] < 1 < scores.loc["calibration_slope", "upper"]
    assert scores.loc["concordance", "estimate"] > 0.7
    curve = result.reliability
    inside = (curve["lower"] <= curve["predicted"]) & (curve["predicted"] <= curve["upper"])
    assert inside.sum() >= 8


def test_predictions_agree_with_the_truth_despite_censoring():
    data, truth = moves(np.random.default_rng(32), n=4000)
    result = hazards.relapse_risk(data, np.random.default_rng(2), features=["trait"], draws=10)
    predicted = np.average(result.predictions["predicted"], weights=result.predictions["weight"])
    assert predicted == pytest.approx(truth.mean(), abs=0.025)
    assert result.n + result.unknown == 4000


def test_nothing_to_predict_gives_no_skill():
    data, _ = moves(np.random.default_rng(33), slope=0.0)
    scores = hazards.relapse_risk(data, np.random.default_rng(3), features=["noise"], draws=200).scores
    assert scores.set_index("quantity").loc["brier_skill", "estimate"] < 0.01


def test_all_moves_of_a_person_are_in_one_fold():
    data, _ = moves(np.random.default_rng(34))
    folds = hazards.relapse_risk(data, np.random.default_rng(4), features=["trait"], draws=5).predictions
    assert len(folds[["person", "fold"]].drop_duplicates()) == len(folds["person"].drop_duplicates())


def test_the_same_generator_gives_the_same_result():
    data, _ = moves(np.random.default_rng(35))
    a, b = (hazards.relapse_risk(data, np.random.default_rng(5), features=["trait"], draws=20) for _ in range(2))
    pd.testing.assert_frame_equal(a.to_frame(), b.to_frame())


def test_unusable_input_is_refused_by_name():
    data, _ = moves(np.random.default_rng(36), n=60)
    with pytest.raises(InputError, match="features: unknown value"):
        hazards.relapse_risk(data, np.random.default_rng(6), features=["age"])
    with pytest.raises(InputError, match="folds: at least two persons per fold"):
        hazards.relapse_risk(data, np.random.default_rng(6), features=["trait"], folds=30)
    with pytest.raises(InputError, match="both outcomes must occur at least 10 times"):
        hazards.relapse_risk(data, np.random.default_rng(6), features=["trait"], within=0.5)
