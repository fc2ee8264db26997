"""KBO open data (Kruispuntbank van Ondernemingen): full and update zip files, kept to what lies in the province."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from studie.data.importers.archives import Archive, Limits, opened
from studie.data.importers.intake import Intake, Options
from studie.data.importers.kbo.derive import (
    choose_activities,
    choose_names,
    collect_rejected,
    locate,
    place_entities,
)
from studie.data.importers.kbo.extract import (
    SOCIAL_WORKSHOPS,
    Extract,
    extract_of,
    legal_forms,
    read_extract,
    social_workshop,
)
from studie.data.importers.kbo.members import DELETED, MACROS, MEMBERS, OWN_NUMBERS, Reasons, load
from studie.data.importers.kbo.output import kbo_rows, tables_of, taken
from studie.errors import InputError

__all__ = ["SOCIAL_WORKSHOPS", "Extract", "delivered", "extract_of", "read", "read_update", "social_workshop"]

LIMITS = Limits(most_bytes=8_000_000_000)  # a full extract of 2025 unpacks to 2.3 GB
MEMORY = "1200MB"  # of DuckDB; what does not fit goes to a temporary folder
THREADS = 2
_NO_COMMITTEE = "KBO open data holds no joint committee: joint_committee stays empty for new enterprises"


def delivered(path: Path) -> Extract:
    """Number, date and kind of the extract in a zip file.

    Raises
    ------
    InputError
        If the file is no safe zip file, or its `meta.csv` is missing or malformed.
    """
    with opened(path, file=path.name, limits=LIMITS) as archive:
        archive.require(["meta.csv"])
        return read_extract(archive, file=path.name)


def read(path: Path, *, options: Options) -> Intake:
    """Content of a full extract.

    Parameters
    ----------
    path : Path
        Zip file `KboOpenData_<number>_<date>_Full.zip`.
    options : Options
        Not used: the file says by itself what it is about and when.

    Returns
    -------
    Intake
        Tables `enterprise`, `establishment` and `activity`. `read` counts the records of enterprise.csv,
        establishment.csv, denomination.csv, address.csv and activity.csv; code.csv and meta.csv explain those.

    Raises
    ------
    InputError
        If the file is no safe zip file, lacks a member or column, or holds an update.

    Notes
    -----
    Kept is an establishment whose address lies in the province of today, and an enterprise that has its seat or such an
    establishment there (without `refnis` if only the establishment does). Of several names, addresses and repeats of
    one activity one is kept; the main activity is the one of the newest NACE version, social security before VAT.
    """
    del options
    with _prepared(path) as source:
        if source.extract.kind != "full":
            raise InputError(
                f"{source.file}: must be a full extract, got the update to extract {source.extract.number}; "
                "an update is applied to the tables of the extract before it"
            )
        source.load_all()
        for name in MEMBERS:
            source.con.execute(f"CREATE VIEW {name} AS {_named_forms(name)}")
        return source.intake({name: f"{source.file}/{name}.csv" for name in MEMBERS})


def read_update(path: Path, *, previous: Mapping[str, pd.DataFrame], extract: Extract) -> Intake:
    """Tables of an earlier extract with an update applied: deletes first, then inserts.

    Parameters
    ----------
    path : Path
        Zip file `KboOpenData_<number>_<date>_Update.zip`.
    previous : mapping of str to DataFrame
        Tables `enterprise`, `establishment` and `activity` of the earlier extract; rows without a KBO number stay as
        they are.
    extract : Extract
        The earlier extract.

    Returns
    -------
    Intake
        The three tables whole, to replace the earlier ones. `read` counts the records of all `*_delete.csv` and
        `*_insert.csv`; a delete is taken if its number is in the tables.

    Raises
    ------
    InputError
        If the file is no safe zip file, lacks a member or column, holds a full extract, or does not follow the earlier
        extract: applied before, or a gap.

    Notes
    -----
    A delete removes all records of a number from one file; the inserts hold the complete new ones. What was not kept
    earlier cannot be completed: an entity that moves into the province without its own record in the update is
    rejected, until the next full extract.
    """
    with _prepared(path) as source:
        _must_follow(source.extract, extract, file=source.file)
        source.load_all(suffix="_insert")
        source.load_all(suffix="_delete")
        source.register(previous)
        source.con.execute(_BASE)
        for name in MEMBERS:
            source.con.execute(f"CREATE VIEW {name} AS {_updated(name, reasons=source.reasons)}")
        source.con.execute(_deleted(reasons=source.reasons))
        files = {name: f"{source.file}/{name}_insert.csv" for name in MEMBERS}
        files |= {f"{name}_delete": f"{source.file}/{name}_delete.csv" for name in MEMBERS}
        return source.intake(files, previous=previous)


def _must_follow(new: Extract, old: Extract, *, file: str) -> None:
    """Refuse an update that does not lead on from an extract."""
    if new.kind != "update":
        raise InputError(f"{file}: must be an update, got full extract {new.number}")
    problem = ""
    if new.number == old.number:
        problem = f"extract {new.number} is in the tables already; nothing changes"
    elif new.number < old.number:
        problem = f"must be newer than extract {old.number} in the tables, got {new.number}"
    elif new.number > old.number + 1:
        missing = ", ".join(str(number) for number in range(old.number + 1, min(new.number, old.number + 6)))
        problem = f"must follow extract {old.number} in the tables, got {new.number}; first apply {missing}"
    elif new.date < old.date:
        problem = f"must be of {old.date} or later, as the tables are, got {new.date}"
    if problem:
        raise InputError(f"{file}: {problem}")


# --- one file ------------------------------------------------------------------


@dataclass
class _Source:
    """A zip file that is being read into a database of its own."""

    archive: Archive
    con: duckdb.DuckDBPyConnection
    folder: Path
    file: str
    extract: Extract
    reasons: Reasons
    notes: list[str]
    read: int = 0

    def load_all(self, *, suffix: str = "") -> None:
        """Load the five members, one by one so that only one is unpacked at a time."""
        members = DELETED if suffix == "_delete" else MEMBERS
        self.archive.require([f"{name}{suffix}.csv" for name in members])
        for name, member in members.items():
            inside = f"{name}{suffix}.csv"
            path = self.archive.extract(inside, to=self.folder)
            self.read += load(
                self.con,
                path,
                f"{name}{'_delete' if suffix == '_delete' else '_read'}",
                member=member,
                file=f"{self.file}/{inside}",
                reasons=self.reasons,
            )
            path.unlink()

    def register(self, previous: Mapping[str, pd.DataFrame]) -> None:
        """Make earlier tables known to the database: the rows with a KBO number."""
        for name in ("enterprise", "establishment", "activity"):
            frame = kbo_rows(previous[name], name)
            self.con.register(f"previous_{name}_frame", frame)
            self.con.execute(f"CREATE TABLE previous_{name} AS SELECT * FROM previous_{name}_frame")
            self.con.unregister(f"previous_{name}_frame")

    def intake(self, files: Mapping[str, str], *, previous: Mapping[str, pd.DataFrame] | None = None) -> Intake:
        """What the loaded records come to."""
        locate(self.con, snapshot=self.extract.date, reasons=self.reasons)
        place_entities(self.con, reasons=self.reasons)
        choose_names(self.con)
        choose_activities(self.con)
        rejected = collect_rejected(self.con, files, reasons=self.reasons)
        tables, notes = tables_of(self.con, file=self.file, previous=previous)
        return Intake(
            tables=tables,
            read=self.read,
            taken=taken(self.con, updating=previous is not None),
            rejected=rejected,
            notes=(self.extract.source, _NO_COMMITTEE, *self.notes, *notes),
        )


@contextmanager
def _prepared(path: Path) -> Iterator[_Source]:
    """A zip file with its extract and legal forms read, and an empty database in a temporary folder."""
    with opened(path, file=path.name, limits=LIMITS) as archive, tempfile.TemporaryDirectory() as folder:
        archive.require(["meta.csv", "code.csv"])
        extract = read_extract(archive, file=path.name)
        forms, notes = legal_forms(archive, file=path.name)
        con = duckdb.connect(str(Path(folder) / "kbo.duckdb"))
        try:
            con.execute(f"SET threads={THREADS}; SET memory_limit='{MEMORY}'; SET enable_progress_bar=false")
            con.execute("SET temp_directory=?", [folder])
            con.execute(MACROS)
            con.execute("SET VARIABLE snapshot = ?::DATE", [extract.date])
            con.execute("CREATE TABLE form_name (code VARCHAR, name VARCHAR)")
            if forms:
                con.executemany("INSERT INTO form_name VALUES (?, ?)", list(forms.items()))
            yield _Source(archive, con, Path(folder), path.name, extract, Reasons(), list(notes))
        except (duckdb.IOException, duckdb.OutOfMemoryException, OSError) as error:
            raise InputError(
                f"{path.name}: needs room to unpack and sort, which {tempfile.gettempdir()} does not have "
                "(set TMPDIR to a folder on a larger disk); nothing was changed"
            ) from error
        finally:
            con.close()


_FORM = (
    "CASE WHEN i.natural THEN 'natuurlijk persoon' WHEN i.code IS NULL THEN 'onbekend' "
    "ELSE coalesce(f.name, 'rechtsvorm ' || i.code) END AS form"
)
_COLUMNS = {
    "enterprise": "n, form, start",
    "establishment": "n, e, start",
    "denomination": "n, rank, name",
    "address": "n, rank, zip, place, refnis",
    "activity": "n, version, code, class, rank",
}


def _named_forms(name: str) -> str:
    """Records of one file as the derivation wants them."""
    if name == "enterprise":
        return (
            f"SELECT i.row, i.rule, i.value, i.n, {_FORM}, i.start "
            "FROM enterprise_read i LEFT JOIN form_name f ON f.code = i.code"
        )
    extra = ", NULL::INTEGER AS refnis" if name == "address" else ""
    return f"SELECT *{extra} FROM {name}_read"


# --- an update -----------------------------------------------------------------

# Earlier tables as records: row 0 of no file. Rank 0 keeps an earlier choice of name, seat or main activity.
_BASE = """
CREATE TABLE enterprise_base AS SELECT digits(enterprise_number) AS n, form, start_date::DATE AS start
    FROM previous_enterprise;
