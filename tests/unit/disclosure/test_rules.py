"""Small counts of persons are never printed."""

from types import SimpleNamespace

import numpy as np
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


@pytest.mark.parametrize("column", ["persons", "cell_persons"])
def test_many_months_of_few_persons_are_emptied(column):
    behind = {"persons": 40, "cell_persons": 30} | {column: 9}
    assert rules.primary(result(n=1000, **behind))["cell_status"].tolist() == ["suppressed"]
    assert rules.primary(result(n=1000, **behind | {column: 10}))["cell_status"].tolist() == ["published"]


def protected(frame, **about):
    return rules.protected(SimpleNamespace(to_frame=frame.copy, **about))


def row_of(persons, *, n=1000, **keys):
    """Cells of one origin, each with as many pairs as persons and the rest in the first."""
    pairs = np.array([n - sum(persons[1:]), *persons[1:]])
    cells = [
        result(estimate=count / n, lower=0.0, upper=1.0, n=n, persons=300, cell_persons=own, to_step=str(i), **keys)
        for i, (own, count) in enumerate(zip(persons, pairs, strict=True))
    ]
    return pd.concat(cells, ignore_index=True)


@pytest.mark.parametrize(
    ("persons", "hidden"),
    [
        ([300, 4, 30, 60], [1, 2]),
        ([300, 4, 5, 30, 60], [1, 2, 3]),  # the two may be the same persons: together perhaps five
        ([300, 4, 30, 0], [1, 2]),
        ([300, 4, 0, 0], [0, 1]),
        ([300, 40, 30, 60], []),
    ],
)
def test_a_hidden_cell_does_not_follow_from_the_rest_of_its_row(persons, hidden):
    frame = row_of(persons, from_step="3")
    status = protected(frame, adds_up=("from_step",))["cell_status"]
    assert status.index[status == "suppressed"].tolist() == hidden


def test_a_row_without_a_hidden_cell_is_left_alone():
    both = pd.concat([row_of([300, 4, 30, 60], from_step="3"), row_of([300, 40, 30, 60], from_step="4")])
    shown = protected(both, adds_up=("from_step",)).set_index("from_step")
    assert (shown.loc["4", "cell_status"] == "published").all()


def test_without_persons_the_hidden_cells_of_a_row_hold_the_threshold_together():
    frame = row_of([300, 4, 5, 30, 60], from_step="3").drop(columns=["persons", "cell_persons"])
    status = protected(frame, adds_up=("from_step",))["cell_status"]
    assert status.index[status == "suppressed"].tolist() == [1, 2, 3]


def test_persons_shown_are_rounded_down_so_that_their_differences_tell_nothing():
    shown = protected(row_of([296, 14, 30, 60], from_step="3"), adds_up=("from_step",))
    assert shown["cell_persons"].tolist() == [290, 10, 30, 60]


def test_one_hidden_part_does_not_follow_from_the_published_total():
    values = {"elders": 3.0, "brussel": 14.0, "antwerpen": 1083.0, "vlaanderen": 1100.0}
    rows = [
        result(estimate=v, lower=np.nan, upper=np.nan, n=np.nan, unit="personen", region=r) for r, v in values.items()
    ]
    about = SimpleNamespace(to_frame=lambda: pd.concat(rows), adds_up=("quantity",))
    shown = rules.protected(about, persons=False).set_index("region")
    assert shown["cell_status"].tolist() == ["suppressed", "suppressed", "published", "published"]


def test_few_vacancies_are_no_persons():
    about = SimpleNamespace(to_frame=lambda: result(estimate=3.0, n=3, unit="vacancies"))
    assert rules.protected(about, persons=False)["cell_status"].tolist() == ["published"]


def test_an_exact_bound_on_a_count_is_moved_out_to_a_multiple_of_the_threshold():
    frame = result(estimate=100.0, lower=100.0, upper=104.0, n=100, unit="persons")
    assert protected(frame)["upper"].tolist() == [110]
    same = result(estimate=100.0, lower=100.0, upper=100.0, n=100, unit="persons")
    assert protected(same)["upper"].tolist() == [100]


def regional(shrinkage, persons):
    return row_of(persons, from_step="3").assign(shrinkage=shrinkage, method="pooled")


def test_an_estimate_that_leans_on_the_region_above_is_shown_without_the_counts_of_the_region():
    shown = protected(regional(0.9, [300, 4, 30, 60]), adds_up=("from_step",))
    assert (shown["cell_status"] == "published").all()
    assert shown[["n", "shrinkage", "persons", "cell_persons"]].isna().all(axis=None)
    assert shown["estimate"].notna().all()


