"""One environment, said in three places: pyproject.toml, requirements.lock and environment.yml."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
DIRECT = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]


def locked() -> dict[str, list[str]]:
    """Versions by name; a package may be locked to several, each for some systems."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", LOCK, flags=re.MULTILINE):
        found.setdefault(canonicalize_name(name), []).append(version)
    return found


@pytest.mark.parametrize("text", DIRECT)
def test_the_lock_satisfies_what_the_project_asks_for(text: str) -> None:
    wanted = Requirement(text)
    versions = locked().get(canonicalize_name(wanted.name), [])
    assert versions, f"{wanted.name} is not locked"
    assert all(wanted.specifier.contains(version) for version in versions)


def test_every_locked_package_has_a_hash() -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", LOCK.strip())
    without = [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert len(entries) > 100
    assert without == []


def test_the_lock_holds_no_addresses() -> None:
    assert not re.search(r"https?://|--index-url|--find-links|@ (file|git)", LOCK)


def test_conda_supplies_the_python_of_the_project_and_pip_the_lock() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["name"] == PROJECT["name"]
    plain = [d for d in environment["dependencies"] if isinstance(d, str)]
    by_pip = next(d["pip"] for d in environment["dependencies"] if isinstance(d, dict))
    python = next(d for d in plain if d.startswith("python"))
    assert SpecifierSet(python.removeprefix("python")) == SpecifierSet(PROJECT["requires-python"])
    assert sorted(plain) == ["pip", python]
    assert by_pip == ["--requirement requirements.lock"]


@pytest.mark.parametrize("target", ["study", "test", "reports", "lab", "check", "bench", "lock", "clean"])
def test_make_has_the_target_that_others_call(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_continuous_integration_runs_the_checks_and_the_suite() -> None:
    script = ROOT / ".ci" / "run"
    text = script.read_text(encoding="utf-8")
    assert "make check" in text
    assert "make test" in text
    assert "set -euo pipefail" in text
    assert script.stat().st_mode & 0o111
