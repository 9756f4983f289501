"""Throw-away servers: started in a folder of their own, reachable from this machine only, ended by their own process id."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 30.0


class NotHere(Exception):
    """An engine is not on this machine; the message says what it needs."""


@dataclass(frozen=True)
class Postgresql:
    """A running server: the folder of its socket, its port, its user, and how to call `psql`."""

    socket: str
    port: int
    user: str
    psql: str
    version: str

    @property
    def conninfo(self) -> str:
        """How a client finds it, without a database."""
        return f"host={self.socket} port={self.port} user={self.user}"

    def run(self, database: str, sql: str, seconds: float = 60.0) -> str:
        """Runs statements, stops at the first that fails, and returns what went wrong (empty: nothing)."""
        arguments = [
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            self.socket,
            "-p",
            str(self.port),
            "-U",
            self.user,
            "-d",
            database,
            "-f",
            "-",
        ]
        try:
            done = subprocess.run(
                [self.psql, *arguments], input=sql, capture_output=True, text=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired:
            return f"no answer within {seconds:.0f} s"
        return "" if done.returncode == 0 else done.stderr.strip() or f"psql ended with {done.returncode}"


@dataclass(frozen=True)
class Redis:
    """A running server and its client."""

    port: int
    client: str
    version: str

    def run(self, commands: str, seconds: float = 30.0) -> str:
        """Runs commands line by line and returns the first error (empty: none). Lines that begin with `#` are comments."""
        lines = [line for line in commands.splitlines() if line.strip() and not line.startswith("#")]
        try:
            done = subprocess.run(
                [self.client, "-h", "127.0.0.1", "-p", str(self.port), "--no-raw"],
                input="\n".join(lines) + "\n",
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"no answer within {seconds:.0f} s"
        wrong = [line for line in done.stdout.splitlines() if line.startswith(("(error)", "Invalid argument"))]
        return wrong[0] if wrong else done.stderr.strip()


def _programs() -> Path:
    found = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name), reverse=True)
    for folder in [*([Path(found).resolve().parent] if found else []), *installed]:
        if (folder / "initdb").exists() and (folder / "postgres").exists() and (folder / "psql").exists():
            return folder
    raise NotHere("needs postgresql")


def _as_other(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: the user to be instead, who is given the folder."""
    if os.geteuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, user.pw_uid, user.pw_gid)
        if shutil.which("setpriv"):
            return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    raise NotHere("needs a user other than root, and setpriv")


def free_port() -> int:
    """A loopback port that nobody uses now."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def _end(process: subprocess.Popen[bytes], first: signal.Signals) -> None:
    process.send_signal(first)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


@contextmanager
def postgresql() -> Iterator[Postgresql]:
    """A server with an empty cluster. Raises NotHere where there is none on this machine."""
    programs = _programs()
    folder = Path(
        tempfile.mkdtemp(prefix="workbook-pg-", dir="/tmp")
    )  # a short path: the socket's name may hold 107 letters
    try:
        other = _as_other(folder)
        environment = {**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        made = subprocess.run(
            [
                *other,
                str(programs / "initdb"),
                "-D",
                str(folder / "data"),
                "-U",
                "workbook",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            capture_output=True,
            text=True,
            timeout=60,
            env=environment,
            cwd="/",
            check=False,
        )
        if made.returncode:
            raise NotHere(f"needs a working initdb: {made.stderr.strip()[-300:]}")
        port = 5432
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "16MB",
            "max_connections": "60",
            "deadlock_timeout": "50ms",
            "statement_timeout": "30s",
            "timezone": "UTC",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*other, str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port), *settings],
                stdout=log,
                stderr=log,
                env=environment,
                cwd="/",
            )
        try:
            version = subprocess.run(
                [str(programs / "postgres"), "--version"], capture_output=True, text=True, timeout=10, check=False
            ).stdout
            number = re.search(r"\d+(\.\d+)*", version)
            server = Postgresql(str(folder), port, "workbook", str(programs / "psql"), number.group() if number else "")
            _wait(process, lambda: not server.run("postgres", "SELECT 1;", 5), folder / "log")
            yield server
        finally:
            _end(process, signal.SIGINT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], ready: object, log: Path) -> None:
    assert callable(ready)
    until = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > until:
            raise NotHere(f"needs a server that starts: {log.read_text(errors='replace')[-300:]}")
        time.sleep(0.1)


@contextmanager
def redis() -> Iterator[Redis]:
    """An empty server. Raises NotHere where there is none on this machine."""
    program, client = shutil.which("redis-server"), shutil.which("redis-cli")
    if not program or not client:
        raise NotHere("needs redis-server and redis-cli")
    version = re.search(
        r"v=([\d.]+)",
        subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout,
    )
    with tempfile.TemporaryDirectory(prefix="workbook-redis-") as folder:
        port = free_port()
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [
                    program,
                    "--port",
                    str(port),
                    "--bind",
                    "127.0.0.1",
                    "--save",
                    "",
                    "--appendonly",
                    "no",
                    "--dir",
                    folder,
                ],
                stdout=output,
                stderr=output,
            )
        try:
            server = Redis(port, client, version.group(1) if version else "")

            def answers() -> bool:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                except OSError:
                    return False
                return True

            _wait(process, answers, log)
            yield server
        finally:
            _end(process, signal.SIGTERM)
