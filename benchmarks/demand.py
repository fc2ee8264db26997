"""Demand forecasts beside their peers, in one run: writes benchmarks/results/demand.md.

Run with `python benchmarks/demand.py`. Needs the reference folder beside the checkout for the public data sets; R's
forecast package takes part where Rscript and r-cran-forecast are installed.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special

from studie.demand import backtest, calibrate, forecast, hierarchy, projection, reconcile, scores
from studie.demand.combination import PROBABILITIES

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT.parent / "shared" / "reference" / "demand"
TARGET = ROOT / "benchmarks" / "results" / "demand.md"
SCORE = special.ndtri(np.array(PROBABILITIES))

Predict = Callable[[np.ndarray, int, int], tuple[np.ndarray, np.ndarray]]


def summary(actual: np.ndarray, estimate: np.ndarray, quantiles: np.ndarray, scale: np.ndarray) -> dict[str, float]:
    """Means over all outcomes; rows are series (or series × origin)."""
    low, high = forecast.quantile(quantiles, 0.1), forecast.quantile(quantiles, 0.9)
    divisor = scale[:, None]
    return {
        "MASE": np.nanmean(np.abs(actual - estimate) / divisor),
        "sMAPE": np.nanmean(scores.smape(actual, estimate)),
        "CRPS": np.nanmean(scores.crps(actual, quantiles, np.array(PROBABILITIES)) / divisor),
        "coverage 80": np.nanmean(scores.covered(actual, low, high)),
        "width 80": np.nanmean((high - low) / divisor),
        "MSIS 80": np.nanmean(scores.interval_score(actual, low, high, 0.8) / divisor),
    }


def native(model: str) -> Predict:
    """One of statsforecast's models with its own intervals."""

    def predict(values: np.ndarray, horizon: int, season: int) -> tuple[np.ndarray, np.ndarray]:
        from statsforecast import models

        built = getattr(models, model)(season_length=season)
        levels = sorted({round(100 * (1 - 2 * p), 4) for p in PROBABILITIES if p < 0.5})
        found = built.forecast(values, horizon, level=levels)
        lower = [found[f"lo-{level:g}" if f"lo-{level:g}" in found else f"lo-{level}"] for level in reversed(levels)]
        upper = [found[f"hi-{level:g}" if f"hi-{level:g}" in found else f"hi-{level}"] for level in levels]
        return found["mean"], np.stack([*lower, found["mean"], *upper], axis=1)

    return predict


R_SCRIPT = """
suppressMessages(library(forecast))
a <- commandArgs(TRUE); d <- read.csv(a[1]); h <- as.integer(a[2]); m <- as.integer(a[3])
levels <- as.numeric(strsplit(a[4], ",")[[1]])
run <- function(f) { t <- proc.time()[[1]]; out <- lapply(split(d$value, d$series), f)
                     list(out, proc.time()[[1]] - t) }
fits <- list(R_ets = function(y) forecast(ets(ts(y, frequency = m)), h = h, level = levels),
             R_thetaf = function(y) thetaf(ts(y, frequency = m), h = h, level = levels))
for (name in names(fits)) {
  r <- run(fits[[name]])
  for (s in names(r[[1]])) { f <- r[[1]][[s]]
    write.table(cbind(name, s, r[[2]], 1:h, as.numeric(f$mean), f$lower, f$upper), a[5], append = TRUE, sep = ",",
                row.names = FALSE, col.names = FALSE) } }
"""


