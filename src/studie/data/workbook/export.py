"""A workbook of a region or of the registers, filled in with what is known: written once, never over another file."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from studie import regions
from studie.data.workbook import instructions, layout, package, registers
from studie.data.workbook.known import Known, known, origin, present_refnis
from studie.data.workbook.plan import Labels, Plan
from studie.data.workbook.vocabulary import Vocabulary, vocabulary
from studie.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A workbook that was written: its file, what it is of, and the rows that were known per sheet."""

    path: Path
    group: str
    rows: Mapping[str, int]


def export(group: str, path: Path, *, day: str) -> Exported:
    """Write the workbook of a region, or that of the registers of the province.

    Parameters
    ----------
    group : str
        Code of a region of any level, or `registers`.
    path : Path
        File that ends in `.xlsx` and is not there yet.
    day : str
        Day that stands in the workbook (YYYY-MM-DD); work forms that ended before it are not offered.

    Raises
    ------
    InputError
        If the region is not known or has no municipalities, the day is not one, or the file cannot be made.

    Notes
    -----
    Observed and own rows are filled in; demonstration rows never are. Of an offer only the last date is shown. The same
    databank and day give the same bytes.
    """
    area = regions.region(regions.PROVINCE if group == registers.GROUP else group)
    if not area.refnis:
        raise InputError(f"group: must be a region with municipalities of the province, got {group!r}")
    try:
        day = datetime.date.fromisoformat(day).isoformat()
    except ValueError as error:
        raise InputError(f"date: a date written YYYY-MM-DD, got {day!r}") from error
    if path.suffix != ".xlsx":
        raise InputError(f"path: must end in .xlsx, got {path}")
    if path.exists():
        raise InputError(f"path: {path} is there already and is left as it is; name another file")
    plan = _of_registers(area, day=day) if group == registers.GROUP else _of_offer(area, day=day)
    package.write(package.packed(plan.workbook(day=day), day=day), path)
    return Exported(path=path, group=group, rows={name: len(rows) for name, rows in plan.rows.items()})


def _of_offer(area: regions.Region, *, day: str) -> Plan:
    """Workbook of the offer of a region."""
    facts = known(area)
    words, local = vocabulary(area, facts), facts.local
    names = tuple(words.municipalities)
    return Plan(
        group=area.code,
        place=area.title,
        title=f"Werkboek aanbod {area.title}",
        heading=f"Werkboek: het aanbod van werkplaatsen in {area.title}",
        facts=instructions.facts(area, municipalities=names, day=day),
        sections=instructions.sections(local),
        sheets=layout.with_groups(words.target_groups),
        rows=_offered(local, words),
        lists={**words.choices(day=day), layout.GROUPS: words.target_groups},
        labels={
            "ondernemingen": Labels(sheet=layout.ENTERPRISES, title="name"),
            "vestigingen": Labels(sheet=layout.ESTABLISHMENTS, title="name"),
        },
    )


def _of_registers(area: regions.Region, *, day: str) -> Plan:
    """Workbook of the registers."""
    facts = registers.known_registers()
    words = registers.of_all_years(vocabulary(area, facts))
    rows = {sheet.name: _registered(facts, words, sheet) for sheet in registers.SHEETS}
    titles = tuple(one.title for one in regions.regions())
    fixed = registers.fixed_lists(titles=titles, municipalities=tuple(words.municipalities))
    firms = tuple(_labels(facts.enterprise, "enterprise_number").values())
    return Plan(
        group=registers.GROUP,
        place=registers.TITLE,
        title=f"Werkboek {registers.TITLE}",
        heading=f"Werkboek: {registers.TITLE}",
        facts=instructions.facts_of_registers(day=day),
        sections=instructions.sections_of_registers(registers.SHEETS),
        sheets=registers.SHEETS,
        rows=rows,
        lists={**fixed, registers.FIRMS: firms},
        labels={registers.SCHEMES: Labels(sheet=registers.GUIDE, title="name")},
    )


