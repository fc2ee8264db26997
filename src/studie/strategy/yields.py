"""What money from a register yielded: places created and kept per euro granted or lent, per area, with draws."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InputError, InsufficientDataError
from studie.strategy import pooled
from studie.strategy.smaa import stream

Floats = np.ndarray
LEVEL = 0.95
DRAWS = 1000
WHOLE = "all"
COLUMNS = ("lever", "area", "year", "euro", "places", "kept")
UNITS = {
    "grants": "grants",
    "euro": "euro",
    "places": "places",
    "kept_share": "share",
    "euro_per_place": "euro per place",
    "euro_per_lasting_place": "euro per place",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Yields:
    """What each lever yielded in each area, and in all together.

    Attributes
    ----------
    table : DataFrame, indexed by lever and area (`all` for the whole)
        `grants`, `euro`, `places` created, `followed` [places of which it is known whether they last], `kept`,
        `busiest` [most grants of one year].
    created, lasting : dict of lever to DataFrame, shape (draws, areas)
        Places per euro; `lasting` only for levers whose places were followed. An area without grants has what the
        others say.
    kept : dict of lever to DataFrame, shape (draws, areas)
        Share of the created places that lasts.
    dispersion : DataFrame, indexed by lever
        `places`, `kept`: how many times the variance between grants is that of independent places; at least 1.
    left_out : dict of lever to int
        Rows without a known amount above 0 or number of places.
    level : float
        Coverage, in (0, 1).
    n : int
        Grants used.
    """

    table: pd.DataFrame
    created: dict[str, pd.DataFrame]
    lasting: dict[str, pd.DataFrame]
    kept: dict[str, pd.DataFrame]
    dispersion: pd.DataFrame
    left_out: dict[str, int]
    level: float
    n: int

    @property
    def levers(self) -> tuple[str, ...]:
        """Levers with at least one grant."""
        return tuple(self.created)

    def counted(self, lever: str, area: Hashable, column: str) -> float:
        """One number of the table."""
        return float(self.table[column].to_dict()[lever, area])

    def to_frame(self) -> pd.DataFrame:
        """Keys `lever, area`, then the six columns; n counts grants, or the places that were followed.

        Euro per place is the inverse of the mean of the draws of places per euro, with the quantiles of the draws as
        bounds; an area without grants has none, and neither has what was not followed. The upper bound is infinite
        where no place was created (or kept) at all.
        """
        rows: list[tuple] = []
        for row in self.table.reset_index().to_dict("records"):
            lever, area = row["lever"], row["area"]
            known = row["grants"] > 0
            for name in ("grants", "euro", "places"):
                rows.append((lever, area, name, *[float(row[name])] * 3, row["grants"]))
            draws = {"kept_share": self.kept, "euro_per_place": self.created, "euro_per_lasting_place": self.lasting}
            for name, found in draws.items():
                told = (np.nan,) * 3
                if known and lever in found:
                    sample = found[lever][area].to_numpy()
                    told = self._share(sample) if name == "kept_share" else self._price(sample, lever, name)
                rows.append((lever, area, name, *told, row["followed" if name == "kept_share" else "grants"]))
        frame = pd.DataFrame(rows, columns=["lever", "area", "quantity", "estimate", "lower", "upper", "n"])
        return frame.assign(unit=frame["quantity"].map(UNITS))

    def _share(self, sample: Floats) -> tuple[float, float, float]:
        """Mean of the draws and their quantiles."""
        low, high = np.quantile(sample, [(1 - self.level) / 2, (1 + self.level) / 2])
        return float(sample.mean()), float(low), float(high)

    def _price(self, sample: Floats, lever: str, name: str) -> tuple[float, float, float]:
        """Euro per place."""
        some = self.counted(lever, WHOLE, "places" if name == "euro_per_place" else "kept") > 0
        low, high = np.quantile(sample, [(1 - self.level) / 2, (1 + self.level) / 2])
        middle = 1 / float(sample.mean())
        return middle, min(1 / float(high), middle), max(1 / float(low), middle) if some else np.inf


def yields(
    grants: pd.DataFrame,
    *,
    areas: Sequence[Hashable],
    seeds: np.random.SeedSequence,
    draws: int = DRAWS,
    level: float = LEVEL,
) -> Yields:
    """Places created and kept per euro, per lever and area.

    Parameters
    ----------
    grants : DataFrame
        One row per subsidy or loan: `lever, area, year, euro` [granted or lent], `places` [created], `kept` [of these,
        still there after 12 months; missing where that is not known (yet)].
    areas : sequence
        Areas to speak about; areas of grants that are not among them count in the whole only.
    seeds : SeedSequence
        Each lever has its own stream under it, by its name.
    draws : int, default 1000
    level : float, default 0.95

    Raises
    ------
    InputError
        Missing columns, more places kept than created, or a level out of (0, 1).
    InsufficientDataError
        If no row has an amount and a number of places.

    Notes
    -----
    Places per euro λ: y_r ~ Poisson(λ_r E_r), pooled over areas (`pooled.rates`); share kept p: k_r ~ Binomial(n_r,
    p_r), pooled (`pooled.shares`); lasting places per euro are λ p. Grants differ more than independent places would,
    and the places of one grant stand or fall together: counts and exposure are divided by the dispersion X²/(n − R),
    Pearson's, at least 1 (quasi-likelihood [1]_). The whole weighs areas by their euro. Gross: what would have come
    without the money is in it. *Assumes* that the next grants are like these, and that places grow with the euro: look
    at the dispersion.

    References
    ----------
    .. [1] McCullagh, P. & Nelder, J. A. (1989). Generalized Linear Models, 2nd ed., sections 4.5, 6.2.
    """
    absent = [name for name in COLUMNS if name not in grants.columns]
    if absent:
        raise InputError(f"grants: needs the columns {', '.join(COLUMNS)}, got no {', '.join(absent)}")
    if not 0 < level < 1 or draws < 1:
        raise InputError(f"level, draws: must be in (0, 1) and at least 1, got {level}, {draws}")
    rows = grants[list(COLUMNS)].astype({"euro": float, "places": float, "kept": float})
    over = rows[rows["kept"] > rows["places"]]
    if len(over):
        kept, made = over.iloc[0]["kept"], over.iloc[0]["places"]
        raise InputError(f"grants: at most the created places can be kept, got {kept:g} of {made:g}")
    usable = (rows["euro"] > 0) & (rows["places"] >= 0)
    if not usable.any():
        raise InsufficientDataError("grants: no row with an amount and a number of places")
    tables, created, lasting, lasts, dispersion = [], {}, {}, {}, {}
    for lever, part in rows[usable].groupby("lever", sort=True):
        name = str(lever)
        every = [*areas, *sorted(set(part["area"]) - set(areas))]
        sums = _sums(part, every)
        extra = _places_dispersion(part)
        rng = np.random.default_rng(stream(seeds, name, "places"))
        rate = pooled.rates(*_effective(sums, "places", "euro", extra), rng=rng, draws=draws)
        created[name] = _with_whole(rate, every, weight=sums["euro"])
        dispersion[name] = {"places": extra, "kept": np.nan}
        if sums["followed"].sum() > 0:
            extra = _kept_dispersion(part)
            rng = np.random.default_rng(stream(seeds, name, "kept"))
            share = pooled.shares(*_effective(sums, "kept", "followed", extra), rng=rng, draws=draws)
            lasts[name] = _with_whole(share, every, weight=sums["places"])
            lasting[name] = _with_whole(rate * share, every, weight=sums["euro"])
            dispersion[name]["kept"] = extra
        sums.loc[WHOLE] = sums.sum()
        sums.loc[WHOLE, "busiest"] = part.groupby("year").size().max()
        tables.append(sums.assign(lever=name).loc[[*areas, WHOLE]].set_index("lever", append=True).swaplevel())
    left = (~usable).groupby(rows["lever"]).sum()
    return Yields(
        table=pd.concat(tables), created=created, lasting=lasting, kept=lasts,
        dispersion=pd.DataFrame.from_dict(dispersion, orient="index"),
        left_out={str(lever): int(count) for lever, count in left.items()}, level=level, n=int(usable.sum()),
    )  # fmt: skip


def _sums(part: pd.DataFrame, areas: Sequence[Hashable]) -> pd.DataFrame:
    """Totals per area."""
    followed = part["places"].where(part["kept"].notna())
    grouped = part.assign(grants=1.0, followed=followed).groupby("area")
    found = grouped[["grants", "euro", "places", "followed", "kept"]].sum()
    found["busiest"] = part.groupby(["area", "year"]).size().groupby("area").max().astype(float)
    return found.reindex(pd.Index(areas, name="area"), fill_value=0.0)


def _effective(sums: pd.DataFrame, counts: str, over: str, extra: float) -> tuple[Floats, Floats]:
    """Counts, and what they are counted over, at the number of independent ones that tells as much."""
    return sums[counts].to_numpy(float) / extra, sums[over].to_numpy(float) / extra


def _places_dispersion(part: pd.DataFrame) -> float:
    """Pearson's dispersion of places around those that the euro of each grant would give."""
    by_area = part.groupby("area")
    rate = by_area["places"].transform("sum") / by_area["euro"].transform("sum")
    wanted = rate * part["euro"]
    return _dispersion((part["places"] - wanted) ** 2, wanted, len(part) - by_area.ngroups)


def _kept_dispersion(part: pd.DataFrame) -> float:
    """Pearson's dispersion of places kept around the share of the area."""
    known = part[part["kept"].notna() & (part["places"] > 0)]
    by_area = known.groupby("area")
    share = by_area["kept"].transform("sum") / by_area["places"].transform("sum")
    variance = known["places"] * share * (1 - share)
    return _dispersion((known["kept"] - known["places"] * share) ** 2, variance, len(known) - by_area.ngroups)


def _dispersion(square: pd.Series, variance: pd.Series, freedom: int) -> float:
    """Sum of squares over variances per degree of freedom, at least 1; 1 where there is none."""
    some = variance > 0
    return max(float((square[some] / variance[some]).sum()) / freedom, 1.0) if freedom > 0 else 1.0


def _with_whole(sample: Floats, areas: Sequence[Hashable], *, weight: pd.Series) -> pd.DataFrame:
    """Draws per area and of the whole, in which areas count by their weight."""
    share = weight.to_numpy(float)
    whole = sample @ (share / share.sum()) if share.sum() > 0 else sample.mean(axis=1)
    return pd.DataFrame(np.column_stack([sample, whole]), columns=[*areas, WHOLE])
