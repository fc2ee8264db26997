"""Small counts of persons are never printed."""

import pandas as pd
import pytest

from studie.disclosure import rules


def result(**columns):
    row = {"quantity": "q", "estimate": 0.5, "lower": 0.4, "upper": 0.6, "n": 50, "unit": "share"}
    return pd.DataFrame([{**row, **columns}])


@pytest.mark.parametrize("count", [1, 9])
def test_an_estimate_that_rests_on_few_persons_is_emptied_with_its_n(count):
    protected = rules.primary(result(n=count))
    assert protected[["estimate", "lower", "upper", "n"]].isna().all(axis=None)
    assert protected["cell_status"].tolist() == ["suppressed"]


@pytest.mark.parametrize("unit", ["persons", "moves", "person-months"])
def test_a_small_count_is_emptied_whatever_its_n(unit):
    assert rules.primary(result(estimate=3, n=500, unit=unit))["estimate"].isna().all()


@pytest.mark.parametrize("estimate", [0.03, 0.97])
def test_a_share_and_its_n_do_not_state_a_small_count_or_a_small_rest(estimate):
    assert rules.primary(result(estimate=estimate, n=100))["cell_status"].tolist() == ["suppressed"]
    assert rules.primary(result(estimate=estimate, n=1000))["cell_status"].tolist() == ["published"]


@pytest.mark.parametrize("estimate", [0.0, 1.0])
def test_nobody_or_everybody_is_no_small_count(estimate):
    assert rules.primary(result(estimate=estimate, n=100))["cell_status"].tolist() == ["published"]


def test_suppressed_missing_and_zero_are_three_things():
    frame = pd.concat([result(n=5), result(estimate=float("nan"), n=0), result(estimate=0, n=0, unit="persons")])
    assert rules.primary(frame)["cell_status"].tolist() == ["suppressed", "missing", "published"]


@pytest.mark.parametrize(("estimate", "status"), [(-4.0, "suppressed"), (4.0, "suppressed"), (40.0, "published")])
def test_a_small_yearly_number_of_persons_is_emptied_though_its_n_counts_years(estimate, status):
    assert rules.primary(result(estimate=estimate, n=8, unit="person a year"))["cell_status"].tolist() == [status]


def test_the_threshold_itself_is_published():
    assert rules.primary(result(n=10, estimate=14.2, unit="months"))["cell_status"].tolist() == ["published"]


def test_a_threshold_that_protects_nobody_is_refused():
    with pytest.raises(ValueError, match="threshold"):
        rules.primary(result(), threshold=0)


def test_a_frame_without_n_is_refused():
    with pytest.raises(ValueError, match="'n'"):
        rules.primary(result().drop(columns="n"))


def test_vacancies_do_not_count_persons():
    assert not rules.about_persons(["vacancy"])
    assert rules.about_persons(["vacancy", "ladder_panel"])
