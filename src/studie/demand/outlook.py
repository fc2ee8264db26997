"""One coherent forecast for all regions at once, and the part of it that concerns one region."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.demand import backtest, calibrate, carving, reconcile
from studie.demand import forecast as forecasts
from studie.demand.forecast import DEFAULT_LEVEL, Forecast
from studie.errors import InputError, InsufficientDataError

DRAWS = 500
ORIGINS = 8


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """Forecast of all regions at once and what earlier forecasts of them were worth.

    Attributes
    ----------
    forecast : Forecast
        Every node of the hierarchy: coherent points and draws, calibrated marginal quantiles.
    skill : DataFrame
        As `Backtest.skill`: per series and horizon band against each benchmark.
    scores : DataFrame
        As `Backtest.scores`.
    level : float
        Coverage of the intervals of skill and scores.
    n : int
        Origins of the backtest.
    """

    forecast: Forecast
    skill: pd.DataFrame
    scores: pd.DataFrame
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """The forecast's rows, with the six columns of every result."""
        return self.forecast.to_frame()


def outlook(
    history: pd.DataFrame,
    hierarchy: pd.DataFrame,
    *,
    rng: np.random.Generator,
    horizon: int = 18,
    season: int = 12,
    level: Sequence[float] = DEFAULT_LEVEL,
    origins: int = ORIGINS,
) -> Outlook:
    """Coherent, calibrated forecast of every node of a hierarchy, with its backtest.

    Parameters
    ----------
    history : DataFrame
        Columns `series, period, value` with at least all bottom series [unit per period].
    hierarchy : DataFrame
        One row per bottom series, one column per level, outermost first.
    rng : Generator
        Source of the joint futures.
    horizon, season : int
        Periods ahead; periods in a season.
    level : sequence of float
        Coverages of the marginal intervals, each in (0, 1).
    origins : int, default 8
        Origins of the rolling backtest.

    Raises
    ------
    InputError
        As `backtest.rolling` and `reconcile.reconcile`.

    References
    ----------
    .. [1] Wickramasuriya, S. L., Athanasopoulos, G. & Hyndman, R. J. (2019). JASA 114, 804-819.
    """
    tested = backtest.rolling(history, horizon, season, origins, hierarchy, coverages=level)
    base = forecasts.forecast(history, horizon, season, level, hierarchy=hierarchy, learned=tested.walk)
    coherent = reconcile.reconcile(base, hierarchy, draws=DRAWS, rng=rng)
    calibrated = calibrate.calibrate(coherent, tested)
    return Outlook(forecast=calibrated, skill=tested.skill, scores=tested.scores, level=tested.level, n=tested.n)


@dataclass(frozen=True, kw_only=True)
class SectorSkill:
    """How much better than last year's figures earlier forecasts of one region were, per sector and horizon.

    Attributes
    ----------
    table : DataFrame
        sector, band, last_step, then the six columns: quantity `skill`, estimate, lower, upper, n [forecasts], unit.
    until : dict
        Sector → steps ahead up to which skill was shown; 0 for none.
    level : float
        Coverage of the intervals.
    n : int
        Origins.
    """

    table: pd.DataFrame
    until: dict[str, int]
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """One row per sector and horizon band, with the six columns of every result."""
        return self.table[["sector", "band", "quantity", "estimate", "lower", "upper", "n", "unit"]].copy()


def carved(
    regional: RegionalDemand, priors: pd.DataFrame, *, rng: np.random.Generator, level: float = 0.80
) -> carving.CarvingPotential:
    """Inclusive workplaces that a region's expected vacancies could hold; see `carving.potential`."""
    return carving.potential(regional.draws, priors, rng=rng, level=level)


def sector_skill(
    outlook: Outlook, nodes: Mapping[str, Sequence[Hashable]], *, against: str = "seasonal naive"
) -> SectorSkill:
    """Skill of earlier forecasts of some series, one per sector.

    Parameters
    ----------
    outlook : Outlook
    nodes : mapping from sector to series
        Which series tells each sector's story; the first counts.
    against : str, default "seasonal naive"
        Benchmark.

    Raises
    ------
    InputError
        If a series is not in the forecast.
    InsufficientDataError
        If no series has a known skill: there is none where history or benchmark has no error to compare with.
    """
    rows = outlook.skill[(outlook.skill["against"] == against) & (outlook.skill["quantity"] == "skill")]
    parts, until = [], {}
    for sector, labels in nodes.items():
        label = labels[0]
        mine = np.array([series == label for series in rows["series"]], dtype=bool)
        own = rows[mine].sort_values("last_step")
        if label not in outlook.forecast.series:
            raise InputError(f"nodes: every series must be in the forecast, got {label!r}")
        until[sector] = 0
        if own.empty:
            continue
        shown = (own["lower"] > 0).to_numpy()
        until[sector] = int(
            own["last_step"].to_numpy()[: int(np.argmin(shown)) if not shown.all() else len(shown)].max(initial=0)
        )
        parts.append(own.assign(sector=sector))
    if not parts:
        raise InsufficientDataError(f"nodes: no series has a known skill against {against!r}")
    table = pd.concat(parts, ignore_index=True)
    return SectorSkill(table=table, until=until, level=outlook.level, n=outlook.n)


