"""From records of the register to what lies in the province: who is kept, and why every other record is not."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from studie.data.importers.kbo.members import Reasons
from studie.regions.territory import municipalities_of

# order of preference first, then the row in the file
_KEY = "((rank::BIGINT << 33) | row)"
_OF_KEY = "& 8589934591"  # the row of such a key
_CONTRADICTS = "another record of the same number says otherwise"
_REPEATS = "repeats an earlier record"


def locate(con: duckdb.DuckDBPyConnection, *, snapshot: str, reasons: Reasons) -> None:
    """Tables `address_at` (where every address lies today) and `seat` (the address of each entity).

    Of several addresses the seat stands before the others, then the first in the file.
    """
    asked = con.execute(
        "SELECT DISTINCT zip, place FROM address WHERE rule = 0 AND refnis IS NULL AND zip BETWEEN '2000' AND '2999'"
    ).df()
    found = municipalities_of(asked["zip"], date=snapshot, names=asked["place"])
    codes = [reasons.code("Zipcode", rule, elsewhere=True) if rule else 0 for rule in found["rule"]]
    place = asked.assign(refnis=found["refnis"].astype("float64"), why=np.array(codes, dtype="int64"))
    con.register("place_frame", place)
    con.execute(
        "CREATE TABLE place AS SELECT zip::VARCHAR AS zip, place::VARCHAR AS place, refnis::INTEGER AS refnis, "
        "why::UTINYINT AS why FROM place_frame"
    )
    con.unregister("place_frame")
    outside = reasons.code("Zipcode", "lies outside the province", elsewhere=True)
    reasons.code("CountryNL", "lies outside Belgium", elsewhere=True)
    other = reasons.code("", "another address of this entity is used")
    con.execute(f"""
        CREATE TABLE address_at AS SELECT a.row, a.n, a.rank, a.zip, coalesce(a.refnis, p.refnis) AS refnis,
            (CASE WHEN a.rule <> 0 THEN a.rule WHEN a.refnis IS NOT NULL THEN 0 ELSE coalesce(p.why, {outside}) END
            )::UTINYINT AS rule, a.value
        FROM address a LEFT JOIN place p ON a.zip = p.zip AND a.place = p.place;
        CREATE TABLE several AS SELECT row, n FROM (
            SELECT row, n, row_number() OVER (PARTITION BY n ORDER BY rank, row) AS place FROM address_at SEMI JOIN (
                SELECT n FROM address_at WHERE n IS NOT NULL AND {_usable(reasons)}
                GROUP BY n HAVING count(*) > 1) USING (n) WHERE {_usable(reasons)}) WHERE place > 1;
        UPDATE address_at SET rule = {other}, value = NULL FROM several s
            WHERE address_at.n = s.n AND address_at.row = s.row;
        CREATE VIEW seat AS SELECT n, zip, refnis, rule, value FROM address_at
            WHERE n IS NOT NULL AND rule <> {other} AND {_usable(reasons)};
    """)


def _usable(reasons: Reasons) -> str:
    """Condition on an address that says where its entity lies, in the province or elsewhere."""
    return f"rule IN (0, {', '.join(map(str, sorted(reasons.elsewhere)))})"


def place_entities(con: duckdb.DuckDBPyConnection, *, reasons: Reasons) -> None:
    """Tables `enterprise_at`, `establishment_at` (each record with its reason), `entity` (each number once), `kept`."""
    _note_repeats(con, "enterprise", "form, start", reasons=reasons)
    _note_repeats(con, "establishment", "e, start", reasons=reasons)
    orphan = reasons.code("EnterpriseNumber", "its enterprise is not there")
    loose = reasons.code("EnterpriseNumber", "its enterprise was not taken")
    homeless = reasons.code("", "has no address")
    alone = reasons.code("", "has no address and no establishment in the province")
    con.execute(f"""
        CREATE TABLE establishment_at AS SELECT s.row, s.n, s.e, s.start, d.zip, d.refnis, s.first,
            (CASE WHEN s.rule <> 0 THEN s.rule WHEN e.n IS NULL THEN {orphan} WHEN e.rule <> 0 THEN {loose}
             WHEN d.n IS NULL THEN {homeless} ELSE d.rule END)::UTINYINT AS rule,
            CASE WHEN s.rule <> 0 THEN s.value WHEN e.n IS NULL OR e.rule <> 0 THEN NULL
             ELSE coalesce(d.value, d.zip) END AS value
        FROM establishment_once s LEFT JOIN (SELECT n, rule FROM enterprise_once WHERE first) e ON e.n = s.e
            LEFT JOIN seat d ON d.n = s.n;
        CREATE TABLE enterprise_at AS SELECT s.row, s.n, s.form, s.start, s.first,
            CASE WHEN d.rule = 0 THEN d.refnis END AS refnis,
            (CASE WHEN s.rule <> 0 THEN s.rule WHEN d.rule = 0 OR k.e IS NOT NULL THEN 0
             WHEN d.n IS NULL THEN {alone} ELSE d.rule END)::UTINYINT AS rule,
            CASE WHEN s.rule <> 0 THEN s.value ELSE coalesce(d.value, d.zip) END AS value
        FROM enterprise_once s LEFT JOIN seat d ON d.n = s.n
            LEFT JOIN (SELECT DISTINCT e FROM establishment_at WHERE rule = 0) k ON k.e = s.n;
        CREATE TABLE entity AS SELECT n, rule FROM enterprise_at WHERE first AND n IS NOT NULL
            UNION ALL SELECT n, rule FROM establishment_at WHERE first AND n IS NOT NULL;
        CREATE TABLE kept AS SELECT n FROM entity WHERE rule = 0;
    """)


def _note_repeats(con: duckdb.DuckDBPyConnection, table: str, content: str, *, reasons: Reasons) -> None:
    """View `<table>_once`: the table with repeats and contradictions marked; `first` holds once per number."""
    repeats, contradicts = reasons.code("", _REPEATS), reasons.code("", _CONTRADICTS)
    con.execute(f"""
        CREATE TABLE {table}_twice AS SELECT row, n, place > 1 AS later, (CASE WHEN low <> high THEN {contradicts}
            WHEN place > 1 THEN {repeats} ELSE 0 END)::UTINYINT AS rule FROM (
            SELECT row, n, row_number() OVER (PARTITION BY n ORDER BY rule <> 0, row) AS place,
                min(said) OVER (PARTITION BY n) AS low, max(said) OVER (PARTITION BY n) AS high FROM (
                SELECT row, n, rule, CASE WHEN rule = 0 THEN hash({content}) END AS said FROM {table}
                SEMI JOIN (SELECT n FROM {table} WHERE n IS NOT NULL GROUP BY n HAVING count(*) > 1) USING (n)));
        CREATE VIEW {table}_once AS SELECT t.* REPLACE (CASE WHEN t.rule <> 0 THEN t.rule
            ELSE coalesce(w.rule, 0) END AS rule), NOT coalesce(w.later, false) AS first
            FROM {table} t LEFT JOIN {table}_twice w ON w.n = t.n AND w.row = t.row;
    """)


def choose_names(con: duckdb.DuckDBPyConnection) -> None:
    """Table `named`: the name of each kept entity and the row it stands on."""
    con.execute(f"""
        CREATE TABLE named AS SELECT n, arg_min(name, {_KEY}) AS name, min({_KEY}) {_OF_KEY} AS row
        FROM denomination SEMI JOIN kept USING (n) WHERE rule = 0 GROUP BY n
    """)


def choose_activities(con: duckdb.DuckDBPyConnection) -> None:
    """Tables `done` (each activity of a kept entity once) and `mainly` (its main activity in the newest version)."""
    con.execute(f"""
        CREATE TABLE done AS SELECT n, version, code, class, min({_KEY}) AS key
        FROM activity SEMI JOIN kept USING (n) WHERE rule = 0 GROUP BY n, version, code, class;
        CREATE TABLE mainly AS SELECT n, arg_min(code, place) AS code, arg_min(version, place) AS version FROM (
            SELECT n, code, version, ((3000 - version)::HUGEINT << 50) + key AS place FROM done WHERE class = 0)
        GROUP BY n;
    """)


def collect_rejected(con: duckdb.DuckDBPyConnection, files: Mapping[str, str], *, reasons: Reasons) -> pd.DataFrame:
    """Every record that was not taken, compact: categories and 32-bit rows.

    Parameters
    ----------
    con : DuckDBPyConnection
        Connection on which all tables were derived.
    files : mapping of str to str
        Name in messages of the file of each table; rows numbered 0 come from no file.
    reasons : Reasons
        What the numbers of the reasons mean.

    Returns
    -------
    DataFrame
        Columns `file, row, column, rule, value`, in order of file and row.
    """
    elsewhere = ", ".join(map(str, sorted(reasons.elsewhere)))
    nobody = reasons.code("EntityNumber", "its enterprise or establishment is not there")
    far = reasons.code("EntityNumber", "its enterprise or establishment lies outside the province")
    dropped = reasons.code("EntityNumber", "its enterprise or establishment was not taken")
    other_name = reasons.code("", "another name of this entity is used")
    same_activity = reasons.code("", "repeats an activity of this entity")
    owner = f"WHEN e.n IS NULL THEN {nobody} WHEN e.rule IN ({elsewhere}) THEN {far} WHEN e.rule <> 0 THEN {dropped}"
    parts = {
        "enterprise": "SELECT row, rule, value FROM enterprise_at",
        "establishment": "SELECT row, rule, value FROM establishment_at",
        "denomination": f"""SELECT d.row, CASE WHEN d.rule <> 0 THEN d.rule {owner}
            WHEN k.row <> d.row THEN {other_name} ELSE 0 END AS rule, d.value
            FROM denomination d LEFT JOIN entity e ON e.n = d.n LEFT JOIN named k ON k.n = d.n""",
        "address": f"""SELECT a.row, CASE WHEN a.rule <> 0 THEN a.rule {owner} ELSE 0 END AS rule,
            CASE WHEN a.rule IN ({elsewhere}) THEN coalesce(a.value, a.zip) ELSE a.value END AS value
            FROM address_at a LEFT JOIN entity e ON e.n = a.n""",
        "activity": f"""SELECT a.row, CASE WHEN a.rule <> 0 THEN a.rule {owner}
            WHEN d.key <> ((a.rank::BIGINT << 33) | a.row) THEN {same_activity} ELSE 0 END AS rule, a.value
            FROM activity a LEFT JOIN entity e ON e.n = a.n LEFT JOIN done d
            ON d.n = a.n AND d.version = a.version AND d.code = a.code AND d.class = a.class""",
        "deleted": "SELECT row, rule, value, file FROM deleted",
    }
    con.execute("CREATE TABLE left_out (file UTINYINT, row UINTEGER, rule UTINYINT, value VARCHAR)")
    for number, name in enumerate(files):
        table = "deleted" if name.endswith("_delete") else name
        where = f"AND file = '{name}'" if table == "deleted" else ""
        con.execute(
            f"INSERT INTO left_out SELECT {number}, row, rule, value FROM ({parts[table]}) "
            f"WHERE rule <> 0 AND row > 0 {where}"
        )
    con.execute("CREATE TABLE values_seen AS SELECT value, row_number() OVER (ORDER BY value) AS number FROM ("
                "SELECT DISTINCT value FROM left_out WHERE value IS NOT NULL)")  # fmt: skip
    found = con.execute(
        "SELECT l.file, l.row, l.rule, coalesce(v.number, 0)::UINTEGER AS value FROM left_out l "
        "LEFT JOIN values_seen v ON v.value = l.value ORDER BY l.file, l.row"
    ).fetchnumpy()
    values = ["", *(value for (value,) in con.execute("SELECT value FROM values_seen ORDER BY number").fetchall())]
    return pd.DataFrame(
        {
            "file": _words(found["file"], list(files.values())),
            "row": np.asarray(found["row"]).astype("int32"),
            "column": _words(found["rule"], [column for column, _ in reasons.known]),
            "rule": _words(found["rule"], [rule for _, rule in reasons.known]),
            "value": _words(found["value"], values),
        }
    )


def _words(numbers: npt.ArrayLike, words: list[str]) -> pd.Categorical:
    """Words by their place in a list, in which a word may stand twice."""
    codes, distinct = pd.factorize(np.array(words, dtype=object))
    small = np.min_scalar_type(-len(distinct))
    return pd.Categorical.from_codes(codes.astype(small)[np.asarray(numbers)], categories=pd.Index(distinct))
