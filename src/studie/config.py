"""What was assumed: `config/study.yaml` as frozen, validated models; every local choice has a reason and a source."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from studie.errors import InputError
from studie.inputs import record

LEVEL = 0.95  # coverage of every interval unless said otherwise
MARKS = ("config/study.yaml", "data/sources.csv")  # files by which a study's folder is known
REFERENCE_DATE = "2025-01-01"  # fixes territory and groupings only; data run to their last period

Share = Annotated[float, Field(gt=0, lt=1)]


class _Frozen(BaseModel):
    """Immutable; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Choice(_Frozen):
    """A number that somebody chose, why, and where it comes from."""

    value: float
    because: str = Field(min_length=10)
    source: str = Field(min_length=3)


class Prior(_Frozen):
    """A share that nobody measured: its centre, an interval with its coverage, why, and where it comes from."""

    centre: Share
    lower: Share
    upper: Share
    interval_level: Share
    because: str = Field(min_length=10)
    source: str = Field(min_length=3)

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


class LeverEffect(_Frozen):
    """What a lever is believed to do: a ratio on the rate of moves or on openings, or net places per gross one."""

    measure: Literal["hazard_ratio", "net_share", "openings_ratio"]
    acts_on: str | tuple[tuple[str, str], ...]
    distribution: Literal["normal", "lognormal"]
    centre: float
    lower: float
    upper: float
    interval_level: Share
    because: str = Field(min_length=10)
    source: str = Field(min_length=3)

    @model_validator(mode="after")
    def _holds_its_centre(self) -> LeverEffect:
        if not self.lower < self.centre < self.upper:
            raise ValueError(f"the interval must hold its centre, got {self.lower} < {self.centre} < {self.upper}")
        return self


class LeverCost(_Frozen):
    """What a lever costs at full ramp, and whether somebody published it."""

    value: float = Field(ge=0)
    unit: Literal["euro/year", "euro/place/year"]
    status: Literal["stated", "assumed"]
    because: str = Field(min_length=10)
    source: str = Field(min_length=3)


class LeverSettings(_Frozen):
    """Something the province could do: its effects, ramp, coverage, amount with unit, and cost."""

    name: str
    effects: tuple[LeverEffect, ...] = Field(min_length=1)
    start_month: int = Field(ge=0)
    ramp_months: int = Field(ge=0)
    coverage: float = Field(gt=0, le=1)
    amount: float | None = Field(default=None, gt=0)
    unit: Literal["persons", "places", "vte", "vacancies"] | None = None
    cost: LeverCost | None = None
    because: str = Field(min_length=10)
    source: str = Field(min_length=3)

    @model_validator(mode="after")
    def _counts_in_a_unit(self) -> LeverSettings:
        if (self.amount is None) != (self.unit is None):
            raise ValueError(f"an amount needs a unit, and a unit an amount, got {self.amount} and {self.unit}")
        return self


class TravelMode(_Frozen):
    """How fast one goes: limit of each class of distance [km by road] to its speed [km/h], and time lost per trip."""

    kmh: dict[float, float] = Field(min_length=1)
    fixed_minutes: float = Field(ge=0)
    because: str = Field(min_length=10)
    source: str = Field(min_length=3)


class PlacesSettings(_Frozen):
    """What the search for blind spots assumes."""

    vte_per_person: Prior
    need_misfit: Choice
    detour: Choice
    travel: dict[Literal["public_transport", "bicycle", "car"], TravelMode] = Field(min_length=1)


class Disclosure(_Frozen):
    """When a count of persons is too small to print."""

    threshold: Choice


class Demonstration(_Frozen):
    """Which synthetic data stand in where nothing is observed."""

    size: str
    seed: int


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
    disclosure: Disclosure
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
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
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
