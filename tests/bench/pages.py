"""How soon a page of JupyterLab and of Voila has its first widget, with forked kernels and with started ones."""

from __future__ import annotations

import asyncio
import json
import shutil
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import nbformat

from workbook import _files

IMPORTS = "import pandas, plotly.express, ipywidgets, workbook.book, workbook.widgets.forms, workbook.document"
OPENED = "02_estimation.ipynb"
ENDED = "() => [...document.querySelectorAll('.jp-OutputArea-output pre')].map(one => one.textContent).find(text => text.startsWith('ended'))"
FIELD = ".wb-field-populations-users-daily_active input"


@contextmanager
def lab(serving: Any, folder: Path, warm: bool) -> Iterator[str]:
    """JupyterLab on a copy of the notebooks."""
    notebooks = folder / "notebooks"
    shutil.copytree(_files.path("notebooks"), notebooks, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    opened = nbformat.read(notebooks / OPENED, as_version=4)
    form = next(place for place, cell in enumerate(opened.cells) if cell.source.startswith("book.ask"))
    opened.cells.insert(form + 1, nbformat.v4.new_code_cell("import time; print('ended', time.time())"))
    nbformat.write(opened, notebooks / OPENED)
    arguments = [
        "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser", "--IdentityProvider.token=", "--ServerApp.ip=127.0.0.1",
        "--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={notebooks}", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with serving(arguments, folder, "/api", warm=warm) as address:
        yield address


@contextmanager
def voila(serving: Any, folder: Path, warm: bool) -> Iterator[str]:
    """Voila on the notebooks."""
    with serving(["voila", str(_files.path("notebooks"))], folder, "/", warm=warm) as address:
        yield address


def kernel_seconds(_: Any, address: str) -> dict[str, float]:
    """From asking JupyterLab's server for a kernel to the reply that the imports are done."""
    with ThreadPoolExecutor(1) as aside:  # playwright has a loop of its own in this thread
        return {"kernel with imports": aside.submit(asyncio.run, _kernel_seconds(address)).result()}


async def _kernel_seconds(address: str) -> float:
    from tornado.websocket import websocket_connect

    began = time.perf_counter()
    asked = urllib.request.Request(
        f"{address}/api/kernels", data=b"{}", headers={"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        kernel = json.load(answer)["id"]
    socket = await websocket_connect(f"{address.replace('http', 'ws')}/api/kernels/{kernel}/channels")
    header = {
        "msg_id": uuid4().hex,
        "username": "",
        "session": uuid4().hex,
        "msg_type": "execute_request",
        "version": "5.3",
        "date": "",
    }
    content = {
        "code": IMPORTS,
        "silent": False,
        "store_history": False,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": True,
    }
    asked_for = {
        "channel": "shell",
        "header": header,
        "parent_header": {},
        "metadata": {},
        "content": content,
        "buffers": [],
    }
    await socket.write_message(json.dumps(asked_for))
    while True:
        said = await asyncio.wait_for(socket.read_message(), 60)
        message = json.loads(said) if isinstance(said, str) else {}
        if message.get("channel") == "shell" and message["parent_header"].get("msg_id") == header["msg_id"]:
            assert message["content"]["status"] == "ok", message
            break
    seconds = time.perf_counter() - began
    socket.close()
    urllib.request.urlopen(
        urllib.request.Request(f"{address}/api/kernels/{kernel}", method="DELETE"), timeout=60
    ).close()
    return seconds


def lab_widget_seconds(browser: Any, address: str) -> dict[str, float]:
    """From the address of a notebook to its first widget, all cells run; and of it, until the page is there and can be used."""
    page = browser.new_page(viewport={"width": 1400, "height": 4000})
    began = time.perf_counter()
    page.goto(f"{address}/lab/tree/{OPENED}?reset")
    page.wait_for_function(
        "() => window.jupyterapp && window.jupyterapp.commands.isEnabled('notebook:run-all-cells')", timeout=60_000
    )
    loaded = time.perf_counter() - began
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=60_000)
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.locator(FIELD).first.wait_for(timeout=60_000)
    seconds, now = time.perf_counter() - began, time.time()
    drawing = now - float(page.evaluate(ENDED).split()[1])
    page.close()
    for kernel in json.load(urllib.request.urlopen(f"{address}/api/sessions", timeout=60)):
        urllib.request.urlopen(
            urllib.request.Request(f"{address}/api/sessions/{kernel['id']}", method="DELETE"), timeout=60
        ).close()
    parts = {"of it, loading the page": loaded, "of it, drawing after the cell ended": drawing}
    return {"first widget": seconds, **parts, "of it, kernel and cells": seconds - loaded - drawing}


def voila_widget_seconds(browser: Any, address: str) -> dict[str, float]:
    """From the address to the first widget of the page; and of it, what the browser does once the server has answered."""
    page = browser.new_page(viewport={"width": 1400, "height": 4000})
    began = time.perf_counter()
    page.goto(f"{address}/voila/render/02_estimation.ipynb?brief=chat", wait_until="commit")
    page.locator(FIELD).first.wait_for(timeout=60_000)
    seconds = time.perf_counter() - began
    answered = page.evaluate("() => performance.getEntriesByType('navigation')[0].responseEnd / 1000")
    page.close()
    return {
        "first widget": seconds,
        "of it, the browser after the answer": seconds - answered,
        "of it, kernel and cells": answered,
    }


def measure(serving: Any, browser: Any, rounds: int) -> dict[str, dict[str, float]]:
    """Seconds by what was measured, for forked and started kernels; the servers run side by side and are asked in turn."""
    taken: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, server, works in (
            ("JupyterLab", lab, (kernel_seconds, lab_widget_seconds)),
            ("Voila", voila, (voila_widget_seconds,)),
        ):
            place = Path(folder) / name
            with (
                server(serving, place / "forked", True) as forked,
                server(serving, place / "started", False) as started,
            ):
                for work in works:
                    for round_ in range(rounds + 1):
                        for kind, address in (("forked", forked), ("started", started)):
                            for what, seconds in work(browser, address).items():
                                if round_:  # the first fills the caches of browser and server
                                    taken.setdefault(f"{name}, {what}", {}).setdefault(kind, []).append(seconds)
    return {
        what: {kind: statistics.median(seconds) for kind, seconds in kinds.items()} for what, kinds in taken.items()
    }
