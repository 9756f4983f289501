"""The cache commands that a document shows: run on Redis, whole in Memcached's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from workbook.artifacts import Artifact, build
from workbook.brief import load
from workbook.plan import Plan, derive
from workbook.plan.passes.world import MEMORY
from workbook.proof.servers import NotHere, Redis, redis

client = pytest.importorskip("redis", reason="not run: needs redis (the Python client)")
BRIEFS = ("chat", "feed", "music", "clinic")
LONGEST_KEY = 250
"""Bytes of a key in Memcached."""


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    """One throw-away server."""
    try:
        with redis() as made:
            yield made
    except NotHere as missing:
        pytest.skip(f"not run: {missing}")


def _plan(brief: str, **choices: str) -> Plan:
    return derive(load(brief, {f"choices.{k}": v for k, v in choices.items()}))


def _files(plan: Plan) -> list[Artifact]:
    return [a for a in build(plan) if a.kind == "cache"]


@pytest.mark.parametrize("brief", BRIEFS)
def test_every_command_runs(server: Redis, brief: str) -> None:
    """Each cache file and each stream file runs line by line without an error, and there is a file for all that rests in memory."""
    plan = _plan(brief, cache="redis", messaging="redis_streams")
    files = [a for a in build(plan) if a.language == "redis"]
    in_memory = {n for n, home in plan.world.homes.items() if home == MEMORY and n in plan.world.form.structures}
    assert {a.subject for a in files if a.kind == "cache"} == in_memory
    for artifact in files:
        assert server.run(artifact.text) == "", artifact.path


def test_a_wrong_command_is_noticed(server: Redis) -> None:
    """The check sees an error among good commands."""
    assert "ERR" in server.run("# fine\nSET a b\nGET\nGET a\n")


def test_what_is_put_ends_by_itself(server: Redis) -> None:
    """What a step puts is there under the key that the reading steps ask for, and ends after its lifetime."""
    connection = client.Redis(unix_socket_path=server.socket, decode_responses=True)
    plan = _plan("chat", cache="redis")
    for artifact in _files(plan):
        connection.flushall()
        lines = artifact.text.splitlines()
        assert server.run("\n".join(line for line in lines if line.startswith(("HSET", "EXPIRE")))) == ""
        asked = {line.split()[1] for line in lines if line.startswith("HGETALL")}
        assert asked
        for key in asked:
            assert connection.hgetall(key), artifact.path
            assert (
                0
                < connection.ttl(key)
                <= plan.world.load.measures.lifetime(plan.world.form.structures[artifact.subject].ttl, "")
            )


def test_who_lost_a_row_does_not_remove_it(server: Redis) -> None:
    """A gateway that closes an old connection leaves the entry that another gateway put meanwhile."""
    connection = client.Redis(unix_socket_path=server.socket, decode_responses=True)
    text = next(a.text for a in _files(_plan("chat", cache="redis")) if a.subject == "connection")
    removal = next(line for line in text.splitlines() if line.startswith("EVAL"))
    key = re.findall(r"connection:\S+", removal)[0]
    connection.hset(key, "gateway", "another")
    assert server.run(removal) == ""
    assert connection.hget(key, "gateway") == "another"
    connection.hset(key, "gateway", removal.split()[-1])
    assert server.run(removal) == ""
    assert not connection.exists(key)


@pytest.mark.parametrize("brief", BRIEFS)
def test_blocks_of_a_cache_without_structures(brief: str) -> None:
    """In Memcached every stored block has the size that it states, and every key is allowed."""
    for artifact in _files(_plan(brief, cache="memcached")):
        lines = [line for line in artifact.text.splitlines() if not line.startswith("#")]
        for number, line in enumerate(lines):
            stored = re.fullmatch(r"(?:set|add|cas) (\S+) \d+ -?\d+ (\d+)(?: \d+)?", line)
            if stored:
                assert len(lines[number + 1].encode()) == int(stored.group(2)), line
                assert len(stored.group(1)) <= LONGEST_KEY