CREATE TABLE establishment_base AS SELECT digits(establishment_number) AS n, digits(enterprise_number) AS e,
    start_date::DATE AS start FROM previous_establishment;
CREATE TABLE denomination_base AS
    SELECT digits(enterprise_number) AS n, 0 AS rank, name FROM previous_enterprise WHERE name <> enterprise_number
    UNION ALL SELECT digits(s.establishment_number), 0, s.name FROM previous_establishment s
    JOIN previous_enterprise p USING (enterprise_number) WHERE s.name <> p.name;
CREATE TABLE address_base AS SELECT digits(enterprise_number) AS n, 0 AS rank, NULL::VARCHAR AS zip,
    NULL::VARCHAR AS place, refnis::INTEGER AS refnis FROM previous_enterprise WHERE refnis IS NOT NULL
    UNION ALL SELECT digits(establishment_number), 0, nullif(postcode, ''), NULL, refnis::INTEGER
    FROM previous_establishment;
CREATE TABLE activity_base AS SELECT digits(a.entity_number) AS n, a.nace_version::SMALLINT AS version,
    a.nace_code AS code, CASE a.classification WHEN 'main' THEN 0 WHEN 'secondary' THEN 1 ELSE 2 END::TINYINT AS class,
    CASE WHEN c.nace_code IS NULL THEN 9 ELSE 0 END::TINYINT AS rank
    FROM previous_activity a LEFT JOIN (
        SELECT enterprise_number AS entity_number, nace_code, nace_version FROM previous_enterprise
        UNION ALL SELECT establishment_number, nace_code, nace_version FROM previous_establishment) c
    ON c.entity_number = a.entity_number AND c.nace_code = a.nace_code AND c.nace_version = a.nace_version
    AND a.classification = 'main';