@dataclass(frozen=True, kw_only=True)
class RegionalDemand:
    """Vacancies that a region can expect, per sector.

    Attributes
    ----------
    months : DataFrame
        Past and future per sector: `sector, period, kind` (`history` or `forecast`), `estimate`, and the bounds
        `lower_80, upper_80, lower_95, upper_95` of the future [vacancies per month].
    totals : DataFrame
        Per sector over the next `span` periods: `estimate, lower, upper`, the same number of last periods `before`,
        and `more`, the share of draws above `before` [vacancies].
    more_in_all : float
        Share of the joint futures in which all sectors together exceed the last periods.
    span : int
        Periods added up.
    level : float
        Coverage of the totals' intervals.
    n : int
        Joint futures behind the bounds.
    draws : DataFrame, shape (n, sectors)
        Total over the next `span` periods in every joint future [vacancies].
    """

    months: pd.DataFrame
    totals: pd.DataFrame
    more_in_all: float
    span: int
    level: float
    n: int
    draws: pd.DataFrame

    @property
    def ahead(self) -> tuple[str, str]:
        """First and last of the periods that are added up."""
        future = self.months[self.months["kind"] == "forecast"]
        return str(future["period"].min()), str(sorted(future["period"].unique())[self.span - 1])

    def to_frame(self) -> pd.DataFrame:
        """Keys `sector, period`, then the six columns of every result; months first, totals after."""
        future = self.months[self.months["kind"] == "forecast"]
        suffix = f"{round(100 * self.level)}"
        monthly = pd.DataFrame(
            {
                "sector": future["sector"],
                "period": future["period"],
                "quantity": "received_vacancies",
                "estimate": future["estimate"],
                "lower": future[f"lower_{suffix}"],
                "upper": future[f"upper_{suffix}"],
            }
        )
        summed = self.totals.assign(period="/".join(self.ahead), quantity="received_vacancies_total")
        both = pd.concat([monthly, summed[monthly.columns]], ignore_index=True)
        return both.assign(n=self.n, unit="vacancies")


def regional_demand(
    outlook: Outlook,
    history: pd.DataFrame,
    members: Mapping[str, Sequence[Hashable]],
    *,
    reference: Mapping[str, Sequence[Hashable]],
    span: int = 12,
    level: float = 0.80,
) -> RegionalDemand:
    """The part of a coherent forecast that concerns one region: sums of its municipalities in every joint future.

    Parameters
    ----------
    outlook : Outlook
        Forecast of all regions.
    history : DataFrame
        Columns `series, period, value` with the members' past [vacancies per month].
    members : mapping from sector to series
        Bottom series of the region per sector.
    reference : mapping from sector to series
        Nodes whose calibrated intervals say how much wider than the draws the truth was: the region itself where it
        is a node, else the larger regions around it.
    span : int, default 12
        Periods to add up, at most the horizon.
    level : float, default 0.80
        Coverage of the totals' intervals.

    Raises
    ------
    InputError
        If the forecast has no draws, a member is not in it, or `span` exceeds the horizon.

    Notes
    -----
    Sums are taken inside each draw, so that months and municipalities move together as they did. Draws are not
    calibrated: their distance from the centre is stretched by the mean ratio, over months, of the calibrated to the
    drawn half-width of the reference nodes (the largest of them, at least 1). With the region itself as reference,
    monthly bounds have the calibrated width on average; sums over months borrow it.
    """
    forecast = outlook.forecast
    if not 0 < level < 1:
        raise InputError(f"level: must be in (0, 1), got {level}")
    if not members or set(members) - set(reference):
        raise InputError(
            f"reference: every sector of the members needs one, got {sorted(reference)} for {sorted(members)}"
        )
    draws = _draws(forecast, span)
    position = {label: i for i, label in enumerate(forecast.series)}
    months, totals, sums = [], [], {}
    for sector, labels in members.items():
        rows = _rows(position, labels)
        past = history[history["series"].isin(list(labels))].groupby("period", sort=True)["value"].sum()
        centre = forecast.estimate[rows].sum(axis=0)
        stretch = max(_stretch(forecast, position[label]) for label in _known(position, reference[sector]))
        future = np.maximum(centre + stretch * (draws[:, rows].sum(axis=1) - centre), 0.0)
        periods = [str(forecast.start[rows[0]] + step) for step in range(forecast.horizon)]
        sums[sector] = future[:, :span].sum(axis=1)
        months.append(_months(sector, past, periods, centre, future, level=level))
        totals.append(_total(sector, past, centre, future, span=span, level=level))
    return RegionalDemand(
        months=pd.concat(months, ignore_index=True),
        totals=pd.DataFrame(totals),
        more_in_all=float((sum(sums.values()) > sum(float(row["before"]) for row in totals)).mean()),
        span=span,
        level=level,
        n=len(draws),
        draws=pd.DataFrame(sums),
    )


