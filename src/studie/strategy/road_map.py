"""On which path: milestones that wait for one another, how much each may slip, and which decisions stand between."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown

NEEDED = ("milestone_id", "milestone", "start", "due", "leader", "condition", "depends_on")
BETWEEN = "; "  # between several milestones in one cell
QUARTERS = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class RoadMap:
    """Milestones in order of time.

    Attributes
    ----------
    milestones : DataFrame, index milestone_id
        Columns of the table, with `depends_on` and `opens` as tuples of milestones that come just before and just
        after; `first, last`: quarters counted from the first quarter of `first_year`; `slack`: quarters that it may be
        late before the end of the path moves.
    first_year, last_year : int
    n : int
        Milestones [count].
    """

    milestones: pd.DataFrame
    first_year: int
    last_year: int
    n: int
    level: None = None

    @property
    def decisions(self) -> pd.DataFrame:
        """Milestones that have a condition to go on."""
        return self.milestones[self.milestones["condition"] != ""]

    @property
    def critical(self) -> pd.DataFrame:
        """Milestones that may not be late at all."""
        return self.milestones[self.milestones["slack"] == 0]

    @property
    def leaders(self) -> pd.Series:
        """Milestones per leader [count], most first."""
        return self.milestones["leader"].value_counts().sort_index().sort_values(ascending=False, kind="stable")

    def to_frame(self) -> pd.DataFrame:
        """Keys `milestone_id, milestone, start, due, leader`, then the six columns of every result."""
        rows = self.milestones.reset_index()
        keys = rows[["milestone_id", "milestone", "start", "due", "leader"]]
        parts = [
            keys.assign(quantity=name, estimate=values.astype(float))
            for name, values in (("duration", rows["last"] - rows["first"] + 1), ("slack", rows["slack"]))
        ]
        return pd.concat(parts, ignore_index=True).assign(lower=np.nan, upper=np.nan, n=self.n, unit="quarters")


def road_map(milestones: pd.DataFrame, *, actors: Sequence[Hashable], first_year: int, last_year: int) -> RoadMap:
    """The path, checked: nothing waits for itself, starts too early, or is led by somebody who takes no part.

    Parameters
    ----------
    milestones : DataFrame
        `milestone_id, milestone, start, due` (quarters as 2027-Q1), `leader`, `condition` ('' where nothing is
        decided), `depends_on` (milestones with `; ` between); other columns are kept. Those with status `geschrapt`
        are left out.
    actors : sequence
        Who takes part in the network.
    first_year, last_year : int
        Years of the path, ends included.

    Raises
    ------
    InputError
        One line per problem: missing columns, no milestone, a leader outside the network, a year outside the path, a
        milestone that is not there, or one that starts before what it waits for is due (so none waits for itself).

    Notes
    -----
    Slack is the total float of the critical path method [1]_: latest end − planned end, where the latest end of a
    milestone is the quarter before the latest start of those that wait for it, and that of the last ones is the latest
    due quarter of all. Durations are those planned, so that what is late pushes on what waits for it.

    References
    ----------
    .. [1] Kelley, J. E. & Walker, M. R. (1959). Critical-path planning and scheduling. Proc. Eastern Joint Computer
       Conference, 160-173.
    """
    kept = milestones[milestones["status"] != "geschrapt"] if "status" in milestones else milestones
    absent = [name for name in NEEDED if name not in kept.columns]
    if absent or kept.empty:
        raise InputError(f"milestones: needs rows with {', '.join(NEEDED)}, got no {', '.join(absent) or 'rows'}")
    rows = kept.set_index("milestone_id")
    rows = rows.assign(
        depends_on=rows["depends_on"].map(lambda text: tuple(filter(None, str(text).split(BETWEEN)))),
        first=[_quarter(period, first_year) for period in rows["start"]],
        last=[_quarter(period, first_year) for period in rows["due"]],
    )
    problems = _problems(rows, actors=actors, years=last_year - first_year + 1)
    if problems:
        raise InputError(*problems)
    waits = list(rows["depends_on"].items())
    rows = rows.assign(
        opens=rows.index.to_series().map(lambda name: tuple(after for after, names in waits if name in names))
    )
    rows = rows.assign(slack=_slack(rows)).sort_values(["first", "last"], kind="stable")
    return RoadMap(milestones=rows, first_year=first_year, last_year=last_year, n=len(rows))


def _quarter(period: str, first_year: int) -> int:
    """Quarters since the first one of the path."""
    year, quarter = str(period).split("-Q")
    return QUARTERS * (int(year) - first_year) + int(quarter) - 1


def _problems(rows: pd.DataFrame, *, actors: Sequence[Hashable], years: int) -> list[str]:
    """What is wrong with single milestones, one line each."""
    lines: list[str] = []
    for name, row in rows.iterrows():
        if row["leader"] not in actors:
            lines += unknown(f"{name}: leader", row["leader"], map(str, actors)).problems
        if not 0 <= row["first"] <= row["last"] < QUARTERS * years:
            lines.append(f"{name}: must run within the years of the path, got {row['start']} to {row['due']}")
        for before in row["depends_on"]:
            if before not in rows.index:
                lines += unknown(f"{name}: depends_on", before, map(str, rows.index)).problems
            elif row["first"] <= rows.loc[before, "last"]:
                due = rows.loc[before, "due"]
                lines.append(f"{name}: must start after {before} is due ({due}), got {row['start']}")
    return lines


def _slack(rows: pd.DataFrame) -> pd.Series:
    """Quarters that each may be late; what waits for another starts later, so the latest starters come first."""
    latest: dict[Hashable, int] = {}
    duration = rows["last"] - rows["first"]
    for name in rows["first"].sort_values(ascending=False).index:
        starts = [latest[after] - duration[after] for after in rows.loc[name, "opens"]]
        latest[name] = min(starts) - 1 if starts else int(rows["last"].max())
    return pd.Series({name: latest[name] - rows.loc[name, "last"] for name in rows.index}).astype(int)
