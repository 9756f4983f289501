"""The notebooks as a web app: what a visitor sees, types and gets."""

from __future__ import annotations

import re
import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from waiting import LONG, PATIENT, until

from workbook import _files

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOWN = """() => [...document.querySelectorAll('[data-block^="2."]')].map(one => one.textContent).join("|")"""
BUSY = """
const own = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage");
const read = data => typeof data === "string" ? data : new TextDecoder().decode(data);
Object.defineProperty(WebSocket.prototype, "onmessage", {...own, set(handler) {
  own.set.call(this, event => {
    if (read(event.data).includes("update_states")) {
      window.busied = true;
      for (const end = Date.now() + 3000; Date.now() < end;);
    }
    return handler.call(this, event);
  });
}});
"""
"""A page whose browser has no time for three seconds when the states of its widgets come."""
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
                    page.wait_for_selector(f'[data-block="{block}"]', timeout=PATIENT)
                except Exception as error:  # noqa: BLE001 (all pages are looked at before the test fails)
                    missing.setdefault(path.name, []).append(f"{block}: {str(error).splitlines()[0]}")
            if path.name.startswith("04") and shutil.which("dot"):
                page.wait_for_selector(".wb-picture img, .wb-picture svg", timeout=PATIENT)
            assert listener.outside == []
            assert listener.errors == []
            page.close()
    assert missing == {}


def test_a_browser_that_was_busy_shows_the_widgets_all_the_same(
    app: str, chromium: Any, heard: Callable[[Any], Any]
) -> None:
    """The stock page looks for a widget for two seconds and then says "model not found" for ever: ours looks again."""
    page = chromium.new_page()
    page.add_init_script(BUSY)
    listener = heard(page)
    page.goto(f"{app}/voila/render/13_deliverables.ipynb", wait_until="commit")
    for block in blocks(_files.path("notebooks") / "13_deliverables.ipynb"):
        page.wait_for_selector(f'[data-block="{block}"]', timeout=PATIENT)
    assert page.evaluate("window.busied")
    assert listener.errors == []
    page.close()


def test_f3_a_typed_value_is_read_shown_and_kept(app: str, folder: Path, chromium: Any) -> None:
    """In the scale form a person types 5M: the reading and a table change, and the brief file holds it; nonsense is explained."""
    brief = folder / "briefs" / "village.yaml"
    page = chromium.new_page()
    page.goto(f"{app}/voila/render/02_estimation.ipynb?brief=village.yaml")
    page.wait_for_selector('[data-block="2.5"]', timeout=PATIENT)
    before = page.evaluate(SHOWN)
    field = page.get_by_label("users daily active")
    assert field.input_value() == "2k"
    field.fill("5M")
    field.press("Enter")
    row = page.locator(".wb-field-populations-users-daily_active")
    row.get_by_text("5,000,000").wait_for(timeout=PATIENT)
    page.wait_for_function(f"before => ({SHOWN})() !== before", arg=before, timeout=PATIENT)
    assert "daily_active: 5M" in brief.read_text()
    assert "# counted in spring" in brief.read_text()
    saved = brief.read_text()
    field.fill("5 loads")
    field.press("Tab")
    row.get_by_text("is not a number").wait_for(timeout=PATIENT)
    assert brief.read_text() == saved
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('input')].some(one => one.value === '2k')", timeout=PATIENT
    )
    assert brief.read_text() == BRIEF
    page.close()


def test_a_newer_file_appears_on_an_open_page(app: str, folder: Path, chromium: Any) -> None:
    """Somebody saves the brief elsewhere: the page follows within seconds, without a reload."""
    brief = folder / "briefs" / "village.yaml"
    page = chromium.new_page()
    page.goto(f"{app}/voila/render/01_requirements.ipynb?brief=village.yaml")
    page.wait_for_selector('[data-block="1.1"]', timeout=PATIENT)
    brief.write_text(BRIEF.replace("Village noticeboard", "Town noticeboard"), encoding="utf-8")
    page.get_by_text("Town noticeboard").first.wait_for(timeout=PATIENT)
    brief.write_text(BRIEF, encoding="utf-8")
    page.close()


