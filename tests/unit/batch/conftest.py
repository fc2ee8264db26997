"""A small study in a temporary folder: real configuration and data, notebooks made on the fly."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parents[3]
COMMON = """region: str = "province:10000"
reference_date: str = "2025-01-01"
horizon_months: int = 18
level: float = 0.95
seed: int = 20200528
config: str = "study"
data: str = "auto"
"""
# Shows one figure and one table of the same frame, and a headline, the way the study does.
SHOWS = """from IPython.display import publish_display_data
frame = {
    "columns": ["sector", "quantity", "estimate", "lower", "upper", "n", "unit", "region", "period", "data_status"],
    "data": [["=zorg", "open", 4420.0, 4400.0, 4440.0, 124, "vacancies", region, "2026-04", "observed"]],
}
known = {"data_status": ["observed"], "uses": [], "source": "VDAB", "region": region, "period": "2026-04"}
svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="9" height="9"/></svg>'
for item in (
    {"kind": "table", "caption": "Vacatures", "note": None, "rows": [["zorg", "4.420"]], "columns": [
        {"key": "sector", "label": "Sector", "unit": None, "align": "left"},
        {"key": "estimate", "label": "Openstaand", "unit": None, "align": "right"}]},
    {"kind": "figure", "caption": "Vacatures", "alt": "Een balk van 4.420 openstaande vacatures."},
):
    item = {"name": "vacancies", "frame": frame, **known, **item}
    mime = {"application/vnd.studie+json": item, "text/plain": item["kind"]}
    publish_display_data(mime | ({"image/svg+xml": svg} if item["kind"] == "figure" else {}))
"""
HEADLINE = """item = {"kind": "headline", "numbers": [], "unknown": [], "discuss": None, "findings": [
    {"finding": "Er staan 4.420 vacatures open.", "meaning": "Er is plaats.", "certainty": "zeker",
     "data_status": ["observed"]}]}
publish_display_data({"application/vnd.studie+json": item, "text/plain": "headline"})
"""


def make_notebook(
    *code: str, parameters: str = COMMON, title: str = "Hoofdstuk", levels: tuple[str, ...] = ()
) -> nbformat.NotebookNode:
    """Notebook with a title, a `parameters` cell and cells of code; `levels` are the only reports that have it."""
    cells = [
        new_markdown_cell(f"# {title}", id="title"),
        new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]}),
        *(new_code_cell(text, id=f"code-{k}") for k, text in enumerate(code)),
    ]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    if levels:
        metadata["studie"] = {"levels": list(levels)}
    return new_notebook(cells=cells, metadata=metadata)


def lay_out(root: Path) -> Path:
    """Study's folder with the checkout's configuration and a copy of its small data; no chapters yet."""
    for folder in ("config", "data/reference", "data/observed"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.copytree(ROOT / "data/demonstration/tiny", root / "data/demonstration/tiny")
    shutil.copy(ROOT / "data/sources.csv", root / "data/sources.csv")
    (root / "requirements.lock").write_text("pandas==2.3\n", encoding="utf-8")
    (root / "notebooks").mkdir()
    (root / "data/own").mkdir()
    return root


def write_chapter(root: Path, name: str, *code: str, parameters: str = COMMON, levels: tuple[str, ...] = ()) -> Path:
    """Put a chapter in a study's folder."""
    path = root / "notebooks" / f"{name}.ipynb"
    nbformat.write(make_notebook(*code, parameters=parameters, title=name, levels=levels), path)
    return path


@pytest.fixture(scope="session")
def chapter_text() -> tuple[str, str]:
    """Cells that show a table and a figure, and a headline."""
    return SHOWS, HEADLINE


@pytest.fixture
def root(share_computed: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Study's folder that the package finds."""
    share_computed(tmp_path)
    monkeypatch.setenv("STUDIE_ROOT", str(tmp_path))
    monkeypatch.setenv("STUDIE_DEMONSTRATION_SIZE", "tiny")
    return lay_out(tmp_path)


@pytest.fixture(scope="module")
def shared_root(share_computed: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Study's folder for the tests of one module together."""
    folder = tmp_path_factory.mktemp("study")
    share_computed(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIE_ROOT", str(folder))
        patch.setenv("STUDIE_DEMONSTRATION_SIZE", "tiny")
        yield lay_out(folder)


@pytest.fixture(scope="session")
def write() -> Callable[..., Path]:
    """How a test puts a chapter in a study's folder."""
    return write_chapter


@pytest.fixture(scope="session")
def common() -> str:
    """Parameters that every chapter has."""
    return COMMON
