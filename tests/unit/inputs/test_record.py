"""What a process reads of a study is noted, whether it is there or not."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from studie.config import NotedConfig, read_config
from studie.data import catalogue, monitor, publications
from studie.inputs import record
from studie.study import once, open_study

ROOT = Path(__file__).resolve().parents[3]
READER = """import os, pathlib, sys
from studie.inputs import record
root = pathlib.Path(sys.argv[1])
record.keep_diary(root / "build" / "read.txt", root=root)
os.chdir(root / "notebooks")
sys.path.insert(0, "")
"""


def read_by(root: Path, code: str) -> list[str]:
    """Notes of a process that runs some code."""
    for folder in ("build", "notebooks", "data/own"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-c", READER + code, str(root)], check=True)
    return record.read_diary(root / "build" / "read.txt")


@pytest.mark.parametrize(
    ("code", "noted"),
    [
        ("open('../data/a.csv').read()", ["file data/a.csv"]),
        ("(root / 'data/a.csv').read_bytes()", ["file data/a.csv"]),
        ("os.close(os.open(root / 'data/a.csv', os.O_RDONLY))", ["file data/a.csv"]),
        ("import contextlib\nwith contextlib.suppress(OSError): open('../data/own/b.csv')", ["file data/own/b.csv"]),
        ("open('../data/own/c.csv', 'w').close()", []),
        ("open('../build/x', 'w').close(); open('../build/x').close()", []),
        ("open('/etc/hostname').close()", []),
        ("list((root / 'data/own').glob('*'))", ["folder data/own"]),
        ("os.listdir('../data/own')", ["folder data/own"]),
        ("import helper\nimport helper", ["file notebooks/helper.py"]),
        ("import importlib.metadata\nimportlib.metadata.version('pandas')", []),
        ("with record.unheard():\n    open('../data/a.csv')\nrecord.note('table', 'a')", ["table a"]),
        ("import threading\nt = threading.Thread(target=lambda: open('../data/a.csv').close())\nt.start()\nt.join()",
         ["file data/a.csv"]),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_python_opens_of_a_study_is_noted(tmp_path: Path, code: str, noted: list[str]) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.csv").write_text("a", encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/helper.py").write_text("x = 1", encoding="utf-8")
    assert read_by(tmp_path, code) == noted
    assert read_by(tmp_path, code) == noted  # also when Python has compiled what it imports


def noted_by(read: Callable[[], object]) -> set[str]:
    """What is noted while something is read."""
    with record.during() as heard:
        read()
    return set(heard)


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """The study of this checkout."""
    monkeypatch.setenv("STUDIE_ROOT", str(ROOT))


def test_a_table_is_noted_with_those_that_it_refers_to() -> None:
    assert noted_by(lambda: catalogue.read("offer")) >= {"table offer", "table establishment"}
    assert not [name for name in noted_by(lambda: catalogue.read("vacancy")) if name == "table need"]
    assert noted_by(lambda: catalogue.checksums("need")) >= {"table need", "config demonstration"}


def test_what_is_looked_for_is_noted_though_it_is_not_there() -> None:
    assert noted_by(publications.read_ledger) == {"file reports/ledger.csv"}
    study = open_study("arrondissement:12000")
    noted = noted_by(lambda: study.map_of([]))
    assert {"file data/own/boundaries_2025.geojson", "file data/reference/boundaries_2025.geojson"} <= noted
    assert "file data/own/grouping.csv" in noted_by(lambda: open_study("arrondissement:12000"))


def test_only_the_titles_of_other_chapters_are_noted() -> None:
    assert noted_by(monitor.written_chapters) == {"titles notebooks"}


def test_a_part_of_the_configuration_is_noted_when_it_is_read_and_said_where_it_was_used() -> None:
    config = NotedConfig(read_config())
    assert noted_by(lambda: config.places.travel) == {"config places"}
    assert config.parts == {"places"}
    everything = noted_by(lambda: config.model_dump()["seed"])
    assert {"config levers", "config disclosure", "config report"} <= everything
    study = open_study("arrondissement:12000")
    study.need_options()
    said = {row["name"] for row in study._provenance()["assumptions"]}
    assert "afstand over de weg per kilometer in vogelvlucht" in said
    assert not [name for name in said if name.startswith("deel van de taken in de")]


@pytest.mark.parametrize(
    ("part", "assumption"),
    [
        ("strategy", "dag waarop ingrepen beginnen"),
        ("platform", "bestuursvormen: wie trekt, en hoe een aparte organisatie heet"),
        ("budget", "jaren waarover een gefinancierde plaats betaald wordt"),
        ("resilience", "deel eigen vermogen vanaf waar een onderneming weerbaar is"),
    ],
)
def test_an_assumption_is_said_where_its_part_was_read_for_another_region_too(part: str, assumption: str) -> None:
    study = open_study("arrondissement:12000")
    assert assumption not in {row["name"] for row in study._provenance()["assumptions"]}
    assert f"config {part}" in noted_by(lambda: getattr(study.of("province:10000").config, part))
    assert assumption in {row["name"] for row in study._provenance()["assumptions"]}


def noting(x: int) -> int:
    """A computation that reads a table."""
    record.note("table", "need")
    return x


def test_who_takes_a_kept_result_depends_on_what_its_computation_read(tmp_path: Path) -> None:
    assert noted_by(lambda: once.once(noting, 3, folder=tmp_path)) == {"table need"}
    (kept,) = tmp_path.glob("*.pickle")
    before = kept.stat().st_mtime_ns
    assert noted_by(lambda: once.once(noting, 3, folder=tmp_path)) == {"table need"}
    assert kept.stat().st_mtime_ns == before
    assert json.dumps(once.once(noting, 4, folder=tmp_path)) == "4"


def speaking() -> int:
    """A computation with a library that writes to the terminal by itself."""
    os.write(1, b"a library says its name\n")
    return 1


def test_what_a_library_says_while_a_result_is_computed_is_dropped(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert [once.once(speaking, folder=tmp_path) for _ in range(2)] == [1, 1]
    os.write(1, b"heard again\n")
    assert capfd.readouterr().out == "heard again\n"
