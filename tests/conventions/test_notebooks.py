"""Notebooks are thin: one question, literals as parameters, no methods, no outputs."""

import ast
import contextlib
import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from studie.batch.parameters import CHAPTER_NAME, parameter_cell
from studie.report import appendices

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TAGS = {"parameters", "setup", "headline", "figure", "table", "check", "appendix"}
OWN_HEADINGS = {"00-context", "05-gemeentefiche", "45-gespreksfiche", "95-voorstel"}  # nothing is measured in them
SECTIONS = ["Gegevens", "Methode", "Bevindingen", "Controles", "Beperkingen"]

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


def cells(path: Path, kind: str | None = None) -> list[dict[str, Any]]:
    """Cells of a notebook, of one kind."""
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [c for c in found if kind in (None, c["cell_type"])]


def source(cell: dict[str, Any]) -> str:
    """Text of a cell."""
    return "".join(cell["source"])


def tags(cell: dict[str, Any]) -> list[str]:
    """Tags of a cell."""
    return cell["metadata"].get("tags", [])


def code_lines(cell: dict[str, Any]) -> int:
    """Lines that are neither empty nor a comment."""
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in source(cell).splitlines())


def test_its_name_says_its_number_and_subject(path: Path) -> None:
    assert CHAPTER_NAME.fullmatch(path.stem)


def test_it_has_at_most_120_lines_of_code_and_15_in_a_cell(path: Path) -> None:
    lengths = [code_lines(c) for c in cells(path, "code")]
    assert sum(lengths) <= 120
    assert max(lengths) <= 15


def test_it_defines_no_functions_or_classes(path: Path) -> None:
    for cell in cells(path, "code"):
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        assert not any(isinstance(node, kinds) for node in ast.walk(ast.parse(source(cell)))), source(cell)


def test_it_has_no_magics_and_no_paths(path: Path) -> None:
    for cell in cells(path, "code"):
        assert not re.search(r"^\s*[%!]", source(cell), flags=re.MULTILINE)
        for node in ast.walk(ast.parse(source(cell))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.search(r"\.(csv|parquet|ya?ml|json|xlsx|png|svg)$|^\.{0,2}/", node.value), node.value


def test_no_output_is_committed(path: Path) -> None:
    for cell in cells(path, "code"):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


def test_it_opens_with_its_title_and_has_no_other(path: Path) -> None:
    found = cells(path)
    assert found[0]["cell_type"] == "markdown"
    assert source(found[0]).startswith("# ")
    titles = [line for c in cells(path, "markdown") for line in source(c).splitlines() if line.startswith("# ")]
    assert len(titles) == 1


def test_its_sections_come_in_the_agreed_order(path: Path) -> None:
    text = "\n".join(source(c) for c in cells(path, "markdown"))
    heads = [h for h in re.findall(r"^## (.+)$", text, flags=re.MULTILINE) if h in SECTIONS]
    assert heads == ([] if path.stem in OWN_HEADINGS else SECTIONS)


def test_its_tags_are_known_and_its_parameters_setup_and_headline_in_place(path: Path) -> None:
    coded = cells(path, "code")
    assert {t for c in cells(path) for t in tags(c)} <= TAGS
    assert tags(coded[0]) == ["parameters"]
    assert tags(coded[1]) == ["setup"]
    assert [k for k, c in enumerate(coded) if "headline" in tags(c)] == [len(coded) - 1]


def test_its_parameters_are_annotated_literals_with_the_common_ones_first(path: Path) -> None:
    names = list(parameter_cell(path))
    assert names[:7] == ["region", "reference_date", "horizon_months", "level", "seed", "config", "data"]


def test_its_kernel_is_any_python(path: Path) -> None:
    metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    assert metadata["kernelspec"]["name"] == "python3"
    assert metadata["kernelspec"]["language"] == "python"


def test_what_it_takes_from_a_module_of_the_package_is_there(path: Path) -> None:
    tree = ast.parse("\n".join(source(c) for c in cells(path, "code")))
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "studie":
            for alias in node.names:
                with contextlib.suppress(ModuleNotFoundError):
                    modules[alias.asname or alias.name] = importlib.import_module(f"{node.module}.{alias.name}")
    used = {
        (node.value.id, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules
    }
    assert [f"{name}.{attribute}" for name, attribute in sorted(used) if not hasattr(modules[name], attribute)] == []


def test_its_method_is_told_in_plain_words_without_numbers_that_a_run_computes(path: Path) -> None:
    told = appendices.plain_method(path.stem)
    assert bool(told) == (path.stem not in OWN_HEADINGS)
    if told:
        assert 80 <= len(told.split()) <= 220  # half a page
        assert not re.search(r"\d", told)
        assert "#" not in told
