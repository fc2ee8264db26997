"""Suppressed, missing, unreachable, not applicable and zero are five different things wherever a reader meets them."""

import pandas as pd
import pytest

from studie.batch import extract
from studie.present import cells, classes, wording
from studie.present.display import MIME

STATUS = ["suppressed", "missing", "unreachable", "not_applicable", "published"]


@pytest.fixture
def frame():
    """One row per thing; the last is a zero."""
    values = pd.array([None] * 4 + [0.0], dtype="Float64")
    numbers = dict.fromkeys(("estimate", "lower", "upper", "n"), values)
    return pd.DataFrame({"step": "3", "quantity": "stock", **numbers, "unit": "persons", "cell_status": STATUS})


def test_in_tables(frame):
    for shown in (cells.amount, cells.amount_known, cells.share):
        assert len({shown(row) for row in frame.itertuples()}) == 5


def test_in_sentences(frame):
    nothing = pd.DataFrame()
    said = {wording.ladder_numbers(frame.iloc[[i]], nothing, nothing)[0].value for i in range(5)}
    assert len(said) == 5


def test_in_maps(frame):
    states = classes.states(frame, value="estimate", status="cell_status", zero="own")
    assert states.nunique() == 5
    looks = [classes.STATES[state] for state in states if state in classes.STATES]
    assert len({(look.fill, look.hatch) for look in looks}) == len(looks)
    assert len({look.label for look in looks}) == len(looks)


def test_in_exports(frame, tmp_path):
    item = {"kind": "table", "name": "x", "frame": {"columns": list(frame), "data": frame.to_numpy().tolist()}}
    node = {"cells": [{"outputs": [{"data": {MIME: item}}]}]}
    extract.write_results(node, tmp_path)
    for table in (pd.read_csv(tmp_path / "x.csv"), pd.read_parquet(tmp_path / "x.parquet")):
        assert len(set(zip(table["cell_status"], table["estimate"].astype(str), strict=True))) == 5
