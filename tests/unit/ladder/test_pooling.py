"""Pooling of regional transition matrices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.ladder import matrices, observations, pooling

STEPS = ["3", "4", "5"]
CENTRE = np.array([[0.85, 0.12, 0.03], [0.1, 0.8, 0.1], [0.02, 0.08, 0.9]])


def hierarchy(municipalities=30):
    areas = [f"w{i // 5}" for i in range(municipalities)]
    return pd.DataFrame(
        {
            "province": "p",
            "arrondissement": [f"a{i // 15}" for i in range(municipalities)],
            "working_area": areas,
            "municipality": [f"m{i}" for i in range(municipalities)],
        }
    )


def regional(rng, tree, *, concentration=60, mean=40):
    truth, tables = {}, {}
    for region in tree["municipality"]:
        p = np.array([rng.dirichlet(concentration * row) for row in CENTRE])
        starts = rng.negative_binomial(0.7, 0.7 / (mean + 0.7), 3)
        truth[region] = p
        moves = [rng.multinomial(n, row) for n, row in zip(starts, p, strict=True)]
        tables[region] = pd.DataFrame(moves, index=STEPS, columns=STEPS)
    return truth, tables


def test_rows_sum_to_one_in_every_region_of_every_level():
    tree = hierarchy()
    result = pooling.pool(regional(np.random.default_rng(1), tree)[1], tree)
    total = result.table.groupby(["level_name", "region", "from_step"])["estimate"].sum()
    assert total.to_numpy() == pytest.approx(np.ones(len(total)))
    assert len(total) == (1 + 2 + 6 + 30) * 3
    assert list(result.to_frame().columns)[-6:] == ["quantity", "estimate", "lower", "upper", "n", "unit"]


def test_a_region_without_data_gets_its_parents_estimate_labelled_so():
    tree = hierarchy()
    tables = regional(np.random.default_rng(2), tree)[1]
    del tables["m3"]
    result = pooling.pool(tables, tree)
    assert result.matrix("m3").to_numpy() == pytest.approx(result.matrix("w0").to_numpy())
    rows = result.shrinkage().query("region == 'm3'")
    assert set(rows["method"]) == {"parent"}
    assert rows["shrinkage"].tolist() == [1, 1, 1]
    assert result.table.query("region == 'm3'")["own"].isna().all()


def test_a_step_nobody_started_on_anywhere_is_unknown_not_flat():
    tree = hierarchy(3)
    table = pd.DataFrame([[8, 1, 1], [0, 0, 0], [0, 2, 9]], index=STEPS, columns=STEPS)
    rows = pooling.pool({"m0": table}, tree).table
    assert rows.query("from_step == '4'")[["estimate", "lower", "upper"]].isna().all(axis=None)
    assert set(rows.query("from_step == '4'")["method"]) == {"unknown"}
    assert rows.query("from_step == '3'")["estimate"].notna().all()


def test_an_estimate_lies_between_the_own_share_and_the_parent_as_the_shrinkage_says():
    tree = hierarchy()
    result = pooling.pool(regional(np.random.default_rng(3), tree)[1], tree)
    rows = result.table.query("level_name == 'municipality' and method == 'pooled'")
    parent = result.table.query("level_name == 'working_area'").set_index(["region", "from_step", "to_step"])[
        "estimate"
    ]
    above = parent.loc[list(zip(rows["parent"], rows["from_step"], rows["to_step"], strict=True))].to_numpy()
    expected = rows["shrinkage"] * above + (1 - rows["shrinkage"]) * rows["own"]
    assert rows["estimate"].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-12)


def test_a_large_region_keeps_its_own_share_and_a_small_one_leans():
    tree = hierarchy()
    tables = regional(np.random.default_rng(4), tree)[1]
    tables["m0"] = tables["m0"] * 0 + pd.DataFrame(np.round(CENTRE * 50_000), index=STEPS, columns=STEPS)
    shrinkage = pooling.pool(tables, tree).shrinkage().query("level_name == 'municipality'")
    assert (shrinkage.query("region == 'm0'")["method"] == "own").all()
    ordered = shrinkage.query("from_step == '4'").sort_values("n")["shrinkage"].to_numpy()
    assert (np.diff(ordered) <= 1e-9).all()


def test_regions_that_hardly_differ_are_pulled_harder():
    tree = hierarchy()
    shrunk = []
    for concentration in (10, 1000):
        tables = regional(np.random.default_rng(5), tree, concentration=concentration, mean=60)[1]
        result = pooling.pool(tables, tree)
        shrunk.append(result.shrinkage().query("level_name == 'municipality'")["shrinkage"].mean())
    assert shrunk[1] > shrunk[0] + 0.2


def test_a_long_frame_and_counts_of_observations_give_the_same_as_matrices():
    tree = hierarchy(2)
    tables = {"m0": pd.DataFrame([[1, 1], [0, 1]], index=[3, 4], columns=[3, 4])}
    frame = pd.DataFrame({"who": [1, 1, 1, 2, 2], "when": [0, 1, 2, 0, 1], "step": [3, 4, 4, 3, 3]})
    obs = observations.from_panel(frame, person="who", time="when", state="step")
    long = tables["m0"].rename_axis("from_step").reset_index().melt("from_step", var_name="to_step", value_name="count")
    expected = pooling.pool(tables, tree).to_frame()
    pd.testing.assert_frame_equal(pooling.pool({"m0": matrices.counts(obs)}, tree).to_frame(), expected)
    pd.testing.assert_frame_equal(pooling.pool(long.assign(region="m0"), tree).to_frame(), expected, check_dtype=False)


def test_the_concentration_put_in_is_found_back():
    tree = pd.DataFrame({"province": "p", "municipality": [f"m{i}" for i in range(200)]})
    rng = np.random.default_rng(6)
    tables = {
        region: pd.DataFrame(
            [rng.multinomial(300, rng.dirichlet(50 * row)) for row in CENTRE], index=STEPS, columns=STEPS
        )
        for region in tree["municipality"]
    }
    found = pooling.pool(tables, tree).concentration
    assert ((found["lower"] < 50 * 1.15) & (found["upper"] > 50 / 1.15)).all()
    assert found["estimate"].to_numpy() == pytest.approx(np.full(3, 50), rel=0.25)


@pytest.mark.slow
@pytest.mark.parametrize(("concentration", "mean"), [(30, 15), (60, 40), (60, 200)])
def test_intervals_cover_93_to_97_percent_averaged_over_regions(concentration, mean):
    tree, rng = hierarchy(), np.random.default_rng(7)
    inside = []
    for _ in range(40):
        truth, tables = regional(rng, tree, concentration=concentration, mean=mean)
        rows = pooling.pool(tables, tree).table.query("level_name == 'municipality'")
        p = np.concatenate([truth[region].ravel() for region in tree["municipality"]])
        inside.append(((rows["lower"] <= p) & (p <= rows["upper"])).mean())
    # 40 replications of 270 correlated cells: the mean has a standard error of about half a point
    assert 0.92 < np.mean(inside) < 0.98


def test_unusable_input_is_refused_by_name():
    tree = hierarchy(6)
    table = pd.DataFrame(1, index=STEPS, columns=STEPS)
    with pytest.raises(InputError, match=r"every region needs a place in the hierarchy, got \['m9'\] without"):
        pooling.pool({"m9": table}, tree)
    with pytest.raises(InputError, match="working_area must lie in one arrondissement"):
        pooling.pool({"m0": table}, tree.assign(arrondissement=[f"a{i}" for i in range(6)]))
    with pytest.raises(InputError, match="innermost regions must be unique"):
        pooling.pool({"m0": table}, tree.assign(municipality="m0"))
    with pytest.raises(InputError, match="steps must be the same in every region"):
        pooling.pool({"m0": table, "m1": table.rename(index={"3": "2"})}, tree)
    with pytest.raises(InputError, match="not negative"):
        pooling.pool({"m0": table - 2}, tree)
    with pytest.raises(InputError, match="region: must be one of the hierarchy"):
        pooling.pool({"m0": table}, tree).matrix("m77")
