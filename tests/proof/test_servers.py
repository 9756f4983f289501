"""A server ends with who asked for it, and nobody else reaches it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psutil
import pytest
from waiting import all_ended, until

from workbook import _temporary
from workbook.proof.servers import NotHere, mariadb, postgresql, redis

ASKS = """
import json, sys, time
from workbook.proof import servers
with getattr(servers, sys.argv[1])() as server:
    print(json.dumps(server.socket), flush=True)
    time.sleep(3600)
"""
SERVERS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "postgresql": postgresql,
    "redis": redis,
    "mariadb": mariadb,
}


def of(folder: Path) -> list[psutil.Process]:
    """The processes that name this folder in their command."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if str(folder) in " ".join(process.cmdline()):
                found.append(process)
    return found


def folder_of(place: str) -> Path:
    """The temporary folder around a server's socket."""
    return next(path for path in Path(place).parents if path.name.startswith(_temporary.PREFIX))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("name", SERVERS)
def test_f12_a_server_ends_with_who_asked_for_it(name: str, number: signal.Signals) -> None:
    """Its parent is killed: the server ends, and its folder is gone."""
    with subprocess.Popen([sys.executable, "-c", ASKS, name], stdout=subprocess.PIPE, text=True) as asks:
        assert asks.stdout is not None
        said = asks.stdout.readline()
        if not said:
            pytest.skip(f"not run: needs {name}")
        folder = folder_of(json.loads(said) + "/")
        left = of(folder)
        assert left
        asks.send_signal(number)
        asks.wait()
    assert all_ended(left)
    until(lambda: not folder.exists())


def test_f12_a_folder_that_nobody_holds_is_swept_by_the_next(tmp_path: Path) -> None:
    """Where parent and keeper were killed together the folder stays, until the next one comes; a folder in use is left alone."""
    source = (
        "import os, sys, signal; from workbook import _temporary\n"
        f"with _temporary.folder('x', {str(tmp_path)!r}): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", source], check=False)
    (killed,) = tmp_path.iterdir()
    (tmp_path / "workbook-mine").mkdir()
    with _temporary.folder("y", tmp_path) as first, _temporary.folder("z", tmp_path) as second:
        assert first.exists()
        assert second.exists()
        assert not killed.exists()
        assert (tmp_path / "workbook-mine").exists()


@pytest.mark.parametrize("name", SERVERS)
def test_f15_a_server_is_reached_by_nobody_else(name: str) -> None:
    """It listens at no port, and its socket stands in a folder that only its own user and root may enter."""
    try:
        with SERVERS[name]() as server:
            folder = folder_of(server.socket + "/")
            listening = [
                connection
                for process in of(folder)
                for connection in process.net_connections("inet")
                if connection.status == psutil.CONN_LISTEN
            ]
            assert listening == []
            assert (folder / "server").stat().st_mode & 0o077 == 0
    except NotHere as missing:
        pytest.skip(f"not run: {missing}")


def test_a_server_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its last words are in the message, and nothing is left of it."""
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho no memory for that >&2\nexit 3\n")
    program.chmod(0o755)
    (tmp_path / "redis-cli").symlink_to(program)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    before = set(Path("/tmp").glob(f"{_temporary.PREFIX}redis-*"))
    with pytest.raises(NotHere, match="no memory for that"), redis():
        pass
    assert set(Path("/tmp").glob(f"{_temporary.PREFIX}redis-*")) <= before