def with_r(series: dict[str, np.ndarray], horizon: int, season: int) -> dict[str, tuple[np.ndarray, np.ndarray, float]]:
    """Points, quantiles and CPU seconds of R's forecast package; empty where it is not installed."""
    levels = sorted({round(100 * (1 - 2 * p), 4) for p in PROBABILITIES if p < 0.5})
    with tempfile.TemporaryDirectory() as folder:
        source, script, target = (Path(folder) / name for name in ("in.csv", "run.R", "out.csv"))
        order = {name: f"{k:05d}" for k, name in enumerate(series)}
        pd.concat([pd.DataFrame({"series": f"s{order[k]}", "value": v}) for k, v in series.items()]).to_csv(source)
        script.write_text(R_SCRIPT)
        command = [
            "Rscript",
            str(script),
            str(source),
            str(horizon),
            str(season),
            ",".join(map(str, levels)),
            str(target),
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=1800)
        except (OSError, subprocess.SubprocessError):
            return {}
        table = pd.read_csv(target, header=None)
    found = {}
    for name, rows in table.groupby(0, sort=False):
        part = rows.sort_values([1, 3])
        shape = (len(series), horizon)
        n = len(levels)
        lower, upper = part.iloc[:, 5 : 5 + n].to_numpy(), part.iloc[:, 5 + n : 5 + 2 * n].to_numpy()
        quantiles = np.concatenate([lower[:, ::-1], part[[4]].to_numpy(), upper], axis=1)
        found[str(name)] = (part[4].to_numpy().reshape(shape), quantiles.reshape(*shape, -1), float(part[2].iloc[0]))
    return found


def m3() -> pd.DataFrame:
    """250 monthly series of the M3 competition, 18 months ahead."""
    data = pd.read_csv(REFERENCE / "m3_monthly_250.csv.gz").sort_values(
        ["unique_id", "part", "t"], ascending=[True, False, True]
    )
    train = {name: part["y"].to_numpy() for name, part in data[data["part"] == "train"].groupby("unique_id")}
    actual = np.stack([part["y"].to_numpy() for _, part in data[data["part"] != "train"].groupby("unique_id")])
    scale = np.array([scores.scale(values, 12) for values in train.values()])
    history = pd.concat(
        [
            pd.DataFrame(
                {"series": name, "period": pd.period_range("2000-01", periods=len(values), freq="M"), "value": values}
            )
            for name, values in train.items()
        ]
    )
    rows = []
    start = time.process_time()
    made = forecast.forecast(history, 18, 12)
    spent = time.process_time() - start
    rows.append(
        {"method": "studie"} | summary(actual, made.estimate, made.quantiles, scale) | {"CPU s per series": spent / 250}
    )
    rows.append({"method": "studie, native intervals"} | summary(actual, made.estimate, made.native, scale))
    for model in ("AutoETS", "AutoARIMA", "AutoTheta", "DynamicOptimizedTheta", "SeasonalNaive"):
        start = time.process_time()
        found = [native(model)(values, 18, 12) for values in train.values()]
        spent = time.process_time() - start
        points, quantiles = (np.stack(part) for part in zip(*found, strict=True))
        rows.append(
            {"method": f"statsforecast {model}"}
            | summary(actual, points, quantiles, scale)
            | {"CPU s per series": spent / 250}
        )
    for name, (points, quantiles, spent) in with_r(train, 18, 12).items():
        rows.append({"method": name} | summary(actual, points, quantiles, scale) | {"CPU s per series": spent / 250})
    return pd.DataFrame(rows)


def _tested(result: backtest.Backtest, seconds: float, by: str) -> pd.DataFrame:
    """Scores per group of a backtest's detail, ours and the seasonal naive points."""
    rows = []
    detail = result.detail
    groups = [("all", detail), *detail.groupby(by, sort=False)]
    for name, part in groups:
        row = {by: name, "MASE": ((part["actual"] - part["estimate"]).abs() / part["scale"]).mean()}
        row["MASE seasonal naive"] = ((part["actual"] - part["seasonal naive"]).abs() / part["scale"]).mean()
        row["CRPS"] = (part["crps"] / part["scale"]).mean()
        for kind in ("", "native "):
            low, high = (part[f"{kind.replace(' ', '_')}{side}_80"].to_numpy() for side in ("lower", "upper"))
            row[f"{kind}coverage 80"] = scores.covered(part["actual"].to_numpy(), low, high).mean()
            row[f"{kind}MSIS 80"] = (
                scores.interval_score(part["actual"].to_numpy(), low, high, 0.8) / part["scale"]
            ).mean()
        row["CPU s"] = seconds if name == "all" else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def norway() -> pd.DataFrame:
    """Vacancies by industry, Statistics Norway: 29 origins, 12 quarters ahead."""
    data = pd.read_csv(REFERENCE / "no_vacancies_nace_q.csv")
    data["period"] = data["year"].astype(str) + "Q" + data["quarter"].astype(str)
    history = data.drop(columns=["year", "quarter", "01-96"]).melt("period", var_name="series")
    start = time.process_time()
    result = backtest.rolling(history, 12, 4, list(range(28, 57)))
    return _tested(result, time.process_time() - start, "band")


