"""A study with few rows and its databank."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from studie.data import databank

ROOT = Path(__file__).resolve().parents[4]
MANY = ("vacancy", "employment", "need")  # tables of which a few rows are enough here


def make_study(folder: Path) -> Path:
    """A study of its own: observed and reference data, few demonstration rows, no own data."""
    for name in ("observed", "reference"):
        shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    shutil.copy(ROOT / "data" / "sources.csv", folder / "data" / "sources.csv")
    shutil.copytree(ROOT / "config", folder / "config")
    (folder / "data" / "own").mkdir()
    small = folder / "data" / "demonstration" / "small"
    shutil.copytree(ROOT / "data" / "demonstration" / "tiny", small)
    for name in MANY:
        pd.read_parquet(small / f"{name}.parquet").head(40).to_parquet(small / f"{name}.parquet")
    return folder


@pytest.fixture(scope="session")
def new_study() -> Callable[[Path], Path]:
    return make_study


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("STUDIE_ROOT", str(make_study(tmp_path)))
    monkeypatch.setenv("STUDIE_DEMONSTRATION_SIZE", "small")
    yield tmp_path


@pytest.fixture(scope="session")
def _one_study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a study whose databank is made once."""
    folder = make_study(tmp_path_factory.mktemp("study"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIE_ROOT", str(folder))
        patch.setenv("STUDIE_DEMONSTRATION_SIZE", "small")
        databank.build()
    yield folder


@pytest.fixture
def built(_one_study: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A study whose databank is made; tests only read it."""
    monkeypatch.setenv("STUDIE_ROOT", str(_one_study))
    monkeypatch.setenv("STUDIE_DEMONSTRATION_SIZE", "small")
    yield _one_study


@pytest.fixture
def panel(built: Path) -> pd.DataFrame:
    """The rows about persons that no query may give."""
    return pd.read_parquet(built / "data" / "demonstration" / "small" / "ladder_panel.parquet")
