"""Tables of a backtest: scores and skill per block, series and horizon band, with intervals."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd

from studie.demand import scores

BENCHMARKS = ("seasonal naive", "naive", "trend", "constant share")
_APART = (2020, 2022)


def _sums(cell: pd.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Sum of a column and number of rows per origin (in time order) and series; nan where there is none."""
    origins, row = np.unique(cell["origin_code"].to_numpy(), return_inverse=True)
    labels, position = np.unique(cell["series_code"].to_numpy(), return_inverse=True)
    values = cell[column].to_numpy(float)
    known = np.isfinite(values)
    count, total = np.zeros((len(origins), len(labels))), np.zeros((len(origins), len(labels)))
    np.add.at(count, (row[known], position[known]), 1.0)
    np.add.at(total, (row[known], position[known]), values[known])
    empty = count == 0
    return np.where(empty, np.nan, total), np.where(empty, np.nan, count)


def _losses(detail: pd.DataFrame, coverages: tuple[float, ...]) -> tuple[pd.DataFrame, dict[str, str]]:
    """Losses per row, and the unit of each."""
    error = detail["actual"] - detail["estimate"]
    moved, expected = detail["actual"] - detail["before"], detail["estimate"] - detail["before"]
    found = {
        "mase": (error.abs() / detail["scale"], "1"),
        "rmsse": ((error / detail["squared_scale"]) ** 2, "1"),
        "smape": (scores.smape(detail["actual"].to_numpy(), detail["estimate"].to_numpy()), "%"),
        "bias": (-error / detail["scale"], "1"),
        "crps": (detail["crps"] / detail["scale"], "1"),
        "direction hit": ((np.sign(moved) == np.sign(expected)).astype(float).where(moved != 0), "share"),
    }
    for coverage in coverages:
        name = f"{100 * coverage:g}"
        for kind in ("", "native "):
            prefix = kind.replace(" ", "_")
            low, high = (detail[f"{prefix}{side}_{name}"].to_numpy() for side in ("lower", "upper"))
            actual, scale = detail["actual"].to_numpy(), detail["scale"].to_numpy()
            found[f"{kind}coverage {name}"] = (scores.covered(actual, low, high), "share")
            found[f"{kind}width {name}"] = ((high - low) / scale, "1")
            found[f"{kind}msis {name}"] = (scores.interval_score(actual, low, high, coverage) / scale, "1")
    frame = pd.DataFrame({name: np.asarray(values, float) for name, (values, _) in found.items()})
    keys = detail[["origin", "series", "block", "band", "period"]].reset_index(drop=True)
    keys["origin_code"] = pd.factorize(keys["origin"], sort=True)[0]
    keys["series_code"] = pd.factorize(keys["series"])[0]
    return pd.concat([keys, frame], axis=1), {name: unit for name, (_, unit) in found.items()}


_BELOW_ONE = ("coverage", "native coverage", "direction", "rank")


def score_table(detail: pd.DataFrame, coverages: tuple[float, ...], level: float) -> pd.DataFrame:
    """Scores per block, series, band and kind of target period: keys, then `quantity, estimate, …, unit`."""
    losses, units = _losses(detail, coverages)
    year = losses["period"].map(lambda period: period.year)
    apart = year.between(*_APART)
    targets = {"all": losses}
    if apart.any() and not apart.all():
        targets |= {f"{_APART[0]}-{_APART[1]}": losses[apart], "other years": losses[~apart]}
    rows: list[tuple[object, ...]] = []
    for target, part in targets.items():
        for (block, band), cell in part.groupby(["block", "band"], sort=False):
            labels = _labels(cell)
            for name, unit in units.items():
                total, count = _sums(cell, name)
                key = (block, band, target, name, unit)
                rows.append(("all", *key, len(cell), *_bounded(name, total, count, level)))
                if target == "all":
                    rows_of = np.nansum(count, axis=0)
                    for k, label in enumerate(labels):
                        rows.append(
                            (label, *key, int(rows_of[k]), *_bounded(name, total[:, [k]], count[:, [k]], level))
                        )
            if target == "all":
                rank = _rank_hits(detail[(detail["block"] == block) & (detail["band"] == band)])
                if rank.size:
                    found = _bounded("rank", rank[:, None], np.ones((rank.size, 1)), level)
                    rows.append(("all", block, band, target, "rank hit", "1", rank.size, *found))
    columns = ["series", "block", "band", "target", "quantity", "unit", "n", "estimate", "lower", "upper"]
    order = ["block", "series", "band", "target", "quantity", "estimate", "lower", "upper", "n", "unit"]
    return pd.DataFrame(rows, columns=columns).dropna(subset=["estimate"]).reset_index(drop=True)[order]


