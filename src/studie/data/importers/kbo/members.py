"""Members of a KBO zip file as DuckDB tables: one row per record, with its row in the file and its first fault."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from studie.data.importers.intake import shown
from studie.data.importers.texts import fields_of, header_of

MOST_LINE = 100_000  # [characters] of a record; the longest of the register has under a thousand
_BLOCK = 1 << 20
_CONTROL = bytes(c for c in range(32) if c not in b"\t\n\r") + b"\x7f"
_LATER_CONTROL = re.compile(rb"\xc2[\x80-\x9f]")
ENTERPRISES_END, ESTABLISHMENTS_END = 2_000_000_000, 9_000_000_000  # first numbers of the next kind


@dataclass
class Reasons:
    """Why records are not taken: every pair of column and rule has a number, 0 is none."""

    known: list[tuple[str, str]] = field(default_factory=lambda: [("", "")])
    elsewhere: set[int] = field(default_factory=set)  # the entity is sound but lies outside the province

    def code(self, column: str, rule: str, *, elsewhere: bool = False) -> int:
        """Number of a reason."""
        if (column, rule) not in self.known:
            self.known.append((column, rule))
        code = self.known.index((column, rule))
        if elsewhere:
            self.elsewhere.add(code)
        return code


@dataclass(frozen=True, kw_only=True)
class Check:
    """A condition in SQL that a record may not meet, with the column and rule to report."""

    broken: str
    column: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class Member:
    """What the study reads of one file of the register.

    Attributes
    ----------
    columns : tuple of str
        Columns that must be there.
    kept : dict of str to str
        Columns of the table, as SQL over those of the file. `"X#"` is column X read as a number or date.
    checks : tuple of Check
        Tried in order; the first that is broken is the fault of the record.
    """

    columns: tuple[str, ...]
    kept: dict[str, str]
    checks: tuple[Check, ...]

    @property
    def parsed(self) -> dict[str, str]:
        """SQL of each `"X#"` that is used: parsed once, because that takes most of the time."""
        used = " ".join((*self.kept.values(), *(check.broken for check in self.checks)))
        how = {name: "kbo" if name.endswith("Number") else "kbo_day" for name in self.columns if f'"{name}#"' in used}
        return {f"{name}#": f'{macro}("{name}")' for name, macro in how.items()}


def _number(column: str, *, kind: str = "") -> tuple[Check, ...]:
    """Checks of a KBO number."""
    known, wrong = f'"{column}#"', f'"{column}#" IS NULL'
    other_kind = {
        "enterprise": (f"{known} >= {ENTERPRISES_END}", "must be the number of an enterprise"),
        "establishment": (
            f"{known} NOT BETWEEN {ENTERPRISES_END} AND {ESTABLISHMENTS_END - 1}",
            "must be the number of an establishment",
        ),
        "": (f"{known} >= {ESTABLISHMENTS_END}", "must not be a branch of a foreign company"),
    }
    tests = (
        (f'{wrong} AND "{column}" IS NULL', "must not be empty"),
        (f'{wrong} AND NOT kbo_form("{column}")', "must be a KBO number such as 0200.065.765 or 2.000.000.339"),
        (wrong, "must have the check digits of a KBO number"),
        other_kind[kind],
    )
    return tuple(Check(broken=broken, column=column, rule=rule) for broken, rule in tests)


def _date(column: str) -> Check:
    """Check of a date that may be empty."""
    rule = "must be a date written dd-mm-yyyy, from 1800 on"
    return Check(broken=f'"{column}#" IS NULL AND "{column}" IS NOT NULL', column=column, rule=rule)


def _among(column: str, *allowed: str) -> Check:
    """Check of a closed list."""
    listed = ", ".join(f"'{word}'" for word in allowed)
    rule = f"must be one of {', '.join(allowed)}"
    return Check(broken=f"coalesce(\"{column}\", '') NOT IN ({listed})", column=column, rule=rule)


def _rank(column: str, *order: str) -> str:
    """Place of a code in an order of preference, as SQL."""
    cases = " ".join(f"WHEN '{code}' THEN {rank}" for rank, code in enumerate(order))
    return f'(CASE "{column}" {cases} ELSE {len(order)} END)'


_ABROAD = "\"CountryNL\" IS NOT NULL AND lower(\"CountryNL\") NOT IN ('belgië', 'belgique', 'belgium')"
MEMBERS = {
    "enterprise": Member(
        columns=("EnterpriseNumber", "Status", "TypeOfEnterprise", "JuridicalForm", "StartDate"),
        kept={
            "n": 'kbo_enterprise("EnterpriseNumber#")',
            "natural": "coalesce(\"TypeOfEnterprise\" = '1', false)",
            "code": '"JuridicalForm"',
            "start": '"StartDate#"',
        },
        checks=(
            *_number("EnterpriseNumber", kind="enterprise"),
            _among("Status", "AC"),
            _date("StartDate"),
        ),
    ),
    "establishment": Member(
        columns=("EstablishmentNumber", "StartDate", "EnterpriseNumber"),
        kept={
            "n": 'kbo_establishment("EstablishmentNumber#")',
            "e": 'kbo_enterprise("EnterpriseNumber#")',
            "start": '"StartDate#"',
        },
        checks=(
            *_number("EstablishmentNumber", kind="establishment"),
            *_number("EnterpriseNumber", kind="enterprise"),
            _date("StartDate"),
        ),
    ),
    "denomination": Member(
        columns=("EntityNumber", "Language", "TypeOfDenomination", "Denomination"),
        kept={
            "n": '"EntityNumber#"',
            # name, trade name, abbreviation; Dutch, unknown, French, English, German
            "rank": _rank("TypeOfDenomination", "001", "003", "002")
            + " * 10 + "
            + _rank("Language", "2", "0", "1", "4", "3"),
            "name": 'trim("Denomination")',
        },
        checks=(
            *_number("EntityNumber"),
            Check(broken="coalesce(trim(\"Denomination\"), '') = ''", column="Denomination", rule="must not be empty"),
        ),
    ),
    "address": Member(
        columns=("EntityNumber", "TypeOfAddress", "CountryNL", "Zipcode", "MunicipalityNL", "DateStrikingOff"),
        kept={
            "n": '"EntityNumber#"',
            "rank": _rank("TypeOfAddress", "REGO", "BAET", "OBAD"),
            "zip": '"Zipcode"',
            "place": "coalesce(\"MunicipalityNL\", '')",
        },
        checks=(
            *_number("EntityNumber"),
            _among("TypeOfAddress", "REGO", "BAET", "OBAD"),
            _date("DateStrikingOff"),
            Check(
                broken="kbo_day(\"DateStrikingOff\") <= getvariable('snapshot')",
                column="DateStrikingOff",
                rule="must not be struck off",
            ),
            Check(broken=_ABROAD, column="CountryNL", rule="lies outside Belgium"),
            Check(
                broken="NOT regexp_full_match(coalesce(\"Zipcode\", ''), '[1-9][0-9]{3}')",
                column="Zipcode",
                rule="must be a postcode of four digits",
            ),
        ),
    ),
    "activity": Member(
        columns=("EntityNumber", "ActivityGroup", "NaceVersion", "NaceCode", "Classification"),
        kept={
            "n": '"EntityNumber#"',
            "version": 'TRY_CAST("NaceVersion" AS SMALLINT)',
            "code": '"NaceCode"',
            "class": f"{_rank('Classification', 'MAIN', 'SECO', 'ANCI')}::TINYINT",
            # social security, then VAT, then the other groups
            "rank": f"{_rank('ActivityGroup', '006', '001')}::TINYINT",
        },
        checks=(
            *_number("EntityNumber"),
            _among("NaceVersion", "2003", "2008", "2025"),
            Check(
                broken="NOT regexp_full_match(coalesce(\"NaceCode\", ''), '[0-9]{2,5}')",
                column="NaceCode",
                rule="must be two to five digits",
            ),
            _among("Classification", "MAIN", "SECO", "ANCI"),
        ),
    ),
}
OWN_NUMBERS = ("enterprise", "establishment")  # members whose records are entities themselves
DELETED = {
    name: Member(
        columns=(column,),
        kept={"n": f'kbo_{name}("{column}#")' if name in OWN_NUMBERS else f'"{column}#"'},
        checks=_number(column, kind=name if name in OWN_NUMBERS else ""),
    )
    for name, column in {name: member.columns[0] for name, member in MEMBERS.items()}.items()
}
MACROS = """
CREATE MACRO kbo_form(x) AS regexp_full_match(x,
    '[01][0-9]{3}[.][0-9]{3}[.][0-9]{3}|[2-9][.][0-9]{3}[.][0-9]{3}[.][0-9]{3}');
