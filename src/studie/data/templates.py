"""What a user fills in, in Dutch: an empty table, its columns explained, and an example of a mapping file."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from studie.data.definitions import Column, Contract
from studie.errors import InputError

_HEAD = """\
# Koppeling van uw bestand aan de tabel {name} ({title}).
#
# Links van de dubbele punt staat de kolom van de studie, rechts de kolom in uw bestand. Pas alleen rechts aan.
#
#   refnis: nis                                            de kolom zoals ze is
#   sex: {{column: geslacht, values: {{Man: m, Vrouw: v}}}}     uw codes of labels links, die van de studie rechts
#   support: {{value: nee}}                                  een waarde voor elke rij
#   date: {{column: peildatum, format: dd/mm/yyyy}}          een datum die niet als 2024-01-31 geschreven is
#   places: {{column: plaatsen, decimal: ","}}               een getal met komma in een tekstbestand
#
# Een waarde die niet in `values` staat, wordt niet stilzwijgend overgeslagen: de rij komt in de lijst van weigeringen.
# Een leeg veld is onbekend. Moet een leeg veld iets anders worden: values: {{"": onbekend}}.
# Zet `#` voor een kolom die u niet hebt; enkel kolommen met `verplicht` moeten er staan.

table: {name}
source: Naam van wie het bestand gaf

# Alleen als de studie er zelf niet uit raakt, haal dan het # weg:
# delimiter: ";"        # scheidingsteken van een tekstbestand; tab voor een tabulator
# encoding: cp1252      # tekenset: utf-8, utf-16, iso-8859-1 of cp1252
# sheet: Blad1          # blad van een Excelbestand
# header: 1             # rij met de namen van de kolommen in een Excelbestand

columns:
"""

_IN_DUTCH = {  # rules of the contracts that a user fills in
    "E and two digits": "E en twee cijfers",
    "G and two digits": "G en twee cijfers",
    "M and two digits": "M en twee cijfers",
    "a chapter such as 40-x": "een hoofdstuk zoals 40-x",
    "a date written YYYY-MM-DD": "een dag geschreven als 2024-01-31",
    "a month written YYYY-MM": "een maand geschreven als 2024-01",
    "a period such as 2024, 2024-03, 2024-Q1, 2024-S1, 2023/2024 or onbekend": (
        "een periode zoals 2024, 2024-03, 2024-Q1, 2024-S1, 2023/2024 of onbekend"
    ),
    "a period such as 2024, 2024-Q1 or 2024-03": "een periode zoals 2024, 2024-Q1 of 2024-03",
    "a quarter written 2027-Q1": "een kwartaal geschreven als 2027-Q1",
    "milestones such as M01; M02": "mijlpalen zoals M01; M02",
    "a postcode of four digits": "een postcode van vier cijfers",
    "a step of the ladder": "een trede van de ladder",
    "a step such as 3, 3-4, uit_beeld, exit_pension or {5,6}": (
        "een trede zoals 3, 3-4, uit_beeld, exit_pension of {5,6}; weet u niet welke van twee: {5,6}"
    ),
    "lower case words joined by hyphens": "woorden in kleine letters met streepjes ertussen",
    "one letter A-V": "één letter, A tot V",
    "snake_case": "kleine letters, cijfers en lage streepjes",
    "two to five digits": "twee tot vijf cijfers",
}


def write_template(rules: Contract, path: Path) -> list[Path]:
    """CSV of a table to be filled in, with its columns explained and a mapping file beside it.

    Raises
    ------
    InputError
        If one of the files is there already, or cannot be written.
    """
    if path.suffix != ".csv":
        raise InputError(f"path: must end in .csv, got {path}")
    texts = {
        path.with_name(f"{path.stem}-kolommen.md"): explained(rules),
        path.with_name(f"{rules.name}-mapping.yaml"): mapping_example(rules),
        path: blank(rules),
    }
    there = [str(file) for file in texts if file.exists() and not file.name.endswith("-kolommen.md")]
    if there:
        raise InputError(f"path: {there[-1]} is there already and is left as it is; name another file")
    try:
        for file, text in texts.items():
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"path: {path} cannot be written: {error.strerror}") from error
    return [path, *(file for file in texts if file != path)]


def blank(rules: Contract) -> str:
    """Table without values as CSV: its header, and a row per combination of the columns that the contract crosses."""
    allowed = [next(c.allowed for c in rules.columns if c.name == name) for name in rules.crossed]
    rows = [dict(zip(rules.crossed, values, strict=True)) for values in product(*allowed)] if rules.crossed else []
    lines = [rules.names, *([row.get(name, "") for name in rules.names] for row in rows)]
    return "".join(f"{','.join(line)}\n" for line in lines)


def explained(rules: Contract) -> str:
    """Columns of a table in Dutch, as a Markdown table."""
    lines = [
        f"# {rules.title}",
        "",
        "| kolom | betekenis | eenheid | verplicht | toegelaten |",
        "|---|---|---|---|---|",
    ]
    for c in rules.columns:
        required = "ja" if _needed(c) else "nee"
        lines.append(f"| {c.name} | {c.about} | {c.unit} | {required} | {_allowed(c)} |")
    return "\n".join([*lines, "", f"Sleutel: {', '.join(rules.key)}.", ""])


def mapping_example(rules: Contract) -> str:
    """Mapping file for an extract whose columns are called as in the study, to be changed by the user."""
    lines = [_HEAD.format(name=rules.name, title=rules.title)]
    for c in rules.columns:
        said = [c.about, "verplicht" if _needed(c) else "mag ontbreken", *([c.unit] if c.unit else [])]
        allowed = _allowed(c)
        lines.append(f"  # {' · '.join(said)}{f' · {allowed}' if allowed else ''}\n")
        lines.append(f"  {'' if _needed(c) else '# '}{c.name}: {_example(c)}\n")
    return "".join(lines)


def _needed(column: Column) -> bool:
    """Whether every row must hold a value of its own."""
    return column.required and column.default is None


def _example(column: Column) -> str:
    """What stands to the right of a column."""
    if not column.allowed:
        return column.name
    pairs = ", ".join(f"{value}: {value}" for value in column.allowed)
    return f"{{column: {column.name}, values: {{{pairs}}}}}"


def _allowed(column: Column) -> str:
    """What is allowed in a column, in words."""
    return ", ".join(column.allowed) or _IN_DUTCH.get(column.rule, column.rule) or _bounds(column)


def _bounds(column: Column) -> str:
    """Smallest and largest value in words."""
    parts = [(column.least, "vanaf"), (column.most, "tot en met")]
    return " ".join(f"{word} {bound:g}" for bound, word in parts if bound is not None)
