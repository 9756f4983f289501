"""The cache commands that a document shows: run on Redis, and whole in Memcached's own words."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from workbook.artifacts import build_kind
from workbook.brief import load
from workbook.plan import Plan, derive
from workbook.proof.servers import NotHere, Redis, redis

client = pytest.importorskip("redis", reason="not run: needs redis (the Python client)")
MEMORY = str(Path(__file__).parent / "memory.yaml")
BRIEFS = ("chat", "feed", "music", "clinic", MEMORY)
LONGEST_KEY = 250


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    """One throw-away server."""
    try:
        with redis() as made:
            yield made
    except NotHere as missing:
        pytest.skip(f"not run: {missing}")


@pytest.fixture
def connection(server: Redis) -> Iterator[Any]:
    """An empty database of it."""
    made = client.Redis(unix_socket_path=server.socket, decode_responses=True)
    made.flushall()
    yield made
    made.close()


def _plan(brief: str, **choices: str) -> Plan:
    return derive(load(brief, {f"choices.{k}": v for k, v in choices.items()}))


def _kept(plan: Plan) -> set[str]:
    """Structures that rest in memory, or have a copy there."""
    stores = {s.id for s in plan.design.stores if s.role == "cache"}
    return {n for n, home in plan.world.homes.items() if home in stores and n in plan.world.form.structures}


def commands(plan: Plan) -> Mapping[str, list[str]]:
    """The commands under each operation's name, over all files."""
    made: dict[str, list[str]] = {}
    name = ""
    for artifact in build_kind(plan, "cache"):
        for line in artifact.text.splitlines():
            if line.startswith("#"):
                name = line[1:].split(":")[0].strip().replace(" ", "_")
            else:
                made.setdefault(name, []).append(line)
    return made


@pytest.mark.parametrize("brief", BRIEFS)
def test_every_command_runs(server: Redis, brief: str) -> None:
    """Each structure in memory has a file, and each file runs line by line without an error."""
    plan = _plan(brief, cache="redis")
    files = build_kind(plan, "cache")
    assert {a.subject for a in files} >= _kept(plan)
    for artifact in files:
        assert server.run(artifact.text) == "", artifact.path


def test_a_wrong_command_is_noticed(server: Redis) -> None:
    """The check sees an error among good commands."""
    assert "ERR" in server.run("# fine\nSET a b\nGET\nGET a\n")


CASES = [
    ("open", "where", lambda found: found == {"gateway": "instance-1"}),
    ("sit", "look", lambda found: '"number":1' in found),
    ("sit", "room", lambda found: len(found) == 1),
    ("view", "viewed", lambda found: found == {"number": "1"}),
    ("score", "top", lambda found: [float(score) for _, score in found] == [3.0]),
    ("score", "place", lambda found: found == 0),
    ("enter", "inside", lambda found: found == 1),
]


@pytest.mark.parametrize(("write", "read", "fits"), CASES, ids=[f"{w}-{r}" for w, r, _ in CASES])
def test_what_is_read_is_what_was_written(connection: Any, write: str, read: str, fits: Any) -> None:
    """The examples of one structure speak of one row: the read finds what the write put there."""
    known = commands(_plan(MEMORY))
    for line in known[write]:
        connection.execute_command(*shlex.split(line))
    (line,) = known[read]
    assert fits(connection.execute_command(*shlex.split(line)))


@pytest.mark.parametrize(("write", "seconds"), [("open", 90), ("sit", 600), ("begin", 30)])
def test_what_has_a_lifetime_goes_by_itself(connection: Any, write: str, seconds: int) -> None:
    """A registry's row expires after its time, also where it is claimed."""
    for line in commands(_plan(MEMORY))[write]:
        connection.execute_command(*shlex.split(line))
    (key,) = connection.keys("*")
    assert 0 < connection.ttl(key) <= seconds


def test_only_one_gets_a_claim(connection: Any) -> None:
    """The second who claims gets nothing."""
    (line,) = commands(_plan(MEMORY))["begin"]
    assert connection.execute_command(*shlex.split(line))
    assert not connection.execute_command(*shlex.split(line))


def test_a_row_is_taken_away_only_while_the_condition_holds(connection: Any) -> None:
    """Another gateway's connection stays, one's own goes."""
    known = commands(_plan(MEMORY))
    put, (close,) = shlex.split(known["open"][0]), known["close"]
    connection.execute_command(*put[:-1], "instance-2")
    assert connection.execute_command(*shlex.split(close)) == 0
    connection.execute_command(*put)
    assert connection.execute_command(*shlex.split(close)) == 1
    assert connection.keys("*") == []


@pytest.mark.parametrize("brief", BRIEFS)
def test_blocks_of_a_cache_without_structures_are_whole(brief: str) -> None:
    """In Memcached every stored block has the size it states and every key is allowed; a counter is there before it is raised."""
    plan = _plan(brief, cache="memcached")
    files = [a for a in build_kind(plan, "cache") if a.text]
    assert {a.subject for a in files} >= _kept(plan)
    for artifact in files:
        lines = [line for line in artifact.text.splitlines() if not line.startswith("#")]
        for number, line in enumerate(lines):
            stored = re.fullmatch(r"(?:set|add|cas) (\S+) \d+ -?\d+ (\d+)(?: \d+)?", line)
            if stored:
                assert len(lines[number + 1].encode()) == int(stored[2]), line
                assert len(stored[1]) <= LONGEST_KEY
            if line.startswith(("incr", "decr")):
                assert lines[number - 2].startswith(f"add {line.split()[1]} ")
