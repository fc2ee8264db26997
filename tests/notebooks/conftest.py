"""Notebooks run cell by cell in a study's folder of tiny demonstration data."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import IPython.display
import pytest

ROOT = Path(__file__).resolve().parents[2]
MIME = "application/vnd.studie+json"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Study's folder with the tiny demonstration data and no data of the user."""
    for folder in ("config", "data/reference", "data/observed", "data/demonstration/tiny"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "data" / "sources.csv", tmp_path / "data" / "sources.csv")
    (tmp_path / "data" / "own").mkdir()
    monkeypatch.setenv("STUDIE_ROOT", str(tmp_path))
    monkeypatch.setenv("STUDIE_DEMONSTRATION_SIZE", "tiny")
    return tmp_path


@pytest.fixture
def run(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """How a test runs a notebook: the items that it shows, in order."""
    shown: list[dict[str, Any]] = []
    monkeypatch.setattr(
        IPython.display, "publish_display_data", lambda data, **_: shown.append(data[MIME]) if MIME in data else None
    )

    def notebook(name: str, **parameters: object) -> list[dict[str, Any]]:
        shown.clear()
        space: dict[str, Any] = {}
        for cell in json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), space)
                if "parameters" in cell["metadata"].get("tags", []):
                    space |= parameters
        return list(shown)

    return notebook
