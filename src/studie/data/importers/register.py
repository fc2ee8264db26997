"""Extracts of the KBO put into the user's own tables: a full one or an update takes the place of the extract before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from studie.data.definitions import CONTRACTS
from studie.data.importers import kbo
from studie.data.importers.intake import Intake, Options
from studie.data.importers.own_files import PROVENANCE, alone, finish, intact, known_rows, own_file, replace
from studie.data.importers.rejected import write_rejected
from studie.data.importers.store import Change, Stored, equal, index_of
from studie.errors import InputError

TABLES = ("enterprise", "establishment", "activity")
_NOT_IN_KBO = ("joint_committee", "end_date")  # columns that an extract leaves empty
_REFERS = {"activity": "entity_number", "establishment": "enterprise_number"}
_SHOWN = 3


def store_extract(path: Path, *, name: str, retrieved: str) -> Stored:
    """Put a zip file of the register into the own tables `enterprise`, `establishment` and `activity`.

    Parameters
    ----------
    path : Path
        Full extract, or the update that follows the extract in the tables.
    name : str
        Name of the import, for its list of rejected records.
    retrieved : str
        Day on which the file was fetched.

    Returns
    -------
    Stored
        What became of every record and row.

    Raises
    ------
    InputError
        If another import is running, the file is no safe extract, an update does not follow the extract in the tables,
        or a full extract is older than that. Nothing is written then.

    Notes
    -----
    Every row of the register carries the extract in `source`; rows that only another source gave are left alone, and
    where a row has both, `source` names both and an empty value of the register leaves what is known. A row that left
    the register is taken away, unless another source gave it too or another own table refers to it: those stay and a
    note says so.
    """
    with alone() as folder:
        finish(folder)
        known = {table: known_rows(table, own_file(table, folder)) for table in TABLES}
        extract = kbo.delivered(path)
        intake = _read(path, extract, before=newest_extract(known), known=known)
        merged, changes, notes = _merged(intake, known, folder, extract=extract, retrieved=retrieved)
        with intact():
            listed = write_rejected(intake.rejected, name=name, folder=folder / "rejected")
            written = replace(merged, folder)
    return Stored(
        changes=changes,
        files=tuple(written),
        read=intake.read,
        taken=intake.taken,
        rejected=intake.rejected,
        refused=0,
        notes=(*intake.notes, *notes),
        list_of_rejected=listed,
    )


def newest_extract(known: Mapping[str, pd.DataFrame]) -> kbo.Extract | None:
    """Extract that the rows of the tables come from; None if the register was never imported."""
    named = {text for frame in known.values() for text in frame["source"].unique()}
    found = [extract for text in named if (extract := kbo.extract_of(str(text))) is not None]
    return max(found, key=lambda extract: extract.number, default=None)


def _read(path: Path, extract: kbo.Extract, *, before: kbo.Extract | None, known: Mapping[str, pd.DataFrame]) -> Intake:
    """Content of the file as the tables become."""
    if extract.kind == "update":
        if before is None:
            raise InputError(
                f"{path.name}: is the update to extract {extract.number}, and no extract is in the tables; "
                "import a full extract first"
            )
        previous = {table: frame.drop(columns=list(PROVENANCE)) for table, frame in known.items()}
        return kbo.read_update(path, previous=previous, extract=before)
    if before is not None and extract.number < before.number:
        raise InputError(
            f"{path.name}: must be extract {before.number} or newer, as in the tables, got {extract.number}"
        )
    return kbo.read(path, options=Options())


def _merged(
    intake: Intake, known: Mapping[str, pd.DataFrame], folder: Path, *, extract: kbo.Extract, retrieved: str
) -> tuple[dict[str, pd.DataFrame], dict[str, Change], list[str]]:
    """Tables that change, what changes in all, and notes."""
    merged, changes, notes = {}, {}, []
    needed = _needed_by_others(folder)
    for table in reversed(TABLES):  # what stays keeps what it refers to
        frame, change, beside = _one(
            table, intake.tables[table], known[table], needed=needed, extract=extract, retrieved=retrieved
        )
        changes[table] = change
        if frame is not None:
            merged[table] = frame
        if table in _REFERS:
            needed |= set(beside[_REFERS[table]])
        stays = beside[_from_register(beside["source"])]
        if len(stays):
            numbers = stays[CONTRACTS[table].key[0]]
            shown = ", ".join([*numbers.iloc[:_SHOWN], *(["…"] if len(stays) > _SHOWN else [])])
            notes.append(
                f"{table}: {len(stays)} rows left the register and stay, because another source gave them too or "
                f"another of your tables refers to them: {shown}"
            )
        if known[table].empty and change.new and CONTRACTS[table].demonstrated:
            notes.append(f"{table}: your {change.new} rows now stand in place of all demonstration rows")
    order = [table for table in TABLES if table in merged]
    return {table: merged[table] for table in order}, {table: changes[table] for table in TABLES}, notes


def _one(
    table: str, rows: pd.DataFrame, known: pd.DataFrame, *, needed: set[str], extract: kbo.Extract, retrieved: str
) -> tuple[pd.DataFrame | None, Change, pd.DataFrame]:
    """One table as it becomes (None: as it is), what changes, and the rows that are not in the extract."""
    rules = CONTRACTS[table]
    key, names = list(rules.key), list(rules.names)
    if known.empty:
        made = rows[names].assign(source=extract.source, retrieved=retrieved)
        return (
            (made.sort_values(key, kind="stable", ignore_index=True) if len(made) else None),
            Change(len(made), 0, 0),
            known,
        )
    old = rows[key].merge(known, how="left", on=key)
    there = old["source"].notna()
    others = _other_source(old["source"].where(there, ""))
    new = pd.DataFrame(
        {n: _kept(rows[n], old[n], there & ((others != "") | (n in _NOT_IN_KBO))) for n in names}
    ).astype({n: known[n].dtype for n in names})
    same = there & pd.concat([equal(new[n], old[n]) for n in names], axis=1).all(axis=1)
    of_the_register = ~same | _from_register(old["source"].where(there, ""))
    stamped = others.map(lambda other: f"{extract.source}; {other}" if other else extract.source)
    new["source"] = stamped.where(of_the_register, old["source"]).astype(object)
    new["retrieved"] = old["retrieved"].where(new["source"] == old["source"], retrieved).astype(object)
    rest = known[~index_of(known, key).isin(index_of(rows, key))]
    left = _from_register(rest["source"])
    gone = left & (_other_source(rest["source"]) == "") & ~rest[key[0]].isin(needed)
    made = pd.concat([rest[~gone], new], ignore_index=True).sort_values(key, kind="stable", ignore_index=True)
    change = Change(int((~there).sum()), int((there & ~same).sum()), int(same.sum()), int(gone.sum()))
    renewed = bool((new["source"] != old["source"]).any())
    return (None if change.nothing and not renewed else made[[*names, *PROVENANCE]]), change, rest[~gone]


def _kept(new: pd.Series, old: pd.Series, may: pd.Series) -> pd.Series:
    """Values of the register; where they are empty, the known one may stay."""
    empty = may & (new.isna() | (new == "") if new.dtype == object else new.isna())
    return new.astype(object).mask(empty, old.astype(object)) if empty.any() else new


def _from_register(sources: pd.Series) -> pd.Series:
    """Whether a row is one of an extract."""
    return sources.map({text: kbo.extract_of(text) is not None for text in sources.unique()}).astype(bool)


def _other_source(sources: pd.Series) -> pd.Series:
    """Who else than the register gave a row; '' for nobody."""
    return sources.map({text: _beside(text) for text in sources.unique()}).astype(object)


def _beside(source: str) -> str:
    """A source without the extract that it names."""
    extract = kbo.extract_of(source)
    return source if extract is None else source.replace(extract.source, "").removeprefix("; ")


def _needed_by_others(folder: Path) -> set[str]:
    """Numbers of enterprises and establishments that other own tables refer to."""
    needed: set[str] = set()
    for name, rules in CONTRACTS.items():
        path = own_file(name, folder)
        columns = [
            reference.columns[0]
            for reference in rules.references
            for parent, _ in reference.parents
            if parent in TABLES and name not in TABLES
        ]
        if columns and path.is_file():
            frame = known_rows(name, path)
            needed |= {str(value) for column in columns for value in frame[column].unique()}
    return needed
