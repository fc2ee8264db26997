"""Hidden cells hold, also when time is short, tables are linked, or something is known from before."""

import numpy as np
import pandas as pd
import pytest

from studie.disclosure import audit, ledger, registry, suppression
from studie.errors import InputError

COUNTS = pd.DataFrame({"man": [18, 14, 12], "vrouw": [2, 19, 10]}, index=["A", "B", "C"])


def table(shape, seed, scale=25.0):
    return pd.DataFrame(np.random.default_rng(seed).poisson(np.random.default_rng(seed + 99).gamma(1, scale, shape)))


def long(shape, seed, names):
    counts = np.random.default_rng(seed).poisson(12, shape)
    index = pd.MultiIndex.from_product(
        [[f"{n}{i}" for i in range(k)] for n, k in zip(names, shape, strict=True)], names=names
    )
    return pd.Series(counts.ravel(), index=index, name="n").reset_index()


def test_a_published_frame_does_not_say_why_a_cell_is_hidden():
    shown = suppression.suppress(COUNTS, threshold=3).published()
    assert set(shown["cell_status"]) == {"published", "suppressed"}
    assert shown.loc[shown["cell_status"] == "suppressed", ["estimate", "lower", "upper", "n"]].isna().all(axis=None)


def test_the_small_cell_is_primary_and_what_shields_it_secondary():
    frame = suppression.suppress(COUNTS, threshold=3, insider=False).to_frame().set_index(["row", "column"])
    assert frame["cell_status"]["A", "vrouw"] == "primary"
    assert (frame["cell_status"] == "secondary").sum() == 3
    assert list(frame.columns) == ["quantity", "estimate", "lower", "upper", "n", "unit", "cell_status"]


def test_an_insider_breaks_what_holds_against_outsiders():
    plain = suppression.suppress(COUNTS, threshold=3, insider=False)
    assert audit.attack(plain, insider=False).passed
    attack = audit.attack(plain, insider=True)
    assert not attack.passed
    assert attack.breaches()["key"].tolist() == ["persons[column=vrouw, row=A]"]
    assert audit.attack(suppression.suppress(COUNTS, threshold=3)).passed


@pytest.mark.parametrize("insider", [False, True])
@pytest.mark.parametrize("zeros", ["show", "protect"])
def test_without_time_the_pattern_is_still_safe_and_its_gap_stated(zeros, insider):
    counts = table((12, 4), 5)
    rushed = suppression.suppress(counts, zeros=zeros, insider=insider, time_limit=0.0)
    best = suppression.suppress(counts, zeros=zeros, insider=insider)
    assert rushed.status == "time_limit"
    assert not rushed.optimal
    assert audit.attack(rushed, insider=insider).passed
    assert rushed.cost >= best.cost >= rushed.cost * (1 - rushed.gap) - 1e-9


def test_three_dimensions_are_safe_for_an_insider():
    hidden = suppression.suppress(long((4, 3, 3), 2, ["a", "b", "c"]), insider=True, time_limit=5)
    assert audit.attack(hidden).passed


def test_a_map_and_a_table_share_their_margins():
    both = long((5, 3), 4, ["refnis", "step"])
    municipal = both.groupby("refnis", as_index=False)["n"].sum()
    planned = suppression.suppress_linked({"map": municipal, "table": both}, threshold=10)
    status = {title: frame.set_index("key")["cell_status"] for title, frame in planned.tables.items()}
    assert status["map"].equals(status["table"].reindex(status["map"].index))
    assert audit.attack_publication([planned]).passed


def test_a_table_planned_alone_beside_a_map_is_caught():
    municipal = pd.DataFrame({"row": ["A", "B", "C"], "n": [20, 33, 22]})
    table, map_ = suppression.suppress(COUNTS, threshold=3), suppression.suppress(municipal, threshold=3)
    assert audit.attack(table).passed
    assert audit.attack(map_).passed
    assert not audit.attack_publication([table, map_]).passed
    inner = COUNTS.rename_axis("row").reset_index().melt("row", var_name="column", value_name="n")
    together = suppression.suppress_linked({"table": inner, "map": municipal}, threshold=3)
    assert audit.attack_publication([together]).passed


def test_two_years_with_their_change_are_one_system():
    years = [long((4, 3), seed, ["refnis", "step"]).assign(period=str(2023 + seed)) for seed in (0, 1)]
    planned = suppression.suppress_linked({"now": years[0], "then": years[1]}, apart=("period",))
    assert audit.attack_publication([planned]).passed
    now = planned.tables["now"].set_index("key")["cell_status"]
    key = now.index[now == "primary"][0]
    twin = key.replace("2023", "2024")
    counts = pd.concat(planned.tables.values()).set_index("key")["n"]
    change = pd.DataFrame({"equation": "change", "cell": [key, twin, "change"], "coefficient": [1.0, -1.0, -1.0]})
    told = pd.Series({"change": counts[key] - counts[twin], twin: counts[twin]}, dtype=float)
    attack = audit.attack_publication([planned], extra=change, stated=told)
    assert key in attack.breaches()["key"].tolist()


def test_a_difference_with_an_earlier_publication_is_caught_and_planned_for():
    plain = suppression.suppress(COUNTS, threshold=3)
    one = pd.Series({"persons[column=man, row=A]": 18.0})
    assert not audit.attack_publication([plain], ledger=one).passed
    planned = suppression.suppress(COUNTS, threshold=3, ledger=one)
    assert audit.attack_publication([planned], ledger=one).passed


