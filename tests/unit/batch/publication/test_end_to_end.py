"""Two real runs of a tiny study, published and compared by the command line."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-c", "from studie.cli import main; main()"]
# One number from an assumption, one from a dataset, one from neither.
CHAPTER = """import csv
from IPython.display import publish_display_data
from studie.config import project_root, read_config
root = project_root()
with (root / "data/observed/vacancy.csv").open(encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
found = {
    "share": (read_config(config).sectors["zorg"].carving.centre, ["statbel_transition"]),
    "jobs": (float(rows[-1]["received"]), ["vacancy"]),
    "constant": (1.0, ["statbel_transition"]),
}
columns = ["sector", "quantity", "estimate", "lower", "upper", "n", "unit", "region", "period", "data_status"]
for name, (value, uses) in found.items():
    data = [["zorg", name, value, value, value, 124, "1", region, "2026-04", "observed"]]
    item = {"kind": "table", "name": name, "caption": name, "note": None, "rows": [["zorg", str(value)]],
            "uses": uses, "source": "VDAB", "region": region, "period": "2026-04", "data_status": ["observed"],
            "frame": {"columns": columns, "data": data},
            "columns": [{"key": "sector", "label": "Sector", "unit": None, "align": "left"},
                        {"key": "estimate", "label": "Aandeel", "unit": None, "align": "right"}]}
    publish_display_data({"application/vnd.studie+json": item, "text/plain": name})
"""


def studie(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=root, env={**os.environ, "STUDIE_ROOT": str(root)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def last_number(root: Path, change: Callable[[str], str]) -> None:
    """Change the last number of vacancies that were received."""
    path = root / "data/observed/vacancy.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[-1]["received"] = change(rows[-1]["received"])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def published(root: Path, write: Callable[..., Path], chapter_text: tuple[str, str], runs: Any) -> Path:
    """A study with two versions that differ in one assumption and one dataset."""
    write(root, "10-a", CHAPTER, chapter_text[1])
    made = studie(root, "run", "--regions", "arrondissement:12000")
    assert made.returncode == 0, made.stderr
    assert studie(root, "publish", "1.0").returncode == 0
    last_number(root, lambda text: str(float(text) + 7))
    runs.change_dataset("vacancy")  # and its checksum in the list of sources
    runs.change_assumption("centre: 0.06", "centre: 0.08")
    made = studie(root, "run", "--regions", "arrondissement:12000")
    assert made.returncode == 0, made.stderr
    assert studie(root, "publish", "2027-01").returncode == 0
    return root


@pytest.mark.slow
def test_two_versions_differ_where_an_assumption_and_a_dataset_changed(published: Path) -> None:
    done = studie(published, "compare", "1.0", "2027-01", "--json", "--csv", "changes.csv")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["counts"] == {"same": 1, "changed": 2, "new": 0, "gone": 0, "described": 0, "unexplained": 0}
    reasons = {r["table"]: [f"{x['kind']} {x['what']}" for x in r["reasons"]] for r in found["numbers"]}
    assert reasons == {
        "jobs": ["data vacancy", "assumption sectors.zorg.carving.centre"],
        "share": ["data vacancy", "assumption sectors.zorg.carving.centre"],
    }
    assert {r["table"]: r["reasons"][0]["text"].endswith("(elsewhere in the chapter)") for r in found["numbers"]} == {
        "jobs": False,  # made from the dataset itself
        "share": True,
    }
    share = next(r for r in found["numbers"] if r["table"] == "share")
    assert (share["region"], share["key"]) == ("arrondissement:12000", "sector=zorg")
    assert (share["before"]["estimate"], share["after"]["estimate"]) == (0.06, 0.08)
    with (published / "changes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["table"], row["change"], row["unexplained"]) for row in rows] == [
        ("jobs", "changed", "no"),
        ("share", "changed", "no"),
    ]
    said = studie(published, "compare", "1.0", "2027-01").stdout
    assert "changed: arrondissement:12000 share [sector=zorg] share: 0.06 [0.06, 0.06] n=124 -> 0.08 [0.08" in said
    assert "numbers: 1 same, 2 changed, 0 new, 0 gone, 0 described; unexplained: 0" in said
    again = studie(published, "publish", "2027-01", "--json")
    assert json.loads(again.stdout)["outcome"] == "unchanged"
    refused = studie(published, "publish", "1.0")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    assert "a published version never changes" in refused.stderr
    pdf = published / "reports/published/1.0/pdf/arrondissement/12000.pdf"
    pdf.chmod(0o644)
    with pdf.open("ab") as file:
        file.write(b" ")
    refused = studie(published, "compare", "1.0", "2027-01")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "error: 1.0/pdf/arrondissement/12000.pdf: was altered after publication\n"