def tourism() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Quarterly tourism: grouped hierarchy, rolling origins; and projections of one given base."""
    data = pd.read_csv(REFERENCE / "tourism_quarterly.csv.gz")
    data["series"] = list(zip(data["State"], data["Region"], data["Purpose"], strict=True))
    bottom = data.drop_duplicates("series")
    frame = pd.DataFrame(
        {
            "country": "Australia", "state": bottom["State"], "purpose": bottom["Purpose"],
            "region": list(zip(bottom["State"], bottom["Region"], strict=True)),
            ("state", "purpose"): list(zip(bottom["State"], bottom["Purpose"], strict=True)),
            "bottom": bottom["series"],
        }
    )  # fmt: skip
    history = data.rename(columns={"ds": "period", "Trips": "value"})[["series", "period", "value"]]
    start = time.process_time()
    result = backtest.rolling(history, 8, 4, [56, 60, 64, 68, 72], frame)
    return _tested(result, time.process_time() - start, "block"), _given_base(result, frame)


def _given_base(result: backtest.Backtest, frame: pd.DataFrame) -> pd.DataFrame:
    """Root mean squared error of each projection of the same AutoETS (ZZA) base, 2016Q1-2017Q4."""
    from statsforecast.ets import ets_f, forecast_ets

    tree = hierarchy.read(frame)
    base, fitted, actual = [], [], []
    for one in result.walk.series:
        model = ets_f(one.values[:-8], 4, model="ZZA")
        found = forecast_ets(model, 8)
        base.append(found["mean"])
        fitted.append(one.values[:-8] - found["fitted"])
        actual.append(one.values[-8:])
    points, errors, outcome = np.stack(base), np.stack(fitted, axis=1), np.stack(actual)
    scored = np.array(tree.levels) != "state × purpose"  # the published mean leaves this level out
    published = {"base": 41.1255, "bottom_up": 49.8231, "ols": 38.7473, "wls_struct": 42.1927, "mint_shrink": 40.4722}
    rows = [{"projection": "base", "RMSE": _rmse(outcome, points, scored), "published": published["base"]}]
    for method in ("bottom_up", "ols", "wls_struct", "mint_shrink"):
        mapped = projection.minimum_trace(tree, method=method, errors=errors)
        made = tree.summing @ (mapped.matrix @ points)
        rows.append({"projection": method, "RMSE": _rmse(outcome, made, scored), "published": published[method]})
    return pd.DataFrame(rows)


def _rmse(actual: np.ndarray, estimate: np.ndarray, scored: np.ndarray) -> float:
    """Mean over the scored series of the root mean squared error."""
    return float(np.mean(np.sqrt(np.mean((actual - estimate) ** 2, axis=1))[scored]))


def province(municipalities: int = 67, months: int = 124) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulated vacancies of a province: Flanders for one sector, 3 arrondissements, 9 groupings, 67 municipalities."""
    rng = np.random.default_rng(20200101)
    period = pd.period_range("2015-01", periods=months, freq="M").astype(str)
    size = rng.lognormal(0.0, 1.0, municipalities)
    rows, tree = [], []
    for sector, volume in {"zorg": 18.0, "bouw": 9.0, "nijverheid": 10.0, "logistiek": 7.0}.items():
        common = np.cumsum(rng.normal(0, 0.03, months)) + 0.15 * np.sin(2 * np.pi * np.arange(months) / 12)
        for k in range(municipalities):
            own = np.cumsum(rng.normal(0, 0.02, months))
            values = rng.poisson(volume * size[k] * np.exp(common + own))
            place = (f"gemeente {k:02d}", sector)
            rows.append(pd.DataFrame({"series": [place] * months, "period": period, "value": values}))
            flanders = "Vlaanderen bouw" if sector == "bouw" else None
            tree.append(
                (
                    flanders,
                    "provincie",
                    ("provincie", sector),
                    (f"arr {k % 3}", sector),
                    (f"groep {k % 9}", sector),
                    place,
                )
            )
    rest = rng.poisson(9000 * np.exp(np.cumsum(rng.normal(0, 0.03, months))))
    rows.append(pd.DataFrame({"series": [("rest van Vlaanderen", "bouw")] * months, "period": period, "value": rest}))
    tree.append(("Vlaanderen bouw", None, None, None, None, ("rest van Vlaanderen", "bouw")))
    columns = [
        "flanders",
        "province",
        ("province", "sector"),
        ("arrondissement", "sector"),
        ("grouping", "sector"),
        ("municipality", "sector"),
    ]
    return pd.concat(rows, ignore_index=True), pd.DataFrame(tree, columns=pd.Index(columns, tupleize_cols=False))