def test_the_first_page_leads_to_the_chooser_and_on_to_another_brief(app: str, chromium: Any) -> None:
    """From the list to the index, another example chosen there, and its section opened."""
    page = chromium.new_page()
    page.goto(app)
    page.get_by_role("link", name="Choose a brief").click()
    page.get_by_label("Brief", exact=True).wait_for(timeout=PATIENT)
    page.get_by_label("Brief", exact=True).select_option(label="clinic (example)")
    page.get_by_text("The sections below open for clinic").wait_for(timeout=PATIENT)
    page.get_by_role("link", name="Requirements").click()
    page.get_by_text("clinic.yaml").first.wait_for(timeout=PATIENT)
    page.close()


def test_a_visitor_cannot_name_a_path_or_another_template(app: str) -> None:
    """The address names an example or a file of the app's own folder; the stock templates with their CDN links can't be asked for."""
    for query in ("brief=/etc/passwd", "brief=../../etc/passwd", "voila-template=lab"):
        try:
            with urllib.request.urlopen(f"{app}/voila/render/13_deliverables.ipynb?{query}", timeout=LONG) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            text = error.read().decode()
        assert "passwd" not in text
        assert "cdn.jsdelivr.net" not in text


def kernel_of(page: Any) -> str:
    """The identifier of the kernel that computes a page."""
    return str(page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId"))


def runs(app: str, kernel: str) -> bool:
    """Whether the server has that kernel."""
    try:
        urllib.request.urlopen(f"{app}/api/kernels/{kernel}", timeout=LONG).close()
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return False
        raise
    return True


@pytest.mark.parametrize("how", ["closed", "left"])
def test_v10_a_kernel_ends_with_its_page(how: str, app: str, chromium: Any) -> None:
    """Closing the tab, and going to another section, ends the kernel; the page open beside it keeps its own."""
    page, other = chromium.new_page(), chromium.new_page()
    for one in (page, other):
        one.goto(f"{app}/voila/render/13_deliverables.ipynb", timeout=PATIENT)
        one.wait_for_selector('[data-block="13.1"]', timeout=PATIENT)
    kernel, others = kernel_of(page), kernel_of(other)
    assert runs(app, kernel)
    if how == "closed":
        page.close(run_before_unload=True)
    else:
        page.goto(f"{app}/voila/render/12_technology.ipynb", timeout=PATIENT)
    until(lambda: not runs(app, kernel))
    assert runs(app, others)
    for one in (page, other):
        one.close()


def test_v10_pages_beyond_the_most_are_refused_politely(server: Callable[..., Any], tmp_path: Path) -> None:
    """Two pages may be open: whoever comes third is told what to do, no kernel is started, and the list of pages still answers."""
    with server(["voila", "notebooks", "--VisitorKernels.most=2"], tmp_path, "/") as address:
        page = f"{address}/voila/render/13_deliverables.ipynb"
        for _ in range(2):
            assert urllib.request.urlopen(page, timeout=LONG).status == 200
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(page, timeout=LONG)
        assert refused.value.code == 503
        said = refused.value.read().decode()
        assert "Please try again in a few minutes" in said
        assert "Traceback" not in said
        assert urllib.request.urlopen(address, timeout=LONG).status == 200


def test_f4_a_port_that_somebody_took_is_given_up_for_another(server: Callable[..., Any], tmp_path: Path) -> None:
    """Between choosing a port and using it another program may take it: the tests never talk to that one."""
    with socket.socket() as taken, socket.socket() as free:
        for one in (taken, free):
            one.bind(("127.0.0.1", 0))
        taken.listen()
        numbers = [one.getsockname()[1] for one in (taken, free)]
        free.close()
        choices = iter(numbers)
        with server(["voila", "notebooks"], tmp_path, "/", port=lambda: next(choices)) as address:
            assert address.endswith(f":{numbers[1]}")
            assert urllib.request.urlopen(address, timeout=LONG).status == 200