def _labels(cell: pd.DataFrame) -> list[Hashable]:
    """Series of a cell in the order of their codes."""
    return cell.drop_duplicates("series_code").sort_values("series_code")["series"].tolist()


def _bounded(name: str, total: np.ndarray, count: np.ndarray, level: float) -> tuple[float, float, float]:
    """Pooled mean within the range its quantity can have."""
    estimate, lower, upper = scores.pooled_ratio(total, count, level=level)
    if name == "rmsse":
        return tuple(float(np.sqrt(max(one, 0.0))) for one in (estimate, lower, upper))  # type: ignore[return-value]
    least = -np.inf if name == "bias" else (-1.0 if name == "rank" else 0.0)
    most = 1.0 if name.startswith(_BELOW_ONE) else np.inf
    return estimate, max(lower, least), min(upper, most)


def _rank_hits(cell: pd.DataFrame) -> np.ndarray:
    """Spearman correlation, per origin, of forecast and observed growth over the series of a block."""
    total = cell.groupby(["origin", "series"], sort=True)[["actual", "estimate", "before"]].sum()
    total = total[total["before"] > 0]
    growth = total[["actual", "estimate"]].div(total["before"], axis=0)
    found = []
    for _, one in growth.groupby(level=0):
        if len(one) >= 3 and (one.to_numpy() != one.to_numpy()[0]).any(axis=0).all():
            found.append(float(one["actual"].rank().corr(one["estimate"].rank())))
    return np.array(found)


def skill_table(detail: pd.DataFrame, level: float) -> pd.DataFrame:
    """Skill per block, series and band against every benchmark."""
    frame = detail.assign(
        origin_code=pd.factorize(detail["origin"], sort=True)[0], series_code=pd.factorize(detail["series"])[0]
    )
    pairs = {("skill", name): (f"loss {name}", "loss") for name in BENCHMARKS if name in detail}
    frame["loss"] = (frame["actual"] - frame["estimate"]).abs() / frame["scale"]
    for name in BENCHMARKS:
        if name in frame:
            frame[f"loss {name}"] = (frame["actual"] - frame[name]).abs() / frame["scale"]
    frame["score"] = frame["crps"] / frame["scale"]
    frame["score seasonal naive"] = frame["crps seasonal naive"] / frame["scale"]
    pairs["crps skill", "seasonal naive"] = ("score seasonal naive", "score")
    rows: list[tuple[object, ...]] = []
    for (block, band), cell in frame.groupby(["block", "band"], sort=False):
        labels, last = _labels(cell), int(cell["step"].max())
        for (quantity, against), (theirs, ours) in pairs.items():
            (mine, count), (other, _) = _sums(cell, ours), _sums(cell, theirs)
            key = (block, band, last, against, quantity)
            rows.append(("all", *key, len(cell), *scores.skill(mine, other, level=level)))
            rows_of = np.nansum(count, axis=0)
            for k, label in enumerate(labels):
                found = scores.skill(mine[:, [k]], other[:, [k]], level=level)
                rows.append((label, *key, int(rows_of[k]), *found))
    columns = ["series", "block", "band", "last_step", "against", "quantity", "n", "estimate", "lower", "upper"]
    order = ["block", "series", "band", "last_step", "against", "quantity", "estimate", "lower", "upper", "n", "unit"]
    table = pd.DataFrame(rows, columns=columns).assign(unit="1")
    return table.dropna(subset=["estimate"]).reset_index(drop=True)[order]
