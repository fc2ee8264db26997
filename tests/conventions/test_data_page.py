from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from studie.data import catalogue

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")


def test_the_page_holds_the_contracts_as_they_are() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "data_page.py"))
    assert script["page"](PAGE) == PAGE


def test_the_page_names_every_indicator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIE_ROOT", str(ROOT))
    listed = PAGE.split("## Indicators")[1].split("## Tables")[0]
    patterns = []
    for row in re.findall(r"^\| (`.*?) \|", listed, flags=re.M):
        names = re.findall(r"`([^`]+)`", row)
        stem = names[0].rsplit("_", 1)[0]
        patterns += [
            re.escape(name.replace("…_", f"{stem}_")) for name in names if "<" not in name and name != "cost_…"
        ]
    patterns += ["cost_.*", "ilo_(employed|unemployed|inactive)_to_.*", "job_vacanc(ies|y_rate)_.*"]
    known = re.compile("|".join(patterns))
    indicators = catalogue.read("indicator", data="own").frame["indicator_id"].unique()
    assert [name for name in indicators if not known.fullmatch(name)] == []
