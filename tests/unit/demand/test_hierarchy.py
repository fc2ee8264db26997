"""Hierarchies: grouped, with missing nodes, and refused when they do not add up."""

import numpy as np
import pandas as pd
import pytest

from studie.demand import hierarchy, history
from studie.errors import InputError


def tree():
    rows = [
        (None, "p", ("p", s), (a, s), (m, s))
        for s in ("zorg", "bouw")
        for a, m in (("a1", "m1"), ("a1", "m2"), ("a2", "m3"))
    ]
    rows = [("vl bouw", *row[1:]) if row[-1][1] == "bouw" else row for row in rows]
    rows.append(("vl bouw", None, None, None, ("rest", "bouw")))
    return pd.DataFrame(rows, columns=["flanders", "province", ("province", "s"), ("arr", "s"), ("mun", "s")])


def histories(frame, n=24):
    rng = np.random.default_rng(3)
    period = pd.period_range("2020-01", periods=n, freq="M").astype(str)
    bottom = list(frame.iloc[:, -1])
    return pd.concat(
        [
            pd.DataFrame({"series": [label] * n, "period": period, "value": rng.poisson(9, n).astype(float)})
            for label in bottom
        ],
        ignore_index=True,
    )


def test_a_grouped_hierarchy_sums_what_each_label_holds():
    found = hierarchy.read(tree())
    row = dict(zip(found.nodes, found.summing.sum(axis=1), strict=True))
    assert row["vl bouw"] == 4 and row["p"] == 6 and row["p", "zorg"] == 3 and row["a1", "bouw"] == 2
    assert found.bottom[-1] == ("rest", "bouw")
    assert found.levels[0] == "flanders" and found.levels[-1] == "mun × s"
    assert np.array_equal(found.summing[-found.n_bottom :], np.eye(found.n_bottom))


def test_the_index_names_the_bottom_where_the_last_column_does_not():
    frame = pd.DataFrame({"total": ["t", "t"], "group": ["g", "g"]}, index=["x", "y"])
    found = hierarchy.read(frame)
    assert found.nodes == ("t", "g", "x", "y")


def test_one_label_for_two_sums_is_refused():
    frame = pd.DataFrame({"a": ["x", "x", "y"], "b": ["x", "z", "z"], "c": ["1", "2", "3"]})
    with pytest.raises(InputError, match="one sum"):
        hierarchy.read(frame)


def test_bottom_series_named_twice_are_refused():
    with pytest.raises(InputError, match="'x' twice"):
        hierarchy.read(pd.DataFrame({"a": ["t", "t"], "b": ["x", "x"]}))


def test_sums_are_made_where_they_are_not_given():
    frame = tree()
    rows = histories(frame)
    found = hierarchy.read(frame)
    series = {one.label: one for one in hierarchy.complete(history.read(rows, season=12), found)}
    parts = sum(series[m, "zorg"].values for m in ("m1", "m2", "m3"))
    assert np.array_equal(series["p", "zorg"].values, parts)


def test_a_given_sum_that_differs_from_its_parts_is_refused_with_the_period():
    frame = tree()
    rows = histories(frame)
    total = rows[rows["series"].map(lambda s: s[1] == "zorg")].groupby("period")["value"].sum()
    given = pd.DataFrame({"series": [("p", "zorg")] * 24, "period": total.index, "value": total.to_numpy()})
    given.loc[5, "value"] += 1
    with pytest.raises(InputError, match=r"must be the sum of its parts.*2020-06"):
        hierarchy.complete(history.read(pd.concat([rows, given]), season=12), hierarchy.read(frame))


def test_a_sector_that_no_node_is_named_after_is_refused_with_the_nearest():
    frame = tree()
    rows = histories(frame)
    rows.loc[:23, "series"] = pd.Series([("m1", "zork")] * 24, dtype=object)
    with pytest.raises(InputError, match="did you mean"):
        hierarchy.complete(history.read(rows, season=12), hierarchy.read(frame))


def test_a_missing_bottom_series_is_refused_by_name():
    frame = tree()
    rows = histories(frame)
    rows = rows[rows["series"].map(lambda s: s != ("m2", "zorg"))]
    with pytest.raises(InputError, match=r"got none for \('m2', 'zorg'\)"):
        hierarchy.complete(history.read(rows, season=12), hierarchy.read(frame))


def test_series_that_end_apart_are_refused():
    frame = tree()
    rows = histories(frame).iloc[:-1]
    with pytest.raises(InputError, match="end in the same period"):
        hierarchy.complete(history.read(rows, season=12), hierarchy.read(frame))