def full_hierarchy() -> pd.DataFrame:
    """CPU seconds of the whole chain on the province."""
    history, frame = province()
    marks = [time.process_time()]
    result = backtest.rolling(history, 18, 12, 8, frame)
    marks.append(time.process_time())
    base = forecast.forecast(history, 18, 12, hierarchy=frame, learned=result.walk)
    marks.append(time.process_time())
    coherent = reconcile.reconcile(base, frame, draws=500, rng=np.random.default_rng(1))
    calibrate.calibrate(coherent, result)
    marks.append(time.process_time())
    tree = hierarchy.read(frame)
    gap = np.abs(np.einsum("mb,dbh->dmh", tree.summing, coherent.draws[:, -tree.n_bottom :]) - coherent.draws).max()
    names = ("backtest of 8 origins", "forecast", "reconcile with 500 draws, calibrate")
    rows = [{"step": name, "CPU s": b - a} for name, a, b in zip(names, marks, marks[1:], strict=False)]
    rows.append({"step": f"all, {len(tree.nodes)} series, 124 months", "CPU s": marks[-1] - marks[0]})
    rows.append({"step": f"largest gap of any draw at any level: {gap:.1e}", "CPU s": np.nan})
    return pd.DataFrame(rows)


def markdown(table: pd.DataFrame) -> str:
    """Table as Markdown."""

    def cell(value: object) -> str:
        if isinstance(value, float):
            return "" if np.isnan(value) else f"{value:.3f}"
        return " × ".join(map(str, value)) if isinstance(value, tuple) else str(value)

    lines = ["| " + " | ".join(map(str, table.columns)) + " |", "|" + "---|" * len(table.columns)]
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in table.itertuples(index=False)]
    return "\n".join(lines)


def main() -> int:
    """Run everything that can run and write the page."""
    warnings.simplefilter("ignore")
    parts = [
        "# Demand forecasts beside their peers",
        f"Python {platform.python_version()}, statsforecast {version('statsforecast')}, one core. "
        "Written by `python benchmarks/demand.py`; errors are divided by the in-sample seasonal naive error. One "
        "procedure for all data sets, no setting by hand. CRPS is integrated over 25 quantiles for every method alike.",
        "## Full hierarchy of the province (simulated counts)", markdown(full_hierarchy()),
    ]  # fmt: skip
    if REFERENCE.exists():
        rolled, given = tourism()
        parts += ["## M3, 250 monthly series, 18 months ahead", markdown(m3())]
        parts += ["## Vacancies by industry, Statistics Norway, 29 origins", markdown(norway())]
        parts += ["## Tourism, quarterly, 425 series, 5 origins, after reconciliation", markdown(rolled)]
        parts += ["## Tourism, one given base (AutoETS ZZA), 2016Q1-2017Q4", markdown(given)]
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(TARGET.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
