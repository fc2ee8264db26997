"""The matrix of one region, helped by the regions above it."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.ladder import matrices, observations, regional

AREAS = pd.DataFrame({"province": "p", "area": ["large", "small", "empty"]})


@pytest.fixture(scope="module")
def everyone():
    rng = np.random.default_rng(11)
    rows = []
    for person in range(420):
        area = "small" if person < 8 else "large"
        step = int(rng.choice([3, 4]))
        for month in range(14):
            rows.append((person, float(month), str(step), area))
            step = {3: rng.choice([3, 4], p=[0.9, 0.1]), 4: rng.choice([3, 4], p=[0.2, 0.8])}[int(step)]
    frame = pd.DataFrame(rows, columns=["person", "time", "state", "area"])
    return observations.from_panel(frame, person="person", time="time", state="state", covariates=["area"])


def test_counts_per_area_add_up_to_all_counts(everyone):
    parts = regional.counts_by(everyone, by="area")
    whole = matrices.counts(everyone, lag=1).matrix
    np.testing.assert_allclose(sum(parts.values()).to_numpy(), whole.to_numpy())


def test_a_small_region_leans_more_and_lies_between_its_own_share_and_the_one_above(everyone):
    small = regional.regional_matrix(everyone, AREAS, region="small", by="area")
    large = regional.regional_matrix(everyone, AREAS, region="large", by="area")
    assert small.shrinkage > large.shrinkage
    assert small.parent == "p"
    assert 0 < small.n < large.n


def test_a_region_without_anyone_gets_the_estimate_above_it_labelled_so(everyone):
    empty = regional.regional_matrix(everyone, AREAS, region="empty", by="area")
    assert empty.n == 0
    assert set(empty.table["method"]) == {"parent"}
    assert empty.shrinkage == pytest.approx(1)


def test_every_row_adds_up_and_the_interval_holds_the_estimate(everyone):
    frame = regional.regional_matrix(everyone, AREAS, region="small", by="area").to_frame()
    np.testing.assert_allclose(frame.groupby("from_step")["estimate"].sum(), 1, atol=1e-9)
    assert ((frame["lower"] <= frame["estimate"]) & (frame["estimate"] <= frame["upper"])).all()


def test_a_hierarchy_with_a_row_per_municipality_gives_the_same(everyone):
    doubled = pd.concat([AREAS, AREAS.iloc[[0]]], ignore_index=True)
    one, other = (regional.regional_matrix(everyone, h, region="small", by="area") for h in (AREAS, doubled))
    pd.testing.assert_frame_equal(one.to_frame(), other.to_frame())


def test_persons_are_those_of_the_region_itself(everyone):
    for region, fewest, most in (("small", 1, 8), ("large", 300, 412), ("empty", 0, 0)):
        frame = regional.regional_matrix(everyone, AREAS, region=region, by="area").to_frame()
        assert frame["persons"].between(fewest, most).all()
        assert (frame["cell_persons"] <= frame["persons"]).all()


def test_an_unknown_region_or_covariate_and_the_outermost_region_are_refused(everyone):
    with pytest.raises(InputError, match="region: must be one of the hierarchy"):
        regional.regional_matrix(everyone, AREAS, region="elsewhere", by="area")
    with pytest.raises(InputError, match="region: must have a region above it"):
        regional.regional_matrix(everyone, AREAS, region="p", by="area")
    with pytest.raises(InputError, match="by"):
        regional.counts_by(everyone, by="region")
