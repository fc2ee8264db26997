"""Every benchmark runs as `make bench` calls it: without arguments."""

import ast
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).resolve().parents[2] / "benchmarks").glob("*.py"))


def test_there_are_benchmarks() -> None:
    assert SCRIPTS


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_a_benchmark_needs_no_arguments(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    for call in [c for c in calls if c.func.attr == "add_argument"]:  # type: ignore[attr-defined]
        options = {k.arg: k.value for k in call.keywords}
        first = call.args[0]
        assert isinstance(first, ast.Constant) and str(first.value).startswith("-"), ast.unparse(call)
        assert "default" in options or "action" in options, ast.unparse(call)
        assert "required" not in options, ast.unparse(call)
    assert "sys.argv[1" not in ast.unparse(tree)
    guards = [n for n in tree.body if isinstance(n, ast.If) and "__main__" in ast.unparse(n.test)]
    assert len(guards) == 1
