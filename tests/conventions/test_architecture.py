"""The table of rooms in ARCHITECTURE.md, held against the imports."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "studie"
OPEN = {"errors", "inputs", "config", "regions"}
METHODS = {"ladder", "demand", "places", "strategy"}
MAY_IMPORT = {
    "errors": set(),
    "inputs": set(),
    "config": {"errors", "inputs"},
    "regions": {"errors", "inputs", "config"},
    "data": OPEN | {"disclosure"},
    "ladder": {"errors"},
    "demand": {"errors"},
    "places": {"errors", "regions"},
    "strategy": {"errors", "ladder", "demand", "places"},
    "disclosure": {"errors"},
    "present": OPEN | METHODS | {"data", "disclosure"},
    "study": OPEN | METHODS | {"data", "disclosure", "present"},
    "report": OPEN | {"present", "study"},
    "batch": OPEN | METHODS | {"data", "disclosure", "present", "study", "report"},
    "cli": OPEN | METHODS | {"data", "disclosure", "present", "study", "report", "batch"},
}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "base"}
FILES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    """First part of a module's place in the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """Rooms that a module imports from, anywhere in it; those for type checkers only count too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "studie":
            names = [f"studie.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
            assert node.level == 0, f"{path}: relative import"
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("studie.")}
    return {room for room in found if not room.startswith("__")}


def test_every_room_is_in_the_table() -> None:
    assert {room_of(path) for path in FILES} - {"__init__"} <= set(MAY_IMPORT)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_room_imports_only_what_the_table_allows(path: Path) -> None:
    room = room_of(path)
    allowed = {"study"} if room == "__init__" else MAY_IMPORT[room] | {room}
    assert imported_rooms(path) <= allowed


def test_no_module_is_named_after_nothing_in_particular() -> None:
    assert not {path.stem for path in FILES} & FORBIDDEN_NAMES


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_module_says_what_it_is_in_its_first_line(path: Path) -> None:
    assert (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()[:1] != [""]


def test_the_table_in_the_document_is_the_table_of_this_test() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = [[part.strip() for part in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| `")]
    table = {name.strip("`/"): allowed for name, _, allowed in rows if name.strip("`/") in MAY_IMPORT}
    built = {room_of(path) for path in FILES} - {"__init__"}
    words = {"nothing": set(), "all": set(MAY_IMPORT) - {"cli"}, "all but cli": set(MAY_IMPORT) - {"cli", "batch"}}
    assert set(table) >= built
    for room in built:
        documented = words.get(table[room], set(table[room].replace("`", "").split()))
        assert documented & built == MAY_IMPORT[room] & built, room


@pytest.mark.parametrize("room", ["ladder", "demand", "places", "strategy", "disclosure"])
def test_a_pure_room_opens_no_files_and_draws_nothing(room: str) -> None:
    for path in sorted((PACKAGE / room).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        modules = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        modules |= {(n.module or "").split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert not modules & {"matplotlib", "seaborn", "pathlib", "os", "io", "duckdb"}, path
        calls = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        assert "open" not in calls, path