def test_an_estimate_of_mostly_a_few_own_persons_is_hidden_with_a_second_one():
    shown = protected(regional(0.1, [300, 4, 30, 60]), adds_up=("from_step",))
    assert shown["cell_status"].tolist() == ["published", "suppressed", "suppressed", "published"]
    assert shown["n"].isna().all()


def test_an_estimate_on_enough_persons_keeps_its_counts():
    assert protected(regional(0.1, [300, 40, 30, 60]), adds_up=("from_step",))["n"].tolist() == [1000] * 4


def curve(events, *, quantity="relapse", times=None, **keys):
    """Cumulative share of a thousand persons with an event, one event each."""
    times = range(1, len(events) + 1) if times is None else times
    known = {"quantity": quantity, "lower": 0.0, "upper": 1.0, "n": 1000, "persons": 1000, **keys}
    rows = [
        result(estimate=e / 1000, cell_persons=e, time=float(t), **known) for t, e in zip(times, events, strict=True)
    ]
    return pd.concat(rows, ignore_index=True)


ABOUT = {"by": (), "sums": {"relapse_if_all": ("relapse", "out_of_sight")}}


def moments(shown, quantity="relapse"):
    return shown.loc[(shown["quantity"] == quantity) & (shown["cell_status"] == "published"), "time"].tolist()


def test_between_two_moments_of_a_curve_nobody_or_enough_have_an_event():
    shown = protected(curve([12, 15, 22, 22, 30, 34]), **ABOUT)
    assert moments(shown) == [1, 3, 4, 6]  # the last first, then from the first on, as far as it fits
    assert shown["time"].tolist() == [1, 3, 4, 6]


def test_the_quoted_moment_is_kept_before_the_others():
    events = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 115, 120]
    shown = protected(curve(events), **ABOUT)
    assert 12 in moments(shown)
    assert 13 not in moments(shown)
    assert 11 not in moments(shown)


def test_a_quoted_moment_that_cannot_be_kept_stays_as_a_suppressed_row():
    shown = protected(curve([100, 104], times=[12, 24]), **ABOUT)
    assert shown["cell_status"].tolist() == ["published", "suppressed"]


def test_two_events_of_one_person_are_not_two_persons():
    frame = curve([20, 40])
    frame["cell_persons"] = [20, 24]
    assert moments(protected(frame, **ABOUT)) == [2]


def test_groups_are_thinned_apart():
    both = pd.concat([curve([12, 15], support="ja"), curve([12, 25], support="nee")], ignore_index=True)
    shown = protected(both, by=("support",), sums={})
    assert shown["support"].tolist() == ["ja", "nee", "nee"]


def test_a_bound_is_left_out_where_what_it_adds_is_hidden():
    parts = [curve([40], times=[12]), curve([4], times=[12], quantity="out_of_sight")]
    frame = pd.concat([*parts, curve([44], times=[12], quantity="relapse_if_all")], ignore_index=True)
    shown = protected(frame, **ABOUT)
    assert shown["cell_status"].tolist() == ["published", "suppressed", "suppressed"]


def test_a_bound_is_left_out_where_it_tells_a_small_part_that_has_no_row():
    frame = pd.concat([curve([40], times=[12]), curve([44], times=[12], quantity="relapse_if_all")], ignore_index=True)
    assert protected(frame, **ABOUT)["cell_status"].tolist() == ["published", "suppressed"]


def test_a_bound_stays_where_what_it_adds_is_large():
    parts = [curve([40], times=[12]), curve([20], times=[12], quantity="out_of_sight")]
    frame = pd.concat([*parts, curve([60], times=[12], quantity="relapse_if_all")], ignore_index=True)
    assert (protected(frame, **ABOUT)["cell_status"] == "published").all()


def test_five_reasons_for_no_number_stay_five_different_words():
    frame = pd.DataFrame(
        {
            "state": ["published", "published", "unknown", "unreachable", "not applicable", "no need"],
            "quantity": "need",
            "estimate": [0.0, 4.0, *[float("nan")] * 4],
            "lower": float("nan"),
            "upper": float("nan"),
            "n": [50.0, 50.0, 50.0, 50.0, 50.0, 50.0],
            "unit": "persons",
        }
    )
    shown = rules.protected(SimpleNamespace(to_frame=lambda: frame))
    expected = ["published", "suppressed", "missing", "unreachable", "not_applicable", "no_need"]
    assert shown["cell_status"].tolist() == expected
    assert shown["estimate"].iloc[0] == 0
    public = rules.protected(SimpleNamespace(to_frame=lambda: frame), persons=False)
    assert public["cell_status"].tolist() == ["published", *["published"], *expected[2:]]
