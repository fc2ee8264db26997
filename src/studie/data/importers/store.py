"""Imported rows put into `data/own`: merged by key, checked against the other tables, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from studie.config import project_root
from studie.data import contracts, pseudonyms
from studie.data.definitions import CONTRACTS, Contract
from studie.data.files import problems_of, read_file
from studie.data.importers.intake import REJECTED, Intake
from studie.data.importers.own_files import PROVENANCE, alone, finish, intact, known_rows, own_file, replace
from studie.data.importers.rejected import write_rejected
from studie.data.sources import read_sources

Blanks = Literal["keep", "clear"]
Reason = tuple[str, str, str]  # column, rule and value for which a row is refused
Language = Literal["en", "nl"]
_SENTENCES: dict[Language, dict[str, str]] = {
    "en": {
        "not stored": "{table}: not stored, column {column}: {rule}, got {value!r}",
        "beside": "{rule} beside the known values",
        "parent": "must stand in {parent}",
        "published": "must be {number:g} as published, or left out",
        "precedence": "{table}: your {rows} rows now stand in place of all demonstration rows",
    },
    "nl": {
        "not stored": "{table}: niet bewaard, kolom {column}: {rule}; er staat {value!r}",
        "beside": "{rule} naast wat al bekend is",
        "parent": "moet in de tabel {parent} staan",
        "published": "moet {number:g} zijn zoals gepubliceerd, of leeg",
        "precedence": "{table}: uw {rows} rijen komen in de plaats van alle demonstratiegegevens van deze tabel",
    },
}


class Change(NamedTuple):
    """Rows of one table that an import added, changed, left as they were or took away [count]."""

    new: int
    changed: int
    same: int
    removed: int = 0

    @property
    def nothing(self) -> bool:
        """Whether the table stays as it is."""
        return (self.new, self.changed, self.removed) == (0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What became of an import.

    Attributes
    ----------
    changes : dict of str to Change
        Per table.
    files : tuple of Path
        Files that were written; none if everything was there already.
    read, taken : int
        Records of the source, and those that are in the tables now [count].
    rejected : DataFrame
        As of `Intake`, with the records that the tables refused.
    refused : int
        Rows of a table that were refused and are no single record, such as sums; `notes` lists them [count].
    notes : tuple of str
        Notes of the importer and of storing.
    list_of_rejected : Path or None
        File with all rejected records.
    """

    changes: dict[str, Change]
    files: tuple[Path, ...]
    read: int
    taken: int
    rejected: pd.DataFrame
    refused: int
    notes: tuple[str, ...]
    list_of_rejected: Path | None

    @property
    def closing_line(self) -> str:
        """The sum that an import ends with."""
        return f"{self.read} rows read = {self.taken} taken + {len(self.rejected)} rejected"


def store(
    intake: Intake,
    *,
    name: str,
    source: str,
    retrieved: str,
    blanks: Blanks = "keep",
    complete: Mapping[str, pd.DataFrame] = MappingProxyType({}),
    language: Language = "en",
) -> Stored:
    """Merge imported rows into the user's own tables, by key.

    Parameters
    ----------
    intake : Intake
        What an importer read.
    name : str
        Name of the import, for its list of rejected records: `data/own/rejected/<name>.csv`.
    source, retrieved : str
        Stand on every row that is new or changed: who published it, and on which day it was fetched.
    blanks : {"keep", "clear"}
        What an empty value of an imported row does to a known one: `keep` for sources that fill some columns of a
        table each, `clear` where a row replaces what was known of its key.
    complete : mapping of str to DataFrame
        Per imported table that no other refers to: values of some of its key columns of which the source names all
        rows. Own rows with these values that the source does not name are taken away.
    language : {"en", "nl"}
        Of notes and reasons: that of the reader.

    Returns
    -------
    Stored
        A second import of the same rows changes no file.

    Raises
    ------
    InputError
        If another import is running, a table of persons holds no pseudonyms or those of another key, or a file in
        `data/own` is malformed. Nothing is written then.

    Notes
    -----
    A table that the user keeps as `data/own/<table>.csv` stays a CSV file under that name, with the imported rows in
    it; all others are Parquet files. All tables of an import are written beside the old ones first and then put in
    place together; if the machine stops in between, the next import finishes that.
    """
    with alone() as folder:
        finish(folder)
        work = _Work(
            intake,
            folder=folder,
            source=source,
            retrieved=retrieved,
            blanks=blanks,
            complete=complete,
            language=language,
        )
        merged = work.merged()
        with intact():
            listed = write_rejected(work.rejected, name=name, folder=folder / "rejected")
            written = replace({t: frame for t, frame in merged.items() if not work.changes[t].nothing}, folder)
    return Stored(
        changes=work.changes,
        files=tuple(written),
        read=intake.read,
        taken=intake.read - len(work.rejected),
        rejected=work.rejected,
        refused=work.refused,
        notes=(*intake.notes, *work.notes),
        list_of_rejected=listed,
    )


# --- merging ------------------------------------------------------------------