@dataclass(frozen=True, kw_only=True)
class MunicipalDemand:
    """Vacancies that each municipality can expect, all sectors together.

    Attributes
    ----------
    totals : DataFrame, index refnis
        `estimate, lower, upper` over the next `span` periods [vacancies].
    span : int
        Periods added up.
    level : float
        Coverage of the intervals.
    n : int
        Joint futures behind the bounds.
    """

    totals: pd.DataFrame
    span: int
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Key `refnis`, then the six columns of every result."""
        return self.totals.reset_index().assign(quantity="received_vacancies_total", n=self.n, unit="vacancies")[
            ["refnis", "quantity", "estimate", "lower", "upper", "n", "unit"]
        ]


def municipal_demand(
    outlook: Outlook, members: Mapping[int, Sequence[Hashable]], *, span: int = 12, level: float = 0.80
) -> MunicipalDemand:
    """Expected vacancies per municipality over the next periods.

    Parameters
    ----------
    outlook : Outlook
        Forecast of all regions.
    members : mapping from refnis to series
        Bottom series of each municipality.
    span, level
        As `regional_demand`.

    Raises
    ------
    InputError
        As `regional_demand`.
    """
    forecast = outlook.forecast
    draws = _draws(forecast, span)
    position = {label: i for i, label in enumerate(forecast.series)}
    totals = {}
    for refnis, labels in members.items():
        rows = _rows(position, labels)
        total = draws[:, rows, :span].sum(axis=(1, 2))
        centre = float(forecast.estimate[rows, :span].sum())
        lower, upper = np.quantile(total, [(1 - level) / 2, (1 + level) / 2])
        totals[refnis] = {"estimate": centre, "lower": min(float(lower), centre), "upper": max(float(upper), centre)}
    frame = pd.DataFrame.from_dict(totals, orient="index").rename_axis("refnis")
    return MunicipalDemand(totals=frame, span=span, level=level, n=len(draws))


def _stretch(forecast: Forecast, row: int, *, level: float = 0.80) -> float:
    """How much wider the calibrated interval of a node is than its draws', averaged over months; at least 1."""
    assert forecast.draws is not None
    tails = [(1 - level) / 2, (1 + level) / 2]
    drawn = np.diff(np.quantile(forecast.draws[:, row], tails, axis=0), axis=0)[0]
    lower, upper = forecast.bounds(level)
    calibrated = upper[row] - lower[row]
    known = drawn > 0
    return max(float(np.mean(calibrated[known] / drawn[known])), 1.0) if known.any() else 1.0


def _known(position: Mapping[Hashable, int], labels: Sequence[Hashable]) -> Sequence[Hashable]:
    """The labels, all of which must be in the forecast."""
    _rows(position, labels)
    return labels


def _draws(forecast: Forecast, span: int) -> np.ndarray:
    """Joint futures of a forecast that reaches far enough."""
    if forecast.draws is None:
        raise InputError("forecast: needs joint draws, got a forecast without them")
    if not 1 <= span <= forecast.horizon:
        raise InputError(f"span: must be between 1 and the horizon {forecast.horizon}, got {span}")
    return forecast.draws


def _rows(position: Mapping[Hashable, int], labels: Sequence[Hashable]) -> list[int]:
    """Rows of some series, each once."""
    if len(set(labels)) < len(labels):
        raise InputError(f"members: every series may occur once, got one twice among {list(labels)[:3]}")
    if not labels:
        raise InsufficientDataError("members: at least one series is needed, got none")
    absent = [label for label in labels if label not in position]
    if absent:
        raise InputError(f"members: every series must be in the forecast, got {absent[0]!r}")
    return [position[label] for label in labels]


def _months(
    sector: str, past: pd.Series, periods: Sequence[str], centre: np.ndarray, future: np.ndarray, *, level: float
) -> pd.DataFrame:
    """Past and future of one sector, month by month."""
    seen = pd.DataFrame(
        {"sector": sector, "period": past.index.astype(str), "kind": "history", "estimate": past.to_numpy(float)}
    )
    ahead = pd.DataFrame({"sector": sector, "period": periods, "kind": "forecast", "estimate": centre})
    for percent in sorted({80, 95, round(100 * level)}):
        tail = (1 - percent / 100) / 2
        bounds = np.quantile(future, [tail, 1 - tail], axis=0)
        ahead[f"lower_{percent}"] = np.minimum(bounds[0], centre)
        ahead[f"upper_{percent}"] = np.maximum(bounds[1], centre)
    return pd.concat([seen, ahead], ignore_index=True)


def _total(
    sector: str, past: pd.Series, centre: np.ndarray, future: np.ndarray, *, span: int, level: float
) -> dict[str, float | str]:
    """Sum over the next periods against the same number of last ones."""
    total, estimate, before = future[:, :span].sum(axis=1), float(centre[:span].sum()), float(past.iloc[-span:].sum())
    lower, upper = np.quantile(total, [(1 - level) / 2, (1 + level) / 2])
    return {
        "sector": sector,
        "estimate": estimate,
        "lower": min(float(lower), estimate),
        "upper": max(float(upper), estimate),
        "before": before,
        "more": float((total > before).mean()),
    }
