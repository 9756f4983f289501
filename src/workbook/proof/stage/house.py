"""A database with the tables of a scene, filled once, and put back to that state as often as wanted."""

from __future__ import annotations

import json
import logging
import os
import random
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from workbook.artifacts.dialects.postgresql import security
from workbook.artifacts.dialects.postgresql.tables import READERS, create, ordered, readers
from workbook.artifacts.writing.sql import identifier as quoted_name
from workbook.artifacts.writing.sql import string as quoted
from workbook.brief.shapes import Shape
from workbook.proof.servers import NotHere
from workbook.proof.stage.frame import BEGIN, Row
from workbook.proof.stage.scene import Scene
from workbook.proof.stage.seeds import Seeds
from workbook.proof.stage.values import as_said

KILLED_SECONDS = 10.0
"""How long a backend may take to end: far from what any takes."""
TIME = "stage.now"
"""The session setting that holds the time."""
CLOCK = f"""
CREATE SCHEMA stage;
GRANT USAGE ON SCHEMA stage TO PUBLIC;
CREATE FUNCTION stage.now() RETURNS timestamptz LANGUAGE sql STABLE
AS $$ SELECT coalesce(nullif(current_setting('{TIME}', true), '')::timestamptz, '{BEGIN.isoformat()}') $$;
"""
BEFORE = "before"
"""The schema that holds the state to go back to."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
logging.getLogger("psycopg").setLevel(logging.ERROR)


@dataclass
class House:
    """One database."""

    scene: Scene
    connect: Callable[[], Any]
    seed: int = 0
    secured: bool = True
    seeds: Seeds = field(init=False)
    _open: list[Any] = field(default_factory=list)
    _admin: Any = None
    _titles: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.seeds = Seeds(self.scene, self.seed)

    @property
    def admin(self) -> Any:
        """The connection of whoever looks, prepares and clears up."""
        if self._admin is None:
            self._admin = self.connect()
        return self._admin

    def connection(self, number: int = 0) -> Any:
        """The connection of a racer; whoever comes alone is number 0. One that was ended is opened again."""
        while len(self._open) <= number:
            self._open.append(None)
        if self._open[number] is None or self._open[number].closed or self._open[number].broken:
            self._open[number] = self.connect()
        return self._open[number]

    @property
    def titles(self) -> dict[str, str]:
        """Short names of the rows to begin with, by their identifiers."""
        if not self._titles:
            for name, rows in self.seeds.rows.items():
                key = self.scene.tables[name].key
                if len(key) == 1:
                    self._titles.update({str(r[key[0]]): f"{name} {n + 1}" for n, r in enumerate(rows)})
        return self._titles

    def named(self, text: str) -> str:
        """A text with the names of rows instead of their identifiers."""
        return _UUID.sub(lambda found: self.titles.get(found.group(), found.group()[:8]), text)

    def close(self) -> None:
        """End all connections."""
        for one in [*self._open, self._admin]:
            if one is not None:
                one.close()
        self._open.clear()
        self._admin = None

    def build(self) -> None:
        """Make the tables, who may use them, and the rows to begin with. The time of the database is that of the stage."""
        self.admin.execute(CLOCK)
        self.admin.execute(create(self.scene.tables, self.scene.form.tunables).replace("now()", "stage.now()"))
        if not any(t.structure.shape is Shape.TOPIC for t in self.scene.tables.values()):
            self.admin.execute(readers())
        if self.secured:
            made = security.create(self.scene.tables, self.scene.rules, self.scene.form, self.scene.programs)
            self.admin.execute(made)
        for table in ordered(self.scene.tables.values()):
            for row in self.seeds.rows.get(table.name, ()):
                self.insert(table.name, row)

    @property
    def _names(self) -> list[str]:
        return [*self.scene.tables, READERS]

    def keep(self) -> None:
        """Remember the present state as the one to go back to."""
        made = [f"DROP SCHEMA IF EXISTS {BEFORE} CASCADE", f"CREATE SCHEMA {BEFORE}"]
        made += [f"CREATE TABLE {BEFORE}.{quoted_name(n)} AS TABLE public.{quoted_name(n)}" for n in self._names]
        made += [
            f"GRANT USAGE ON SCHEMA {BEFORE} TO PUBLIC",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {BEFORE} TO PUBLIC",
        ]
        self.admin.execute("; ".join(made))

    def reset(self) -> None:
        """Back to the state that was kept."""
        made = ["SET LOCAL session_replication_role = replica"]
        for name in self._names:
            written = quoted_name(name)
            made.append(f"DELETE FROM public.{written}")
            made.append(f"INSERT INTO public.{written} OVERRIDING SYSTEM VALUE SELECT * FROM {BEFORE}.{written}")
        with self.admin.transaction():
            self.admin.execute("; ".join(made))

    def insert(self, name: str, row: Mapping[str, Any]) -> bool:
        """A row as it is; one that the tables refuse is left out."""
        kept = {c: v for c, v in row.items() if self.scene.tables[name].has(c)}
        columns = ", ".join(quoted_name(c) for c in kept)
        marks = ", ".join("%s" for _ in kept)
        try:
            with self.admin.transaction():
                done = self.admin.execute(
                    f"INSERT INTO {quoted_name(name)} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING",
                    [json.dumps(v) if isinstance(v, dict) else v for v in kept.values()],
                )
                return bool(done.rowcount)
        except Exception:  # noqa: BLE001 (a seed row that breaks a constraint is not there)
            return False

    def empty(self, name: str) -> None:
        """All rows of a structure are lost."""
        with self.admin.transaction():
            self.admin.execute("SET LOCAL session_replication_role = replica")
            self.admin.execute(f"DELETE FROM {quoted_name(name)}")

    def change(self, name: str, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Set a row by hand, to begin from there."""
        sets = ", ".join(f"{quoted_name(c)} = %s" for c in values)
        tests = " AND ".join(f"{quoted_name(c)} = %s" for c in key)
        self.admin.execute(f"UPDATE {quoted_name(name)} SET {sets} WHERE {tests}", [*values.values(), *key.values()])

    def adjust(self, name: str, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Set a row by hand where the tables allow that; else it stays as it is."""
        try:
            with self.admin.transaction():
                self.change(name, key, values)
        except Exception:  # noqa: BLE001 (a number that breaks a bound is not set)
            return

    def rows(self, name: str, schema: str = "public") -> list[Row]:
        """All rows of a structure as they are, or as they were in another schema."""
        columns = [c.name for c in self.scene.tables[name].columns]
        listed = ", ".join(quoted_name(c) for c in columns)
        found = self.admin.execute(f"SELECT {listed} FROM {schema}.{quoted_name(name)}").fetchall()
        return [{**dict(zip(columns, map(as_said, one), strict=True)), "__structure__": name} for one in found]

    def everything(self) -> dict[str, list[Row]]:
        """All rows of all structures."""
        return {name: self.rows(name) for name in self.scene.tables}

    def effect(self) -> dict[str, tuple[int, int]]:
        """How many rows of each table came and went since the beginning; a changed row does both."""
        asked = []
        for name in self.scene.tables:
            now, then = (
                f"SELECT t::text FROM public.{quoted_name(name)} t",
                f"SELECT t::text FROM {BEFORE}.{quoted_name(name)} t",
            )
            came = f"(SELECT count(*) FROM ({now} EXCEPT ALL {then}) AS came)"
            went = f"(SELECT count(*) FROM ({then} EXCEPT ALL {now}) AS went)"
            asked.append(f"SELECT {quoted(name)}, {came}, {went}")
        found = self.admin.execute(" UNION ALL ".join(asked)).fetchall()
        return {n: (int(came), int(went)) for n, came, went in found if came or went}

    def kill(self, connection: Any) -> None:
        """End whoever holds a connection, as a crash would, and wait until the engine has undone what they had begun."""
        self.admin.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.settimeout(KILLED_SECONDS)
            while line.recv(4096):
                pass
        connection.close()

    def locked(self, pids: Mapping[int, int]) -> set[int]:
        """Of some racers with their backends, those who wait for a lock."""
        found = self.admin.execute(
            "SELECT pid FROM unnest(%s::int[]) AS pid WHERE cardinality(pg_blocking_pids(pid)) > 0",
            (list(pids.values()),),
        ).fetchall()
        waiting = {p for (p,) in found}
        return {n for n, pid in pids.items() if pid in waiting}

    def rng(self, *about: object) -> random.Random:
        """Choices that depend on the seed and on what they are about, and on nothing else."""
        return random.Random(repr((self.seed, *about)))


@contextmanager
def database(server: Any, name: str, template: str = "") -> Iterator[Callable[[], Any]]:
    """A database of its own on a running server, and how to connect to it. Raises NotHere."""
    try:
        import psycopg
    except ImportError:
        raise NotHere("needs psycopg") from None

    made = f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else "")
    with psycopg.connect(f"{server.conninfo} dbname=postgres", autocommit=True) as admin:
        admin.execute(made)
        try:
            yield lambda: psycopg.connect(f"{server.conninfo} dbname={name}", autocommit=True)
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
