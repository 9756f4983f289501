"""Cache commands of Memcached in its text protocol: no structures, so that lists are pages under a version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbook.artifacts.base import Artifact
from workbook.artifacts.cache_text import EVENT, TOKEN, VERSION, Entry, critical, entries
from workbook.artifacts.writing import memcached
from workbook.artifacts.writing.files import identifier as file
from workbook.artifacts.writing.memcached import identifier as _key
from workbook.plan import Plan

KIND = "cache"
DIALECTS = ("memcached",)


def make(plan: Plan) -> Iterable[Artifact]:
    """One file a kind of key."""
    found = entries(plan)
    guarded = critical(plan, found)
    for one in found:
        lines = [memcached.comment(one.entry.holds), *_commands(one)]
        if one is guarded and one.entry.pattern == "cache_aside":
            lines += [
                "# on a miss one caller rebuilds: whoever reads STORED; the others wait 50 ms and read again",
                *_stored("add", _key(f"lock:{one.key}"), 3, TOKEN),
                f"delete {_key(f'lock:{one.key}')}",
            ]
        yield Artifact(
            kind=KIND,
            subject=one.entry.id,
            title=f"Cache commands: `{one.entry.key}`",
            path=f"cache/{file(one.entry.id)}.memcached",
            language="text",
            text="\n".join(lines) + "\n",
            dialect="memcached",
        )


def _stored(command: str, key: str, ttl: int, value: str, unique: str = "") -> tuple[str, str]:
    return f"{command} {key} 0 {ttl} {len(value.encode())}{unique}", value


def _commands(one: Entry) -> Iterator[str]:
    key, ttl = _key(one.key), one.entry.ttl_seconds
    after = f"# after {', '.join(n.replace('_', ' ') for n in one.entry.invalidated_by)}"
    if one.entry.shape == "list_page":
        yield "# the list's version is part of every page's key; whoever finds none begins one"
        yield from _stored("add", _key(one.version_key), 0, str(VERSION))
        yield f"get {_key(one.version_key)}"
        yield f"# page one, {one.page} rows with the cursor of the next"
        yield from _stored("set", _key(one.page_key("first")), ttl, one.body)
        yield f"get {_key(one.page_key('first'))}"
        yield "# page two: the cursor that came with page one is its key; a miss asks the database for the rows after it"
        yield f"get {_key(one.page_key(one.cursor))}"
        if one.entry.invalidated_by:
            yield f"{after}: all pages of this list become unreachable at once and expire by themselves"
            yield f"incr {_key(one.version_key)} 1"
    elif one.entry.shape == "counter":
        yield "# read; on a miss the database counts, and the answer is kept"
        yield "get " + " ".join(f"{key}:{c}" for c in one.counts)
        for counter in one.counts:
            yield from _stored("add", f"{key}:{counter}", ttl, "1")
        yield "# each event counts once: go on only where this answers STORED"
        yield from _stored("add", f"{key}:event:{EVENT}", 86_400, "1")
        yield "# NOT_FOUND is right: the next read counts anew"
        for counter in one.counts:
            value = 1 if counter == "rows" else one.row.get(counter.removesuffix("_sum"), 1)
            yield f"incr {key}:{counter} {round(float(value))}"
    else:
        yield "# write"
        yield from _stored("set", key, ttl, one.body)
        yield "# read"
        yield f"get {key}"
        if one.entry.pattern == "write_through":
            yield "# change without losing another's change: the number after the size is the one that gets answered"
            yield f"gets {key}"
            yield from _stored("cas", key, ttl, one.body, " 1")
        elif one.entry.invalidated_by:
            yield after
            yield f"delete {key}"
