"""Multinomial logit of the next step."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.ladder.matrices import multinomial_logit


def transitions(rng, n=3000):
    woman = rng.integers(0, 2, n)
    start = rng.choice(["a", "b"], n)
    odds = np.column_stack([np.zeros(n), -1 + 0.8 * woman + (start == "b"), -1 - 0.5 * woman])
    p = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    end = (rng.random(n)[:, None] > np.cumsum(p, axis=1)).sum(axis=1)
    return pd.DataFrame({"from": start, "to": np.array(["a", "b", "c"])[end], "woman": woman, "who": np.arange(n) // 3})


def test_coefficients_find_what_was_put_in():
    result = multinomial_logit(transitions(np.random.default_rng(1)), origin="from", destination="to", formula="woman")
    table = result.coefficients.set_index(["to_step", "term"])
    for to_step, truth in (("b", 0.8), ("c", -0.5)):
        row = table.loc[(to_step, "woman")]
        assert row["lower"] - 0.1 < truth < row["upper"] + 0.1
    assert result.converged
    assert result.deviance == pytest.approx(-2 * result.log_likelihood)


def test_the_origin_may_be_named_in_the_formula():
    frame = transitions(np.random.default_rng(2))
    short = multinomial_logit(frame, origin="from", destination="to", formula="woman")
    long = multinomial_logit(frame, origin="from", destination="to", formula="to ~ from + woman")
    assert short.deviance == pytest.approx(long.deviance, abs=1e-9)


def test_predictions_are_the_observed_shares_when_the_model_is_saturated():
    frame = transitions(np.random.default_rng(3))
    result = multinomial_logit(frame, origin="from", destination="to")
    predicted = result.predict(pd.DataFrame({"from": ["a"]})).iloc[0]
    observed = frame.loc[frame["from"] == "a", "to"].value_counts(normalize=True).sort_index()
    assert predicted.to_numpy() == pytest.approx(observed.to_numpy(), abs=1e-6)


def test_clustering_by_person_leaves_the_estimate_and_changes_the_error():
    frame = transitions(np.random.default_rng(4))
    doubled = pd.concat([frame, frame], ignore_index=True)
    plain = multinomial_logit(doubled, origin="from", destination="to", formula="woman")
    clustered = multinomial_logit(doubled, origin="from", destination="to", formula="woman", person="who")
    assert clustered.coefficients["estimate"].to_numpy() == pytest.approx(plain.coefficients["estimate"].to_numpy())
    assert (clustered.coefficients["se"] > 1.2 * plain.coefficients["se"]).all()


def test_a_move_never_seen_is_named():
    frame = transitions(np.random.default_rng(5))
    frame = frame[~((frame["from"] == "a") & (frame["to"] == "c"))]
    result = multinomial_logit(frame, origin="from", destination="to")
    assert result.empty_cells == (("a", "c"),)
    assert "a→c" in result.reason


def test_a_missing_column_and_a_single_destination_are_refused():
    frame = transitions(np.random.default_rng(6))
    with pytest.raises(InputError, match="origin: must be a column"):
        multinomial_logit(frame, origin="start", destination="to")
    with pytest.raises(InputError, match="at least two steps"):
        multinomial_logit(frame.assign(to="a"), origin="from", destination="to")
