"""What earlier publications stated: counts by name of the cell, and how a new publication differs from them."""

from __future__ import annotations

from datetime import date

import pandas as pd

from studie.disclosure.registry import Registry
from studie.errors import InputError

COLUMNS = ["publication", "date", "key", "cell_status", "estimate"]


def empty() -> pd.DataFrame:
    """Ledger without publications."""
    return pd.DataFrame(
        {column: pd.Series(dtype="Float64" if column == "estimate" else "object") for column in COLUMNS}
    )


def appended(ledger: pd.DataFrame, registry: Registry, *, publication: str, on: date) -> pd.DataFrame:
    """Ledger with the cells of one more publication.

    Parameters
    ----------
    ledger : DataFrame
        `publication, date, key, cell_status, estimate`.
    registry : Registry
        Cells of the publication.
    publication : str
        Its name, new to the ledger.
    on : date
        When it was published.

    Raises
    ------
    InputError
        If the ledger holds the publication already.
    """
    if (ledger["publication"] == publication).any():
        raise InputError(f"publication: stands once in the ledger, got {publication!r} again")
    rows = registry.frame.reset_index().assign(publication=publication, date=on.isoformat())[COLUMNS]
    return rows if ledger.empty else pd.concat([ledger[COLUMNS], rows], ignore_index=True)


def stated(ledger: pd.DataFrame) -> pd.Series:
    """Count by cell name as last stated [persons]; cells that were never printed are absent."""
    printed = ledger[ledger["cell_status"] == "published"].sort_values("date", kind="stable")
    last = printed.drop_duplicates("key", keep="last").set_index("key")["estimate"].astype(float)
    return last.rename("n")


def differences(ledger: pd.DataFrame, registry: Registry, *, threshold: float = 10) -> pd.DataFrame:
    """Cells that a new publication treats otherwise than the last that had them.

    Parameters
    ----------
    ledger : DataFrame
    registry : Registry
        Cells of the new publication.
    threshold : float, default 10
        Smallest count that may be printed.

    Returns
    -------
    DataFrame
        `key, before, now, difference`: `difference` is `hidden` (stated before, hidden now: known all the same),
        `opened` (hidden before, stated now: what was hidden beside it may follow), `small` (a revision by fewer than
        the threshold persons) or `revised`.
    """
    rows = []
    last = ledger.sort_values("date", kind="stable").drop_duplicates("key", keep="last").set_index("key")
    both = registry.frame.join(last[["cell_status", "estimate"]], how="inner", rsuffix="_before")
    for key, row in both.iterrows():
        was, now = row["cell_status_before"] == "published", row["cell_status"] == "published"
        if was and not now:
            kind = "hidden"
        elif now and not was:
            kind = "opened"
        elif was and now and row["estimate"] != row["estimate_before"]:
            kind = "small" if abs(row["estimate"] - row["estimate_before"]) < threshold else "revised"
        else:
            continue
        rows.append((key, row["estimate_before"], row["estimate"], kind))
    return pd.DataFrame(rows, columns=["key", "before", "now", "difference"])
