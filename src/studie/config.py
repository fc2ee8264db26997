"""What was assumed: `config/study.yaml` as frozen, validated models; every local choice has a reason and a source."""

from __future__ import annotations

import datetime as dt
import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from studie.errors import InputError
from studie.inputs import record

YAML: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times quicker where libyaml is there
LEVEL = 0.95  # coverage of every interval unless said otherwise
MARKS = ("config/study.yaml", "data/sources.csv")  # files by which a study's folder is known
REFERENCE_DATE = "2025-01-01"  # fixes territory and groupings only; data run to their last period

Share = Annotated[float, Field(gt=0, lt=1)]


class _Frozen(BaseModel):
    """Immutable; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Chosen(_Frozen):
    """Something that somebody chose: why, where it comes from, and who decided it."""

    because: str = Field(min_length=10)
    source: str = Field(min_length=3)
    decided_by: str = Field(default="de studie", min_length=3)


class Choice(Chosen):
    """A number that somebody chose, why, and where it comes from."""

    value: float


class Prior(Chosen):
    """A share that nobody measured: its centre, an interval with its coverage, why, and where it comes from."""

    centre: Share
    lower: Share
    upper: Share
    interval_level: Share

    @model_validator(mode="after")
    def _holds_its_centre(self) -> Prior:
        if not self.lower < self.centre < self.upper:
            raise ValueError(f"the interval must hold its centre, got {self.lower} < {self.centre} < {self.upper}")
        return self


class Sector(_Frozen):
    """A shortage sector: its Dutch name, NACE sections, the plan's partner, and the share of its tasks to carve out."""

    name: str
    nace: tuple[str, ...] = Field(min_length=1)
    partner: str
    carving: Prior


class Belief(Chosen):
    """A number that nobody measured: its distribution, why, and where it comes from."""

    distribution: Literal["normal", "lognormal"]
    centre: float
    lower: float
    upper: float
    interval_level: Share

    @model_validator(mode="after")
    def _holds_its_centre(self) -> Belief:
        if not self.lower < self.centre < self.upper:
            raise ValueError(f"the interval must hold its centre, got {self.lower} < {self.centre} < {self.upper}")
        return self


class LeverEffect(Belief):
    """What a lever is believed to do: a ratio on the rate of moves or on openings, or net places per gross one."""

    measure: Literal["hazard_ratio", "net_share", "openings_ratio"]
    acts_on: str | tuple[tuple[str, str], ...]


class LeverCost(Chosen):
    """What a lever costs at full ramp, and whether somebody published it."""

    value: float = Field(ge=0)
    unit: Literal["euro/year", "euro/place/year"]
    status: Literal["stated", "assumed"]


class LeverSettings(Chosen):
    """Something the province could do: its effects, ramp, coverage, amount with unit, and cost."""

    name: str
    effects: tuple[LeverEffect, ...] = Field(min_length=1)
    start_month: int = Field(ge=0)
    ramp_months: int = Field(ge=0)
    coverage: float = Field(gt=0, le=1)
    amount: float | None = Field(default=None, gt=0)
    unit: Literal["persons", "places", "vte", "vacancies"] | None = None
    cost: LeverCost | None = None

    @model_validator(mode="after")
    def _counts_in_a_unit(self) -> LeverSettings:
        if (self.amount is None) != (self.unit is None):
            raise ValueError(f"an amount needs a unit, and a unit an amount, got {self.amount} and {self.unit}")
        return self


class TravelMode(Chosen):
    """How fast one goes: limit of each class of distance [km by road] to its speed [km/h], and time lost per trip."""

    kmh: dict[float, float] = Field(min_length=1)
    fixed_minutes: float = Field(ge=0)


class PlacesSettings(_Frozen):
    """What the search for blind spots assumes."""

    vte_per_person: Prior
    need_misfit: Choice
    detour: Choice
    travel: dict[Literal["public_transport", "bicycle", "car"], TravelMode] = Field(min_length=1)


class Worth(Chosen):
    """What a lasting move may be worth [euro]; nobody decided it, so several values are tried."""

    values: tuple[float, ...] = Field(min_length=1)


class Decision(Chosen):
    """Day on which levers begin, and how many years are looked ahead from there."""

    day: dt.date
    years: int = Field(ge=1, le=20)


class Pilots(Chosen):
    """Where a support network may be tried: how the plan's "3 gebieden" is read, and how large an area may be.

    `smallest` and `largest` count municipalities; `fewest` and `most` people on steps 3 to 6.
    """

    form: Literal["one_per_arrondissement", "three_per_arrondissement"]
    smallest: int = Field(ge=1)
    largest: int = Field(ge=1)
    fewest: int = Field(ge=0)
    most: int = Field(ge=1)
    tolerance: float = Field(ge=0, lt=1)


class Evaluation(Chosen):
    """What the evaluation of the pilots assumes of people in one municipality, and when it counts."""

    icc: float = Field(ge=0, lt=1)
    persistence: float = Field(ge=0, le=1)
    period_months: int = Field(ge=1)
    before: int = Field(ge=0)
    after: int = Field(ge=1)


class StrategySettings(_Frozen):
    """What the look ahead assumes beside the levers."""

    decision: Decision
    ready: Prior
    worth: Worth
    pilots: Pilots
    evaluation: Evaluation


