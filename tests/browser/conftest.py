"""A small study, and Debian's chromium to look at what comes out of it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "10-gegevens"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-popup-blocking",  # Lab opens an export after saving, on a slow machine too long after the click
]  # fmt: skip


@pytest.fixture(scope="module")  # its environment must not outlive these tests
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder of a study with one chapter that nobody has run."""
    root = tmp_path_factory.mktemp("study")
    for folder in ("config", "data/reference", "data/observed", "data/demonstration/tiny"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.copy(ROOT / "data" / "sources.csv", root / "data")
    (root / "notebooks").mkdir()
    (root / "data" / "own").mkdir()
    shutil.copy(ROOT / "notebooks" / f"{CHAPTER}.ipynb", root / "notebooks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIE_ROOT", str(root))
        patch.setenv("STUDIE_DEMONSTRATION_SIZE", "tiny")
        yield root


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's chromium."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS, env={**os.environ, "LANG": "C.UTF-8"})
        yield started
        started.close()


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    """A fresh window of which every request outside this machine is an error."""
    window = browser.new_context(accept_downloads=True, viewport={"width": 1280, "height": 900})
    window.set_default_timeout(60_000)
    asked: list[str] = []
    window.on("request", lambda request: asked.append(request.url))
    yield window
    window.close()
    local = ("file:", "data:", "blob:", "about:", "http://127.0.0.1:", "ws://127.0.0.1:")
    assert [url for url in asked if not url.startswith(local)] == []
