"""One region's study: hands out checked tables, shows results with their provenance, and keeps what was used."""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from importlib.metadata import version
from statistics import NormalDist
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

from studie import regions
from studie.config import LEVEL, REFERENCE_DATE, NotedConfig, StudyConfig, project_root, read_config
from studie.data import catalogue, disclosure_log, publications, quality
from studie.data.definitions import CONTRACTS
from studie.disclosure import registry, rules
from studie.errors import InputError, InsufficientDataError, unknown
from studie.inputs import record
from studie.places import access
from studie.places.travel import Speed, Speeds
from studie.present import display, expected, numbers, withheld, wording, words
from studie.present.display import Figure, Finding, KeyNumber, Sentence, Table, Unavailable
from studie.present.formulas import FORMULAS
from studie.study import assumptions, families, plan
from studie.study import once as kept

DATA = ("auto", "own", "demonstration")
MOST_SOURCES = 4
MOST_SUPPRESSED = 0.5  # share of a result's cells; beyond it the area above is shown
NEED_DRAWS = 1000
PACKAGES = ("pandas", "numpy", "scipy", "statsmodels", "scikit-learn", "statsforecast", "matplotlib", "typst")
Form = Literal["figure", "table", "sentence"]
SHELVES = {"figure": "plots", "table": "tables", "sentence": "wording"}  # in `present`


