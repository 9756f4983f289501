"""Throw-away servers: started in a private folder, reached by a socket in it and by no network, ended with who started them."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from workbook import _temporary
from workbook.proof import keeper

START_SECONDS = 120.0
"""For a server to answer: many times what it takes, since giving up means that nothing is proved."""
_END_SECONDS = 30.0
_LONGEST_FOLDER = 60
"""Characters in the path of a folder: that of a socket may have 107."""


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
class MariaDB:
    """A running server and its client: what speaks MySQL's dialect on this machine."""

    socket: str
    client: str
    version: str

    def command(self, database: str = "") -> list[str]:
        """How to call the client, which reads statements and writes rows with tabs."""
        said = ["--no-defaults", f"--socket={self.socket}", "--user=root", "--default-character-set=utf8mb4", "--batch"]
        return [self.client, *said, *([database] if database else [])]

    def run(self, database: str, sql: str, seconds: float = 60.0) -> str:
        """Runs statements, stops at the first that fails, and returns what went wrong (empty: nothing)."""
        try:
            done = subprocess.run(
                self.command(database), input=sql.encode(), capture_output=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired:
            return f"no answer within {seconds:.0f} s"
        said = done.stderr.decode(errors="replace").strip()
        return "" if done.returncode == 0 else said or f"{self.client} ended with {done.returncode}"


@dataclass(frozen=True)
class Redis:
    """A running server and its client."""

    socket: str
    client: str
    version: str

    def run(self, commands: str, seconds: float = 30.0) -> str:
        """Runs commands line by line and returns the first error (empty: none). Lines that begin with `#` are comments."""
        lines = [line for line in commands.splitlines() if line.strip() and not line.startswith("#")]
        try:
            done = subprocess.run(
                [self.client, "-s", self.socket, "--no-raw"],
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


def _as_other(folder: Path, *names: str) -> list[str]:
    """A database refuses to run as root: the user to be instead, who is given the folder."""
    if os.geteuid() != 0:
        return []
    for name in (*names, "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, user.pw_uid, user.pw_gid)
        if shutil.which("setpriv"):
            identity = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
            return ["setpriv", *identity, "--"]
    raise NotHere("needs a user other than root, and setpriv")


@contextmanager
def _private(kind: str) -> Iterator[Path]:
    """A folder whose path leaves room for the name of a socket; others may pass through it and see nothing."""
    usual = Path(tempfile.gettempdir())
    passable = all(parent.stat().st_mode & 0o001 for parent in (usual, *usual.parents))
    with _temporary.folder(kind, usual if passable and len(str(usual)) <= _LONGEST_FOLDER else "/tmp") as folder:
        folder.chmod(0o711)
        yield folder


@contextmanager
def _running(
    folder: Path,
    commands: Sequence[Sequence[str]],
    ready: Callable[[], bool],
    *,
    end: signal.Signals,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Run the commands, the last of them a server, until it is `ready`; ended afterwards. Raises NotHere with its last words."""
    log = folder / "log"
    given = {"commands": [list(command) for command in commands], "folder": str(folder), "end": int(end)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", keeper.__file__, json.dumps(given)],
            stdin=subprocess.PIPE, stdout=output, stderr=output, env=environment, cwd="/", start_new_session=True,
        )  # fmt: skip
    assert process.stdin is not None
    try:
        until = time.monotonic() + START_SECONDS
        while not ready():
            if process.poll() is not None or time.monotonic() > until:
                said = log.read_text(errors="replace").strip()[-300:]
                raise NotHere(f"needs a server that starts: {said}")
            time.sleep(0.05)
        yield
    finally:
        process.stdin.close()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _version(program: Path | str, pattern: str) -> str:
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=60, check=False).stdout
    found = re.search(pattern, said)
    return found[1] if found else ""


@contextmanager
def postgresql() -> Iterator[Postgresql]:
    """A server with an empty cluster. Raises NotHere where there is none on this machine."""
    programs = _programs()
    with _private("pg") as folder:
        place = folder / "server"
        place.mkdir(mode=0o700)
        other = _as_other(place, "postgres")
        environment = {**os.environ, "HOME": str(place), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        port = 5432
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(place),
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
        cluster = ["-D", str(place / "data")]
        begin = [str(programs / "initdb"), *cluster, "-U", "workbook", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        serve = [str(programs / "postgres"), *cluster, "-p", str(port), *settings]
        number = _version(programs / "postgres", r"(\d+(?:\.\d+)*)")
        server = Postgresql(str(place), port, "workbook", str(programs / "psql"), number)

        def answers() -> bool:
            there = (place / f".s.PGSQL.{port}").exists()
            return there and not server.run("postgres", "SELECT 1;", 5)

        commands = [[*other, *begin, "--no-sync"], [*other, *serve]]
        with _running(folder, commands, answers, end=signal.SIGINT, environment=environment):
            yield server


_Server = TypeVar("_Server")
_AROUND: ContextVar[Postgresql | None] = ContextVar("_AROUND", default=None)
_AROUND_MARIADB: ContextVar[MariaDB | None] = ContextVar("_AROUND_MARIADB", default=None)


@contextmanager
def _one(known: ContextVar[_Server | None], start: Callable[[], AbstractContextManager[_Server]]) -> Iterator[_Server]:
    around = known.get()
    if around is not None:
        yield around
        return
    with start() as made:
        before = known.set(made)
        try:
            yield made
        finally:
            known.reset(before)


def one_postgresql() -> AbstractContextManager[Postgresql]:
    """One server for whatever asks for one within: the one that is open around this, or a new one. Raises NotHere."""
    return _one(_AROUND, postgresql)


@contextmanager
def mariadb() -> Iterator[MariaDB]:
    """A server without a database. Raises NotHere where there is none on this machine."""
    program, client, first = (shutil.which(name) for name in ("mariadbd", "mariadb", "mariadb-install-db"))
    if not program or not client or not first:
        raise NotHere("needs mariadb")
    with _private("mariadb") as folder:
        place = folder / "server"
        place.mkdir(mode=0o700)
        other = _as_other(place, "mysql")
        data = f"--datadir={place / 'data'}"
        begin = [first, "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"]
        options = {
            "skip-networking": "",
            "socket": str(place / "socket"),
            "pid-file": str(place / "pid"),
            "innodb-flush-log-at-trx-commit": "0",
            "innodb-buffer-pool-size": "32M",
            "innodb-lock-wait-timeout": "5",
            "max-statement-time": "30",
            "character-set-server": "utf8mb4",
            "default-time-zone": "+00:00",
            "sql-mode": STRICT,
        }
        settings = [f"--{name}={value}" if value else f"--{name}" for name, value in options.items()]
        server = MariaDB(options["socket"], client, _version(program, r"Ver (\d+(?:\.\d+)*)"))
        environment = {**os.environ, "HOME": str(place), "TMPDIR": str(place), "LC_ALL": "C.UTF-8"}

        def answers() -> bool:
            return Path(server.socket).exists() and not server.run("", "SELECT 1;", 5)

        commands = [[*other, *begin], [*other, program, "--no-defaults", data, *settings]]
        with _running(folder, commands, answers, end=signal.SIGTERM, environment=environment):
            yield server


STRICT = "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
"""What MySQL 8.4 does by default (reference manual, server SQL modes)."""


def one_mariadb() -> AbstractContextManager[MariaDB]:
    """One server for whatever asks for one within: the one that is open around this, or a new one. Raises NotHere."""
    return _one(_AROUND_MARIADB, mariadb)


@contextmanager
def redis() -> Iterator[Redis]:
    """An empty server. Raises NotHere where there is none on this machine."""
    program, client = shutil.which("redis-server"), shutil.which("redis-cli")
    if not program or not client:
        raise NotHere("needs redis-server and redis-cli")
    with _private("redis") as folder:
        place = folder / "server"
        place.mkdir(mode=0o700)
        server = Redis(str(place / "socket"), client, _version(program, r"v=([\d.]+)"))
        options = {
            "port": "0",
            "unixsocket": server.socket,
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "dir": str(place),
        }
        command = [program, *(part for name, value in options.items() for part in (f"--{name}", value))]

        def answers() -> bool:
            with socket.socket(socket.AF_UNIX) as asked:
                return asked.connect_ex(server.socket) == 0

        with _running(folder, [command], answers, end=signal.SIGTERM):
            yield server
