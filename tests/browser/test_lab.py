"""The same notebook in JupyterLab."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from waiting import PATIENT

from workbook import _files

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOWN = """() => [...document.querySelectorAll('[data-block^="2."]')].map(one => one.textContent).join("|")"""


def test_a_notebook_runs_in_lab_and_its_form_edits_a_copy_of_the_example(
    server: Callable[..., Any], chromium: Any, tmp_path: Path
) -> None:
    """All cells run; a typed value changes reading and blocks; the example itself stays, the copy holds the value."""
    notebooks = tmp_path / "notebooks"
    shutil.copytree(_files.path("notebooks"), notebooks, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    example = _files.path("assets/briefs/chat.yaml").read_bytes()
    arguments = [
        "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser", "--IdentityProvider.token=", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={notebooks}", "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with server(arguments, tmp_path, "/api") as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 4000})
        page.goto(f"{address}/lab/tree/02_estimation.ipynb")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=PATIENT)
        page.wait_for_function(
            "() => window.jupyterapp && window.jupyterapp.commands.isEnabled('notebook:run-all-cells')", timeout=PATIENT
        )
        page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=PATIENT)
        page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        page.wait_for_selector('[data-block="2.2"]', timeout=PATIENT)
        field = page.get_by_label("users daily active")
        field.wait_for(timeout=PATIENT)
        before = page.evaluate(SHOWN)
        field.fill("7M")
        field.press("Enter")
        page.locator(".wb-field-populations-users-daily_active").get_by_text("7,000,000").wait_for(timeout=PATIENT)
        page.wait_for_function(f"before => ({SHOWN})() !== before", arg=before, timeout=PATIENT)
        page.close()
    assert "7M" in (tmp_path / "briefs" / "chat.yaml").read_text()
    assert _files.path("assets/briefs/chat.yaml").read_bytes() == example