class Study:
    """Study of one region on one reference date; made by `open_study`."""

    def __init__(
        self,
        *,
        region: regions.Region,
        reference_date: str,
        horizon_months: int,
        level: float,
        seed: int | None,
        config: StudyConfig,
        data: catalogue.Choice,
    ) -> None:
        self.region = region
        self.reference_date = reference_date
        self.horizon_months = horizon_months
        self.level = level
        self._settings = NotedConfig(config)
        self.config = cast("StudyConfig", self._settings)
        self.seed = self.config.seed if seed is None else seed
        self.data = data
        self._used: dict[str, catalogue.Table] = {}
        self._shown: dict[str, None] = {}
        self._suppressed: dict[str, int] = {}
        self._widened = region

    # What is known ---------------------------------------------------------------------------------------------

    def table(self, name: str, *, region: str | None = None, reason: str = "") -> pd.DataFrame:
        """Contract-checked rows of a table for this region.

        Parameters
        ----------
        name : str
            One of `studie.data.catalogue.TABLES`.
        region : str, optional
            Code of another region, such as the province when a method borrows strength; default this region.
        reason : str, optional
            Why you need to see rows about persons and small counts. Without one the frame computes as any other, but
            prints neither; with one it prints all, and table, region and reason are logged.

        Returns
        -------
        DataFrame
            Columns of the contract plus `data_status` and `source`. Tables by municipality hold the region's own
            municipalities; tables by region code hold those and, as context, provinces and Flanders.

        Raises
        ------
        InputError
            For an unknown table or region, or a file that breaks its contract.
        """
        if name not in catalogue.TABLES:
            raise unknown("table", name, catalogue.TABLES)
        if name not in self._used:
            self._used[name] = catalogue.read(name, data=self.data)
        area = self.region if region is None else regions.region(region, date=self.reference_date)
        rows = within(self._used[name].frame, area, date=self.reference_date)
        about = CONTRACTS[name].persons
        if reason and about != "none":
            disclosure_log.record(action="study.table", what=name, region=area.code, reason=reason, rows=len(rows))
            return rows
        return withheld.withheld(rows, about=about, threshold=self.config.disclosure.threshold.value)

    def tables(self) -> list[catalogue.Table]:
        """Every table that the study may use, whole."""
        for name in catalogue.TABLES:
            self.table(name)
        return [self._used[name] for name in catalogue.TABLES]

    def inventory(self) -> quality.Inventory:
        """Every dataset that the study may use, and how much of the region each covers."""
        return quality.inventory(self.tables(), self.region.refnis)

    def parts(self) -> pd.DataFrame:
        """Arrondissements and confirmed working areas in this region: region, name, refnis."""
        areas = [
            a for level in ("arrondissement", "working-area") for a in regions.regions(level, date=self.reference_date)
        ]
        rows = [(a.code, a.title, refnis) for a in areas if a.status == "confirmed" for refnis in a.refnis]
        frame = pd.DataFrame(rows, columns=["region", "name", "refnis"])
        return frame[frame["refnis"].isin(self.region.refnis)].reset_index(drop=True)

    def of(self, region: str) -> Study:
        """The same study of another region: same choices and random numbers, and one list of what was used."""
        other = Study(
            region=regions.region(region, date=self.reference_date),
            reference_date=self.reference_date,
            horizon_months=self.horizon_months,
            level=self.level,
            seed=self.seed,
            config=self.config,
            data=self.data,
        )
        other._used, other._shown, other._suppressed = self._used, self._shown, self._suppressed
        return other

    @property
    def lineage(self) -> pd.DataFrame:
        """Areas from which this region can borrow strength, per municipality, outermost first."""
        return regions.lineage(self.region)

    def names(self) -> dict[int, str]:
        """Names of the province's municipalities by refnis."""
        places = regions.municipalities(date=self.reference_date)
        return {int(refnis): str(name) for refnis, name in zip(places["refnis"], places["name_nl"], strict=True)}

    def map_of(self, uses: Sequence[str]) -> dict[str, Any]:
        """What every map of this region needs: boundaries, names, what to highlight, status and source of the data."""
        return {
            "boundaries": regions.boundaries(date=self.reference_date),
            "names": self.names(),
            "highlight": None if self.region.level == "province" else self.region.refnis,
            "data_status": self._status(uses),
            "source": self._source(uses),
        }

    def datasets(self, uses: Sequence[str] | None = None) -> list[catalogue.Dataset]:
        """Datasets behind what was used, by default behind all tables read so far.

        `uses` names tables (`ladder_panel`) or a part of one: a status (`vacancy:observed`) or a dataset
        (`indicator:cmw_waiting`).
        """
        found = {}
        for use in self._used if uses is None else uses:
            name, _, part = use.partition(":")
            if name not in self._used:
                raise InputError(f"uses: table {name!r} was not read with study.table(), so its status is not known")
            chosen = [d for d in self._used[name].datasets if part in ("", d.dataset_id, d.data_status)]
            if not chosen and part not in ("", *words.DATA_STATUS):
                raise unknown("uses", use, [f"{name}:{d.dataset_id}" for d in self._used[name].datasets])
            found.update({d.dataset_id: d for d in chosen})
        return [found[key] for key in sorted(found)]

    def best_status(self, name: str) -> str:
        """Status of the rows by municipality in a table that was read or can be: `own` where there are any."""
        self.table(name)
        found = {d.data_status for d in self._used[name].datasets}
        return "own" if "own" in found else "demonstration" if "demonstration" in found else "observed"

    def carving_priors(self) -> pd.DataFrame:
        """Share of each sector's tasks that could become inclusive work, as the configuration states it."""
        rows = [{"sector": name, **sector.carving.model_dump()} for name, sector in self.config.sectors.items()]
        return pd.DataFrame(rows)

    def need_options(self) -> dict[str, Any]:
        """Assumptions of the search for blind spots that its methods take."""
        assumed = self.config.places
        deviation = (assumed.vte_per_person.upper - assumed.vte_per_person.lower) / 2
        z = NormalDist().inv_cdf((1 + assumed.vte_per_person.interval_level) / 2)
        draws = self.shared_rng("vte per person").normal(assumed.vte_per_person.centre, deviation / z, size=NEED_DRAWS)
        return {"vte_per_person": np.clip(draws, 0.05, 1.5), "prior_misfit": assumed.need_misfit.value}

    def travel(self) -> dict[str, pd.DataFrame]:
        """Travel minutes between the province's municipalities per mode: the user's own where given, else assumed.

        A mode of which the table `travel_time` holds every pair is taken from it; its rows else replace single trips.
        """
        points = regions.municipalities(date=self.reference_date).set_index("refnis")
        assumed = self.config.places
        modes: dict[str, Speed] = {
            n: Speed(kmh=m.kmh, fixed_minutes=m.fixed_minutes) for n, m in assumed.travel.items()
        }
        speeds = Speeds(detour=assumed.detour.value, modes=modes)
        own = self.table("travel_time", region=regions.PROVINCE)
        return {mode: _travel_minutes(points, own[own["mode"] == mode], mode=mode, speeds=speeds) for mode in modes}

    def attempt(self, compute: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Result of `compute`, or `Unavailable` where a region has too little data for it or for its argument."""
        if any(isinstance(argument, Unavailable) for argument in (*arguments, *options.values())):
            return Unavailable()
        try:
            return compute(*arguments, **options)
        except InsufficientDataError:
            return Unavailable()

    def widened(
        self,
        compute: Callable[..., Any],
        read: Callable[[pd.DataFrame], Any],
        table: str,
        *,
        among: Mapping[str, Sequence[Any]] | None = None,
        **options: Any,
    ) -> tuple[Any, regions.Region]:
        """Result for this region, or for the nearest area above of which at most half of the cells are suppressed.

        Where it is not this region's, a sentence says so.

        Parameters
        ----------
        compute : callable
            Method; its first argument is what `read` makes of the table.
        read : callable
            What it needs from the rows of the table, such as observations from a panel.
        table : str
            Table about persons.
        among : mapping, optional
            Column → values of the cells that the chapter speaks about, such as some steps; default all.
        **options
            Passed on to `compute`.

        Returns
        -------
        (result or Unavailable, Region)
            The result, and the region that it is about.
        """
        for area in [self.region, *self._above()]:
            result = self.attempt(compute, self.attempt(read, self.table(table, region=area.code)), **options)
            rows = self.protect(result, uses=[table], about=area.code)
            for column, values in (among or {}).items():
                rows = rows[rows[column].isin(values)] if column in rows else rows
            if len(rows) and (rows["cell_status"] == "suppressed").mean() <= MOST_SUPPRESSED:
                break
        if area not in (self.region, self._widened):
            for part in wording.widened(self.region, area):
                _publish(*self._bundle(part, [table], None))
        self._widened = area
        return result, area

    def _above(self) -> list[regions.Region]:
        """Arrondissement and province, as far as they hold this region and more."""
        inside = set(self.region.refnis)
        areas = [
            a for level in ("arrondissement", "province") for a in regions.regions(level, date=self.reference_date)
        ]
        return [area for area in areas if inside < set(area.refnis)]

    def rng(self, step: str) -> np.random.Generator:
        """Random generator of one step of this region's study; adding a region or a step moves no other's numbers."""
        keys = [zlib.crc32(text.encode()) for text in (self.region.code, step)]
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=keys))

    def shared_rng(self, step: str) -> np.random.Generator:
        """Random generator of one step that all regions share."""
        return np.random.default_rng(self.seeds(step))

    def seeds(self, step: str) -> np.random.SeedSequence:
        """Root of the randomness of one step that all regions share."""
        return np.random.SeedSequence(self.seed, spawn_key=[zlib.crc32(step.encode())])

    def once(self, compute: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Result of `compute(*arguments, **options)`, computed once for all regions, kept by content of its inputs."""
        return kept.once(compute, *arguments, folder=project_root() / "build" / "cache" / "computed", **options)

    # What is shown ---------------------------------------------------------------------------------------------

    def show(
        self,
        result: Any,
        *,
        uses: Sequence[str],
        form: Form = "figure",
        name: str | None = None,
        about: str | None = None,
        **options: Any,
    ) -> None:
        """Show a result as a figure, a table or sentences, with region, period, status of its data and source.

        Parameters
        ----------
        result : result of a method, or a `Figure`, `Table` or `Sentence` made from one
        uses : sequence of str
            Tables the result was made from, or parts of them (see `datasets`); each must have been read with `table`.
        form : {"figure", "table", "sentence"}
        name : str, optional
            Function of `plots`, `tables` or `wording` that shows it; default the one named after the result's class.
        about : str, optional
            Code of the region that the result is about; default the study's own.
        **options
            Passed on to that function.

        Raises
        ------
        InputError
            If a table in `uses` was not read, or the result has no such form.
        """
        shown = self._present(result, form, name, uses=uses, about=about, options=options)
        if isinstance(shown, Figure | Table) and "cell_status" in shown.frame:
            self._suppressed[shown.caption] = int((shown.frame["cell_status"] == "suppressed").sum())
        for part in shown if isinstance(shown, list) else [shown]:
            _publish(*self._bundle(part, uses, about))

    def formula(self, name: str) -> None:
        """Show a formula of the methods with its words."""
        if name not in FORMULAS:
            raise unknown("formula", name, FORMULAS)
        formula = FORMULAS[name]
        _publish({"kind": "formula", **vars(formula)}, {"text/latex": f"$$ {formula.tex} $$"})

    def headline(
        self,
        findings: Sequence[Finding],
        *,
        numbers: Sequence[KeyNumber] = (),
        unknown_: Sequence[str] = (),
        discuss: str | None = None,
        uses: Sequence[str],
    ) -> None:
        """Findings that the report puts on its first page, and the provenance of the chapter."""
        if len(findings) > 5:
            raise InputError(f"findings: at most five per chapter, got {len(findings)}")
        status = self._status(uses)
        item = {
            "kind": "headline",
            "findings": [{**vars(finding), "data_status": status} for finding in findings],
            "numbers": [{**vars(number), "data_status": status} for number in numbers],
            "unknown": list(unknown_),
            "discuss": discuss,
        }
        _publish(item, {"text/markdown": "\n".join(f"* {f.finding} ({f.certainty})" for f in findings)})
        _publish(self._provenance(), {"text/markdown": f"*Gebruikte gegevens: {self._source(list(self._shown))}*"})

    def protect(self, result: Any, *, uses: Sequence[str], about: str | None = None) -> pd.DataFrame:
        """Frame of a result from which no small count of persons can be read; other frames pass.

        Of results about persons only what rests on a count that `registry` publishes keeps its value. Results of
        `strategy` are expected numbers, whose n counts draws: only a small number of persons is taken out of them.
        """
        if type(result).__module__.startswith("studie.strategy."):
            return expected.protected(result, threshold=self.config.disclosure.threshold.value)
        about_persons = rules.about_persons(use.partition(":")[0] for use in uses)
        frame = rules.protected(result, threshold=self.config.disclosure.threshold.value, persons=about_persons)
        if not about_persons or frame.empty:
            return frame
        names = families.names(date=self.reference_date)
        return plan.emptied(frame, result, region=about or self.region.code, allowed=self.registry, names=names)

    @cached_property
    def registry(self) -> registry.Registry:
        """Counts of persons that may be printed: planned once over all regions, before anything is shown."""
        checksums = [checksum for table in plan.TABLES for checksum in catalogue.checksums(table)]
        return self.once(
            plan.planned,
            checksums,
            data=self.data,
            date=self.reference_date,
            threshold=self.config.disclosure.threshold.value,
            stated=plan.earlier(publications.read_ledger()),
        )

    def _present(
        self,
        result: Any,
        form: Form,
        name: str | None,
        *,
        uses: Sequence[str],
        about: str | None,
        options: dict[str, Any],
    ) -> Any:
        if isinstance(result, Figure | Table | Sentence):
            return result
        if isinstance(result, Unavailable):
            return wording.unavailable()
        frame = self.protect(result, uses=uses, about=about)
        shown_as = name or snake_case(type(result).__name__)
        try:
            return presenter(shown_as, form)(result, frame=frame, **options)
        except InsufficientDataError:
            return wording.unavailable()

    def _bundle(
        self, part: Figure | Table | Sentence, uses: Sequence[str], about: str | None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        status = self._status(uses)
        common = {"data_status": status, "uses": [d.dataset_id for d in self.datasets(uses)]}
        if isinstance(part, Sentence):
            return {"kind": "sentence", **vars(part), **common}, {"text/markdown": part.text}
        first, last = self._period(uses)
        area = self.region if about is None else regions.region(about, date=self.reference_date)
        context = {"region": area.code, "period": last if first == last else f"{first}/{last}"}
        when = numbers.span(first, last) if first else words.NO_PERIOD
        said = {"region": wording.place(area), "period": when if common["uses"] else ""}
        row = {**context, "data_status": "+".join(status), "source": self._source(uses)}
        labelled = part.frame.assign(**{key: value for key, value in row.items() if key not in part.frame})
        item = {
            **part.to_item(),
            **said,
            **common,
            "source": self._source(uses),
            "frame": display.frame_to_json(labelled),
        }
        if isinstance(part, Table):
            if part.place:
                item |= {"region": part.place}
            if part.literature and not common["uses"]:
                item |= {"source": part.literature, "literature": True, "period": "", "region": ""}
            return item, {"text/html": part.to_html()}
        return item, {"image/svg+xml": part.to_svg()}

    def _status(self, uses: Sequence[str]) -> list[str]:
        self._shown.update(dict.fromkeys(uses))
        return sorted({dataset.data_status for dataset in self.datasets(uses)})

    def _source(self, uses: Sequence[str]) -> str:
        parts = dict.fromkeys(
            d.publisher if d.publisher == words.PROPOSAL else f"{d.publisher} ({words.DATA_STATUS[d.data_status]})"
            for d in self.datasets(uses)
        )
        if not parts:
            return words.UNKNOWN if uses else "geen gegevens"
        return "; ".join(parts) if len(parts) <= MOST_SOURCES else "verschillende, zie de lijst van bronnen"

    def _period(self, uses: Sequence[str]) -> tuple[str, str]:
        dated = [d for d in self.datasets(uses) if d.first_period]
        return min((d.first_period for d in dated), default=""), max((d.last_period for d in dated), default="")

    def _provenance(self) -> dict[str, Any]:
        return {
            "kind": "provenance",
            "datasets": [
                {
                    key: getattr(d, key)
                    for key in (
                        "dataset_id", "title", "data_status", "publisher", "licence", "url",
                        "retrieved", "first_period", "last_period", "rows", "sha256",
                    )
                }
                for d in self.datasets(list(self._shown))
            ],
            "versions": {"studie": version("studie"), **{name: version(name) for name in PACKAGES}},
            "seed": self.seed,
            "suppressed": [{"table": name, "cells": cells} for name, cells in self._suppressed.items() if cells],
            "assumptions": assumptions.assumptions(self.config, self._settings.parts),
        }  # fmt: skip

    @cached_property
    def hierarchy(self) -> pd.DataFrame:
        """Region codes of every level per municipality, on the constant territory of every series (that of 2025)."""
        return regions.hierarchy(date=REFERENCE_DATE)

    @property
    def municipalities(self) -> list[int]:
        """Municipalities of this region that exist in the constant territory of the series."""
        return [refnis for refnis in self.region.refnis if refnis in self.hierarchy.index]


def open_study(
    region: str = "province:10000",
    *,
    reference_date: str = REFERENCE_DATE,
    horizon_months: int = 18,
    level: float = LEVEL,
    seed: int | None = None,
    config: str = "study",
    data: str = "auto",
) -> Study:
    """Study of one region, with every argument checked before anything is read.

    Parameters
    ----------
    region : str
        Code such as `arrondissement:12000`; `studie regions` lists them.
    reference_date : str
        ISO date that fixes territory and groupings; data run to their last period.
    horizon_months : int
        How far forecasts look ahead [months], 1 to 60.
    level : float
        Coverage of intervals, in (0, 1).
    seed : int, optional
        Root of all randomness; default the configuration's.
    config : str
        Path or name of a configuration.
    data : {"auto", "own", "demonstration"}
        Which data may be used: own extracts before demonstration, own and observed only, or no own extracts.

    Raises
    ------
    InputError
        One line per wrong argument: what, got, allowed.
    """
    problems = []
    if not _is_date(reference_date):
        problems.append(f"reference_date: must be a date YYYY-MM-DD, got {reference_date!r}")
    if not 1 <= horizon_months <= 60:
        problems.append(f"horizon_months: must be between 1 and 60, got {horizon_months}")
    if not 0 < level < 1:
        problems.append(f"level: must lie between 0 and 1, got {level}")
    if problems:
        raise InputError(*problems)
    if data not in DATA:
        raise unknown("data", data, DATA)
    with record.unheard():  # every part is noted when it is read
        settings = read_config(config)
    return Study(
        region=regions.region(region, date=reference_date),
        reference_date=reference_date,
        horizon_months=horizon_months,
        level=level,
        seed=seed,
        config=settings,
        data=cast("catalogue.Choice", data),
    )


def presenter(name: str, form: Form) -> Callable[..., Any]:
    """Function of `plots`, `tables` or `wording` with this name; the chapter that asks for it then rests on it."""
    found = getattr(import_module(f"studie.present.{SHELVES[form]}"), name, None)
    if found is None:
        raise InputError(f"form: {name} has no {form}")
    record.note("code", found.__module__)
    return cast("Callable[..., Any]", found)


def snake_case(name: str) -> str:
    """Name of a class as the name of its functions: TransitionMatrix is transition_matrix."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def within(frame: pd.DataFrame, area: regions.Region, *, date: str) -> pd.DataFrame:
    """Rows of a table that belong to an area; rows of whole provinces, Flanders or no known place stay as context."""
    if "refnis" in frame:
        return frame[frame["refnis"].isin(area.refnis) | frame["refnis"].isna()].reset_index(drop=True)
    if "region" not in frame:
        return frame.reset_index(drop=True)
    own = {f"municipality:{refnis}" for refnis in area.refnis}
    context = ~frame["region"].str.startswith("municipality:")
    return frame[context | frame["region"].isin(own)].reset_index(drop=True)


def _travel_minutes(points: pd.DataFrame, own: pd.DataFrame, *, mode: str, speeds: Speeds) -> pd.DataFrame:
    """Cost table of one mode."""
    if len(own) == len(points) ** 2 and own["minutes"].notna().all():
        return access.od_matrix(
            own[["origin", "destination", "minutes"]], origins=points.index, destinations=points.index
        )
    exceptions = own if len(own) else None
    return access.travel_minutes(points, points, mode=mode, speeds=speeds, overrides=exceptions)


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except (TypeError, ValueError):
        return False
    return True


def _publish(item: dict[str, Any], pictures: dict[str, Any]) -> None:
    """Give an item to the notebook, readable in Lab and kept for the report."""
    from IPython.display import publish_display_data

    publish_display_data({display.MIME: item, "text/plain": item["kind"], **pictures})
