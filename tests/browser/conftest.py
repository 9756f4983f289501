"""Servers on loopback and a headless Chromium; each is started once a module and ended by its own id."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from waiting import LONG, until

from workbook import _files

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
STACK_NOISE = (
    "The getter for the shared module",
    "r.setData is not a function",
    "Unsatisfied version",
    "No satisfying version",
    "WebGL",
)
"""What the front ends themselves say; none of it is ours."""
MOST_PORTS = 5
"""How often another port is tried."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless Chromium."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Heard:
    """What a page asked for beyond this host, and what it complained of."""

    def __init__(self, page: Any) -> None:
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self._request(request.url))
        page.on("console", lambda message: self._error(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self._error(str(error)))

    def _request(self, url: str) -> None:
        if not url.startswith(
            (
                "file:",
                "data:",
                "blob:",
                "about:",
                "http://127.0.0.1",
                "ws://127.0.0.1",
                "http://localhost",
                "ws://localhost",
            )
        ):
            self.outside.append(url)

    def _error(self, text: str) -> None:
        if not any(noise in text for noise in STACK_NOISE):
            self.errors.append(text)


@pytest.fixture(scope="module")
def heard() -> Callable[[Any], Heard]:
    """Listens to a page."""
    return Heard


def free_port() -> int:
    """A port of loopback that nobody uses at the moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def listens(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether it is this process, or a child of it, that answers on a port."""
    with suppress(psutil.Error):
        family = [found := psutil.Process(process.pid), *found.children(recursive=True)]
        sockets = [s for one in family for s in one.net_connections("tcp") if s.status == psutil.CONN_LISTEN]
        return any(one.laddr.port == port for one in sockets)
    return False


@contextmanager
def serving(
    arguments: list[str], folder: Path, ready: str, *, warm: bool = True, port: Callable[[], int] = free_port
) -> Iterator[str]:
    """A server of this environment on a free port of loopback, with settings and files of its own; gives its address.

    Where somebody else takes the port meanwhile, the server ends, and the next one gets another.
    """
    root = _files.root()
    source = str(Path(_files.__file__).parents[1])
    environment = {
        **os.environ,
        "HOME": str(folder),
        "JUPYTER_PATH": str(root / "assets"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(str(root / "assets" / name) for name in ("voila", "jupyter")),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
        "WORKBOOK_FOLDER": str(folder / "briefs"),
        "PYTHONPATH": os.pathsep.join(
            [source, *(entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry)]
        ),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }
    environment.pop("WORKBOOK_HEADLESS", None)
    if not warm:
        environment["WORKBOOK_WARM"] = "0"
    (folder / "briefs").mkdir(parents=True, exist_ok=True)
    kept = ["--ServerApp.port_retries=0", "--Voila.port_retries=0"]
    with (folder / "server.log").open("w") as log:
        for _ in range(MOST_PORTS):
            number = port()
            program = [sys.executable, "-m", *arguments, *kept, "--port", str(number)]
            command = [shutil.which("timeout") or "timeout", "1800", *program]
            process = subprocess.Popen(command, env=environment, cwd=root, stdout=log, stderr=log)
            if until(lambda p=process, n=number: p.poll() is not None or listens(p, n)) and process.poll() is None:  # type: ignore[misc]
                break
        try:
            address = f"http://127.0.0.1:{number}"
            until(lambda: process.poll() is not None or _answers(f"{address}{ready}"))
            assert process.poll() is None, (folder / "server.log").read_text()[-2000:]
            yield address
        finally:
            process.terminate()
            process.wait(timeout=LONG)


def _answers(address: str) -> bool:
    with suppress(OSError):
        urllib.request.urlopen(address, timeout=LONG).close()
        return True
    return False


@pytest.fixture(scope="session")
def server() -> Callable[[list[str], Path, str], Any]:
    """Starts a server."""
    return serving