class _Work:
    """One import on its way into the tables: rows that they refuse leave it together with their record."""

    def __init__(
        self,
        intake: Intake,
        *,
        folder: Path,
        source: str,
        retrieved: str,
        blanks: Blanks,
        complete: Mapping[str, pd.DataFrame],
        language: Language,
    ) -> None:
        self.folder, self.blanks, self.says = folder, blanks, _SENTENCES[language]
        self.stamp = {"source": source, "retrieved": retrieved}
        self.rejected = intake.rejected[list(REJECTED)]
        self.refused = 0
        self.notes: list[str] = []
        self.changes: dict[str, Change] = {}
        self.rows = {t: frame[list(CONTRACTS[t].names)].reset_index(drop=True) for t, frame in intake.tables.items()}
        self.origins = {t: frame.reset_index(drop=True) for t, frame in intake.origins.items()}
        self.known = {table: known_rows(table, own_file(table, folder)) for table in self.rows}
        self.removed = dict.fromkeys(self.rows, 0)
        for table, values in complete.items():
            gone = _unnamed(self.known[table], self.rows[table], values, list(CONTRACTS[table].key))
            self.known[table] = self.known[table][~gone].reset_index(drop=True)
            self.removed[table] = int(gone.sum())

    def merged(self) -> dict[str, pd.DataFrame]:
        """Tables as they become, after all refusals."""
        for table, frame in self.rows.items():
            _check_pseudonyms(frame, self.known[table], CONTRACTS[table])
            self._refuse(table, _contradictions(frame, table, published_rule=self.says["published"]))
            self._refuse(table, self._unsound(table))
        made = {table: self._upsert(table) for table in self.rows}
        while any(self._refuse(table, self._orphans(table, made)) for table in self.rows):
            made = {table: self._upsert(table) for table in self.rows}
        self._note_precedence()
        return made

    def _refuse(self, table: str, reasons: dict[int, Reason]) -> bool:
        """Leave rows out, and every other row of the records they come from."""
        if not reasons:
            return False
        gone = {table: set(reasons)}
        if table in self.origins:
            places = self.origins[table].loc[list(reasons), ["file", "row"]]
            lines = [(*place, *reasons[at]) for at, place in zip(reasons, places.itertuples(index=False), strict=True)]
            more = pd.DataFrame(lines, columns=list(REJECTED)).drop_duplicates(["file", "row"])
            self.rejected = pd.concat([self.rejected, more], ignore_index=True).sort_values(["file", "row"])
            self.rejected = self.rejected.astype({"row": "int64"}).reset_index(drop=True)
            records = set(places.itertuples(index=False, name=None))
            for other, origin in self.origins.items():
                shared = [k for k, place in enumerate(origin.itertuples(index=False, name=None)) if place in records]
                gone.setdefault(other, set()).update(shared)
        else:
            self.refused += len(reasons)
            self.notes += [
                self.says["not stored"].format(table=table, column=column, rule=rule, value=value)
                for column, rule, value in reasons.values()
            ]
        for other, positions in gone.items():
            kept = ~self.rows[other].index.isin(positions)
            self.rows[other] = self.rows[other][kept].reset_index(drop=True)
            if other in self.origins:
                self.origins[other] = self.origins[other][kept].reset_index(drop=True)
        return True

    def _together(self, table: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Imported rows with the known values where those stay, and the known row of each key (empty: none)."""
        rules, rows = CONTRACTS[table], self.rows[table]
        old = rows[list(rules.key)].merge(self.known[table], how="left", on=list(rules.key))
        there = old["source"].notna()
        values = {name: _filled(rows[name], old[name], there, blanks=self.blanks) for name in rules.names}
        return pd.DataFrame(values), old

    def _unsound(self, table: str) -> dict[int, Reason]:
        """Imported rows that break the contract together with what was known."""
        if self.blanks == "clear" or self.rows[table].empty:
            return {}
        cells = contracts.wrong_cells(self._together(table)[0], table, where=table)
        return {at: (column, self.says["beside"].format(rule=rule), str(value)) for at, column, rule, value in cells}

    def _upsert(self, table: str) -> pd.DataFrame:
        """Known rows with the imported ones in place of those of the same key."""
        rules, known, rows = CONTRACTS[table], self.known[table], self.rows[table]
        if rows.empty:
            self.changes[table] = Change(0, 0, 0, self.removed[table])
            return known
        key, names = list(rules.key), list(rules.names)
        values, old = self._together(table)
        new = contracts.validate(values, table, where=table)
        there = old["source"].notna()
        same = there & pd.concat([equal(new[name], old[name]) for name in names], axis=1).all(axis=1)
        for name in PROVENANCE:
            new[name] = old[name].where(same, self.stamp[name]).astype(object)
        counts = (int((~there).sum()), int((there & ~same).sum()), int(same.sum()))
        self.changes[table] = Change(*counts, self.removed[table])
        rest = known[~index_of(known, key).isin(index_of(rows, key))]
        merged = pd.concat([rest, new], ignore_index=True) if len(rest) else new
        return merged.sort_values(key, kind="stable", ignore_index=True)[[*names, *PROVENANCE]]

    def _orphans(self, table: str, made: dict[str, pd.DataFrame]) -> dict[int, Reason]:
        """Imported rows that refer to a row which is neither the user's own nor observed."""
        if not CONTRACTS[table].references or self.rows[table].empty:
            return {}
        parents = {parent: _parent_rows(parent, made, self.folder) for parent in contracts.parents(table)}
        lost = contracts.orphans(self.rows[table], table, parents=parents)
        found = zip(lost["row"], lost["column"], lost["value"], lost["parent"], strict=True)
        return {
            int(row): (column, self.says["parent"].format(parent=parent), str(value))
            for row, column, value, parent in found
        }

    def _note_precedence(self) -> None:
        """Say where own rows now stand in place of demonstration rows."""
        for table, change in self.changes.items():
            if CONTRACTS[table].demonstrated and self.known[table].empty and change.new:
                self.notes.append(self.says["precedence"].format(table=table, rows=change.new))


def _filled(new: pd.Series, old: pd.Series, there: pd.Series, *, blanks: Blanks) -> pd.Series:
    """Imported values; where they are empty, the known one may stay."""
    if blanks == "clear":
        return new
    empty = (new.isna() | (new == "") if new.dtype == object else new.isna()) & there
    return new.astype(object).mask(empty, old.astype(object)) if empty.any() else new


def equal(new: pd.Series, old: pd.Series) -> pd.Series:
    """Where two columns say the same; nothing equals nothing."""
    a, b = new.astype(object), old.astype(object)
    return (a.isna() & b.isna()) | (a == b).fillna(value=False).astype(bool)


def _unnamed(known: pd.DataFrame, rows: pd.DataFrame, values: pd.DataFrame, key: list[str]) -> pd.Series:
    """Known rows of which a source names all there are, and that it does not name."""
    if known.empty or values.empty:
        return pd.Series(data=False, index=known.index)
    covered = index_of(known, list(values.columns)).isin(index_of(values, list(values.columns)))
    named = index_of(known, key).isin(index_of(rows, key))
    return pd.Series(covered & ~named, index=known.index)


def index_of(frame: pd.DataFrame, key: list[str]) -> pd.MultiIndex:
    """Keys of rows."""
    return pd.MultiIndex.from_frame(frame[key])


# --- what is known ------------------------------------------------------------


def _observed(table: str) -> list[pd.DataFrame]:
    """Published rows of a table."""
    root = project_root()
    found = [d for d in read_sources() if d.table == table]
    return [contracts.validate(read_file(root / d.file, where=d.file), table, where=d.file) for d in found]


def _parent_rows(table: str, made: dict[str, pd.DataFrame], folder: Path) -> pd.DataFrame:
    """Rows that others may refer to: the user's own, as they become, and the published ones."""
    own = made[table] if table in made else known_rows(table, own_file(table, folder))
    names = list(CONTRACTS[table].names)
    return pd.concat([frame[names].astype(object) for frame in (own, *_observed(table))], ignore_index=True)


def _contradictions(frame: pd.DataFrame, table: str, *, published_rule: str) -> dict[int, Reason]:
    """Rows with the key of a published row and another number."""
    rules = CONTRACTS[table]
    key = list(rules.key)
    numbers = [c.name for c in rules.columns if c.kind in ("whole", "number") and c.name not in key]
    if rules.own_replaces or not numbers or frame.empty:
        return {}
    published = _observed(table)
    if not published:
        return {}
    listed = pd.concat([f[[*key, *numbers]] for f in published], ignore_index=True).drop_duplicates(key)
    beside = frame[key].merge(listed, how="left", on=key)
    differs = pd.DataFrame(
        {n: frame[n].notna() & beside[n].notna() & ~equal(frame[n], beside[n]) for n in numbers}, index=frame.index
    )
    found = {}
    for position in np.flatnonzero(differs.any(axis=1)):
        name = next(n for n in numbers if differs[n].iloc[position])
        rule = published_rule.format(number=beside[name].iloc[position])
        found[int(position)] = (name, rule, str(frame[name].iloc[position]))
    return found


def _check_pseudonyms(rows: pd.DataFrame, known: pd.DataFrame, rules: Contract) -> None:
    """Refuse identifiers of persons, and pseudonyms of two keys in one table; no message repeats one."""
    if rules.persons != "rows" or "person_id" not in rules.names:
        return
    where = f"data/own/{rules.name}"
    lines = []
    if "" in pseudonyms.key_tags(rows["person_id"]):
        lines.append(f"{rules.name}: person_id must hold pseudonyms, got identifiers; nothing was stored")
    tags = pseudonyms.key_tags(known["person_id"])
    if "" in tags:
        lines.append(
            f"{where}: person_id must hold pseudonyms; move the file out of data/own and import it with "
            "`studie data import own`, which makes them"
        )
    elif len(tags | pseudonyms.key_tags(rows["person_id"])) > 1 and not lines:
        lines.append(
            f"{where}: holds pseudonyms of another key, so the same person would stand there twice; use the key that "
            f"they were made with ({pseudonyms.KEY_VARIABLE}) or move the file away and import everything again"
        )
    if lines:
        raise problems_of(lines, where=where)
