"""Series of Eurostat as rows of `indicator`: what dimensions, flags and missing values become in both formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from studie.data.importers.columns import UNKNOWN_UNIT, Candidates, Measure, identifier
from studie.data.importers.intake import Intake, Rejections
from studie.data.importers.territory import NUTS

TIMES = ("time_period", "time")
Problem = tuple[str, str, object]  # column, rule and value
KNOWN = {
    "jobvac": Measure(indicator_id="job_vacancies", unit="vacatures"),
    "jobocc": Measure(indicator_id="occupied_jobs", unit="banen"),
    "jobrate": Measure(indicator_id="job_vacancy_rate", unit="%"),
    "av": Measure(indicator_id="job_vacancy_rate", unit="%"),
}
_UNITS = {"PC": "%", "NR": "aantal", "THS": "duizend", "THS_PER": "duizend personen", "PER": "personen"}
_USUAL = {"s_adj": "NSA", "sizeclas": "TOTAL"}  # values that need no mention in an identifier
_FLAGS = {
    "b": "breuk in de reeks", "c": "vertrouwelijk", "d": "andere definitie", "e": "raming", "f": "vooruitzicht",
    "n": "niet significant", "p": "voorlopig", "r": "herzien", "s": "raming van Eurostat", "u": "weinig betrouwbaar",
    "z": "niet van toepassing", "m": "ontbreekt",
}  # fmt: skip
_STATUS = {"p": "voorlopig", "e": "raming", "s": "raming", "f": "raming"}


@dataclass(frozen=True, kw_only=True)
class Series:
    """What the dimensions of one series say."""

    measure: Measure
    region: str
    frequency: str


def other_frequency(frequency: str, periods: Sequence[str]) -> list[Problem]:
    """Problem of values in periods that are not of their series' frequency (A, S, Q or M; others are not checked)."""
    wrong = [period for period in periods if frequency in ("A", "S", "Q", "M") and _frequency(period) != frequency]
    return [(wrong[0], f"must be a period of frequency {frequency}", wrong[0])] if wrong else []


def _frequency(period: str) -> str:
    """Frequency of a period as the study writes it."""
    return "A" if len(period) == 4 else period[5] if period[5] in "QS" else "M"


def series_of(said: Mapping[str, str], known: Mapping[str, Measure]) -> tuple[Series | None, list[Problem]]:
    """Measure and region of a series, and what is wrong with its dimensions."""
    problems: list[Problem] = [(n, "must not be empty", "") for n, value in said.items() if not value]
    region = NUTS.get(said["geo"].upper(), "")
    if not region and said["geo"]:
        problems.append(("geo", "is no area of the study", said["geo"]))
    indic = next((said[name] for name in ("indic_em", "indic") if name in said), "")
    base = known.get(indic.lower(), Measure(indicator_id=identifier(indic or "eurostat"), unit=UNKNOWN_UNIT))
    rest = {
        name: value
        for name, value in said.items()
        if name not in ("geo", "freq", "unit", "indic_em", "indic") and _USUAL.get(name) != value
    }
    parts = [identifier("nace", value) if name.startswith("nace") else value for name, value in rest.items()]
    code, unit = said.get("unit", ""), base.unit
    if code and unit == UNKNOWN_UNIT:
        unit = _UNITS.get(code, code)
        parts.append(code)
    if problems:
        return None, problems
    measure = Measure(
        indicator_id=identifier(base.indicator_id, *parts),
        unit=unit,
        population=", ".join(f"{name} {value}" for name, value in rest.items()) or "alle",
    )
    return Series(measure=measure, region=region, frequency=said.get("freq", "").upper()), []


def strange(flags: str) -> str:
    """Rule that unknown flags break."""
    unknown = sorted(set(flags) - set(_FLAGS))
    return f"must have flags of {', '.join(_FLAGS)}" if unknown else ""


def add(candidates: Candidates, series: Series, *, row: int, period: str, value: float | None, flags: str) -> None:
    """One figure of a series with its flags in words."""
    status = next((_STATUS[flag] for flag in flags if flag in _STATUS), "gepubliceerd")
    words = "; ".join(_FLAGS[flag] for flag in dict.fromkeys(flags))
    candidates.add(
        row,
        series.measure,
        region=series.region,
        period=period,
        value=np.nan if value is None else value,
        status=status,
        note=words,
    )


def intake(candidates: Candidates, read: int, rejections: Rejections, missing: int) -> Intake:
    """Result of both formats."""
    table, origins = candidates.taken(rejections)
    return Intake(
        tables={"indicator": table},
        read=read,
        taken=read - len(rejections),
        rejected=rejections.to_frame(),
        notes=(f"{missing} values are missing at the source and give no row",) if missing else (),
        origins={"indicator": origins},
    )
