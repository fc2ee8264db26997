"""Cells of an answer that stay empty hold against an attack that knows every total."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studie.data.databank import planning
from studie.disclosure import audit
from studie.errors import DisclosureError


def table(seed: int, shape: tuple[int, ...] = (9, 5)) -> pd.DataFrame:
    """Counts of which a few are small and some nought, without the noughts."""
    rng = np.random.default_rng(seed)
    names = ["refnis", "step", "sex"][: len(shape)]
    index = pd.MultiIndex.from_product([range(k) for k in shape], names=names)
    counts = rng.poisson(rng.gamma(1.5, 15, len(index)))
    return pd.Series(counts, index=index, name="n").reset_index().query("n > 0").reset_index(drop=True)


def system(frame: pd.DataFrame, hidden: np.ndarray) -> audit.Attack:
    """Attack of a reader who knows all totals of lines that reach ten, and the empty cells."""
    names = [c for c in frame.columns if c != "n"]
    cells = pd.DataFrame({"n": frame["n"].astype(float), "shown": ~hidden, "secret": frame["n"] < 10})
    sums = []
    for name in names:
        rest = [n for n in names if n != name]
        for place, rows in frame.groupby(rest).groups.items() if rest else [((), frame.index)]:
            total = f"{name}{place}"
            n = float(frame.loc[rows, "n"].sum())
            cells.loc[total] = {"n": n, "shown": n >= 10, "secret": n < 10}
            sums += [(total, row, 1.0) for row in rows] + [(total, total, -1.0)]
    equations = pd.DataFrame(sums, columns=["equation", "cell", "coefficient"])
    return audit.attack_system(cells.astype({"shown": bool, "secret": bool}), equations, insider=False)


@pytest.mark.parametrize("seed", range(12))
def test_nothing_follows_from_the_totals_but_where_a_line_has_one_cell(seed: int) -> None:
    frame = table(seed)
    small = (frame["n"] < 10).to_numpy()
    hidden = planning.hidden(frame["n"], frame[["refnis", "step"]], primary=small, threshold=10)
    assert (hidden | ~small).all()
    attack = system(frame, hidden)
    assert attack.passed, attack.breaches()
    if small.any() and not small.all():
        assert not system(frame, small).passed or (hidden == small).all()


def test_hiding_two_per_line_is_not_enough_and_the_plan_sees_it() -> None:
    rows = [("a", "1", 4), ("a", "2", 40), ("a", "3", 50), ("b", "1", 60), ("b", "2", 70), ("b", "3", 80)]
    frame = pd.DataFrame([*rows, ("c", "1", 45), ("c", "2", 90), ("c", "3", 95)], columns=["refnis", "step", "n"])
    hidden = planning.hidden(frame["n"], frame[["refnis", "step"]], primary=frame["n"].to_numpy() < 10, threshold=10)
    assert system(frame, hidden).passed
    per_line = frame.assign(hidden=hidden).groupby("refnis")["hidden"].sum()
    assert per_line["a"] >= 3  # the cell, and two so that who knows one does not know the cell


def test_dates_are_planned_apart() -> None:
    rows = [(d, s, n) for d, counts in (("j", [4, 40, 50]), ("f", [40, 41, 50])) for s, n in zip("123", counts)]  # noqa: B905
    frame = pd.DataFrame(rows, columns=["date", "step", "n"])
    small = frame["n"].to_numpy() < 10
    hidden = planning.hidden(frame["n"], frame[["date", "step"]], primary=small, threshold=10, apart=["date"])
    assert hidden.tolist() == [True, True, True, False, False, False]


def test_unknown_labels_are_labels() -> None:
    frame = pd.DataFrame({"support": ["ja", None, "total"], "n": [3, 30, 40]})
    hidden = planning.hidden(frame["n"], frame[["support"]], primary=frame["n"].to_numpy() < 10, threshold=10)
    assert hidden.all()


def test_a_parent_that_is_shown_asks_for_more_hidden_children() -> None:
    tree = pd.DataFrame({"child": ["m1", "m2", "m3", "m4"], "parent": ["r1", "r1", "r2", "r2"]})
    frame = pd.DataFrame({"region": ["m1", "m2", "m3", "m4", "r1", "r2"], "n": [4, 30, 20, 25, 34, 45]})
    small = frame["n"].to_numpy() < 10
    hidden = planning.hidden(frame["n"], frame[["region"]], primary=small, threshold=10, parents={"region": tree})
    assert hidden[:2].all()


def test_too_many_cells_are_refused_in_one_line() -> None:
    frame = table(1, (80, 50))
    with pytest.raises(DisclosureError, match="at most 3000 cells per date are protected together, got 4000"):
        planning.hidden(frame["n"], frame[["refnis", "step"]], primary=frame["n"].to_numpy() < 10, threshold=10)