CREATE MACRO digits(x) AS TRY_CAST(replace(x, '.', '') AS BIGINT);
CREATE MACRO kbo(x) AS CASE WHEN kbo_form(x) AND 97 - (digits(x) // 100) % 97 = digits(x) % 100 THEN digits(x) END;
CREATE MACRO kbo_enterprise(n) AS CASE WHEN n < 2000000000 THEN n END;
CREATE MACRO kbo_establishment(n) AS CASE WHEN n BETWEEN 2000000000 AND 8999999999 THEN n END;
CREATE MACRO kbo_day(x) AS CASE WHEN regexp_full_match(x, '[0-9]{2}-[0-9]{2}-[0-9]{4}')
    AND try_strptime(x, '%d-%m-%Y') BETWEEN '1800-01-01' AND '2199-12-31'
    THEN try_strptime(x, '%d-%m-%Y')::DATE END;
CREATE MACRO written(n) AS CASE WHEN n < 2000000000
    THEN format('{:04d}.{:03d}.{:03d}', n // 1000000, n // 1000 % 1000, n % 1000)
    ELSE format('{}.{:03d}.{:03d}.{:03d}', n // 1000000000, n // 1000000 % 1000, n // 1000 % 1000, n % 1000) END;
"""


def load(con: duckdb.DuckDBPyConnection, path: Path, name: str, *, member: Member, file: str, reasons: Reasons) -> int:
    """Make the table of one file: columns `row`, the kept ones, `rule` (number of a reason) and `value`.

    Parameters
    ----------
    con : DuckDBPyConnection
        Connection with `MACROS`.
    path : Path
        The unpacked file.
    name : str
        Name of the table.
    member : Member
        What to read.
    file : str
        Name of the file in messages.
    reasons : Reasons
        Receives the reasons of this file.

    Returns
    -------
    int
        Records in the file [count].

    Raises
    ------
    InputError
        If the header is malformed or lacks a column.

    Notes
    -----
    A file with one record on each line, which is what the register publishes, is read as it is. Any other (a lone
    quote, another number of fields, an empty line, bytes that are not UTF-8, control characters) is first copied line
    by line without the records at fault, so that a quote cannot swallow the lines behind it.
    """
    header = header_of(path, file=file, required=member.columns)
    lines = _plain_lines(path)
    if lines is not None:
        try:
            _create(con, f"{name}_data", path, header, member, reasons=reasons)
            if con.table(f"{name}_data").count("*").fetchall()[0][0] == lines:
                con.execute(f"CREATE VIEW {name} AS SELECT (rowid + 2)::UINTEGER AS row, * FROM {name}_data")
                return lines
        except duckdb.InvalidInputException:  # the reader found a line that is no record
            pass
        con.execute(f"DROP TABLE IF EXISTS {name}_data")
    return _load_by_line(con, path, name, header, member=member, reasons=reasons)


def _create(
    con: duckdb.DuckDBPyConnection, table: str, path: Path, header: list[str], member: Member, *, reasons: Reasons
) -> None:
    """Table of a file that has one sound record per line."""
    columns = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in header)
    rules = " ".join(f"WHEN {c.broken} THEN {reasons.code(c.column, c.rule)}" for c in member.checks)
    values = " ".join(f'WHEN {reasons.code(c.column, c.rule)} THEN "{c.column}"' for c in member.checks)
    kept = ", ".join(f"{sql} AS {name}" for name, sql in member.kept.items())
    parsed = ", ".join(f'{sql} AS "{name}"' for name, sql in member.parsed.items())
    if header[0] == "row":
        kept = f'TRY_CAST("row" AS UINTEGER) AS row, {kept}'
    con.execute(
        f"CREATE TABLE {table} AS SELECT {kept}, rule, left(CASE rule {values} END, 60) AS value "
        f"FROM (SELECT *, (CASE {rules} ELSE 0 END)::UTINYINT AS rule FROM (SELECT *, {parsed} "
        f"FROM read_csv({_text(str(path))}, "
        "auto_detect=false, header=true, delim=',', quote='\"', escape='\"', strict_mode=true, nullstr='', "
        f"columns={{{columns}}})))"
    )


def _text(value: str) -> str:
    """A text as a literal in SQL."""
    return "'" + value.replace("'", "''") + "'"


def _plain_lines(path: Path) -> int | None:
    """Lines after the header, or None if the file holds control characters or mixed line ends."""
    newlines = returns = pairs = 0
    last = b""
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            if len(block.translate(None, _CONTROL)) != len(block) or _LATER_CONTROL.search(block):
                return None
            newlines += block.count(b"\n")
            returns += block.count(b"\r")
            pairs += block.count(b"\r\n") + (last == b"\r" and block[:1] == b"\n")
            last = block[-1:]
    if returns not in (0, pairs) or (pairs and pairs < newlines - 1):
        return None
    return newlines - 1 if last == b"\n" else newlines


def _load_by_line(
    con: duckdb.DuckDBPyConnection, path: Path, name: str, header: list[str], *, member: Member, reasons: Reasons
) -> int:
    """Make the table of a file of which some lines are no records."""
    copy = path.with_suffix(".sound")
    faults: list[tuple[int, int, str]] = []
    read = 0
    with copy.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(["row", *header])
        for row, line in _lines(path):
            read += 1
            parts, rule = _record(line, len(header))
            if rule:
                faults.append((row, reasons.code("", rule), shown(line.decode("utf-8", "replace"))))
            else:
                writer.writerow([row, *parts])
    _create(con, f"{name}_sound", copy, ["row", *header], member, reasons=reasons)
    copy.unlink()
    missing = ", ".join(f"NULL AS {column}" for column in member.kept)
    con.execute(f"CREATE TABLE {name}_faults (row UINTEGER, rule UTINYINT, value VARCHAR)")
    if faults:
        con.executemany(f"INSERT INTO {name}_faults VALUES (?, ?, ?)", faults)
    con.execute(
        f"CREATE VIEW {name} AS SELECT * FROM {name}_sound UNION ALL BY NAME "
        f"SELECT row, {missing}, rule, value FROM {name}_faults"
    )
    return read


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Number and content of each line after the header that is not empty."""
    row = 1
    with path.open("rb") as handle:
        for physical in handle:
            for line in re.split(rb"\r\n|\r|\n", physical.removesuffix(b"\n").removesuffix(b"\r")):
                if row > 1 and line.strip():
                    yield row, line
                row += 1


def _record(line: bytes, expected: int) -> tuple[list[str], str]:
    """Fields of one line, and the rule that the line breaks."""
    if len(line) > MOST_LINE:
        return [], f"must be at most {MOST_LINE} bytes"
    try:
        return fields_of(line.decode("utf-8"), ",", expected)
    except UnicodeDecodeError:
        return [], "must be UTF-8"
