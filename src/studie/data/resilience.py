"""How able firms are to bear a setback: solvency, liquidity and subsidies in income, from their annual accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InsufficientDataError

SOCIAL = ("maatwerkbedrijf", "AMA-initiatief")  # forms of enterprise
INDICATORS = {"solvency": "share", "liquidity": "ratio", "subsidy_share": "share"}
QUARTILES = {"first_quartile": 0.25, "median": 0.5, "third_quartile": 0.75}
_NEEDED = ("total_assets_euro", "equity_euro", "current_assets_euro", "current_debts_euro")


@dataclass(frozen=True, kw_only=True)
class Resilience:
    """Financial resilience of firms, in the last year of their accounts.

    Attributes
    ----------
    firms : DataFrame, index enterprise_number
        `solvency` and `subsidy_share` [share], `liquidity` [ratio] and `resilient` [bool] of every firm asked for in
        `year`; nan and <NA> where its accounts do not tell.
    quartiles : DataFrame, index (year, indicator)
        `first_quartile, median, third_quartile` over the firms whose accounts tell, and `n`, how many these are.
    share, lower, upper : float
        Share of the firms with known resilience that is resilient, and the share of all firms asked for if none, or
        all, of the unknown ones were [share].
    year : int
        Last year with accounts.
    least_solvency, least_liquidity : float
        From where a firm is called resilient.
    n : int
        Firms asked for [count].
    """

    firms: pd.DataFrame
    quartiles: pd.DataFrame
    share: float
    lower: float
    upper: float
    year: int
    least_solvency: float
    least_liquidity: float
    n: int
    level: None = None

    @property
    def known(self) -> int:
        """Firms whose accounts tell whether they are resilient [count]."""
        return int(self.firms["resilient"].notna().sum())

    def to_frame(self) -> pd.DataFrame:
        """Keys `year, indicator`, then the six columns: quartiles per year, and the share that is resilient."""
        long = self.quartiles.reset_index().melt(
            id_vars=["year", "indicator", "n"], value_vars=list(QUARTILES), var_name="quantity", value_name="estimate"
        )
        told = long.assign(lower=np.nan, upper=np.nan, unit=long["indicator"].map(INDICATORS))
        last = {
            "year": self.year, "indicator": "resilient", "quantity": "resilient_share", "estimate": self.share,
            "lower": self.lower, "upper": self.upper, "n": self.known, "unit": "share",
        }  # fmt: skip
        rows = pd.concat([told, pd.DataFrame([last])], ignore_index=True)
        return rows[["year", "indicator", "quantity", "estimate", "lower", "upper", "n", "unit"]].astype({"n": float})


def ratios(account: pd.DataFrame) -> pd.DataFrame:
    """Solvency, liquidity and share of subsidies of each account.

    Parameters
    ----------
    account : DataFrame
        Rows of the table `annual_account` [euro].

    Returns
    -------
    DataFrame, index as that of `account`
        `solvency` = equity / total assets [share], negative where debts exceed assets; `liquidity` = current assets /
        debts due within a year [ratio]; `subsidy_share` = operating subsidies / operating income [share]. Missing where
        a part is missing or the denominator is nought.

    Notes
    -----
    Solvency is the degree of financial independence (codes 10/15 over 10/49) and liquidity the current ratio (codes 3,
    40/41, 50/53, 54/58, 490/1 over 42/48, 492/3) of the Belgian standard accounts [1]_ [2]_.

    References
    ----------
    .. [1] National Bank of Belgium, Central Balance Sheet Office. Company file: ratios.
    .. [2] Ooghe, H., & Van Wymeersch, C. (2006). Handboek financiële analyse van de onderneming. Intersentia.
    """
    parts = {
        "solvency": ("equity_euro", "total_assets_euro"),
        "liquidity": ("current_assets_euro", "current_debts_euro"),
        "subsidy_share": ("operating_subsidies_euro", "operating_income_euro"),
    }
    return pd.DataFrame(
        {name: account[above] / account[below].where(account[below] > 0) for name, (above, below) in parts.items()}
    ).astype(float)


def resilience(
    account: pd.DataFrame,
    enterprise: pd.DataFrame,
    *,
    least_solvency: float,
    least_liquidity: float,
    forms: Sequence[str] = SOCIAL,
) -> Resilience:
    """Which firms of some forms stand firm in the last year with accounts, and how that year compares.

    Parameters
    ----------
    account : DataFrame
        Rows of the table `annual_account`.
    enterprise : DataFrame
        Rows of the table `enterprise`: the firms asked for, by their `form`.
    least_solvency, least_liquidity : float
        A firm is resilient with equity of at least this share of its assets, and current assets of at least this many
        times its debts due within a year.
    forms : sequence of str, default the social economy
        Forms of enterprise that are asked for.

    Raises
    ------
    InsufficientDataError
        If no account of such a firm tells whether it is resilient.

    Notes
    -----
    Accounts are counted, not sampled, so there is no sampling error. What is not known is which of the firms without
    complete accounts are resilient: `lower` and `upper` are the worst-case bounds if none or all of them are [1]_. They
    hold whatever the reason why accounts are missing. Says nothing of firms that are in no list.

    References
    ----------
    .. [1] Manski, C. F. (1989). Anatomy of the selection problem. J. Hum. Resour. 24(3), 343-360.
    """
    asked = enterprise.loc[enterprise["form"].isin(list(forms)), "enterprise_number"].drop_duplicates()
    mine = account[account["enterprise_number"].isin(asked)].reset_index(drop=True)
    told = mine.join(ratios(mine)).assign(resilient=_resilient(mine, least_solvency, least_liquidity))
    complete = told[told["resilient"].notna()]
    if complete.empty:
        raise InsufficientDataError("account: needs at least one complete account of a firm asked for, got none")
    year = int(complete["year"].max())
    last = told[told["year"] == year].set_index("enterprise_number")[[*INDICATORS, "resilient"]]
    firms = last.reindex(pd.Index(asked, name="enterprise_number").sort_values())
    yes, no = (int((firms["resilient"] == answer).sum()) for answer in (True, False))
    return Resilience(
        firms=firms,
        quartiles=_quartiles(told),
        share=yes / (yes + no),
        lower=yes / len(firms),
        upper=1 - no / len(firms),
        year=year,
        least_solvency=least_solvency,
        least_liquidity=least_liquidity,
        n=len(firms),
    )


def _resilient(account: pd.DataFrame, least_solvency: float, least_liquidity: float) -> pd.Series:
    """Whether each account reaches both bounds; <NA> where it does not say."""
    told = account[list(_NEEDED)].notna().all(axis=1)
    enough = (account["equity_euro"] >= least_solvency * account["total_assets_euro"]) & (
        account["current_assets_euro"] >= least_liquidity * account["current_debts_euro"]
    )
    return enough.astype("boolean").mask(~told)


def _quartiles(told: pd.DataFrame) -> pd.DataFrame:
    """Quartiles of each indicator per year over the firms that tell it."""
    rows = {}
    for year, accounts in told.groupby("year"):
        for name in INDICATORS:
            values = accounts[name].dropna()
            if len(values):
                rows[int(str(year)), name] = {q: values.quantile(at) for q, at in QUARTILES.items()} | {
                    "n": len(values)
                }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["year", "indicator"])
