"""Where a study is found."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from studie import config
from studie.errors import InputError

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No folder named or found before."""
    monkeypatch.delenv("STUDIE_ROOT", raising=False)
    config._found_root.cache_clear()
    yield
    config._found_root.cache_clear()


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("", encoding="utf-8")


def test_the_study_is_the_nearest_folder_upwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, *config.MARKS)
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert config.project_root() == tmp_path


def test_elsewhere_the_study_is_that_of_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert config.project_root() == CHECKOUT


@pytest.mark.parametrize(("present", "missing"), [config.MARKS, config.MARKS[::-1]])
def test_a_folder_with_one_of_its_two_files_says_which_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, present: str, missing: str
) -> None:
    write(tmp_path, present)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=f"folder: {missing} is missing in {tmp_path}, which has {present}"):
        config.project_root()


def test_a_folder_without_either_names_both(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"it holds config/study\.yaml and data/sources\.csv"):
        config._found_root(str(tmp_path), str(tmp_path / "site-packages" / "config.py"))
