"""The notebooks as a web app: what a visitor sees, types and gets."""

from __future__ import annotations

import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from workbook import _files

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOWN = """() => [...document.querySelectorAll('[data-block^="2."]')].map(one => one.textContent).join("|")"""
BRIEF = """\
workbook: 1
system: Village noticeboard
archetypes: []
populations:
  users: {daily_active: 2k, monthly_active: 20M}   # counted in spring
entities:
  notice: {fields: {id: id, body: string 200}, retention: 1 year}
operations:
  post: {does: create notice, rate: 1 per users per day, priority: P0, p99: 300 ms}
  read: {does: list notice, rate: 5 per users per day, priority: P0, p99: 300 ms}
"""


def blocks(path: Path) -> list[str]:
    """The subsections that a notebook is to show."""
    cells = nbformat.read(path, as_version=4).cells
    return [found[1] for cell in cells if (found := re.match(r'book\.show\("([\d.]+)"\)', cell.source))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The visitor's own folder, with one brief."""
    folder = tmp_path_factory.mktemp("voila")
    (folder / "briefs").mkdir()
    (folder / "briefs" / "village.yaml").write_text(BRIEF, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def app(server: Callable[..., Any], folder: Path) -> Iterator[str]:
    """The app as `make app` starts it."""
    with server(["voila", "notebooks"], folder, "/") as address:
        yield address


def test_every_notebook_opens_and_shows_its_blocks(app: str, chromium: Any, heard: Callable[[Any], Any]) -> None:
    """Fifteen pages, three at a time; a failed cell would still answer 200, so the blocks are looked for. Nothing is asked of a network."""
    paths = sorted(_files.path("notebooks").glob("*.ipynb"))
    missing: dict[str, list[str]] = {}
    for start in range(0, len(paths), 3):
        pages = []
        for path in paths[start : start + 3]:
            page = chromium.new_page()
            pages.append((path, page, heard(page)))
            page.goto(f"{app}/voila/render/{path.name}", wait_until="commit")
        for path, page, listener in pages:
            for block in blocks(path):
                try:
                    page.wait_for_selector(f'[data-block="{block}"]', timeout=60_000)
                except Exception as error:  # noqa: BLE001 (all pages are looked at before the test fails)
                    missing.setdefault(path.name, []).append(f"{block}: {str(error).splitlines()[0]}")
            if path.name.startswith("04") and shutil.which("dot"):
                page.wait_for_selector(".wb-picture img, .wb-picture svg", timeout=20_000)
            assert listener.outside == []
            assert listener.errors == []
            page.close()
    assert missing == {}


def test_a_typed_value_is_read_shown_and_kept(app: str, folder: Path, chromium: Any) -> None:
    """In the scale form a person types 5M: the reading and a table change, and the brief file holds it; nonsense is explained."""
    brief = folder / "briefs" / "village.yaml"
    page = chromium.new_page()
    page.goto(f"{app}/voila/render/02_estimation.ipynb?brief=village.yaml")
    page.wait_for_selector('[data-block="2.5"]', timeout=60_000)
    before = page.evaluate(SHOWN)
    field = page.get_by_label("users daily active")
    assert field.input_value() == "2k"
    field.fill("5M")
    field.press("Enter")
    row = page.locator(".wb-field-populations-users-daily_active")
    row.get_by_text("5,000,000").wait_for(timeout=20_000)
    page.wait_for_function(f"before => ({SHOWN})() !== before", arg=before, timeout=20_000)
    assert "daily_active: 5M" in brief.read_text()
    assert "# counted in spring" in brief.read_text()
    saved = brief.read_text()
    field.fill("5 loads")
    field.press("Tab")
    row.get_by_text("is not a number").wait_for(timeout=20_000)
    assert brief.read_text() == saved
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('input')].some(one => one.value === '2k')", timeout=20_000
    )
    assert brief.read_text() == BRIEF
    page.close()


def test_a_newer_file_appears_on_an_open_page(app: str, folder: Path, chromium: Any) -> None:
    """Somebody saves the brief elsewhere: the page follows within seconds, without a reload."""
    brief = folder / "briefs" / "village.yaml"
    page = chromium.new_page()
    page.goto(f"{app}/voila/render/01_requirements.ipynb?brief=village.yaml")
    page.wait_for_selector('[data-block="1.1"]', timeout=60_000)
    brief.write_text(BRIEF.replace("Village noticeboard", "Town noticeboard"), encoding="utf-8")
    page.get_by_text("Town noticeboard").first.wait_for(timeout=20_000)
    brief.write_text(BRIEF, encoding="utf-8")
    page.close()


def test_the_first_page_leads_to_the_chooser_and_on_to_another_brief(app: str, chromium: Any) -> None:
    """From the list to the index, another example chosen there, and its section opened."""
    page = chromium.new_page()
    page.goto(app)
    page.get_by_role("link", name="Choose a brief").click()
    page.get_by_label("Brief", exact=True).wait_for(timeout=60_000)
    page.get_by_label("Brief", exact=True).select_option(label="clinic (example)")
    page.get_by_text("The sections below open for clinic").wait_for(timeout=20_000)
    page.get_by_role("link", name="Requirements").click()
    page.get_by_text("clinic.yaml").first.wait_for(timeout=60_000)
    page.close()


def test_a_visitor_cannot_name_a_path_or_another_template(app: str) -> None:
    """The address names an example or a file of the app's own folder; the stock templates with their CDN links can't be asked for."""
    for query in ("brief=/etc/passwd", "brief=../../etc/passwd", "voila-template=lab"):
        try:
            with urllib.request.urlopen(f"{app}/voila/render/13_deliverables.ipynb?{query}", timeout=60) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            text = error.read().decode()
        assert "passwd" not in text
        assert "cdn.jsdelivr.net" not in text