def test_groups_of_municipalities_are_cells_of_the_same_system():
    tree = pd.DataFrame(
        [("refnis0", "X"), ("refnis1", "X"), ("refnis2", "Y"), ("refnis3", "Y"), ("X", "P"), ("Y", "P")],
        columns=["child", "parent"],
    )
    planned = suppression.suppress(long((4, 3), 1, ["refnis", "step"]), hierarchies={"refnis": tree})
    assert {"X", "Y", "P"} <= set(planned.to_frame()["refnis"])
    assert audit.attack(planned).passed


def test_a_region_and_a_larger_one_tell_the_municipality_between_them():
    regions = pd.DataFrame({"refnis": ["small", "large"], "n": [40, 44]})
    shown = [suppression.suppress(regions, apart=("refnis",))]
    tree = pd.DataFrame(
        [("a", "small"), ("b", "small"), ("a", "large"), ("b", "large"), ("c", "large")], columns=["child", "parent"]
    )
    assert audit.attack_publication(shown).passed
    attack = audit.attack_publication(shown, hierarchies={"refnis": tree})
    assert not attack.passed


def test_access_and_public_supply_reveal_need():
    hidden = pd.DataFrame({"n": [4.0], "shown": False, "secret": True}, index=["need[a]"])
    nothing = pd.DataFrame(columns=["equation", "cell", "coefficient"])
    bounds = audit.ratio_bounds(pd.Series({"need[a]": 2.5}), pd.Series({"need[a]": 10.0}), decimals=1)
    assert audit.attack_system(hidden, nothing).passed
    assert not audit.attack_system(hidden, nothing, bounds=bounds).passed


def test_two_tables_that_contradict_each_other_are_refused():
    one = pd.DataFrame({"refnis": ["a", "b"], "n": [20, 30]})
    with pytest.raises(InputError, match="one count everywhere"):
        suppression.suppress_linked({"one": one, "two": one.assign(n=[20, 31])})


@pytest.mark.parametrize(
    ("change", "words"),
    [({"zeros": "hide"}, "zeros"), ({"threshold": 0}, "threshold"), ({"weights": "euro"}, "weights")],
)
def test_unknown_options_are_refused(change, words):
    with pytest.raises(InputError, match=words):
        suppression.suppress(COUNTS, **change)


@pytest.mark.parametrize("wrong", [-1, 2.5, np.nan])
def test_what_is_no_count_is_refused(wrong):
    with pytest.raises(InputError, match="whole numbers"):
        suppression.suppress(pd.DataFrame({"a": [wrong, 3.0], "b": [4.0, 5.0]}))


def test_the_registry_gives_only_published_counts():
    planned = suppression.suppress(COUNTS, threshold=3, insider=False)
    book = registry.register([planned])
    assert book.count("persons", row="B", column="man") == 14
    assert book.status("persons", row="A", column="vrouw") == "primary"
    assert book.status("persons", row="Z") == "unregistered"
    with pytest.raises(Exception, match="only published"):
        book.count("persons", row="A", column="vrouw")
    again = registry.from_frame(registry.to_frame(book))
    pd.testing.assert_frame_equal(again.frame, book.frame)


def test_a_frame_shows_registered_cells_only():
    book = registry.register([suppression.suppress(COUNTS, threshold=3, insider=False)])
    frame = pd.DataFrame({"row": ["A", "B", "Z"], "column": "vrouw", "estimate": [2.0, 19.0, 5.0]})
    shown = book.applied(frame, dimensions=["row", "column"])
    assert shown["cell_status"].tolist() == ["suppressed", "published", "suppressed"]
    assert shown["estimate"].isna().tolist() == [True, False, True]


def test_the_ledger_tells_what_was_stated_and_what_changes():
    from datetime import date

    book = registry.register([suppression.suppress(COUNTS, threshold=3, insider=False)])
    kept = ledger.appended(ledger.empty(), book, publication="2025", on=date(2025, 6, 1))
    assert ledger.stated(kept)["persons[]"] == 75
    changed = COUNTS.copy()
    changed.loc["B", "man"] = 16
    later = registry.register([suppression.suppress(changed, threshold=3, insider=False)])
    found = ledger.differences(kept, later).set_index("key")["difference"]
    assert found["persons[column=man, row=B]"] == "small"
    with pytest.raises(InputError, match="stands once"):
        ledger.appended(kept, book, publication="2025", on=date(2025, 6, 1))


def test_a_table_without_sums_hides_its_small_cells_only():
    one = suppression.suppress(pd.DataFrame({"step": ["3"], "n": [4]}))
    assert (one.cost, one.optimal) == (1.0, True)
    years = pd.DataFrame({"year": [2023, 2024], "n": [4, 14]})
    apart = suppression.suppress(years, apart=["year"])
    assert apart.to_frame()["cell_status"].tolist() == ["primary", "published"]


def test_the_search_ends_with_an_optimum_also_where_all_totals_are_public():
    """HiGHS once handed back the start with the objective of another choice, and the search went round in circles."""
    rows = [("a", "1", 4), ("a", "2", 40), ("a", "3", 50), ("b", "1", 60), ("b", "2", 70), ("b", "3", 80)]
    frame = pd.DataFrame([*rows, ("c", "1", 45), ("c", "2", 90), ("c", "3", 95)], columns=["refnis", "step", "n"])
    totals = ["persons[]", *(f"persons[refnis={r}]" for r in "abc"), *(f"persons[step={s}]" for s in "123")]
    found = suppression.suppress(frame, public=totals, time_limit=20)
    assert (found.status, found.cost, found.gap) == ("optimal", 7.0, 0.0)
    assert audit.attack(found).passed