class Request(_Frozen):
    """What an answer to one request of the register would tell: its short name, and inputs of the scenarios."""

    name: str = Field(min_length=3)
    inputs: tuple[str, ...] = Field(min_length=1)
    because: str = Field(min_length=10)


class PlatformSettings(Chosen):
    """One provincial platform: who would lead it, what its levers may cost, and what each request would tell."""

    lead: str
    administrator: str
    costs: dict[str, Belief]  # euro per year at full ramp, of levers that nobody priced
    requests: dict[str, Request] = Field(min_length=1)


class ResilienceSettings(_Frozen):
    """From where the accounts of a firm are called resilient."""

    least_solvency: Choice
    least_liquidity: Choice


class Disclosure(_Frozen):
    """When a count of persons is too small to print."""

    threshold: Choice


class Demonstration(_Frozen):
    """Which synthetic data stand in where nothing is observed."""

    size: str
    seed: int


class Amounts(Chosen):
    """Budgets that are compared, one that is spent already, and what comes on top of it [euro]."""

    compared: tuple[float, ...] = Field(min_length=3)
    spent: float = Field(gt=0)
    step: float = Field(gt=0)


class Grant(Chosen):
    """Money that the province gives or lends for places: lots, most per grant [euro], and the net share."""

    name: str
    lot: float = Field(gt=0)
    ceiling: float = Field(gt=0)
    net: Belief


class Loan(Grant):
    """Money that comes back: what it costs to lend it, and the share of its jobs that lasts."""

    interest: Choice
    years_lent: Choice
    loss: Prior
    kept: Prior


class BudgetSettings(_Frozen):
    """What the chapter on means assumes about money."""

    amounts: Amounts
    guarantee: Choice
    place_years: Choice
    projectsubsidie: Grant
    trividend: Loan


class Report(_Frozen):
    """Fixed head of a report to the council; unknown fields are left to be filled in."""

    vergadering: str = ""
    bevoegd_deputatielid: str = ""
    telefoon: str = ""
    agendanummer: str = ""
    beleidslijn: str = ""
    versie: str


class StudyConfig(_Frozen):
    """All assumptions of a study."""

    seed: int
    sectors: dict[str, Sector]
    construction_share: Choice
    places: PlacesSettings
    levers: dict[str, LeverSettings]
    strategy: StrategySettings
    platform: PlatformSettings
    resilience: ResilienceSettings
    disclosure: Disclosure
    budget: BudgetSettings
    demonstration: Demonstration
    report: Report


@lru_cache(maxsize=1)
def _found_root(start: str, package: str) -> Path:
    """Nearest folder upwards that holds the study's configuration and data."""
    here = [Path(start), *Path(start).parents]
    present = {
        folder: [name for name in MARKS if (folder / name).is_file()] for folder in (*here, *Path(package).parents)
    }
    whole = [folder for folder, names in present.items() if len(names) == len(MARKS)]
    half = [folder for folder in here if len(present[folder]) == 1]
    if half and not set(whole).intersection(here):  # the package's own study would be another one than the user's
        missing = next(name for name in MARKS if name not in present[half[0]])
        raise InputError(f"folder: {missing} is missing in {half[0]}, which has {present[half[0]][0]}; put it back")
    if whole:
        return whole[0]
    raise InputError(
        f"folder: no study found from {start} upwards; run inside a checkout (it holds {' and '.join(MARKS)}) "
        "or set STUDIE_ROOT"
    )


def project_root() -> Path:
    """Folder of the study: `STUDIE_ROOT`, else the nearest one upwards, else the checkout that holds this package."""
    named = os.environ.get("STUDIE_ROOT")
    return Path(named) if named else _found_root(str(Path.cwd()), __file__)


def config_path(name: str = "study") -> Path:
    """File of a configuration, by path or by its name in `config/`."""
    given = Path(name)
    candidates = [given, project_root() / "config" / f"{name}.yaml", project_root() / name]
    for path in candidates:
        if path.is_file():
            return path
    known = ", ".join(sorted(p.stem for p in (project_root() / "config").glob("*.yaml")))
    raise InputError(f"config: no file {name!r}. Allowed: a path, or one of {known}")


class NotedConfig:
    """Configuration that notes which of its parts are read.

    Attributes
    ----------
    parts : set of str
        Parts that were read so far.
    """

    def __init__(self, config: StudyConfig) -> None:
        self.parts: set[str] = set()
        self._config = config

    def __getattr__(self, name: str) -> Any:
        """Part of the configuration; anything else of it, such as its `model_dump`, may read all parts."""
        if name.startswith("_"):
            raise AttributeError(name)
        known = set(StudyConfig.model_fields)
        for part in {name} & known or known:
            record.note("config", part)
            self.parts.add(part)
        return getattr(self._config, name)


def read_config(name: str = "study") -> StudyConfig:
    """Validated configuration.

    Raises
    ------
    InputError
        One line per wrong key or value, with the file and the place in it.
    """
    path = config_path(name)
    try:
        raw: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=YAML)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: not readable as YAML: {str(error).splitlines()[0]}") from error
    try:
        return StudyConfig.model_validate(raw)
    except ValidationError as error:
        raise InputError(
            *(
                f"{path.name}: {'.'.join(map(str, e['loc']))}: {e['msg']}, got {e['input']!r}"[:300]
                for e in error.errors()
            )
        ) from error