"""


def _updated(name: str, *, reasons: Reasons) -> str:
    """Earlier records that were not deleted, then the inserted ones."""
    inserted = _named_forms(name)
    left = f"SELECT * FROM {name}_base ANTI JOIN (SELECT n FROM {name}_delete WHERE rule = 0) USING (n)"
    rule = "rule"
    if name in OWN_NUMBERS:
        code = reasons.code("", "is in the tables and was not deleted")
        rule = f"CASE WHEN rule = 0 AND n IN (SELECT n FROM ({left})) THEN {code} ELSE rule END::UTINYINT AS rule"
    columns = _COLUMNS[name]
    return (
        f"SELECT 0::UINTEGER AS row, {columns}, 0::UTINYINT AS rule, NULL::VARCHAR AS value FROM ({left}) "
        f"UNION ALL SELECT row, {columns}, {rule}, value FROM ({inserted})"
    )


def _deleted(*, reasons: Reasons) -> str:
    """Table `deleted`: every record that deletes, with its reason if there was nothing to delete from."""
    absent = reasons.code("", "is not in the tables")
    either = "SELECT n FROM enterprise_base UNION ALL SELECT n FROM establishment_base"
    own = {name: f"SELECT n FROM {name}_base" for name in OWN_NUMBERS}
    parts = [
        f"SELECT row, (CASE WHEN rule <> 0 THEN rule WHEN n NOT IN ({own.get(name, either)}) THEN {absent} "
        f"ELSE 0 END)::UTINYINT AS rule, value, '{name}_delete' AS file FROM {name}_delete"
        for name in MEMBERS
    ]
    return f"CREATE TABLE deleted AS {' UNION ALL '.join(parts)}"
