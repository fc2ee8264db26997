"""Which modules a piece of code can run."""

import ast
import os
from pathlib import Path

import pytest

from studie.inputs import modules
from studie.inputs.modules import imported


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import a.b", {"a.b"}),
        ("import a.b as c, d", {"a.b", "d"}),
        ("from a import b, c as d", {"a.b", "a.c"}),
        ("from a.b import *", {"a.b"}),
        ("def f():\n    try:\n        import a\n    except ImportError:\n        import b", {"a", "b"}),
        ("class C:\n    with x as y:\n        from a import b", {"a.b"}),
        ("match x:\n    case 1:\n        import a", {"a"}),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", {"b"}),
        ("import typing\nif typing.TYPE_CHECKING:\n    import a", {"typing"}),
        ("x = 'import a'", set()),
        ("from a import b\nb.c(b.d.e)", {"a.b.c", "a.b.d"}),
        ("from a import b as x\ndef f(y: x.c): ...", {"a.b.c"}),
        ("import a.b as c\nc.d", {"a.b.d"}),
        ("from a import b\nb.c\ngetattr(b, name)", {"a.b", "a.b.c"}),
        ("from a import b\nb = 3\nb.c", {"a.b", "a.b.c"}),
    ],
)
def test_imports_are_read_from_the_text_as_they_run(text: str, names: set[str]) -> None:
    assert imported(text) == names


def test_what_is_imported_can_be_reached_and_what_only_type_checkers_read_cannot() -> None:
    known = modules.modules()
    outlook = known.reached(["studie.demand.outlook.outlook"])
    assert {"studie", "studie.demand", "studie.demand.outlook", "studie.demand.forecast", "studie.errors"} <= outlook
    assert not [name for name in outlook if name.split(".")[1:2] not in ([], ["demand"], ["errors"])]
    assert known.reached(["pandas", "os.path"]) == set()


def test_the_package_itself_leads_to_the_study_and_no_further_than_it() -> None:
    known = modules.modules()
    study = known.reached(["studie"])
    assert known.reached(["studie.open_study"]) == study
    assert {"studie.study.once", "studie.present.wording.regions", "studie.data.catalogue", "studie.regions"} <= study
    outside = ("studie.demand", "studie.strategy", "studie.batch", "studie.cli", "studie.present.plots")
    assert not [name for name in study if name.startswith(outside)]


@pytest.mark.parametrize(
    ("text", "offers"),
    [
        ('"""Words."""\n\nfrom __future__ import annotations\nfrom a import b, c as d\n__all__ = ["b", "d"]',
         {"b": "a.b", "d": "a.c", "annotations": "__future__.annotations"}),
        ("from a import b\nx = 1", None),
        ("from a import b\ndef f(): ...", None),
        ("import a", None),
        ('"""Words."""', None),
    ],
)  # fmt: skip
def test_a_module_that_only_hands_names_on_is_known_as_such(text: str, offers: dict[str, str] | None) -> None:
    assert modules.handed_on(text) == offers


PACKAGE = {
    "shelf/__init__.py": "from studie.shelf.one import first\nfrom studie.shelf.two import second",
    "shelf/one.py": "from studie import deep",
    "shelf/two.py": "from studie.shelf.one import first",
    "shelf/three.py": "",
    "deep.py": "",
}


@pytest.mark.parametrize(
    ("names", "reached"),
    [
        (["studie.shelf.first"], {"shelf.one", "deep"}),
        (["studie.shelf.second"], {"shelf.one", "shelf.two", "deep"}),
        (["studie.shelf.three.third"], {"shelf.three"}),
        (["studie.shelf.one"], {"shelf.one", "deep"}),
        (["studie.shelf"], {"shelf", "shelf.one", "shelf.two", "deep"}),
        (["studie.shelf.unknown"], {"shelf", "shelf.one", "shelf.two", "deep"}),
        (["studie.nowhere"], set()),
    ],
)
def test_a_name_that_is_handed_on_leads_to_where_it_is_defined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], reached: set[str]
) -> None:
    monkeypatch.setattr(modules, "FOLDER", tmp_path)
    (tmp_path / "shelf").mkdir()
    (tmp_path / "__init__.py").touch()
    for place, text in PACKAGE.items():
        (tmp_path / place).write_text(text, encoding="utf-8")
    assert modules.modules().reached(names) == {"studie"} | {f"studie.{name}" for name in reached}


def test_a_changed_text_changes_the_address_of_what_can_run_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modules, "FOLDER", tmp_path)
    for place, text in {"a.py": "from studie import b", "b.py": "x = 1", "c.py": ""}.items():
        (tmp_path / place).write_text(text, encoding="utf-8")
    before = {name: modules.modules().address([f"studie.{name}"]) for name in "abc"}
    (tmp_path / "b.py").write_text("x = 2", encoding="utf-8")
    after = {name: modules.modules().address([f"studie.{name}"]) for name in "abc"}
    assert [name for name in "abc" if before[name] != after[name]] == ["a", "b"]


def test_a_file_is_read_once_per_version(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text("1", encoding="utf-8")
    seen = []
    read = modules.once_per_version(lambda version: seen.append(version) or len(seen))  # type: ignore[func-returns-value]
    assert [read(modules.stamp(path)) for _ in range(2)] == [1, 2]  # it may change again within the same moment
    os.utime(path, ns=(0, 1_000_000_000))
    assert [read(modules.stamp(path)) for _ in range(2)] == [3, 3]


def test_no_module_outside_the_batches_imports_by_a_name_that_is_made_when_it_runs() -> None:
    # the graph would not see it; importers are found by the name of a format and no chapter imports anything
    allowed = {"studie.data.importers", "studie.study"}
    for name, (path, _, _) in modules.modules().stamps.items():
        if name.startswith(("studie.batch", "studie.cli")) or name in allowed:
            continue
        calls = [n.func for n in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
        called = {getattr(f, "attr", getattr(f, "id", "")) for f in calls}
        assert not called & {"import_module", "__import__", "exec", "eval", "run_module", "run_path"}, name
