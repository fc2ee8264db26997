"""Import of a KBO-shaped zip file: seconds, processor time and memory, at the size of the goal and of the register.

    python benchmarks/kbo.py                        2 million establishments, 5 million activities
    python benchmarks/kbo.py --activities 5 36      also with as many activities as the register of 2025 [millions]

The file is generated: valid numbers, a sixth of the postcodes in the province, natural persons without seat. What is
measured is `studie data import kbo` as a user runs it: a process of its own, from start to end, with the tables and the
list of rejected records written. Writes benchmarks/results/kbo.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from importlib.metadata import version
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from studie.config import project_root

RESULTS = Path(__file__).resolve().parent / "results" / "kbo.md"
GOAL_SECONDS, GOAL_GB = 60, 2
RUNS = 3
MACROS = """
SET preserve_insertion_order = false;
CREATE MACRO checked(first_eight) AS first_eight * 100 + 97 - first_eight % 97;
CREATE MACRO written(n) AS CASE WHEN n < 2000000000
    THEN format('{:04d}.{:03d}.{:03d}', n // 1000000, n // 1000 % 1000, n % 1000)
    ELSE format('{}.{:03d}.{:03d}.{:03d}', n // 1000000000, n // 1000000 % 1000, n // 1000 % 1000, n % 1000) END;
CREATE MACRO enterprise(i) AS written(checked(2000000 + i * 9));
CREATE MACRO establishment(i) AS written(checked(20000000 + i * 35));
CREATE MACRO luck(i, salt, many) AS (hash(i, salt) % many)::BIGINT;
CREATE MACRO founded(i) AS strftime(DATE '1970-01-01' + luck(i, 1, 20000)::INTEGER, '%d-%m-%Y');
"""
# of a natural person the register gives no seat
SQL = {
    "enterprise": """SELECT enterprise(i) AS "EnterpriseNumber", 'AC' AS "Status", '000' AS "JuridicalSituation",
        CASE WHEN luck(i, 2, 10) < 4 THEN '1' ELSE '2' END AS "TypeOfEnterprise",
        CASE WHEN luck(i, 2, 10) < 4 THEN NULL ELSE '0' || (10 + luck(i, 3, 20)) END AS "JuridicalForm",
        NULL::VARCHAR AS "JuridicalFormCAC", founded(i) AS "StartDate" FROM range({enterprises}) t(i)""",
    "establishment": """SELECT establishment(i) AS "EstablishmentNumber", founded(i + 1) AS "StartDate",
        enterprise(luck(i, 4, {enterprises})) AS "EnterpriseNumber" FROM range({establishments}) t(i)""",
    "denomination": """SELECT * FROM (SELECT enterprise(i) AS "EntityNumber", '2' AS "Language",
        CASE k WHEN 0 THEN '001' ELSE '002' END AS "TypeOfDenomination",
        'Onderneming ' || i || ' & zonen' AS "Denomination"
        FROM range({enterprises}) t(i), range(2) u(k) WHERE k = 0 OR luck(i, 5, 4) = 0
        UNION ALL SELECT establishment(i), '2', '003', 'Vestiging ' || i FROM range({establishments}) t(i)
        WHERE luck(i, 6, 2) = 0)""",
    "address": """SELECT number AS "EntityNumber", kind AS "TypeOfAddress", NULL::VARCHAR AS "CountryNL",
        NULL::VARCHAR AS "CountryFR", zip AS "Zipcode", 'Gemeente ' || zip AS "MunicipalityNL",
        'Commune ' || zip AS "MunicipalityFR", 'Dorpsstraat ' || luck(number, 7, 5000) AS "StreetNL",
        'Rue ' || luck(number, 7, 5000) AS "StreetFR", (1 + luck(number, 8, 300))::VARCHAR AS "HouseNumber",
        '' AS "Box", '' AS "ExtraAddressInfo",
        CASE WHEN luck(number, 9, 100) = 0 THEN '13-11-2023' END AS "DateStrikingOff"
        FROM (SELECT number, kind, CASE WHEN luck(number, 10, 6) = 0
            THEN postcode ELSE (3000 + luck(number, 11, 7000))::VARCHAR END AS zip
            FROM (SELECT enterprise(i) AS number, 'REGO' AS kind FROM range({enterprises}) t(i)
                WHERE luck(i, 2, 10) >= 4
                UNION ALL SELECT establishment(i), 'BAET' FROM range({establishments}) t(i))
            JOIN postcodes ON place = luck(number, 13, (SELECT count(*) FROM postcodes)))""",
    "activity": """SELECT CASE WHEN luck(i, 14, 2) = 0 THEN enterprise(luck(i, 15, {enterprises}))
        ELSE establishment(luck(i, 15, {establishments})) END AS "EntityNumber",
        ['001', '003', '006'][1 + luck(i, 16, 3)] AS "ActivityGroup",
        ['2003', '2008', '2025'][1 + luck(i, 17, 3)] AS "NaceVersion",
        (10000 + luck(i, 18, 800) * 100)::VARCHAR AS "NaceCode",
        ['MAIN', 'SECO', 'SECO', 'ANCI'][1 + luck(i, 19, 4)] AS "Classification" FROM range({activities}) t(i)""",
}
META = '"Variable","Value"\n"SnapshotDate","30-06-2025"\n"ExtractType","full"\n"ExtractNumber","140"\n'
IMPORT = "import sys; from studie import cli; cli.main(['data', 'import', 'kbo', sys.argv[-1]])"


def generate(path: Path, *, enterprises: int, establishments: int, activities: int) -> int:
    """Write a zip file in the shape of the register; returns its unpacked size [bytes]."""
    codes = "".join(f'"JuridicalForm","0{10 + i}","NL","Rechtsvorm {i}"\n' for i in range(20))
    size = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        duckdb.connect() as con,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        con.execute(MACROS)
        listed = project_root() / "data" / "reference" / "postcode.csv"
        con.execute(
            "CREATE TABLE postcodes AS SELECT postcode::VARCHAR AS postcode, row_number() OVER () - 1 AS place "
            "FROM read_csv(?)",
            [str(listed)],
        )
        archive.writestr("meta.csv", META)
        archive.writestr("code.csv", f'"Category","Code","Language","Description"\n{codes}')
        counts = {"enterprises": enterprises, "establishments": establishments, "activities": activities}
        for name, sql in SQL.items():
            file = Path(folder) / f"{name}.csv"
            con.execute(f"COPY ({sql.format(**counts)}) TO '{file}' (HEADER, FORCE_QUOTE *)")
            size += file.stat().st_size
            archive.write(file, file.name)
            file.unlink()
    return size


def study_in(folder: Path) -> Path:
    """A study without own tables."""
    for name in ("observed", "reference", "demonstration/tiny"):
        shutil.copytree(project_root() / "data" / name, folder / "data" / name)
    shutil.copytree(project_root() / "config", folder / "config")
    shutil.copy(project_root() / "data" / "sources.csv", folder / "data" / "sources.csv")
    return folder


def measure(path: Path) -> list[float]:
    """Wall seconds, CPU seconds, peak memory [GB], records read, taken and rejected, and rows of the three tables."""
    with tempfile.TemporaryDirectory() as folder:
        study = study_in(Path(folder))
        environment = {**os.environ, "STUDIE_ROOT": str(study), "STUDIE_DEMONSTRATION_SIZE": "tiny"}
        start = time.perf_counter()
        with (study / "said").open("w") as said:
            process = subprocess.Popen([sys.executable, "-c", IMPORT, str(path)], env=environment, stdout=said)
            _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        if status:
            raise SystemExit(f"the import ended with status {status}")
        *_, last = (study / "said").read_text(encoding="utf-8").splitlines()
        tables = [
            pq.read_metadata(study / "data" / "own" / f"{name}.parquet").num_rows
            for name in ("enterprise", "establishment", "activity")
        ]
    counts = [float(number) for number in re.findall(r"\d+", last)]
    return [wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6, *counts, *tables]


def row(*, enterprises: int, establishments: int, activities: int) -> str:
    """One line of the results."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "KboOpenData_0140_2025_07_Full.zip"
        start = time.perf_counter()
        size = generate(path, enterprises=enterprises, establishments=establishments, activities=activities)
        print(f"generated in {time.perf_counter() - start:.0f} s", file=sys.stderr)
        runs = [measure(path) for _ in range(RUNS)]
        wall, cpu, peak, read, taken, rejected, *rows = min(runs)
        peak = max(run[2] for run in runs)
        packed = path.stat().st_size
    kept = " + ".join(f"{int(count):,}" for count in rows)
    within = "yes" if wall <= GOAL_SECONDS and peak <= GOAL_GB else "no"
    return (
        f"| {establishments:,} | {activities:,} | {packed / 1e6:,.0f} / {size / 1e6:,.0f} | {int(read):,} | {wall:.1f} "
        f"| {cpu:.1f} | {peak:.2f} | {int(taken):,} | {int(rejected):,} | {kept} | {within} |"
    )


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--activities", type=float, nargs="*", default=[5.0], help="millions of activities")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the 2 million establishments")
    options = parser.parse_args()
    before = os.getloadavg()[0]
    counts = {"enterprises": int(1_900_000 * options.scale), "establishments": int(2_000_000 * options.scale)}
    rows = [row(**counts, activities=int(millions * 1e6 * options.scale)) for millions in options.activities]
    cores = os.cpu_count()
    RESULTS.write_text(
        "\n".join(
            [
                "# Import of a KBO extract",
                "",
                f"`studie data import kbo` from start to end, tables and list of rejected records written; made by "
                f"`python benchmarks/kbo.py`; goal: {GOAL_SECONDS} s and {GOAL_GB} GB. "
                f"Time of the least of {RUNS} runs, memory of the most; "
                f"load of the machine before and after: {before:.1f} and {os.getloadavg()[0]:.1f}.",
                "",
                f"{platform.machine()}, {cores} cores; Python {platform.python_version()}, duckdb {version('duckdb')}, "
                f"pandas {version('pandas')}.",
                "",
                "| establishments | activities | zip / unpacked MB | records read | wall s | CPU s | peak GB | taken "
                "| rejected, each listed | rows kept: enterprises + establishments + activities | within the goal |",
                "|---|---|---|---|---|---|---|---|---|---|---|",
                *rows,
                "",
            ]
        ),
        encoding="utf-8",
    )
    print(RESULTS.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
