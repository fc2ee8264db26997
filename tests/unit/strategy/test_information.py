"""What knowing more is worth: closed forms, laws and refusals."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from studie.errors import InputError, InsufficientDataError
from studie.strategy import information


def closed_form(mean, sd):
    """E max(0, X) − max(0, E X) for a normal X."""
    return mean * stats.norm.cdf(mean / sd) + sd * stats.norm.pdf(mean / sd) - max(mean, 0.0)


def linear(n, rng, mean=0.3, b=1.0, c=0.7):
    """Two decisions: nothing, or mean + b φ + c ψ with standard normal φ and ψ."""
    X = pd.DataFrame(rng.standard_normal((n, 2)), columns=["phi", "psi"])
    return X, np.stack([np.zeros(n), mean + b * X["phi"] + c * X["psi"]], axis=1)


@pytest.mark.parametrize("mean", [-0.8, 0.0, 0.3])
def test_two_decisions_on_a_normal_have_the_closed_form(mean):
    rng = np.random.default_rng(3)
    X, NB = linear(20_000, rng, mean=mean)
    for names, sd in ((["phi"], 1.0), (["psi"], 0.7), (["phi", "psi"], np.hypot(1, 0.7))):
        found, se, bias = information.evppi(NB, X[names], rng=rng)
        assert found == pytest.approx(closed_form(mean, sd), abs=4 * se)
        assert se < 0.02
        assert bias < 0.003


@pytest.mark.slow
def test_the_interval_of_evppi_covers_the_closed_form():
    rng = np.random.default_rng(4)
    hits, ratio, times = 0, [], 250
    for _ in range(times):
        X, NB = linear(1000, rng)
        found = information.value_of_information(
            pd.DataFrame(NB, columns=["niets", "iets"]), {"niets": 0.0, "iets": 0.0}, X, {"phi": ["phi"]}, values=[1.0],
            rng=rng,
        ).table.set_index("request")  # fmt: skip
        row = found.loc["phi"]
        hits += row["lower"] <= closed_form(0.3, 1.0) <= row["upper"]
        ratio.append((row["estimate"], row["se"]))
    estimate, se = np.array(ratio).T
    assert 0.92 <= hits / times <= 1.0
    assert se.mean() == pytest.approx(estimate.std(), rel=0.25)


def tables(n=4000):
    X, NB = linear(n, np.random.default_rng(5))
    return X, pd.DataFrame({"niets": 10.0, "iets": 10.0 + NB[:, 1]})


def test_value_grows_from_part_to_whole_and_none_exceeds_everything():
    X, effects = tables()
    found = information.value_of_information(
        effects, {"niets": 0.0, "iets": 0.2}, X, {"een": ["phi"], "ander": ["psi"], "twee": ["phi", "psi"]},
        values=[0.5, 1.0, 3.0], rng=np.random.default_rng(1),
    )  # fmt: skip
    for _, rows in found.table.groupby("value_per_lasting_move"):
        worth = rows.set_index("request")["estimate"]
        assert worth["ander"] < worth["een"] < worth["twee"] <= worth["everything"] * 1.01
        assert list(rows.loc[rows["first"], "request"]) == ["twee"]
    assert found.upper_bound
    assert (found.table["lower"] <= found.table["estimate"]).all()
    assert list(found.to_frame().columns[-6:]) == ["quantity", "estimate", "lower", "upper", "n", "unit"]


def test_where_one_decision_always_wins_nothing_is_worth_asking():
    X, effects = tables()
    found = information.value_of_information(
        effects, {"niets": 0.0, "iets": 1e6}, X, {"een": ["phi"]}, values=[1.0], rng=np.random.default_rng(1)
    )
    assert (found.table["estimate"] == 0).all()
    assert not found.table["first"].any()
    assert found.decisions.set_index("decision").loc["niets", ["chosen", "best_in"]].tolist() == [True, 1.0]


def test_an_input_that_does_not_matter_is_worth_nothing():
    X, effects = tables()
    X["ruis"] = np.random.default_rng(9).standard_normal(len(X))
    found = information.value_of_information(
        effects, {"niets": 0.0, "iets": 0.0}, X, {"ruis": ["ruis"]}, values=[1.0], rng=np.random.default_rng(1)
    ).table.set_index("request")
    assert found.loc["ruis", "estimate"] < 0.01 * found.loc["everything", "estimate"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"requests": {"een": ["chi"]}}, "requests: een: unknown value 'chi'"),
        ({"requests": {"een": []}}, "must name at least one input"),
        ({"requests": {"everything": ["phi"]}}, "must name at least one input"),
        ({"values": []}, "values: at least one"),
        ({"values": [-1.0]}, "values: at least one, each at least 0"),
        ({"costs": {"niets": 0.0}}, "costs: every decision needs one, got none for iets"),
        ({"costs": {"niets": 0.0, "iets": float("nan")}}, "must be known"),
        ({"level": 95}, "level: must be in"),
    ],
)
def test_a_question_out_of_order_is_refused(changed, says):
    X, effects = tables(500)
    given = {
        "effects": effects, "costs": {"niets": 0.0, "iets": 0.0}, "inputs": X, "requests": {"een": ["phi"]},
        "values": [1.0], "rng": np.random.default_rng(1), **changed,
    }  # fmt: skip
    with pytest.raises(InputError, match=says):
        information.value_of_information(**given)


def test_one_decision_or_too_few_draws_is_refused():
    X, effects = tables(40)
    with pytest.raises(InputError, match="at least two decisions"):
        information.value_of_information(
            effects[["iets"]], {"iets": 0.0}, X, {"een": ["phi"]}, values=[1.0], rng=np.random.default_rng(1)
        )
    with pytest.raises(InsufficientDataError, match="need at least"):
        information.value_of_information(
            effects, {"niets": 0.0, "iets": 0.0}, X, {"een": ["phi"]}, values=[1.0], rng=np.random.default_rng(1)
        )
