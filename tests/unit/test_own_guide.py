"""The guide `docs/nl/eigen-gegevens.md`, followed to the letter with invented persons."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "nl" / "eigen-gegevens.md").read_text(encoding="utf-8")
STEPS = ["Geïsoleerd", "Sociale contacten", "Activiteiten", "Onbetaald werk", "Betaald met steun", "Betaald werk"]
LABELS = {
    "trede": dict(enumerate([*STEPS, "Onbekend"], start=1)),
    "leeftijd": {1: "18-24", 2: "25-34", 3: "35-44", 4: "45-54", 5: "55-64"},
    "geslacht": {1: "Man", 2: "Vrouw", 3: "Andere"},
    "doelgroep": {1: "leefloon", 2: "nieuwkomer", 3: "arbeidsbeperking"},
    "taal": {1: "geen", 2: "beperkt", 3: "goed", 4: "zeer goed"},
}


def invented(*, persons: int, months: int) -> pd.DataFrame:
    """Persons that move one step up or down, in the municipalities around Mechelen and two others."""
    rng = np.random.default_rng(20261123)
    days = pd.date_range("2022-01-31", periods=months, freq="ME")
    drift = rng.choice([-1, 0, 1], p=[0.03, 0.91, 0.06], size=(persons, months))
    steps = np.clip(rng.integers(1, 7, size=(persons, 1)) + drift.cumsum(axis=1), 1, 6)
    steps = np.where(rng.random(steps.shape) < 0.01, 7, steps)
    fixed = {
        "dossier": [
            f"{60 + n % 39:02d}.{n % 12 + 1:02d}.{n % 28 + 1:02d}-{n:03d}.{n % 97:02d}" for n in range(persons)
        ],
        "nis": rng.choice([12025, 12021, 12014, 12040, 12029, 11002, 13040], size=persons),
        "leeftijd": rng.integers(1, 6, size=persons),
        "geslacht": rng.integers(1, 3, size=persons),
        "doelgroep": rng.integers(1, 4, size=persons),
        "taal": rng.integers(1, 5, size=persons),
        "begeleiding": rng.integers(0, 2, size=persons),
    }
    frame = pd.DataFrame({name: np.repeat(values, months) for name, values in fixed.items()})
    return frame.assign(peildatum=np.tile(days, persons), trede=steps.ravel(), nota="x")


def commands() -> list[str]:
    """Commands of the guide, in their order."""
    blocks = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", GUIDE, re.S | re.M)
    return [line.strip() for language, block in blocks if not language for line in block.splitlines() if line.strip()]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The study as a new user finds it."""
    folder = tmp_path / "studie"
    folder.mkdir()
    for name in ("config", "data", "notebooks", "reports", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.pdf", "own"))
    (folder / "data" / "own").mkdir()
    return folder


def call(checkout: Path, command: str) -> subprocess.CompletedProcess[str]:
    """One command of the guide, as typed in the study's folder."""
    environment = {
        **{k: v for k, v in os.environ.items() if k not in ("STUDIE_PSEUDONYM_KEY", "STUDIE_DEMONSTRATION_SIZE")},
        "STUDIE_ROOT": str(checkout),
        "XDG_CONFIG_HOME": str(checkout.parent / "config"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "STUDIE_DEMONSTRATION_SIZE": "tiny",
    }
    return subprocess.run(
        command, shell=True, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip


def follow(checkout: Path, *, persons: int, months: int) -> pd.DataFrame:
    """Steps 1 and 2 of the guide; the invented extract."""
    extract = invented(persons=persons, months=months)
    for command in commands()[1:3]:
        ended = call(checkout, command)
        assert ended.returncode == 0, ended.stderr
    extract.to_stata(
        checkout / "extract" / "clienten.dta", write_index=False, version=118, value_labels=LABELS,
        convert_dates={"peildatum": "td"},
    )  # fmt: skip
    mapping = re.search(r"```yaml\n(.*?)```", GUIDE, re.S)
    assert mapping
    (checkout / "extract" / "ladder_panel-mapping.yaml").write_text(mapping[1], encoding="utf-8")
    ended = call(checkout, commands()[3])
    assert ended.returncode == 0, ended.stderr
    number = persons * months
    assert ended.stdout.splitlines()[-1] == f"{number} rows read = {number} taken + 0 rejected"
    return extract


def test_the_guide_names_commands_that_exist_in_the_order_of_its_steps() -> None:
    assert [line.split()[:3] for line in commands()] == [
        ["source", ".venv/bin/activate"],
        ["mkdir", "-p", "extract"],
        ["studie", "data", "template"],
        ["studie", "data", "import"],
        ["studie", "data", "check"],
        ["studie", "data", "list"],
        ["studie", "run", "--regions"],
        ["studie", "data", "fetch"],
        ["studie", "data", "import"],
    ]


def test_a_stata_file_with_other_column_names_becomes_the_panel_of_the_study(checkout: Path) -> None:
    extract = follow(checkout, persons=60, months=12)
    panel = pd.read_parquet(checkout / "data" / "own" / "ladder_panel.parquet")
    assert len(panel) == 720
    assert panel["person_id"].nunique() == 60
    names = {code: str(code) for code in range(1, 7)} | {7: "uit_beeld"}
    assert panel["step"].value_counts().to_dict() == extract["trede"].map(names).value_counts().to_dict()
    assert set(panel["source"]) == {"OCMW Voorbeeld, cliëntregister"}
    assert set(panel["support"]) == {"ja", "nee"}
    everything = b"".join(p.read_bytes() for p in (checkout / "data" / "own").rglob("*") if p.is_file())
    assert not [person for person in extract["dossier"].unique() if person.encode() in everything]
    again = call(checkout, commands()[3])
    assert "0 rows new, 0 changed, 720 as they were" in again.stdout
    checked = call(checkout, commands()[4])
    assert (checked.returncode, checked.stdout.rstrip().rpartition(", ")[2]) == (0, "no problems")
    listed = json.loads(call(checkout, f"{commands()[5]} --json").stdout)
    used = {d["dataset_id"]: d["in_use"] for d in listed if d["table"] == "ladder_panel"}
    assert used == {"demonstration_ladder_panel": False, "own_ladder_panel": True}


@pytest.mark.slow
def test_the_chapter_of_one_region_is_made_from_the_stata_file(checkout: Path) -> None:
    follow(checkout, persons=400, months=36)
    ended = call(checkout, commands()[6])
    assert ended.returncode == 0, ended.stderr
    assert (checkout / "reports" / "arrondissement" / "12000.pdf").read_bytes().startswith(b"%PDF")
    results = list((checkout / "build").glob("*/arrondissement*12000/results/*.csv"))
    assert results
    statuses = {status for path in results for status in pd.read_csv(path)["data_status"]}
    assert statuses == {"own", "observed"}
