"""A researcher opens a chapter in JupyterLab, chooses a region, runs it and exports the report from Lab's own menu."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import page
import pypdf
import pytest

pytestmark = pytest.mark.browser

CHAPTER = "10-gegevens.ipynb"
IDLE = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'
LONGEST = 240_000  # ms that the chapter may take


@pytest.fixture
def lab(study: Path, tmp_path: Path) -> Iterator[str]:
    """Address of a JupyterLab on the study, on a free port of this machine."""
    token = secrets.token_hex(16)
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "SOURCE_DATE_EPOCH": "1764000000",
    }
    options = [
        "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", "--ServerApp.open_browser=False", "--allow-root",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={study}", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with (tmp_path / "lab.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options], env=environment, stdout=log, stderr=log, cwd=study
        )
        try:
            yield f"{address(server, runtime)}lab/tree/notebooks/{CHAPTER}?token={token}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def address(server: subprocess.Popen[bytes], runtime: Path) -> str:
    """Where a server says it listens."""
    told = runtime / f"jpserver-{server.pid}.json"
    for _ in range(600):
        if told.is_file() and (text := told.read_text(encoding="utf-8")):
            return str(json.loads(text)["url"])
        assert server.poll() is None, "JupyterLab stopped"
        time.sleep(0.2)
    raise AssertionError("JupyterLab does not start")


def choose(tab: Any, menu: str, *entries: str) -> None:
    """Choose an entry of Lab's menus, through its submenus."""
    tab.locator(".lm-MenuBar-itemLabel", has_text=menu).click()
    for entry in entries[:-1]:
        tab.locator(".lm-Menu-item", has_text=entry).hover()
    tab.locator(".lm-Menu-itemLabel").get_by_text(entries[-1], exact=True).click()


def test_a_chapter_is_run_for_another_region_and_exported_from_the_menu(context: Any, lab: str, tmp_path: Path) -> None:
    downloads: list[Any] = []

    def keep(download: Any) -> None:
        downloads.append(download)

    context.on("page", lambda opened: opened.on("download", keep))  # of Lab's own page or the one it opens
    tab = context.new_page()
    with tab.expect_response("**/api/nbconvert*"):  # the menu's entries
        tab.goto(lab)
    tab.wait_for_selector(IDLE, state="attached", timeout=LONGEST)
    line = tab.locator(".cm-line", has_text='region: str = "province:10000"')
    line.click()
    tab.keyboard.press("Home")
    tab.keyboard.press("Shift+End")
    tab.keyboard.insert_text('region: str = "municipality:12025"')
    choose(tab, "Run", "Run All Cells")
    tab.wait_for_selector(".jp-Notebook .jp-Cell:last-child .jp-OutputArea-output", state="attached", timeout=LONGEST)
    tab.wait_for_selector(IDLE, state="attached", timeout=LONGEST)

    tab.locator(".lm-MenuBar-itemLabel", has_text="File").click()
    tab.locator(".lm-Menu-item", has_text="Save and Export Notebook As").hover()
    tab.locator(".lm-Menu-itemLabel").get_by_text("Deputatie-web", exact=True).wait_for()
    tab.locator(".lm-Menu-itemLabel").get_by_text("Deputatie", exact=True).click()
    deadline = time.monotonic() + LONGEST / 1000
    while not downloads and time.monotonic() < deadline:
        tab.wait_for_timeout(200)
    assert downloads, "nothing was downloaded"
    assert downloads[0].suggested_filename == "10-gegevens-demonstratie.pdf"
    downloads[0].save_as(tmp_path / "report.pdf")

    reader = pypdf.PdfReader(tmp_path / "report.pdf")
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "Gemeente Mechelen" in reader.pages[0].extract_text()
    assert reader.metadata.title.endswith("– Gemeente Mechelen")
    for profile in ("ua1", "2a"):
        report = page.validate_pdf(str(tmp_path / "report.pdf"), profile=profile)
        assert report.is_compliant, str(report)
