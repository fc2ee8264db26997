"""Notebooks run cell by cell in a study's folder of tiny demonstration data."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import IPython.display
import pytest

ROOT = Path(__file__).resolve().parents[2]
MIME = "application/vnd.studie+json"
Run = Callable[..., list[dict[str, Any]]]


def _lay_out(share: Callable[[Path], None], place: Path, patch: pytest.MonkeyPatch) -> None:
    """Make a folder the study's, with the tiny demonstration data, what was computed before, no data of the user."""
    for folder in ("config", "notebooks", "data/reference", "data/observed", "data/demonstration/tiny"):
        shutil.copytree(ROOT / folder, place / folder)
    shutil.copy(ROOT / "data" / "sources.csv", place / "data" / "sources.csv")
    (place / "data" / "own").mkdir()
    share(place)
    patch.setenv("STUDIE_ROOT", str(place))
    patch.setenv("STUDIE_DEMONSTRATION_SIZE", "tiny")


def _runner(patch: pytest.MonkeyPatch) -> Run:
    """How a test runs a notebook: the items that it shows, in order."""
    shown: list[dict[str, Any]] = []
    patch.setattr(
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


@pytest.fixture(scope="session")
def lay_out(share_computed: Callable[[Path], None]) -> Callable[[Path, pytest.MonkeyPatch], None]:
    """How a folder becomes the study's."""
    return partial(_lay_out, share_computed)


@pytest.fixture
def root(lay_out: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Study's folder with the tiny demonstration data and no data of the user."""
    lay_out(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture
def run(root: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """How a test runs a notebook: the items that it shows, in order."""
    return _runner(monkeypatch)


@pytest.fixture(scope="session")
def runner() -> Callable[[pytest.MonkeyPatch], Run]:
    """How a module makes a way to run notebooks that its tests share."""
    return _runner
