"""A database with the tables of a form, filled and emptied at will, and runs on it: one by one or many at once."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from workbook.artifacts.dialects.postgresql.tables import create, ordered
from workbook.artifacts.dialects.statement import Statement
from workbook.plan.fold.layout import Table
from workbook.plan.form.model import Form, Program, Step
from workbook.proof.stage.frame import Clock, Frame, Row
from workbook.proof.stage.machine import Connection, Machine, Outcome, nothing
from workbook.proof.stage.outside import Outside
from workbook.proof.stage.seeds import Requests, Seeds

CALLERS = 12
"""Connections that race."""
TRIES = 40
"""Requests that are tried until one succeeds."""


@dataclass
class Theatre:
    """One database. `tables` may lack constraints and `change` may take guards out of statements: that is a control."""

    form: Form
    programs: Mapping[str, Program]
    tables: dict[str, Table]
    connect: Callable[[], Any]
    seed: int = 0
    change: Callable[[Statement, Step], Statement] = lambda statement, step: statement
    clock: Clock = field(default_factory=Clock)
    outside: Outside = field(default_factory=lambda: Outside(random.Random(0)))
    seeds: Seeds = field(init=False)
    rng: random.Random = field(init=False)
    _open: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.seeds = Seeds(self.form, self.tables, self.seed)

    def build(self, drop: Callable[[str], str] = lambda ddl: ddl) -> None:
        """Make the tables."""
        self.connection().execute(drop(create(self.tables, self.form.tunables)))

    def connection(self) -> Any:
        """The connection of whoever comes alone."""
        if not self._open:
            self._open.append(self.connect())
        return self._open[0]

    def callers(self) -> list[Any]:
        """Connections for those who come together."""
        while len(self._open) < CALLERS + 1:
            self._open.append(self.connect())
        return self._open[1:]

    def close(self) -> None:
        """End all connections."""
        for one in self._open:
            one.close()
        self._open.clear()

    def reset(self) -> None:
        """The rows of the seed, the first hour, nothing outside."""
        self.clock = Clock()
        self.outside = Outside(random.Random(self.seed))
        connection = self.connection()
        names = ", ".join(f'"{t}"' for t in self.tables)
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute(f"TRUNCATE {names} RESTART IDENTITY")
        for table in ordered(self.tables.values()):
            for row in self.seeds.rows.get(table.name, ()):
                self.insert(table.name, row)

    def insert(self, name: str, row: Mapping[str, Any]) -> None:
        """A row as it is; one that the tables refuse is left out."""
        columns = ", ".join(f'"{c}"' for c in row)
        marks = ", ".join("%s" for _ in row)
        connection = self.connection()
        try:
            with connection.transaction():
                connection.execute(
                    f'INSERT INTO "{name}" ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING',
                    [_sent(v) for v in row.values()],
                )
        except Exception:  # noqa: BLE001 (a seed row that breaks a constraint is not there)
            return

    def rows(self, name: str) -> list[Row]:
        """All rows of a structure as they are."""
        columns = [c.name for c in self.tables[name].columns]
        listed = ", ".join(f'"{c}"' for c in columns)
        found = self.connection().execute(f'SELECT {listed} FROM "{name}"').fetchall()
        return [{**dict(zip(columns, one, strict=True)), "__structure__": name} for one in found]

    def frame(self, operation: str, **given: Any) -> Frame:
        """What a run knows at its start."""
        return Frame(self.form, self.clock, random.Random(self.rng.getrandbits(64)), **given)

    def requests(self) -> Requests:
        """Requests over the rows of the seed."""
        return Requests(self.form, self.seeds, self.rng)

    def run(
        self,
        operation: str,
        frame: Frame,
        connection: Connection | None = None,
        before: Callable[[Step], None] = nothing,
    ) -> Outcome:
        """One run."""
        machine = Machine(self.form, self.programs, self.tables, self.outside, before, self.change)
        return machine.run(connection or self.connection(), operation, frame)

    def fitting(self, operation: str) -> tuple[Row, Row] | None:
        """A caller and a body with which an operation succeeds on the rows of the seed. None where none was found."""
        program = self.programs[operation]
        for _ in range(TRIES):
            self.reset()
            caller = self.requests().caller(program)
            body = self.requests().body(program, self.frame(operation, caller=caller))
            outcome = self.run(operation, self.frame(operation, caller=caller, body=body))
            if outcome.kind in ("answered", "done"):
                self.reset()
                return caller, body
        return None

    def race(self, operation: str, frames: list[Frame]) -> list[Outcome]:
        """All at once."""
        connections = self.callers()
        outcomes: list[Outcome] = [Outcome("failed")] * len(frames)
        barrier = threading.Barrier(min(len(frames), len(connections)))

        def one(number: int) -> None:
            barrier.wait(30)
            for position in range(number, len(frames), len(connections)):
                try:
                    outcomes[position] = self.run(operation, frames[position], connections[number])
                except Exception as error:  # noqa: BLE001 (what the engine says is the outcome)
                    outcomes[position] = Outcome("failed", 503, {"error": f"{type(error).__name__}: {error}"})

        threads = [threading.Thread(target=one, args=(n,)) for n in range(barrier.parties)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcomes


def _sent(value: Any) -> Any:
    return value


@contextmanager
def database(server: Any, name: str) -> Iterator[Callable[[], Any]]:
    """A database of its own on a running server, and how to connect to it."""
    import psycopg

    with psycopg.connect(f"{server.conninfo} dbname=postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield lambda: psycopg.connect(f"{server.conninfo} dbname={name}", autocommit=True)
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
