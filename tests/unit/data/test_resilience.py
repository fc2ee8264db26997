import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from studie.data.resilience import Resilience, ratios, resilience
from studie.errors import InsufficientDataError

COLUMNS = [
    "enterprise_number", "year", "total_assets_euro", "equity_euro", "current_assets_euro", "current_debts_euro",
    "operating_income_euro", "operating_subsidies_euro",
]  # fmt: skip
ROWS = [
    ("A", 2024, 1000.0, 400.0, 600.0, 300.0, 2000.0, 900.0),
    ("A", 2025, 1000.0, 500.0, 500.0, 500.0, 2000.0, 1000.0),
    ("B", 2025, 1000.0, 100.0, 600.0, 300.0, 1000.0, np.nan),
    ("C", 2025, 1000.0, 300.0, 299.0, 300.0, 500.0, 0.0),
    ("D", 2025, 1000.0, np.nan, 600.0, 300.0, np.nan, np.nan),
    ("X", 2026, 1000.0, 900.0, 600.0, 0.0, 0.0, 0.0),
]
ENTERPRISE = pd.DataFrame(
    {"enterprise_number": list("ABCDEX"), "form": ["maatwerkbedrijf"] * 5 + ["reguliere onderneming"]}
)


def accounts(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows or ROWS, columns=COLUMNS)


def found(**bounds: float) -> Resilience:
    chosen = {"least_solvency": 0.118, "least_liquidity": 1.0, **bounds}
    return resilience(accounts(), ENTERPRISE, **chosen)


def test_ratios_are_those_of_the_balance_sheet() -> None:
    shown = ratios(accounts())
    assert shown.iloc[0].tolist() == pytest.approx([400 / 1000, 600 / 300, 900 / 2000])
    assert shown["subsidy_share"].isna().tolist() == [False, False, True, False, True, True]
    assert np.isnan(shown.loc[5, "liquidity"])  # no debts due: no ratio, not an infinite one


def test_debts_beyond_the_assets_make_solvency_negative() -> None:
    assert ratios(accounts(("A", 2025, 100.0, -50.0, 1.0, 1.0, 1.0, 1.0)))["solvency"].tolist() == [-0.5]


def test_a_firm_is_resilient_when_it_reaches_both_bounds_in_the_last_year() -> None:
    shown = found()
    assert shown.year == 2025  # a regular firm with later accounts is not asked for
    assert shown.firms["resilient"].dropna().to_dict() == {"A": True, "B": False, "C": False}
    assert shown.firms.index[shown.firms["resilient"].isna()].tolist() == ["D", "E"]
    assert shown.share == pytest.approx(1 / 3)
    assert (shown.known, shown.n) == (3, 5)


def test_the_bounds_are_reached_when_none_or_all_of_the_unknown_firms_are_resilient() -> None:
    shown = found()
    assert (shown.lower, shown.upper) == (pytest.approx(1 / 5), pytest.approx(3 / 5))


def test_other_bounds_give_another_answer() -> None:
    assert found(least_solvency=0.0).share == pytest.approx(2 / 3)
    assert found(least_liquidity=0.9).share == pytest.approx(2 / 3)


def test_a_firm_without_debts_due_is_liquid() -> None:
    alone = accounts(("A", 2025, 100.0, 90.0, 10.0, 0.0, 1.0, 0.0))
    assert resilience(alone, ENTERPRISE, least_solvency=0.1, least_liquidity=1.0).share == 1


def test_quartiles_are_over_the_firms_that_tell_them() -> None:
    shown = found().quartiles
    assert shown.loc[(2025, "solvency")].to_dict() == {
        "first_quartile": 0.2, "median": 0.3, "third_quartile": 0.4, "n": 3.0,
    }  # fmt: skip
    assert shown.loc[(2025, "subsidy_share"), "median"] == pytest.approx(0.25)
    assert (2026, "solvency") not in shown.index


def test_the_frame_has_its_keys_and_the_six_columns() -> None:
    frame = found().to_frame()
    assert frame.columns.tolist() == ["year", "indicator", "quantity", "estimate", "lower", "upper", "n", "unit"]
    last = frame.iloc[-1]
    assert (last["indicator"], last["estimate"], last["n"]) == ("resilient", pytest.approx(1 / 3), 3)
    assert set(frame["unit"]) == {"share", "ratio"}


@pytest.mark.parametrize("rows", [[("X", *ROWS[0][1:])], [ROWS[4]]])
def test_without_a_complete_account_of_a_firm_asked_for_nothing_is_said(rows: list[tuple[object, ...]]) -> None:
    with pytest.raises(InsufficientDataError, match="at least one complete account"):
        resilience(accounts(*rows), ENTERPRISE, least_solvency=0.1, least_liquidity=1.0)


@given(truth=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_the_bounds_hold_the_true_share_whatever_accounts_are_missing(truth: list[tuple[bool, bool]]) -> None:
    firms = pd.DataFrame({"enterprise_number": [f"{k}" for k in range(len(truth))], "form": "maatwerkbedrijf"})
    told = [
        (f"{k}", 2025, 100.0, 50.0 if firm else 0.0, 50.0, 10.0, 1.0, 0.0)
        for k, (firm, listed) in enumerate(truth)
        if listed
    ]
    assume(told)
    shown = resilience(accounts(*told), firms, least_solvency=0.118, least_liquidity=1.0)
    true = sum(firm for firm, _ in truth) / len(truth)
    assert shown.lower - 1e-12 <= true <= shown.upper + 1e-12
    assert shown.lower - 1e-12 <= shown.share <= shown.upper + 1e-12
