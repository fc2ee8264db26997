"""Views of Statbel's be.STAT as JSON: a list of facts with Dutch labels, without NIS codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from studie import regions
from studie.data.importers.columns import Candidates, Measure, identifier, mapped, measures_of, unused
from studie.data.importers.intake import Intake, Options, Rejections, shown
from studie.data.importers.json_texts import RepeatedNames, read_json
from studie.data.importers.periods import RULE, period_of
from studie.data.importers.territory import OUTSIDE, names, plain_name, vintage_of
from studie.errors import InputError

PROVINCE = "Provincie Antwerpen"
_PLACES = ("Land", "Gewest", "Provincie", "Arrondissement", "Gemeente")
_PERIODS = ("Kwartaal", "Jaar", "Maand")
_KNOWN = {
    "aantal vestigingseenheden": Measure(
        indicator_id="establishment_units", unit="vestigingen", population="vestigingseenheden, alle sectoren"
    )
}


@dataclass(frozen=True, kw_only=True)
class _Fact:
    """One fact with its place in the list, from 1."""

    row: int
    labels: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class _View:
    """What the labels of a view are: the period, the figures, and what else tells figures apart."""

    period: str
    figures: tuple[str, ...]
    others: tuple[str, ...]


def read(path: Path, *, options: Options) -> Intake:
    """Facts of a be.STAT view as rows of `indicator`.

    Parameters
    ----------
    path : Path
        JSON file of the form `{"facts": [{…}, …]}`.
    options : Options
        `date` is a day of the territory, where the names alone do not tell; `mapping` names figures (see `columns`).

    Returns
    -------
    Intake
        One row per municipality, period and figure. `row` counts the facts from 1. Facts elsewhere, without
        municipality and repeated facts are listed.

    Raises
    ------
    InputError
        If the file is no JSON, cut off, or holds no facts with a municipality, a period and a figure.

    Notes
    -----
    The view has no NIS codes: a municipality is found by its name, on the newest list of municipalities that knows all
    names of the file. A label that is neither place, period nor figure (a sector, a sex) becomes part of the
    identifier, so that figures of different groups stay apart.
    """
    file = path.name
    facts = _facts(path, file=file)
    rejections = Rejections()
    whole = [one for row, fact in enumerate(facts, 1) if (one := _fact(fact, row, file=file, into=rejections))]
    view = _view(whole, file=file)
    known = mapped(options.mapping)
    measures = measures_of(view.figures, _KNOWN | known, file=file)
    here = [fact for fact in whole if _within(fact, file=file, into=rejections)]
    date = vintage_of((plain_name(str(fact.labels["Gemeente"])) for fact in here), date=options.date)
    candidates = Candidates(file=file)
    for fact in here:
        _place(fact, view, measures, names(date), date=date, candidates=candidates, into=rejections)
    table, origins = candidates.taken(rejections)
    territory = f"municipalities found by name on the list of {regions.vintage(date)}"
    return Intake(
        tables={"indicator": table},
        read=len(facts),
        taken=len(facts) - len(rejections),
        rejected=rejections.to_frame(),
        notes=(territory, "row counts the facts from 1", *unused(known, view.figures)),
        origins={"indicator": origins},
    )


def _facts(path: Path, *, file: str) -> Sequence[object]:
    """List of facts."""
    content = read_json(path, file=file)
    facts = content.get("facts") if isinstance(content, dict) else None
    if not isinstance(facts, list) or isinstance(content, RepeatedNames):
        raise InputError(f"{file}: must be {{'facts': [...]}} once, as be.STAT exports a view")
    if not facts:
        raise InputError(f"{file}: must hold at least one fact, got an empty list")
    return facts


def _fact(fact: object, row: int, *, file: str, into: Rejections) -> _Fact | None:
    """A fact, if it is an object with plain values; noted if not."""
    rule = ""
    if not isinstance(fact, dict) or not fact:
        rule = "must be an object with labels"
    elif isinstance(fact, RepeatedNames):
        rule = "a label must stand there once"
    elif any(isinstance(value, dict | list) for value in fact.values()):
        rule = "must hold texts and numbers only"
    if rule or not isinstance(fact, dict):
        into.add(file, row, column="", rule=rule, value=fact)
        return None
    return _Fact(row=row, labels=fact)


def _view(facts: Sequence[_Fact], *, file: str) -> _View:
    """Roles of the labels, as most facts have them: a single damaged fact does not decide."""
    seen: dict[str, list[object]] = {}
    for fact in facts:
        for label, value in fact.labels.items():
            seen.setdefault(label, []).append(value)
    common = {label: values for label, values in seen.items() if 2 * len(values) > len(facts)}
    periods = [label for label in _PERIODS if label in common]
    numeric = tuple(label for label, values in common.items() if label not in periods and _mostly_numbers(values))
    problems = [] if "Gemeente" in common else [f"{file}: the facts must have a label Gemeente, got {_listed(common)}"]
    if len(periods) != 1:
        problems.append(f"{file}: the facts must have one label of {', '.join(_PERIODS)}, got {_listed(common)}")
    if not numeric:
        problems.append(f"{file}: the facts must have a figure, got {_listed(common)}")
    if problems:
        raise InputError(*problems)
    others = tuple(label for label in common if label not in (*_PLACES, *periods, *numeric))
    return _View(period=periods[0], figures=numeric, others=others)


def _mostly_numbers(values: Sequence[object]) -> bool:
    """Whether most values are numbers."""
    return 2 * sum(isinstance(v, int | float) and not isinstance(v, bool) for v in values) > len(values)


def _listed(labels: Mapping[str, object]) -> str:
    """Labels as a message names them."""
    return shown(", ".join(labels)) or "none"


def _within(fact: _Fact, *, file: str, into: Rejections) -> bool:
    """Whether a fact is about a municipality of the province; noted if not."""
    name, province = fact.labels.get("Gemeente"), fact.labels.get("Provincie", PROVINCE)
    if not isinstance(name, str) or not name.strip():
        rule = "has no municipality" if province == PROVINCE else f"has no municipality and {OUTSIDE}"
        into.add(file, fact.row, column="Gemeente", rule=rule, value=fact.labels.get("Gewest"))
    elif not isinstance(province, str) or province.strip() != PROVINCE or not plain_name(name):
        place = f"{name.strip()}, {province}" if province else name.strip()
        into.add(file, fact.row, column="Provincie", rule=OUTSIDE, value=place)
    else:
        return True
    return False


def _place(
    fact: _Fact,
    view: _View,
    measures: Mapping[str, Measure],
    municipalities: Mapping[str, int],
    *,
    date: str,
    candidates: Candidates,
    into: Rejections,
) -> None:
    """Candidate rows of one fact, or why there are none."""
    name, file = str(fact.labels["Gemeente"]), candidates.file
    said = fact.labels.get(view.period)
    period = period_of(f"{said:g}" if isinstance(said, float) else str(said))
    problems = [(view.period, RULE, said)] if not period else []
    refnis = municipalities.get(plain_name(name))
    if refnis is None:
        problems.append(("Gemeente", f"must be a municipality of the province on {date}", name))
    strange = [label for label in fact.labels if label not in (*_PLACES, view.period, *view.figures, *view.others)]
    problems += [(label, "is a label that most facts do not have", fact.labels[label]) for label in strange]
    groups = {label: fact.labels.get(label) for label in view.others}
    problems += [(label, "must not be empty", "") for label, value in groups.items() if value in (None, "")]
    for label in view.figures:
        value = fact.labels.get(label)
        if isinstance(value, bool) or not isinstance(value, int | float):
            problems.append((label, "must be a number", value))
    for column, rule, value in problems:
        into.add(file, fact.row, column=column, rule=rule, value=value)
    if problems:
        return
    for label, measure in measures.items():
        of_group = _of_group(measure, {label: str(value).strip() for label, value in groups.items()})
        value = fact.labels[label]
        candidates.add(
            fact.row,
            of_group,
            region=f"municipality:{refnis}",
            period=period,
            value=float(value) if abs(value) < 2**1000 else float("inf"),  # type: ignore[arg-type]
            note=f"gemeenten van {regions.vintage(date)}",
        )


def _of_group(measure: Measure, groups: Mapping[str, str]) -> Measure:
    """The measure of one group, such as one sector."""
    if not groups:
        return measure
    said = ", ".join(f"{label}: {value}" for label, value in groups.items())
    return Measure(
        indicator_id=identifier(measure.indicator_id, *groups.values()),
        unit=measure.unit,
        population=f"{measure.population}; {said}",
    )
