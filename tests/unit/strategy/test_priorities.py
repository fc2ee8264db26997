"""Priorities: explicit values, ranks that keep their doubt, and no numbers before anybody judged."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError, InsufficientDataError
from studie.strategy import priorities, smaa

SEEDS = np.random.SeedSequence(7)
TWO = (
    priorities.Criterion(name="x", unit="1", points=((0, 0), (1, 1)), because="test"),
    priorities.Criterion(name="y", unit="1", points=((0, 0), (1, 1)), because="test"),
)


def table(**scores):
    """Certain measures per alternative."""
    rows = [(name, c, v, v) for name, values in scores.items() for c, v in zip("xy", values, strict=True)]
    return pd.DataFrame(rows, columns=["alternative", "criterion", "lower", "upper"])


@pytest.mark.parametrize(("a", "b"), [((0.9, 0.2), (0.3, 0.6)), ((0.5, 0.4), (0.1, 0.9)), ((1.0, 0.0), (0.0, 1.0))])
def test_two_alternatives_on_two_criteria_agree_with_the_closed_form(a, b):
    gain, loss = a[0] - b[0], b[1] - a[1]
    first = gain / (gain + loss)  # a comes first where its weight on x is above 1 - first
    n = 40_000
    found = priorities.score(table(a=a, b=b), TWO, seeds=SEEDS, simulations=n)
    error = 4 * np.sqrt(first * (1 - first) / n)
    assert found.ranks.loc["a", 1] == pytest.approx(first, abs=error)
    assert found.ranks.loc["b", 1] == pytest.approx(1 - first, abs=error)
    assert found.central_weights.loc["a", "x"] == pytest.approx(1 - first / 2, abs=0.01)
    assert found.central_weights.loc["b", "x"] == pytest.approx((1 - first) / 2, abs=0.01)
    assert found.confidence.tolist() == [1.0, 1.0]


def test_the_interval_of_an_acceptability_covers_the_closed_form():
    truth, hits = 0.6, 0
    for number in range(200):
        found = priorities.score(
            table(a=(0.9, 0.2), b=(0.3, 0.6)), TWO, seeds=np.random.SeedSequence(number), simulations=400
        )
        row = found.to_frame().query("alternative == 'a' and rank == 1").iloc[0]
        hits += row["lower"] <= truth <= row["upper"]
    assert hits >= 181  # 95 % of 200 less three standard errors


def test_an_alternative_that_is_better_on_all_always_comes_first():
    found = priorities.score(table(a=(0.9, 0.9), b=(0.3, 0.6), c=(0.2, 0.1)), TWO, seeds=SEEDS)
    assert np.diag(found.ranks).tolist() == [1, 1, 1]
    assert np.isnan(found.confidence["b"])
    assert found.top.tolist() == [1, 1, 1]


def test_alternatives_that_tie_share_their_ranks():
    found = priorities.score(table(a=(0.5, 0.5), b=(0.5, 0.5), c=(0.1, 0.1)), TWO, seeds=SEEDS, k=1)
    assert found.ranks.loc["a"].tolist() == [0.5, 0.5, 0]
    assert found.top["b"] == 0.5
    assert found.ranks.sum(axis=0).tolist() == pytest.approx([1, 1, 1])


def test_a_known_order_of_criteria_moves_the_ranks():
    free = priorities.score(table(a=(0.9, 0.2), b=(0.3, 0.9)), TWO, seeds=SEEDS)
    ordered = priorities.score(table(a=(0.9, 0.2), b=(0.3, 0.9)), TWO, seeds=SEEDS, order=("x", "y"))
    assert free.ranks.loc["a", 1] == pytest.approx(6 / 13, abs=0.02)
    # weight on x uniform on (1/2, 1); a comes first above 7/13
    assert ordered.ranks.loc["a", 1] == pytest.approx((1 - 7 / 13) / 0.5, abs=0.02)


def test_weights_are_uniform_over_the_simplex():
    drawn = smaa.weights(["a", "b", "c"], 20_000, seeds=SEEDS)
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    np.testing.assert_allclose(drawn.mean(), 1 / 3, atol=0.006)
    np.testing.assert_allclose(drawn.var(), 1 / 18, atol=0.002)


def test_doubt_about_a_score_lowers_confidence():
    rows = table(a=(0.6, 0.5), b=(0.5, 0.5))
    rows.loc[0, ["lower", "upper"]] = [0.3, 0.9]
    found = priorities.score(rows, TWO, seeds=SEEDS)
    assert found.confidence["a"] == pytest.approx(2 / 3, abs=0.03)
    assert found.ranks.loc["a", 1] == pytest.approx(2 / 3, abs=0.03)


def test_an_estimate_makes_the_measure_triangular():
    rows = table(a=(0.6, 0.5), b=(0.5, 0.5)).assign(estimate=np.nan)
    rows.loc[0, ["lower", "estimate", "upper"]] = [0.3, 0.9, 0.9]
    found = priorities.score(rows, TWO, seeds=SEEDS)
    assert found.ranks.loc["a", 1] == pytest.approx(1 - (0.2 / 0.6) ** 2, abs=0.03)


def test_applications_are_scored_by_the_three_criteria_of_the_plan():
    rows = pd.DataFrame(
        [
            (project, one.name, low, high)
            for project, cells in {
                "zorg": ((0.7, 0.9), (1, 1), (0.2, 0.5)),
                "bouw": ((0.1, 0.3), (1, 1), (0.0, 0.1)),
                "natuur": ((0.4, 0.8), (0, 0), (0.9, 1.0)),
                "fietsen": ((0.2, 0.4), (0.2, 0.4), (0.3, 0.6)),
            }.items()
            for one, (low, high) in zip(priorities.APPLICATION, cells, strict=True)
        ],
        columns=["alternative", "criterion", "lower", "upper"],
    )
    found = priorities.score(rows, seeds=SEEDS)
    assert found.ranks[1].idxmax() == "zorg"
    assert found.k == 3
    assert found.top["zorg"] > 0.99
    frame = found.to_frame()
    assert list(frame.columns) == [
        "alternative", "rank", "criterion", "quantity", "estimate", "lower", "upper", "n", "unit",
    ]  # fmt: skip
    known = frame.dropna(subset=["lower"])
    assert (known["lower"] <= known["estimate"] + 1e-12).all()
    assert (known["upper"] >= known["estimate"] - 1e-12).all()


def test_a_value_function_is_linear_between_its_points_and_flat_outside():
    one = priorities.Criterion(name="minutes", unit="minutes", points=((10, 1), (30, 0.5), (60, 0)), because="far")
    np.testing.assert_allclose(one.value(np.array([0, 10, 20, 45, 90])), [1, 1, 0.75, 0.25, 0])


@pytest.mark.parametrize(
    ("points", "because"),
    [(((0, 0),), "x"), (((0, 0), (0, 1)), "x"), (((0, 0), (1, 2)), "x"), (((0, 0), (1, 1), (2, 0)), "x"),
     (((0, 0), (1, 1)), "")],
)  # fmt: skip
def test_a_value_function_that_is_none_is_refused(points, because):
    with pytest.raises(InputError, match="points"):
        priorities.Criterion(name="bad", unit="1", points=points, because=because)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (table(a=(1, 1)), "at least 2"),
        (table(a=(1, 1), b=(0, 0)).drop(index=1), "a has no y; unknown is not zero"),
        (table(a=(1, 1), b=(0, 0)).replace("x", "z"), "criterion: unknown value"),
        (table(a=(1, 1), b=(0, 0)).assign(lower=2.0), "in order"),
        (pd.concat([table(a=(1, 1), b=(0, 0))] * 2), "once, got it twice"),
        (table(a=(1, 1), b=(0, 0)).drop(columns="upper"), "got no upper"),
    ],
)
def test_measures_that_are_not_whole_are_refused(rows, says):
    with pytest.raises(InputError, match=says):
        priorities.score(rows, TWO, seeds=SEEDS)


def test_wrong_options_are_refused():
    rows = table(a=(1, 1), b=(0, 0))
    with pytest.raises(InputError, match="simulations"):
        priorities.score(rows, TWO, seeds=SEEDS, simulations=5)
    with pytest.raises(InputError, match="criteria: at least two"):
        priorities.score(rows, TWO[:1], seeds=SEEDS)
    with pytest.raises(InputError, match="order: must hold"):
        priorities.score(rows, TWO, seeds=SEEDS, order=("x",))
    with pytest.raises(InputError, match=r"in \[0, 1\]"):
        smaa.acceptability({"a": np.full((5, 2), 2.0), "b": np.zeros((5, 2))}, pd.DataFrame(np.full((5, 2), 0.5)))


def test_until_the_form_is_filled_in_there_are_words_and_no_numbers():
    empty = priorities.elicitation_form(["province", "regisseur"])
    for form, missing in ((None, 12), (empty, 24), (empty.assign(lower=0.2), 24)):
        found = priorities.platform_forms(form, seeds=SEEDS)
        assert found.ranking is None
        assert found.missing == missing
        assert len(found.qualitative) == 12
        assert found.to_frame()[["estimate", "lower", "upper"]].isna().all(axis=None)


def test_one_empty_cell_is_enough_to_rank_nothing():
    form = priorities.elicitation_form(["province"]).assign(lower=0.2, upper=0.6)
    form.loc[3, "upper"] = np.nan
    assert priorities.platform_forms(form, seeds=SEEDS).missing == 1


def test_judges_who_disagree_keep_both_forms_in_the_ranking():
    form = priorities.elicitation_form(["one", "two"]).assign(lower=0.1, upper=0.2)
    for who, best in (("one", "shared"), ("two", "lead_organisation")):
        chosen = (form["respondent"] == who) & (form["alternative"] == best)
        form.loc[chosen, ["lower", "upper"]] = [0.8, 0.9]
    found = priorities.platform_forms(form, seeds=SEEDS)
    assert found.ranking is not None
    assert found.respondents == 2
    assert found.ranking.ranks[1].to_dict() == pytest.approx(
        {"shared": 0.5, "lead_organisation": 0.5, "administrative_organisation": 0.0}, abs=0.02
    )
    assert "rank_acceptability" in set(found.to_frame()["quantity"])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda form: form.drop(columns="respondent"), "got no respondent"),
        (lambda form: form.replace("shared", "council"), "alternative: unknown value"),
        (lambda form: form.iloc[1:], "once, 12 cells"),
        (lambda form: form.assign(upper=1.2), r"lie in \[0, 1\]"),
        (lambda form: form.assign(lower=0.9), "in order"),
    ],
)
def test_a_form_that_is_not_whole_is_refused(change, says):
    form = priorities.elicitation_form(["province"]).assign(lower=0.2, upper=0.6)
    with pytest.raises(InputError, match=says):
        priorities.platform_forms(change(form), seeds=SEEDS)


BLIND = pd.DataFrame({"lower": [0.9, 0.1], "upper": [1.0, 0.2]}, index=[12021, 13025])


def asked(rows):
    return pd.DataFrame(rows, columns=["application", "refnis", "sector", "challenge"])


def measured(rows, **shortage):
    found = priorities.application_measures(
        asked(rows), blind_spot=BLIND, shortage={"bouw": "ja", "zorg": "nee", "nijverheid": "onbekend", **shortage}
    )
    return {(row.alternative, row.criterion): (row.lower, row.upper) for row in found.itertuples()}


def test_an_application_is_measured_by_the_plans_own_three_criteria():
    found = measured([("p", 12021, "bouw", "ja"), ("q", 13025, "zorg", "nee")])
    assert found["p", "blind_spot"] == (0.9, 1.0)
    assert (found["p", "shortage_sector"], found["p", "societal_challenge"]) == ((1, 1), (1, 1))
    assert (found["q", "shortage_sector"], found["q", "societal_challenge"]) == ((0, 0), (0, 0))


def test_what_is_unknown_of_an_application_can_be_anything():
    found = measured([("p", 99999, "nijverheid", None), ("q", pd.NA, None, "onbekend")])
    assert set(found.values()) == {(0.0, 1.0)}


def test_a_blind_spot_of_unknown_chance_can_be_anything():
    blind = BLIND.assign(lower=np.nan, upper=np.nan)
    rows = asked([("p", 12021, "bouw", "ja"), ("q", 13025, "bouw", "ja")])
    found = priorities.application_measures(rows, blind_spot=blind, shortage={"bouw": "ja"})
    assert found.loc[found["criterion"] == "blind_spot", ["lower", "upper"]].to_numpy().tolist() == [[0, 1]] * 2


def test_one_application_is_too_few_to_rank_and_another_word_is_refused():
    with pytest.raises(InsufficientDataError, match="at least two"):
        measured([("p", 12021, "bouw", "ja")])
    with pytest.raises(InputError, match="p: challenge"):
        measured([("p", 12021, "bouw", "misschien"), ("q", 13025, "bouw", "ja")])


def test_an_application_in_a_blind_spot_and_a_shortage_sector_leads_when_all_else_is_unknown():
    rows = asked([("p", 12021, "bouw", None), ("q", 13025, "zorg", None)])
    measures = priorities.application_measures(rows, blind_spot=BLIND, shortage={"bouw": "ja", "zorg": "nee"})
    found = priorities.score(measures, seeds=np.random.SeedSequence(1), simulations=2000)
    assert found.ranks.loc["p", 1] > 0.85
