"""The cache commands that a document shows: run on Redis, whole in the other products' own words."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest
from workbook.artifacts.cache_text import entries

from workbook.artifacts import build
from workbook.artifacts.cache_redis import page_after
from workbook.brief import load
from workbook.document.cursors import encode
from workbook.plan import Plan, derive
from workbook.proof.servers import NotHere, Redis, redis

client = pytest.importorskip("redis", reason="not run: needs redis (the Python client)")
BRIEFS = ("chat", "feed", "music", "clinic")


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


@pytest.mark.parametrize("brief", BRIEFS)
def test_every_command_runs(server: Redis, brief: str) -> None:
    """Each cache file and each stream file runs line by line without an error."""
    plan = _plan(brief, cache="redis", messaging="redis_streams")
    files = [a for a in build(plan) if a.language == "redis"]
    assert {a.subject for a in files if a.kind == "cache"} == {e.id for e in plan.design.caches}
    for artifact in files:
        assert server.run(artifact.text) == "", artifact.path


def test_a_wrong_command_is_noticed(server: Redis) -> None:
    """The check sees an error among good commands."""
    assert "ERR" in server.run("# fine\nSET a b\nGET\nGET a\n")


@pytest.mark.parametrize("brief", BRIEFS)
def test_what_is_read_is_what_was_written(server: Redis, brief: str) -> None:
    """The read command of each entry finds what its write command put there."""
    plan = _plan(brief, cache="redis")
    connection = client.Redis(unix_socket_path=server.socket, decode_responses=True)
    for one in entries(plan):
        connection.flushall()
        text = next(a.text for a in build(plan) if a.kind == "cache" and a.subject == one.entry.id)
        lines = [line for line in text.splitlines() if not line.startswith(("#", "DEL", "EVAL", "SET lock"))]
        assert server.run("\n".join(lines)) == ""
        assert connection.exists(one.key), one.entry.id
        assert 0 < connection.ttl(one.key) <= one.entry.ttl_seconds


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("gone", [False, True], ids=["all there", "the cursor's row deleted"])
def test_page_two_follows_page_one_with_ties(server: Redis, descending: bool, gone: bool) -> None:
    """Walking by (score, member) meets every member once, also where scores are equal and where the cursor's row is gone."""
    connection = client.Redis(unix_socket_path=server.socket, decode_responses=True)
    rng = random.Random(7)
    members = {f"{rng.getrandbits(64):016x}": 1768469400000 + n // 4 for n in range(53)}
    connection.delete("ranking")
    connection.zadd("ranking", members)
    expected = [m for m, _ in sorted(members.items(), key=lambda p: (p[1], p[0]), reverse=descending)]
    page = connection.zrange(
        "ranking",
        "+inf" if descending else "-inf",
        "-inf" if descending else "+inf",
        byscore=True,
        desc=descending,
        offset=0,
        num=10,
    )
    seen = list(page)
    while page and len(seen) <= len(members):
        last = page[-1]
        if gone:
            connection.zrem("ranking", last)
        answer = connection.eval(page_after(descending), 1, "ranking", str(members[last]), last, "10")
        page = answer[::2]
        seen += page
    assert seen == expected


@pytest.mark.parametrize("brief", BRIEFS)
def test_pages_of_a_cache_without_structures(brief: str) -> None:
    """In Memcached a list is pages under a version; every stored block has the size it states and every key is allowed."""
    plan = _plan(brief, cache="memcached")
    for artifact in (a for a in build(plan) if a.kind == "cache"):
        lines = [line for line in artifact.text.splitlines() if not line.startswith("#")]
        for number, line in enumerate(lines):
            stored = re.fullmatch(r"(?:set|add|cas) (\S+) \d+ \d+ (\d+)(?: \d+)?", line)
            if stored:
                assert len(lines[number + 1].encode()) == int(stored.group(2)), line
                assert len(stored.group(1)) <= 250
    for entry in plan.design.caches:
        if entry.shape == "list_page":
            text = next(a.text for a in build(plan) if a.kind == "cache" and a.subject == entry.id)
            assert "incr " in text or not entry.invalidated_by
            assert ":v1:" in text


@pytest.mark.parametrize("brief", BRIEFS)
def test_a_page_key_holds_the_cursor_of_the_interface(brief: str) -> None:
    """The cursor in a page's key is encoded as the interface encodes it."""
    for one in entries(_plan(brief, cache="memcached")):
        if one.query and one.query.order:
            assert one.cursor == encode(
                {"v": 1, "op": one.query.operation, "after": {c: one.row.get(c) for c in one.query.order}}
            )
