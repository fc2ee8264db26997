"""`studie data import` and `fetch`: what they print last, the code they end with, and what they make."""

from __future__ import annotations

import json
import shutil
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from studie import cli

ROOT = Path(__file__).resolve().parents[2]
MAPPING = """
table: loan
source: Trividend
columns:
  loan_id: nr
  region: {value: "province:10000"}
  year: jaar
"""


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study of its own with the tables of this checkout, and an extract of loans."""
    shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("own", "default"))
    (tmp_path / "data" / "own").mkdir()
    (tmp_path / "map.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "loans.csv").write_text("nr;jaar\nA;2020\nB;soon\nC;2021\nC;2021\n", encoding="utf-8")
    monkeypatch.setenv("STUDIE_ROOT", str(tmp_path))
    monkeypatch.setenv("STUDIE_DEMONSTRATION_SIZE", "tiny")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str], list[str]]:
    """Exit code and lines of a call."""
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    said = capsys.readouterr()
    return int(end.value.code or 0), said.out.splitlines(), said.err.splitlines()


def test_an_import_lists_what_it_leaves_out_and_ends_with_the_sum(
    capsys: pytest.CaptureFixture[str], study: Path
) -> None:
    code, out, err = call(capsys, "data", "import", "own", "loans.csv", "--map", "map.yaml")
    assert (code, err) == (0, [])
    assert out == [
        "rejected:",
        "  1 x year: must be a whole number",
        "  1 x repeats row 4",
        "  loans.csv: row 3, column year: must be a whole number, got 'soon'",
        "  loans.csv: row 5: repeats row 4",
        "  all 2: data/own/rejected/own-loans.csv",
        "note: columns used: nr, jaar; not used: none",
        "note: loan: your 2 rows now stand in place of all demonstration rows",
        "loan: 2 rows new, 0 changed, 0 as they were",
        "4 rows read = 2 taken + 2 rejected",
    ]
    listed = call(capsys, "data", "list")[1]
    in_use = {line.split()[1]: "replaced by own" not in line for line in listed if line.startswith("loan ")}
    assert in_use == {"demonstration_loan": False, "own_loan": True}


def test_an_import_of_which_nothing_can_be_taken_ends_with_code_2(
    capsys: pytest.CaptureFixture[str], study: Path
) -> None:
    (study / "loans.csv").write_text("nr;jaar\nA;soon\n", encoding="utf-8")
    code, out, _ = call(capsys, "data", "import", "own", "loans.csv", "--map", "map.yaml")
    assert (code, out[-1]) == (2, "1 rows read = 0 taken + 1 rejected")
    assert not list((study / "data" / "own").glob("loan.*"))


def test_an_import_as_json_holds_every_rejection(capsys: pytest.CaptureFixture[str], study: Path) -> None:
    code, out, _ = call(capsys, "data", "import", "own", "loans.csv", "--map", "map.yaml", "--json")
    said = json.loads("\n".join(out))
    assert (code, said["read"], said["taken"], len(said["rejected"])) == (0, 4, 2, 2)
    assert said["tables"]["loan"]["new"] == 2


@pytest.fixture
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on this machine with one be.STAT view."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    folder = tmp_path_factory.mktemp("online")
    (folder / "list.txt").write_text("nr;jaar\nA;2020\n", encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/list.txt"
    server.shutdown()
    server.server_close()


def test_a_fetch_says_how_to_import_what_it_brought(
    capsys: pytest.CaptureFixture[str], study: Path, address: str
) -> None:
    entry = {
        "title": "t", "url": address, "format": "own", "content": "text", "extension": "csv", "header": "jaar",
        "most_mb": 1, "licence": "l", "publisher": "p", "verified": False, "by_hand": "https://a.be/",
        "note": "Niet zeker.",
    }  # fmt: skip
    (study / "config").mkdir()
    (study / "config" / "sources.yaml").write_text(json.dumps({"loans": entry}), encoding="utf-8")
    code, out, _ = call(capsys, "data", "fetch", "loans")
    assert code == 0
    assert out[0] == "note: address not verified: Niet zeker."
    assert out[1].startswith("new: data/own/raw/loans-")
    assert out[2].startswith("import it with: studie data import own data/own/raw/loans-")
    path = out[2].split()[-1]
    assert json.loads((study / f"{path}.json").read_text(encoding="utf-8"))["publisher"] == "p"
    assert call(capsys, "data", "fetch", "loans")[1][1].startswith("unchanged: ")
    code, out, _ = call(capsys, "data", "import", "own", path, "--map", "map.yaml")
    assert (code, out[-1]) == (0, "1 rows read = 1 taken + 0 rejected")
    code, _, err = call(capsys, "data", "fetch", "loans", "--import")
    assert (code, len(err)) == (2, 1)
    assert "needs a mapping file" in err[0]


def test_every_format_has_a_module_that_reads_it() -> None:
    from importlib import import_module

    from studie.data.importers import FORMATS

    for importer in FORMATS.values():
        assert callable(import_module(f"studie.data.importers.{importer.module}").read)


def test_the_list_of_municipalities_is_read_from_the_zip_file_that_statbel_gives(
    capsys: pytest.CaptureFixture[str], study: Path
) -> None:
    head = "LVL_REFNIS|CD_REFNIS|CD_SUP_REFNIS|TX_REFNIS_NL|DT_VLDT_START|DT_VLDT_END\r\n"
    row = "4|12025|12000|Mechelen|01/01/1970|31/12/9999\r\n"
    with zipfile.ZipFile(study / "list.zip", "w") as packed:
        packed.writestr("TU_COM_REFNIS.txt", head + row)
    assert call(capsys, "data", "import", "statbel-refnis", "list.zip")[1][-1].startswith("1 rows read = ")
    with zipfile.ZipFile(study / "two.zip", "w") as packed:
        packed.writestr("a.txt", head)
        packed.writestr("b.txt", head)
    code, _, err = call(capsys, "data", "import", "statbel-refnis", "two.zip")
    assert (code, err) == (2, ["error: two.zip: must hold one member that ends in .txt or .csv, got a.txt, b.txt"])
