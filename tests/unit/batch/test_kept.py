"""What was made before is used again as long as nothing that it read has changed, and only then."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from studie.batch import kept
from studie.batch.inputs import Folders, read_inputs

READS = {
    "about vacancies": ["table vacancy", "config sectors", "file data/reference/municipality.csv"],
    "about need": ["table need", "config places", "file data/own/grouping.csv", "file reports/ledger.csv"],
    "about chapters": ["titles notebooks", "folder data/own"],
}


@pytest.fixture
def stored(root: Path, write: Callable[..., Path]) -> Path:
    """Three chapters that were made."""
    write(root, "10-a", "x = 1")
    folders = Folders(root=root)
    inputs = read_inputs(folders)
    for recipe, reads in READS.items():
        draft = root / "build" / "draft"
        draft.mkdir(parents=True)
        (draft / kept.NOTEBOOK).write_text(recipe, encoding="utf-8")
        place = kept.address(recipe, reads, inputs, root=root)
        facts = {"address": place, "recipe": recipe, "reads": reads, "results": []}
        kept.keep(draft, facts | {"notebook_sha256": kept.file_address(draft / kept.NOTEBOOK)}, cache=folders.cache)
    return root


def found(root: Path) -> set[str]:
    """Chapters that are found again."""
    folders = Folders(root=root)
    inputs = read_inputs(folders)
    return {recipe for recipe in READS if kept.find(folders.cache, recipe, inputs, root=root)}


def test_nothing_changed_and_all_is_found(stored: Path) -> None:
    assert found(stored) == set(READS)


def replaced(path: Path, old: str, new: str) -> None:
    """Change a text in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        (lambda r: (r / "data/demonstration/tiny/vacancy.parquet").write_bytes(b"x"), {"about vacancies"}),
        (lambda r: (r / "data/demonstration/tiny/need.parquet").write_bytes(b"x"), {"about need"}),
        (lambda r: (r / "data/demonstration/tiny/loan.parquet").write_bytes(b"x"), set()),
        (lambda r: (r / "data/own/vacancy.csv").write_text("x"), {"about vacancies", "about chapters"}),
        (lambda r: (r / "data/own/grouping.csv").write_text("x"), {"about need", "about chapters"}),
        (lambda r: (r / "data/reference/municipality.csv").write_text("x"), {"about vacancies"}),
        (lambda r: replaced(r / "data/sources.csv", ",vacancy,observed,", ",vacancy,observed2,"), {"about vacancies"}),
        (lambda r: replaced(r / "config/study.yaml", "report:", "report:\n  x: 1"), set()),
        (lambda r: replaced(r / "config/study.yaml", "sectors:", "sectors:\n  x: 1"), {"about vacancies"}),
        (lambda r: replaced(r / "config/study.yaml", "places:", "places:\n  x: 1"), {"about need"}),
        (lambda r: ((r / "reports").mkdir(), (r / "reports/ledger.csv").write_text("x")), {"about need"}),
        (lambda r: replaced(r / "notebooks/10-a.ipynb", "# 10-a", "# other"), {"about chapters"}),
        (lambda r: replaced(r / "notebooks/10-a.ipynb", "x = 1", "x = 2"), set()),
    ],
    ids=range(13),
)
def test_a_change_loses_exactly_the_chapters_that_read_it(
    stored: Path, change: Callable[[Path], object], lost: set[str]
) -> None:
    change(stored)
    assert found(stored) == set(READS) - lost


def test_a_damaged_or_foreign_file_in_the_cache_is_not_used(stored: Path) -> None:
    for folder in (stored / "build/cache/reads").iterdir():
        (folder / "0.json").write_text("{", encoding="utf-8")
        (folder / "1.json").write_text(json.dumps(["nonsense"]), encoding="utf-8")
    assert found(stored) == set(READS)
    for notebook in (stored / "build/cache").glob(f"*/{kept.NOTEBOOK}"):
        notebook.write_text("spoiled", encoding="utf-8")
    assert found(stored) == set()