# --- content ------------------------------------------------------------------


def _offered(local: Known, words: Vocabulary) -> dict[str, list[dict[str, object]]]:
    """Known rows per sheet as a coordinator reads them."""
    names = {refnis: name for name, refnis in words.municipalities.items()}
    labels = _labels(local.enterprise, "enterprise_number") | _labels(local.establishment, "establishment_number")
    establishments = local.establishment.assign(refnis=present_refnis(local.establishment["refnis"]).map(names))
    codes = {code: form.label for code, form in words.work_forms.items()}
    told = {"establishment_number": labels, "work_form": codes, "status": layout.STATUSES}
    return {
        layout.ENTERPRISES.name: _plain(local.enterprise, {}),
        layout.ESTABLISHMENTS.name: _plain(establishments, {"enterprise_number": labels}),
        layout.OFFER.name: _plain(local.offer, told),
        layout.TARGET_GROUPS.name: _bridge(local, labels, words),
    }


def _registered(facts: Known, words: Vocabulary, sheet: layout.Sheet) -> list[dict[str, object]]:
    """Known rows of a register as who fills it in reads them."""
    frame = facts.table(sheet.table).sort_values(list(sheet.key), kind="stable")
    if "refnis" in frame:
        names = {refnis: name for name, refnis in words.municipalities.items()}
        frame = frame.assign(refnis=frame["refnis"].map(names))
    told: dict[str, Mapping[str, str]] = {
        field.name: {"True": "ja", "False": "nee"} for field in sheet.fields if field.kind == "yes_no"
    }
    told["region"] = {code: title for title, code in words.regions.items()}
    if sheet.table != registers.GUIDE.table:
        told["scheme_id"] = _labels(facts.table(registers.GUIDE.table), "scheme_id")
        told["enterprise_number"] = _labels(facts.enterprise, "enterprise_number")
    return [
        {name: value for name, value in row.items() if name in {*(f.name for f in sheet.fields), layout.ORIGIN}}
        for row in _plain(frame, {name: words_ for name, words_ in told.items() if name in frame})
    ]


def _plain(frame: pd.DataFrame, words: Mapping[str, Mapping[str, str]]) -> list[dict[str, object]]:
    """Rows with their codes in words and their origin."""
    found = []
    for _, row in frame.iterrows():
        content = {str(name): _cell(value) for name, value in row.items()}
        for name, told in words.items():
            content[name] = told.get(str(content[name]), content[name])
        found.append({**content, layout.ORIGIN: origin(row)})
    return found


def _cell(value: object) -> object:
    """A value as a cell holds it; missing is empty."""
    if pd.isna(value) or value == "":  # type: ignore[call-overload]
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    if isinstance(value, str):
        return "".join(c for c in value if c.isprintable())
    return value.item() if hasattr(value, "item") else value


def _labels(frame: pd.DataFrame, number: str) -> dict[str, str]:
    """Number and name, as the drop-downs write them."""
    return {str(n): f"{n}{layout.LABEL_MARK}{name}" for n, name in zip(frame[number], frame["name"], strict=True)}


def _bridge(local: Known, labels: Mapping[str, str], words: Vocabulary) -> list[dict[str, object]]:
    """One row per offer; a target group that is listed says yes, of the others nothing is known."""
    found: dict[tuple[str, str, str], dict[str, object]] = {}
    for _, row in local.offer_target_group.iterrows():
        number, code, activity = str(row["establishment_number"]), str(row["work_form"]), str(row["activity"])
        form = words.work_forms.get(code)
        start: dict[str, object] = {
            "establishment_number": labels.get(number, number),
            "work_form": form.label if form else code,
            "activity": activity,
            layout.ORIGIN: origin(row),
        }
        found.setdefault((number, code, activity), start)[str(row["target_group"])] = layout.YES_NO[0]
    return list(found.values())
